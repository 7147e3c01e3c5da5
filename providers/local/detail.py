"""Clarity without plastic: the person's pixels, graded, lit, cleaned and modestly sharpened.

What it does: colour noise is smoothed along edges, blotches of skin *colour* are evened by a
third, luminance noise is reduced only where noise was measured, eyes, brows and lips get a little
local contrast, everything a modest sharpening (half of it on skin), and glare is held back. What it
never does: smooth the texture of skin, or move anything.

Lightness and colour are worked on apart (Y'CbCr); colour is worked on at half size, where the eye
sees no difference and the filters cost a quarter. The result is dithered to 8 bits, so that no
smooth cheek shows steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from providers.local.colour import Grade
from providers.local.light import relight
from providers.local.mesh import OVAL
from providers.local.pixels import Floats, blur, box_mean, fill, grow, resize
from providers.local.skin import FaceView, Tone, apply
from providers.local.subject import Cutout, Plane, Rgb8

EVENING = 0.35
"""Share of the blotches of skin colour that is taken out."""
NOISE_FLOOR = 0.006
"""Standard deviation (of 0..1) below which lightness is left alone."""
GLARE = 0.35
"""Share of what exceeds the brightest tenth of the skin that is taken back."""

_FEATURES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
    (276, 283, 282, 295, 285, 300, 293, 334, 296, 336),
    (46, 53, 52, 65, 55, 70, 63, 105, 66, 107),
)
_MASK_FACE = 160
"""Width of the face in the masks; their edges are softer than its pixels."""
_VIVID_SKIN = 38.0
"""Chroma in CIELAB; richer than skin is in any even light."""
_COARSE_COLOUR = 0.012
"""Noise from which colour is only kept at half size."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The person, ready to be put before a backdrop."""

    pixels: Rgb8
    """The canvas; outside the person it means nothing."""
    grain: float
    """Standard deviation of the noise that is left, 0..1: the backdrop gets the same."""


@dataclass(frozen=True, slots=True)
class _FaceMasks:
    """Soft masks of the face's part of the canvas."""

    region: tuple[slice, slice]
    skin: Plane
    """Without eyes, brows and lips."""
    features: Plane
    """Eyes, brows and lips."""


def finish(cutout: Cutout, view: FaceView, graded: Grade, factors: Plane) -> Finished:
    """Grade, light, clean and sharpen a cut-out. `factors` is `light.light_map`'s."""
    masks = _masks(cutout)
    noise = noise_of(cutout.canvas, cutout.alpha)
    colours = apply(graded.tables, _to_8_bits(cutout.foreground))
    relight(colours, factors)
    cv2.cvtColor(colours, cv2.COLOR_RGB2YCrCb, dst=colours)
    luma, red, blue = (np.asarray(plane, np.float32) for plane in cv2.split(colours))
    _clean_colour(red, blue, masks, cutout.face_width, noise)
    _ease_vivid_skin(red, blue, graded.skin)
    _clean_lightness(luma, masks, cutout.face_width, noise)
    _sharpen(luma, masks, cutout, noise)
    cv2.merge([luma, red, blue], dst=colours)
    cv2.cvtColor(colours, cv2.COLOR_YCrCb2RGB, dst=colours)
    pixels = _to_8_bits(colours, dithered=True)
    return Finished(pixels=pixels, grain=noise_of(pixels, cutout.alpha))


