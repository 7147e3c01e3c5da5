"""The whole bot with Replicate in front of its own renderer, over a fake of Replicate's API."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest_asyncio
from PIL import Image

from bot.app import providers
from bot.receipt import verify
from bot.settings import Settings
from tests.e2e.living import agrees_up_to_the_crop, erases, files, living, settings, visiting
from tests.e2e.pictures import selfie
from tests.fakes.replicate_script import Answer, Outcome
from tests.fakes.replicate_server import TOKEN, FakeReplicate, photos_in
from tests.handlers.webpage import WebPage
from tests.providers.portraits import astronaut, portrait


@cache
def person(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(portrait(width, height)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def headshot(given: Mapping[str, Any]) -> bytes:
    """A PNG of a person, of the shape that was asked for."""
    return person(given["width"], given["height"])


def two_people(given: Mapping[str, Any]) -> bytes:
    """What a model must not make of one person."""
    head = astronaut(1024)[:620, 200:720]
    both = Image.fromarray(head).resize((given["width"], given["height"] // 2))
    out, whole = io.BytesIO(), Image.new("RGB", (given["width"], given["height"]))
    whole.paste(both, (0, 0))
    whole.paste(both, (0, given["height"] // 2))
    whole.save(out, "PNG", compress_level=1)
    return out.getvalue()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate(draw=headshot).serving() as server:
        yield server
        assert server.strangers == []


def hosted(server: FakeReplicate) -> dict[str, object]:
    return {"replicate_api_token": TOKEN, "replicate_base_url": server.url}


async def orders(page: WebPage) -> bytes:
    """On to an order at Replicate; the crop that was shown."""
    crop = await agrees_up_to_the_crop(page, selfie(mark=b"a planted mark"))
    await page.tap("Send to Replicate")
    await page.until(lambda p: p.shows("Now pick a background"))
    await page.tap("Classic grey")
    return crop


async def test_what_is_shown_is_what_is_sent_and_nothing_else(
    tmp_path: Path, models: Path, server: FakeReplicate
) -> None:
    async with living(tmp_path, models, **hosted(server)) as bot, visiting(bot.url) as page:
        crop = await orders(page)
        assert page.shows("with AI by Black Forest Labs")
        await page.until(lambda p: p.shows("AI made these from your picture, at Replicate."))
        made = await files(page, "headshots are ready")
        receipt = await erases(page)
    assert [Image.open(io.BytesIO(one)).size for one in made] == [
        (1200, 1200),
        (1200, 1500),
        (1200, 1600),
        (1200, 1200),
    ]
    assert [photos_in(one.input) for one in server.predictions.values()] == [[crop]] * 4
    assert len(crop) <= providers.SENT_BYTES
    with Image.open(io.BytesIO(crop)) as sent:
        assert (sent.format, len(sent.getexif())) == ("JPEG", 0)
        assert max(sent.size) > 700
        corner = np.asarray(sent.crop((sent.width - 12, 0, sent.width, 12)))
    assert 220 < corner.min() <= corner.max() < 235, "the background is gone"
    assert b"a planted mark" not in crop
    said = verify(receipt)
    assert any("Replicate" in line for line in said["remains"])


async def test_when_replicate_is_down_this_machine_does_it_and_says_so(
    tmp_path: Path, models: Path, server: FakeReplicate
) -> None:
    server.on_create.extend([Answer(402)] * 8)
    async with living(tmp_path, models, **hosted(server)) as bot, visiting(bot.url) as page:
        await orders(page)
        await page.until(lambda p: p.shows("Replicate was unavailable"))
        assert len(await files(page, "headshots are ready")) == 4
    assert server.predictions == {}


async def test_a_picture_that_does_not_show_one_person_is_left_out(
    tmp_path: Path, models: Path, server: FakeReplicate
) -> None:
    server.draw = two_people
    async with living(tmp_path, models, **hosted(server)) as bot, visiting(bot.url) as page:
        await orders(page)
        await page.until(lambda p: p.shows("Replicate was unavailable"))
    assert len(server.predictions) == 4


async def test_what_moderation_flags_is_told_kindly(
    tmp_path: Path, models: Path, server: FakeReplicate
) -> None:
    server.default = Outcome("failed", "(E005) flagged")
    async with living(tmp_path, models, **hosted(server)) as bot, visiting(bot.url) as page:
        await orders(page)
        await page.until(lambda p: p.shows("The automatic filter at Replicate"))


async def test_who_keeps_it_here_sends_nothing(
    tmp_path: Path, models: Path, server: FakeReplicate
) -> None:
    async with living(tmp_path, models, **hosted(server)) as bot, visiting(bot.url) as page:
        await agrees_up_to_the_crop(page, selfie())
        await page.tap("Keep it on this machine")
        await page.until(lambda p: p.shows("Now pick a background"))
        await page.tap("Classic grey")
        await page.until(lambda p: p.shows("headshots are ready"))
    assert server.requests == []


def at_replicate(tmp_path: Path, models: Path, server: FakeReplicate, token: str) -> Settings:
    return settings(tmp_path, models, replicate_api_token=token, replicate_base_url=server.url)


async def test_the_check_asks_whether_the_token_is_good(
    tmp_path: Path, models: Path, server: FakeReplicate
) -> None:
    (good,) = await providers.diagnose(at_replicate(tmp_path, models, server, TOKEN))
    assert good.good
    assert "flux-2-pro, $0.09" in good.line
    (bad,) = await providers.diagnose(at_replicate(tmp_path, models, server, "r8_another"))
    server.strangers.clear()
    assert not bad.good
    assert "REPLICATE_API_TOKEN" in bad.line
    assert "r8_another" not in bad.line
    (none,) = await providers.diagnose(settings(tmp_path, models))
    assert none.good
