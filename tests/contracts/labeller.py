"""What every `Labeller` must do; adapters and fakes subclass `LabellerContract`.

A subclass gives the fixture ``labeller``.
"""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bot.disclosure import Disclosure, disclosure
from bot.finishers import Labeller
from bot.model import Made

GENERATED = disclosure(Made(b"", "linkedin", "navy", by="acme", model="acme/portrait-model"))
COMPOSITE = disclosure(Made(b"", "linkedin", "navy"))
ENHANCED = disclosure(Made(b"", "linkedin", "own"))


def picture(kind: str = "JPEG", **options: object) -> bytes:
    """A picture of no one, with colours that a second encoding would change."""
    ramp = np.add.outer(np.arange(96), np.arange(64)).astype(np.uint8)
    out = io.BytesIO()
    pixels = np.dstack([ramp, ramp[::-1], ramp.T.reshape(96, 64)])
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def pixels(photo: bytes) -> bytes:
    with Image.open(io.BytesIO(photo)) as opened:
        return opened.convert("RGB").tobytes()


class LabellerContract:
    """Subclass me as ``class TestMine(LabellerContract)`` and give the fixture."""

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    async def test_no_pixel_changes(self, labeller: Labeller, kind: str) -> None:
        photo = picture(kind)
        labelled = await labeller.label(photo, COMPOSITE)
        assert pixels(labelled) == pixels(photo)
        with Image.open(io.BytesIO(labelled)) as opened:
            assert opened.format == kind

    @pytest.mark.parametrize("said", [GENERATED, COMPOSITE, ENHANCED])
    async def test_the_label_says_where_the_pixels_come_from(
        self, labeller: Labeller, said: Disclosure
    ) -> None:
        assert said.uri.encode() in await labeller.label(picture(), said)

    async def test_a_second_label_takes_the_place_of_the_first(self, labeller: Labeller) -> None:
        once = await labeller.label(picture(), COMPOSITE)
        twice = await labeller.label(once, ENHANCED)
        assert ENHANCED.uri.encode() in twice
        assert COMPOSITE.said.encode() not in twice
