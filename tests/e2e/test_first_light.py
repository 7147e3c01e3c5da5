"""One selfie through the whole house: real sockets, real storage, real workers, real pictures."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from bot.receipt import verify
from tests.e2e.living import agrees_up_to_the_crop, erases, gets_headshots, living, orders, visiting
from tests.e2e.pictures import GARBAGE, selfie
from tests.guards.event_loop import LIMIT_MS, LoopWatch
from tests.handlers.webpage import WebPage

SIZES = [(1200, 1200), (1200, 1500), (1200, 1600), (1200, 1200)]


async def test_a_selfie_becomes_four_headshots_and_nothing_blocks_the_loop(
    tmp_path: Path, models: Path, loop_watch: LoopWatch
) -> None:
    async with living(tmp_path, models) as bot, visiting(bot.url) as page:
        loop_watch.reset()
        headshots = await gets_headshots(page, selfie())
        receipt = await erases(page)
        busiest = loop_watch.longest_ms

    assert [Image.open(io.BytesIO(one)).size for one in headshots] == SIZES
    assert len(set(headshots)) == 4
    body = verify(receipt, bot.signer.public_key)
    assert body["erased"]["photos"] == 5, "the crop and four headshots"
    assert body["keys_destroyed"]
    assert busiest < LIMIT_MS


async def test_the_picture_shown_has_no_metadata_and_is_the_one_in_the_record(
    tmp_path: Path, models: Path
) -> None:
    async with living(tmp_path, models) as bot, visiting(bot.url) as page:
        crop = await agrees_up_to_the_crop(page, selfie(mark=b"MARK-5f3a"))

    picture = Image.open(io.BytesIO(crop))
    assert b"MARK-5f3a" not in crop
    assert not picture.getexif()
    assert set(picture.info) <= {"icc_profile", "jfif", "jfif_version", "jfif_unit", "jfif_density"}


async def test_delete_while_rendering_stops_the_work_and_leaves_nothing(
    tmp_path: Path, models: Path
) -> None:
    async with living(tmp_path, models) as bot, visiting(bot.url) as page:
        await orders(page, selfie())
        await page.until(lambda p: p.shows("Step 2 of 4") or p.shows("Step 1 of 4"))
        before = bot.pool.pids
        receipt = await erases(page)

        assert json.loads(receipt)["signed"]["erased"]["photos"] == 1, "only the crop was there"
        assert bot.pool.pids != before, "the worker that held the picture is gone"
        assert [one for one in (tmp_path / "photos").rglob("*") if one.is_file()] == []


@pytest.mark.parametrize("kind", GARBAGE)
async def test_garbage_gets_one_clear_sentence(tmp_path: Path, models: Path, kind: str) -> None:
    photo, sentence = GARBAGE[kind]
    async with living(tmp_path, models) as bot, visiting(bot.url) as page:
        await page.until(lambda p: p.shows("automated AI service"))
        await page.offer(photo)
        await page.until(lambda p: p.shows("1 of 3"))
        await page.say("yes")
        await page.until(lambda p: p.shows("2 of 3"))
        await page.say("1")
        await page.until(lambda p: p.shows(sentence))
        before = bot.pool.pids

        await page.offer(selfie())
        await page.until(lambda p: question_of(p).startswith("self"))
        await page.say("yes")
        await page.until(lambda p: p.shows("3 of 3"))
        assert bot.pool.pids == before, "the worker is alive and well"


def question_of(page: WebPage) -> str:
    """Token of the newest question on the page."""
    asked = [e["question"] for e in page.entries.values() if e.get("choices")]
    return str(asked[-1]) if asked else ""


async def test_several_people_at_once_see_only_their_own(tmp_path: Path, models: Path) -> None:
    async with (
        living(tmp_path, models, workers=2) as bot,
        visiting(bot.url) as one,
        visiting(bot.url) as two,
        visiting(bot.url) as three,
    ):
        async with asyncio.TaskGroup() as tasks:
            making = [
                tasks.create_task(gets_headshots(page, selfie())) for page in (one, two, three)
            ]
        (shown,) = [e for e in one.entries.values() if "headshots are ready" in e.get("text", "")]
        for picture in shown["attachments"]:
            assert (await two.get(picture["url"]))[0] == 404
        await erases(one)
        assert two.shows("headshots are ready")
        (kept,) = [e for e in three.entries.values() if "headshots are ready" in e.get("text", "")]
        assert (await three.get(kept["attachments"][0]["url"]))[0] == 200

    assert all(len(task.result()) == 4 for task in making)
