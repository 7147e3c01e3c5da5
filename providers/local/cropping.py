"""The crop that is used: head and shoulders of the main face, and nothing else of the photo.

It is the exact picture that the person is shown, that is kept, and that the renderer works from.
Runs inside a worker.

How far it reaches follows from the frames of `providers.local.subject`. In face boxes (the
detector's square, from the forehead to the chin) a head with its hair is about 1.6 high, the
hair's top about 0.45 above the box. The widest frame (1200 x 1200) is 2 heads wide, the tallest
(1200 x 1600) 2.4 high with 0.24 above the hair; framing may shift by 0.2 heads and level by 10
degrees, which takes 0.4 heads more at the corners.
"""

from __future__ import annotations

import math

from bot.errors import ProviderRefused
from bot.model import Box, Findings, PhotoProblem
from bot.photo import decode, encode_jpeg
from providers.local.pixels import resize_rgb, size_of
from providers.local.subject import Rgb8

LONGEST = 2600
"""Pixels; more than twice the tallest headshot."""
QUALITY = 95
LONGEST_SMALL = 2048
"""Where bytes are limited: as many pixels as any hosted model looks at."""
QUALITY_SMALL = 88
ASIDE = 2.15
"""Face boxes from the middle of the face to either side."""
ABOVE = 1.4
BELOW = 2.5


def minimise(photo: bytes, findings: Findings, largest: int = 0) -> bytes:
    """Upright sRGB JPEG, no metadata, of `largest` bytes at the most when that is not 0.

    Raises `ProviderRefused` when there is no face.
    """
    if not findings.faces:
        raise ProviderRefused(findings.problem or PhotoProblem.NO_FACE)
    left, top, right, bottom = edges(findings.faces[0], findings.width, findings.height)
    longest = max(right - left, bottom - top)
    # Where the crop is larger than needed, the whole photo need not be decoded at full size.
    shrink = min(1.0, LONGEST / longest)
    picture = decode(photo, round(max(findings.width, findings.height) * shrink))
    if isinstance(picture, PhotoProblem):
        raise ProviderRefused(picture)
    width, height = size_of(picture.pixels)
    across, down = width / findings.width, height / findings.height
    crop = picture.pixels[
        round(top * down) : round(bottom * down), round(left * across) : round(right * across)
    ]
    width, height = size_of(crop)
    shrink = min(1.0, LONGEST / max(width, height))
    crop = resize_rgb(crop, (max(1, round(width * shrink)), max(1, round(height * shrink))))
    return encode_within(crop, largest) if largest else encode_jpeg(crop, quality=QUALITY)


def encode_within(crop: Rgb8, largest: int) -> bytes:
    """A JPEG of `largest` bytes at the most: rather fewer pixels than blocks and blur."""
    width, height = size_of(crop)
    if max(width, height) <= LONGEST_SMALL:
        jpeg = encode_jpeg(crop, QUALITY)
        if len(jpeg) <= largest:
            return jpeg
    shrink = min(1.0, LONGEST_SMALL / max(width, height))
    while True:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        jpeg = encode_jpeg(resize_rgb(crop, size), QUALITY_SMALL, "4:2:0")
        if len(jpeg) <= largest or max(size) == 1:
            return jpeg
        # Bytes go about with the area; a little less, so that a second time is rare.
        shrink *= 0.96 * max(0.5, math.sqrt(largest / len(jpeg)))


def edges(face: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the crop in pixels of the whole photo."""
    middle = (face.left + face.right) / 2 * width
    # The box is about square; the longer side is the safer measure of a turned head.
    box = max((face.right - face.left) * width, (face.bottom - face.top) * height)
    return (
        max(0, round(middle - ASIDE * box)),
        max(0, round(face.top * height - ABOVE * box)),
        min(width, round(middle + ASIDE * box)),
        min(height, round(face.bottom * height + BELOW * box)),
    )
