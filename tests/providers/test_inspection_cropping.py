"""A crop that may be sent somewhere is small, and as good as fits."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from providers.inspection.cropping import LONGEST_SMALL, encode_within
from providers.local.subject import Rgb8
from tests.providers import portraits

LIMIT = 250_000


def noise(width: int, height: int) -> Rgb8:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(
    "pixels",
    [noise(2600, 2600), noise(300, 4000), noise(40, 40), portraits.portrait(2000, 2600)],
    ids=["square", "narrow", "tiny", "person"],
)
def test_it_fits_whatever_is_in_it(pixels: Rgb8) -> None:
    jpeg = encode_within(pixels, LIMIT)
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        assert max(picture.size) <= LONGEST_SMALL
        wanted = pixels.shape[1] / pixels.shape[0]
        assert picture.size[0] / picture.size[1] == pytest.approx(wanted, rel=0.05)
    assert len(jpeg) <= LIMIT


def test_it_uses_what_there_is_room_for() -> None:
    jpeg = encode_within(portraits.portrait(2000, 2600), LIMIT)
    assert len(jpeg) > 0.7 * LIMIT
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert max(picture.size) > 1000


def test_what_fits_as_it_is_loses_no_pixel() -> None:
    jpeg = encode_within(portraits.portrait(600, 800), LIMIT)
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.size == (600, 800)
