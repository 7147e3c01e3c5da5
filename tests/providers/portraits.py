"""Photos for tests, made from scikit-image's astronaut (NASA, public domain)."""

from __future__ import annotations

import io
from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

Rgb8: TypeAlias = NDArray[np.uint8]


@cache
def astronaut(side: int = 1280) -> Rgb8:
    """(side, side, 3): one woman, her face about a fifth of the width, a flag and a shuttle."""
    # scikit-image carries no annotations.
    picture = np.asarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def jpeg(pixels: Rgb8, quality: int = 92) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return out.getvalue()


def png(pixels: Rgb8) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def portrait(width: int, height: int) -> Rgb8:
    """The astronaut enlarged to fill a portrait format, the sides cut off."""
    side = max(width, height)
    left = (side - width) // 2
    return np.ascontiguousarray(astronaut(side)[:height, left : left + width])


def darkened(pixels: Rgb8, factor: float) -> Rgb8:
    """As if exposed for less time: scaled in linear light, so with the camera's own curve."""
    linear = (pixels / 255.0) ** 2.2 * factor
    return np.asarray(linear ** (1 / 2.2) * 255 + 0.5, np.uint8)


def blurred(pixels: Rgb8, sigma: float) -> Rgb8:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def shaken(pixels: Rgb8, length: int) -> Rgb8:
    """Moved sideways by so many pixels while the shutter was open."""
    kernel = np.full((1, length), 1 / length, np.float32)
    return np.asarray(cv2.filter2D(pixels, -1, kernel), np.uint8)
