"""What is in the photo is asked about, and what goes on is exactly the picture agreed to."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.e2e.living import files, living, visiting
from tests.e2e.test_transcript_web import WebVisitor
from tests.e2e.transcript import is_asked_about_the_photo
from tests.handlers.webpage import WebPage
from tests.providers import scenes
from tests.providers.portraits import jpeg


def letter() -> bytes:
    return jpeg(scenes.with_paper(scenes.lady()))


def blobs(data: Path) -> list[Path]:
    """Everything sealed in the vault."""
    return [path for path in (data / "photos").rglob("*") if path.is_file()]


async def recorded_hash(page: WebPage) -> tuple[str, bytes]:
    """The crop's hash in the consent record of `/mydata`, and the crop that lies beside it."""
    await page.say("/mydata")
    await page.until(lambda p: p.shows("Here is a copy of what I hold"))
    (archive,) = await files(page, "Here is a copy")
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        record = json.loads(packed.read("consent-record.json"))
        return record["signed"]["crop_sha256"], packed.read("exact-picture.jpg")


@pytest.mark.parametrize(
    ("photo", "words", "answer"),
    [
        (letter(), "with writing in view", "Blur it"),
        (letter(), "with writing in view", "It's not private"),
        (jpeg(scenes.with_badge(scenes.lady())), "a badge or name tag", "Blur it"),
        (
            jpeg(scenes.together(scenes.lady(), scenes.lady(), 0.85)),
            "another person",
            "Crop to me",
        ),
        (scenes.labelled(scenes.lady().pixels), "labelled as AI-made", "Use it anyway"),
    ],
    ids=["writing", "not private", "badge", "people", "AI"],
)
async def test_the_answer_decides_which_picture_goes_on(
    tmp_path: Path, models: Path, photo: bytes, words: str, answer: str
) -> None:
    async with living(tmp_path, models) as bot, visiting(bot.url) as page:
        crop = await is_asked_about_the_photo(WebVisitor(page), photo, words, answer)
        assert await recorded_hash(page) == (hashlib.sha256(crop).hexdigest(), crop)
        assert len(blobs(tmp_path)) == 2, "one crop and the archive: the crop not chosen is gone"


async def test_it_is_not_private_keeps_what_blur_would_have_hidden(
    tmp_path: Path, models: Path
) -> None:
    ways = {}
    async with living(tmp_path, models) as bot:
        for answer in ("Blur it", "It's not private"):
            async with visiting(bot.url) as page:
                ways[answer] = await is_asked_about_the_photo(
                    WebVisitor(page), letter(), "with writing in view", answer
                )
    grey = (Image.open(io.BytesIO(way)).convert("L") for way in ways.values())
    blurred, plain = (np.asarray(each, int) for each in grey)
    paper = np.s_[600:780, 180:500]
    assert blurred[paper].std() < 0.4 * plain[paper].std()
    assert np.abs(blurred[150:400] - plain[150:400]).mean() < 2, "the face is the same"


async def test_the_archive_and_the_question_end_with_an_erasure(
    tmp_path: Path, models: Path
) -> None:
    async with living(tmp_path, models) as bot, visiting(bot.url) as page:
        await page.offer(letter())
        await page.until(lambda p: p.shows("1 of 3"))
        await page.say("yes")
        await page.until(lambda p: p.shows("2 of 3"))
        await page.say("yes")
        await page.until(lambda p: p.shows("with writing in view"))
        assert len(blobs(tmp_path)) == 2, "blurred, and as it is"
        await page.tap("Erase")
        await page.until(lambda p: p.goodbye is not None)
        assert blobs(tmp_path) == []
