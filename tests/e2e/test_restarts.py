"""Kill it anywhere: what was promised is still kept, and nothing happens twice."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from tests.e2e.living import agrees_up_to_the_crop, erases, files, orders, process, visiting
from tests.e2e.pictures import selfie


async def test_an_order_survives_a_power_cut_and_is_delivered_once(
    tmp_path: Path, models: Path
) -> None:
    data, log = tmp_path / "data", tmp_path / "log.txt"
    jar = aiohttp.CookieJar(unsafe=True)
    async with process(data, models, log) as bot, visiting(bot.url, jar) as page:
        await orders(page, selfie())
        await page.until(lambda p: p.shows("Step"))
        await bot.kill()

    async with process(data, models, log) as bot, visiting(bot.url, jar) as page:
        await page.until(lambda p: p.shows("headshots are ready"))
        results = [e for e in page.entries.values() if "headshots are ready" in e.get("text", "")]

        assert len(results) == 1
        assert len(await files(page, "headshots are ready")) == 4
        assert page.shows("1 of 3"), "the conversation so far is still on the page"


@pytest.mark.parametrize("words", ["1 of 3", "2 of 3"])
async def test_an_open_question_survives_a_restart(
    tmp_path: Path, models: Path, words: str
) -> None:
    data, log = tmp_path / "data", tmp_path / "log.txt"
    jar = aiohttp.CookieJar(unsafe=True)
    photo = selfie()
    async with process(data, models, log) as bot, visiting(bot.url, jar) as page:
        name = await page.offer(photo)
        await page.until(lambda p: p.shows("1 of 3"))
        if words == "2 of 3":
            await page.say("yes")
            await page.until(lambda p: p.shows("2 of 3"))
        assert await bot.stop() == 0

    async with process(data, models, log) as bot, visiting(bot.url, jar) as page:
        page.photos[name] = photo  # the browser still has it
        await page.until(lambda p: p.shows(words))
        if words == "1 of 3":
            await page.say("yes")
            await page.until(lambda p: p.shows("2 of 3"))
        await page.say("yes")
        await page.until(lambda p: p.shows("3 of 3"))


async def test_an_erasure_that_was_cut_off_is_finished_by_the_next_start(
    tmp_path: Path, models: Path
) -> None:
    data, log = tmp_path / "data", tmp_path / "log.txt"
    async with process(data, models, log) as bot, visiting(bot.url) as page:
        await agrees_up_to_the_crop(page, selfie())
        await page.post("/chat/say", {"id": page.new_id(), "text": "/delete now"})
        await bot.kill()

    async with process(data, models, log) as bot, visiting(bot.url) as page:
        await page.until(lambda p: p.shows("automated AI service"))
        await erases(page)
        photos = [path for path in (data / "photos").rglob("*") if path.is_file()]
        assert photos == []


async def test_a_second_bot_on_the_same_data_refuses_to_start(tmp_path: Path, models: Path) -> None:
    log = tmp_path / "log.txt"
    async with process(tmp_path / "data", models, log):
        with pytest.raises(AssertionError, match="put right first"):
            async with process(tmp_path / "data", models, log):
                pass