def noise_of(rgb: Rgb8, alpha: Plane) -> float:
    """Standard deviation (of 0..1) of the luminance noise inside the person.

    Immerkaer's mask cancels edges and slopes; a low percentile leaves texture out.
    """
    rows = np.flatnonzero(alpha.max(axis=1) > 0.97)
    if not len(rows):
        return 0.0
    middle = slice(int(rows[0]), int(rows[0]) + max(32, (rows[-1] - rows[0]) * 2 // 3))
    grey = cv2.cvtColor(rgb[middle], cv2.COLOR_RGB2GRAY)
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rough = np.abs(cv2.filter2D(grey, cv2.CV_16S, mask))[alpha[middle] > 0.97]
    # For a normal distribution the 40th percentile of the absolute value is 0.524 sigma.
    return float(np.percentile(rough[::7], 40)) / 0.524 / 6 / 255 if len(rough) else 0.0


def _masks(cutout: Cutout) -> _FaceMasks:
    height, width = cutout.alpha.shape
    oval = cutout.landmarks[list(OVAL), :2]
    margin = cutout.face_width * 0.06
    left, top = np.clip(np.floor(oval.min(axis=0) - margin).astype(int), 0, [width - 9, height - 9])
    right, bottom = np.ceil(oval.max(axis=0) + margin).astype(int)
    right, bottom = min(max(right, left + 8), width), min(max(bottom, top + 8), height)
    scale = min(1.0, _MASK_FACE / (right - left))
    size = (max(8, round((right - left) * scale)), max(8, round((bottom - top) * scale)))
    points = (cutout.landmarks[:, :2] - np.array([left, top], np.float32)) * np.float32(scale)
    face = size[0]
    skin = blur(fill(size, points[list(OVAL)]).astype(np.float32), face * 0.02)
    marked = np.zeros((size[1], size[0]), np.uint8)
    for outline in _FEATURES:
        marked |= fill(size, points[list(outline)])
    marked = grow(marked, max(1, round(face * 0.012)))
    features = blur(marked.astype(np.float32), face * 0.012)
    full = (int(right - left), int(bottom - top))
    region = (slice(int(top), int(bottom)), slice(int(left), int(right)))
    return _FaceMasks(region, resize(skin * (1 - features), full), resize(features, full))


def _clean_colour(red: Plane, blue: Plane, masks: _FaceMasks, face: float, noise: float) -> None:
    size = _half(red)
    cover = np.zeros(red.shape, np.float32)
    cover[masks.region] = masks.skin
    cover = resize(cover, size)
    # What only the full size shows is mostly noise, as far as there is noise at all.
    coarse = min(1.0, noise / _COARSE_COLOUR)
    for plane in (red, blue):
        half = resize(plane, size)
        clean = _smooth_along_edges(half, max(1, round(face * 0.003)), 0.006 + noise * 0.6)
        clean -= np.float32(1 - coarse) * half
        clean += _evened(half, cover, face / 2) * np.float32(EVENING)
        large = resize(clean, (plane.shape[1], plane.shape[0]))
        cv2.addWeighted(plane, 1 - coarse, large, 1, 0, dst=plane)


def _ease_vivid_skin(red: Plane, blue: Plane, skin: Tone) -> None:
    """Bring the chroma of over-saturated skin, and of nothing else, down to a natural one."""
    excess = 1.0 - _VIVID_SKIN / max(skin.chroma, 1.0)
    if excess <= 0:
        return
    size = _half(red)
    halves = resize(red, size), resize(blue, size)
    ease = _skin_coloured(*halves) * np.float32(excess)
    for plane, half in zip((red, blue), halves, strict=True):
        change = ease * (half - np.float32(0.5))
        cv2.subtract(plane, resize(change, (plane.shape[1], plane.shape[0])), dst=plane)


def _half(plane: Plane) -> tuple[int, int]:
    return max(8, plane.shape[1] // 2), max(8, plane.shape[0] // 2)


def _evened(half: Plane, skin: Plane, face: float) -> Plane:
    """Blotches: how far the colour at blotch size is from the colour of the skin around it."""
    cover = skin * np.float32(0.999) + np.float32(1e-3)
    around = blur(half * cover, face * 0.10) / blur(cover, face * 0.10)
    return np.asarray((around - blur(half, face * 0.015)) * skin, np.float32)


def _skin_coloured(red: Plane, blue: Plane) -> Plane:
    """1 where a pixel has the hue of skin and is strongly coloured, else towards 0."""
    angle = np.arctan2(red - np.float32(0.5), np.float32(0.5) - blue)
    strength = np.clip((np.hypot(red - 0.5, blue - 0.5) - 0.06) / 0.07, 0, 1)
    return np.asarray(np.exp(-(((angle - 0.93) / 0.35) ** 2)) * strength, np.float32)


def _smooth_along_edges(plane: Plane, radius: int, edge: float) -> Plane:
    """Guided filter with itself as the guide (He et al. 2013); `edge` is kept, in 0..1."""
    side = 2 * radius + 1
    mean = box_mean(plane, side)
    variance = box_mean(plane * plane, side)
    variance -= mean * mean
    share = variance / (variance + np.float32(edge * edge))
    offset = mean * (1 - share)
    return np.asarray(box_mean(share, side) * plane + box_mean(offset, side), np.float32)


def _clean_lightness(luma: Plane, masks: _FaceMasks, face: float, noise: float) -> None:
    if noise > NOISE_FLOOR:
        clean = _smooth_along_edges(luma, max(1, round(face * 0.006)), noise * 1.6)
        share = min(0.75, (noise - NOISE_FLOOR) / 0.02)
        cv2.addWeighted(clean, share, luma, 1 - share, 0, dst=luma)
    part = luma[masks.region]
    lit = part[masks.skin > 0.5]
    if len(lit):
        brightest = np.float32(np.percentile(lit[::11], 93))
        part -= np.clip(part - brightest, 0, 1) * masks.skin * np.float32(GLARE)


def _sharpen(luma: Plane, masks: _FaceMasks, cutout: Cutout, noise: float) -> None:
    """Unsharp mask, limited so that no edge gets a halo; half on skin, more on features."""
    fine = cv2.GaussianBlur(luma, (0, 0), max(0.6, luma.shape[1] / 1200 * 1.1))
    edges = np.clip(luma - fine, -0.05, 0.05)
    edges *= np.float32(0.55 * min(max(1 - (noise - 0.004) / 0.02, 0.15), 1.0))
    edges[masks.region] *= 1 - 0.55 * masks.skin + 0.64 * masks.features
    coarse = blur(luma[masks.region], max(1.5, cutout.face_width * 0.012))
    edges[masks.region] += 0.16 * masks.features * (fine[masks.region] - coarse)
    luma += edges


def _to_8_bits(colours: Floats, *, dithered: bool = False) -> Rgb8:
    height, width = colours.shape[:2]
    if not dithered:
        return np.asarray(cv2.convertScaleAbs(colours, alpha=255), np.uint8)
    noise = dither(width, height)
    # One pass that scales, adds, rounds and saturates.
    return np.asarray(cv2.addWeighted(colours, 255, noise, 1, 0, dtype=cv2.CV_8U), np.uint8)


def dither(width: int, height: int) -> Floats:
    """Triangular noise of one 8-bit step, (height, width, 3): turns rounding into fine grain."""
    tile = _dither_tile()
    down, across = -(-height // tile.shape[0]), -(-width // tile.shape[1])
    return np.tile(tile, (down, across, 1))[:height, :width]


@cache
def _dither_tile() -> Floats:
    random = np.random.default_rng(11)
    one = random.random((512, 512, 1), np.float32) - random.random((512, 512, 1), np.float32)
    return np.repeat(one * np.float32(0.7), 3, axis=2)
