"""What the skin and the eyes look like: the measurements behind the grade.

All of it happens on a small view of the face, so each measurement takes a millisecond and can be
repeated under other tone curves or another light without touching the picture.

Lightness is CIE L* (0..100), hue and chroma are CIELAB, D65. "Encoded" is sRGB in 0..1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from providers.local.pixels import Floats, resize_rgb
from providers.local.subject import Plane, Points, Rgb8

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Shares of red, green and blue light in luminance (ITU-R BT.709)."""
TOE = np.float32(0.055)
"""sRGB is ``1.055 * light ** (1 / 2.4) - 0.055``: with this added, encoded values can be multiplied
like light (by the gain to the power 1 / 2.4), exactly so outside the deepest shadows."""

_VIEW_FACE = 200
"""Width of the face in the view that is measured; more pixels change no median."""
# Indices of the face mesh; areas are convex hulls of their points.
_SEEDS = (
    (4, 45, 51, 3, 196, 197, 419, 248, 281, 275),
    (50, 205, 207, 187, 147, 123),
    (280, 425, 427, 411, 376, 352),
)
_MORE_SKIN = (
    (117, 118, 101, 36, 205, 187, 123, 116),
    (346, 347, 330, 266, 425, 411, 352, 345),
    (151, 108, 69, 104, 67, 109, 10, 338, 297, 333, 299, 337),
)
_EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour in CIELAB."""

    lightness: float
    a: float
    b: float

    @property
    def hue(self) -> float:
        """Degrees: 0 red, 90 yellow."""
        return math.degrees(math.atan2(self.b, self.a))

    @property
    def chroma(self) -> float:
        return math.hypot(self.a, self.b)


@dataclass(frozen=True, slots=True)
class FaceView:
    """A small copy of the face and the pixels in it that are skin or white of the eye."""

    pixels: Rgb8
    region: tuple[int, int, int, int]
    """Left, top, right, bottom in canvas pixels."""
    skin: NDArray[np.intp]
    """Flat indices into the view. Chosen once: each measurement must look at the same pixels, or
    a change of contrast would change the choice and pass for a change of skin."""
    cheeks: tuple[NDArray[np.intp], ...]
    """On the image's left and right; fewer when one is hidden."""
    eyes: tuple[NDArray[np.intp], ...]
    """The opening of each eye that is open far enough to see its white."""


def plain() -> Floats:
    """Tables that change nothing."""
    return _IDENTITY


def apply(tables: Floats, rgb: Rgb8) -> Floats:
    """The picture under the tone curves, 0..1."""
    return floats(cv2.LUT(rgb, tables))


def face_view(rgb: Rgb8, landmarks: Points) -> FaceView:
    """Find the skin and the eyes in a picture (canvas pixels)."""
    height, width = rgb.shape[:2]
    flat = landmarks[:, :2]
    left, top = np.clip(np.floor(flat.min(axis=0)).astype(int), 0, [width - 8, height - 8])
    right, bottom = np.clip(np.ceil(flat.max(axis=0)).astype(int), [left + 8, top + 8], None)
    region = (int(left), int(top), min(int(right), width), min(int(bottom), height))
    pixels = _seen(rgb, region)
    size = (pixels.shape[1], pixels.shape[0])
    scale = size[0] / (region[2] - region[0])
    points = (flat - floats([left, top])) * np.float32(scale)
    seeds, more = _areas(points, _SEEDS, size), _areas(points, _MORE_SKIN, size)
    return FaceView(
        pixels=pixels,
        region=region,
        skin=_skin(pixels, seeds, more),
        cheeks=_areas(points, _SEEDS[1:], size),
        eyes=_areas(points, [e for e in _EYES if _is_open(points[list(e)])], size, hull=False),
    )


def same_view(view: FaceView, rgb: Rgb8) -> FaceView:
    """The same pixels of another picture of the same canvas."""
    return replace(view, pixels=_seen(rgb, view.region))


def skin_tone(view: FaceView, tables: Floats, light: Plane | None = None) -> Tone:
    """The median of the skin under tone curves.

    `light` multiplies the encoded values as `light.relight` does, in the view's size.
    """
    colours = apply(tables, view.pixels)
    if light is not None:
        colours = (colours + TOE) * light[..., None] - TOE
    skin = np.clip(colours.reshape(-1, 3)[view.skin], 0, 1)
    return Tone(*(float(v) for v in np.median(to_lab(skin[None])[0], axis=0)))


