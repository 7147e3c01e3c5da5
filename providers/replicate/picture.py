"""Makes a headshot of what the model made: exact size, JPEG, sRGB, nothing beside the pixels.

Runs inside a worker, because what comes from outside is not trusted. The model was asked for the
right shape, so hardly anything is cut off, and for about a megapixel, so it is enlarged a little.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from bot.errors import ProviderRefused
from bot.model import PhotoProblem
from bot.photo import Pixels, decode, encode_jpeg

SIZES: Final = {"linkedin": (1200, 1200), "resume": (1200, 1500), "bio": (1200, 1600)}
"""Width and height of each format."""
LONGEST: Final = 4096
QUALITY: Final = 92


def finish(picture: bytes, format_: str) -> bytes:
    """Decode, cut to shape, enlarge. Raises `ProviderRefused` when it is no usable picture."""
    read = decode(picture, LONGEST)
    if isinstance(read, PhotoProblem):
        raise ProviderRefused(read)
    width, height = SIZES[format_]
    shaped = _cut(read.pixels, width / height)
    shrinks = shaped.shape[1] >= width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    resized = cv2.resize(shaped, (width, height), interpolation=how)
    return encode_jpeg(np.asarray(resized, np.uint8), quality=QUALITY)


def _cut(pixels: Pixels, wanted: float) -> Pixels:
    """The largest part of that width over height: the middle, and of a tall picture the top."""
    height, width = pixels.shape[:2]
    if width > wanted * height:
        across = max(1, round(wanted * height))
        left = (width - across) // 2
        return np.ascontiguousarray(pixels[:, left : left + across])
    down = max(1, min(height, round(width / wanted)))
    return np.ascontiguousarray(pixels[:down])
