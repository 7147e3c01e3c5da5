"""A small visible badge on a finished headshot, for who wants to say it in the picture itself.

Quiet on purpose: a dark, see-through pill with white words, clear of the face. On a square it lies
inside the circle that profile pages cut, because a badge that is cut off tells nobody.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bot.errors import ProviderRefused
from bot.model import PhotoProblem
from bot.photo import decode, encode_jpeg

QUALITY = 95
LONGEST = 4096
LETTERS = 0.021
"""Size of the letters over the width of the picture."""
_INK = (255, 255, 255, 245)
_PILL = (18, 20, 24, 150)
_MARGIN = 0.035
"""Between the badge and the edge, over the width of the picture."""
_TOWARDS = math.radians(64)
"""On a square, from the middle to the badge: down and a little to the right."""
_FINER = 4
"""The badge is drawn so much larger and then reduced: its curves are smooth."""


def add_badge(photo: bytes, words: str) -> bytes:
    """The picture with the words in its lower right. Raises `ProviderRefused` for no picture."""
    picture = decode(photo, LONGEST)
    if isinstance(picture, PhotoProblem):
        raise ProviderRefused(picture)
    badge = _drawn(words, round(picture.width * LETTERS))
    shown = Image.fromarray(picture.pixels)
    shown.paste(badge, place(shown.size, badge.size), badge)
    return encode_jpeg(np.asarray(shown), QUALITY)


def place(picture: tuple[int, int], badge: tuple[int, int]) -> tuple[int, int]:
    """Left and top of the badge: on a square inside the round cut, else in the corner."""
    width, height = picture
    margin = round(width * _MARGIN)
    if height > width:
        return width - margin - badge[0], height - margin - badge[1]
    half = badge[0] / 2, badge[1] / 2
    out = _farthest(width / 2 - margin / 2, half)
    middle = width / 2 + out * math.cos(_TOWARDS), height / 2 + out * math.sin(_TOWARDS)
    return round(middle[0] - half[0]), round(middle[1] - half[1])


def _farthest(radius: float, half: tuple[float, float]) -> float:
    """How far from the middle a box of that half size can be with all of it inside a circle."""
    near, far = 0.0, radius
    for _ in range(40):
        out = (near + far) / 2
        corner = out * math.cos(_TOWARDS) + half[0], out * math.sin(_TOWARDS) + half[1]
        near, far = (out, far) if math.hypot(*corner) <= radius else (near, out)
    return near


def _drawn(words: str, letters: int) -> Image.Image:
    """The badge on its own, RGBA."""
    size = letters * _FINER
    left, top, right, bottom = _font(size).getbbox(words)
    side, above = round(size * 0.75), round(size * 0.5)
    width, height = round(right - left) + 2 * side, round(bottom - top) + 2 * above
    badge = Image.new("RGBA", (width, height), (*_PILL[:3], 0))
    draw = ImageDraw.Draw(badge)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), radius=height / 2, fill=_PILL)
    draw.text((side - left, above - top), words, font=_font(size), fill=_INK)
    small = max(1, width // _FINER), max(1, height // _FINER)
    return badge.resize(small, Image.Resampling.BOX)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