def _seen(rgb: Rgb8, region: tuple[int, int, int, int]) -> Rgb8:
    left, top, right, bottom = region
    scale = min(1.0, _VIEW_FACE / (right - left))
    size = (max(8, round((right - left) * scale)), max(8, round((bottom - top) * scale)))
    return resize_rgb(rgb[top:bottom, left:right], size)


def _skin(
    pixels: Rgb8, seeds: Sequence[NDArray[np.intp]], more: Sequence[NDArray[np.intp]]
) -> NDArray[np.intp]:
    """Skin without beard, glasses, fringe and shine: what is near the nose's and cheeks' tone."""
    if not seeds:
        return np.arange(pixels.shape[0] * pixels.shape[1])
    lab = to_lab(apply(plain(), pixels)).reshape(-1, 3)
    medians = np.array([np.median(lab[area], axis=0) for area in seeds])
    # In side light the lit cheek is what the eye reads as the tone.
    aim = (np.median(medians, axis=0) + medians[medians[:, 0].argmax()]) / 2
    areas = np.unique(np.concatenate([*seeds, *more]))
    apart = (lab[areas] - aim) * floats([0.6, 1, 1])
    near = areas[(apart**2).sum(axis=1) < 14.0**2]
    return near if len(near) > 50 else areas


def eye_white(view: FaceView, tables: Floats) -> float | None:
    """L* of the whites of the eyes; None when they cannot be seen (glasses, a squint)."""
    lab = to_lab(apply(tables, view.pixels)).reshape(-1, 3)
    found = []
    for area in view.eyes:
        eye = lab[area]
        chroma = np.hypot(eye[:, 1], eye[:, 2])
        found.append(np.percentile(eye[chroma <= np.percentile(chroma, 60), 0], 85))
    white = float(np.mean(found)) if found else 0.0
    # Darker than this beside the skin it is no white but lashes and shade.
    return white if white > max(38.0, skin_tone(view, tables).lightness - 20) else None


def _areas(
    points: Points, outlines: Sequence[Sequence[int]], size: tuple[int, int], *, hull: bool = True
) -> tuple[NDArray[np.intp], ...]:
    """Flat indices of the pixels inside each outline that has enough of them."""
    found = []
    for outline in outlines:
        corners = np.round(points[list(outline)]).astype(np.int32)
        mask = np.zeros((size[1], size[0]), np.uint8)
        cv2.fillPoly(mask, [np.asarray(cv2.convexHull(corners)) if hull else corners], (1,))
        inside = np.flatnonzero(mask)
        if len(inside) >= 20:
            found.append(inside)
    return tuple(found)


def _is_open(ring: Points) -> bool:
    wide, high = (float(v) for v in np.ptp(ring, axis=0))
    return wide >= 14 and high / wide >= 0.16


def to_light(encoded: Floats) -> Floats:
    """sRGB to linear light (IEC 61966-2-1)."""
    low = encoded / np.float32(12.92)
    high = ((encoded + TOE) / np.float32(1 + TOE)) ** np.float32(2.4)
    return floats(np.where(encoded <= 0.04045, low, high))


def to_srgb(light: Floats) -> Floats:
    """Linear light to sRGB, clipped to 0..1."""
    light = floats(np.clip(light, 0, 1))
    high = np.float32(1 + TOE) * light ** np.float32(1 / 2.4) - TOE
    return floats(np.where(light <= 0.0031308, light * np.float32(12.92), high))


def floats(values: ArrayLike) -> Floats:
    return np.asarray(values, np.float32)


def to_lab(colours: Floats) -> Floats:
    return floats(cv2.cvtColor(colours, cv2.COLOR_RGB2LAB))


def light_of(tone: Tone) -> Floats:
    colour = floats([[[tone.lightness, tone.a, tone.b]]])
    return to_light(floats(cv2.cvtColor(colour, cv2.COLOR_LAB2RGB))[0, 0])


_IDENTITY: Floats = np.repeat(
    (np.arange(256, dtype=np.float32) / np.float32(255))[:, None, None], 3, axis=2
)
