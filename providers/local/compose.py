"""One headshot: the person before a backdrop, in one format.

What makes two pictures look like one photograph: light of the backdrop wraps a little round the
edge, its colour tints the person faintly, and both carry the same grain. The grain is also what
keeps smooth backdrops from showing bands in 8 bits.

Light wrap needs no second blur: backdrops are smooth, so letting a little of the backdrop through
near the edge is the wrap.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from providers.local.backdrops import STEP
from providers.local.detail import Finished
from providers.local.mesh import OVAL
from providers.local.pixels import Floats, Matrix, blur, resize, warp_rgb
from providers.local.subject import Cutout, Format, Plane, Rgb8

WRAP = 0.16
"""Largest share of the backdrop's light on the person's edge."""
TINT = 0.035
"""Share of the backdrop's colour in the person's light."""
LEAST_GRAIN, MOST_GRAIN = 0.0035, 0.022
"""Standard deviation of 0..1; less would show bands, more would look like a fault."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_TILE = 512


def compose(cutout: Cutout, finished: Finished, shape: Format, behind: Floats) -> Rgb8:
    """The finished picture, (shape.height, shape.width, 3).

    `behind` is the backdrop for this frame, of any size.
    """
    size = (shape.width, shape.height)
    matrix = frame_matrix(cutout, shape)
    person = _tinted(warp_rgb(finished.pixels, matrix, size), behind)
    cover = _cover(cutout, matrix, size, behind)
    # Enlarged, the person's grain is coarse and faint; so must be the backdrop's.
    grain = finished.grain / max(1.0, float(matrix[0, 0]))
    scene = _with_grain(_enlarged(behind, size), grain)
    return np.asarray(cv2.blendLinear(person, scene, cover, 1 - cover), np.uint8)


def frame_matrix(cutout: Cutout, shape: Format) -> Matrix:
    """(2, 3): output pixel = matrix @ (x, y, 1) of the canvas; pixel centres are integers."""
    frame = cutout.frames[shape.name]
    scale = shape.width / frame.width
    return np.array(
        [
            [scale, 0.0, (0.5 - frame.x) * scale - 0.5],
            [0.0, scale, (0.5 - frame.y) * scale - 0.5],
        ]
    )


def face_in(cutout: Cutout, shape: Format) -> tuple[float, float]:
    """The middle of the face as fractions of the frame."""
    frame = cutout.frames[shape.name]
    x, y = cutout.landmarks[list(OVAL), :2].mean(axis=0)
    return (float(x) - frame.x) / frame.width, (float(y) - frame.y) / frame.height


def framed(plane: Floats, cutout: Cutout, shape: Format) -> Floats:
    """The part of a small picture of the whole canvas that lies in a frame, backdrop-sized."""
    step = cutout.alpha.shape[1] / plane.shape[1], cutout.alpha.shape[0] / plane.shape[0]
    size = (shape.width // STEP, shape.height // STEP)
    frame = cutout.frames[shape.name]
    # From backdrop pixel to plane pixel, centres on integers.
    across, down = frame.width / size[0] / step[0], frame.height / size[1] / step[1]
    matrix = np.array(
        [
            [across, 0.0, frame.x / step[0] + (across - 1) / 2],
            [0.0, down, frame.y / step[1] + (down - 1) / 2],
        ]
    )
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(plane, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(np.asarray(seen, np.float32), 0, 1)


def _tinted(person: Rgb8, behind: Floats) -> Rgb8:
    mean = behind.reshape(-1, 3).mean(axis=0)
    gains = 1 + (mean / max(float(mean.mean()), 1e-3) - 1) * TINT
    levels = np.arange(256, dtype=np.float32)[:, None, None] * gains
    table = np.clip(levels + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(person, table), np.uint8)


def _cover(cutout: Cutout, matrix: Matrix, size: tuple[int, int], behind: Floats) -> Plane:
    """Alpha in the frame, thinned where the backdrop's light wraps round the edge."""
    cover = np.asarray(
        cv2.warpAffine(
            cutout.alpha,
            matrix,
            size,
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )
    np.clip(cover, 0, 1, out=cover)
    small = resize(cover, (size[0] // STEP, size[1] // STEP))
    face = cutout.face_width * float(matrix[0, 0]) / STEP
    open_air = blur(1 - small, max(1.0, face * 0.022))
    edge = np.clip(open_air * small, 0, 0.25) * 4
    light = resize(behind, (small.shape[1], small.shape[0])) @ _LUMA
    wrap = WRAP * edge * (0.35 + 0.65 * light)
    cover *= resize(1 - wrap, size)
    return cover


def _enlarged(behind: Floats, size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.resize(behind, size, interpolation=cv2.INTER_CUBIC), np.float32)


def _with_grain(scene: Floats, grain: float) -> Rgb8:
    """The backdrop in 8 bits, rounded through grain."""
    strength = min(max(grain * 0.9, LEAST_GRAIN), MOST_GRAIN)
    height, width = scene.shape[:2]
    shown = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            part = slice(top, min(top + _TILE, height)), slice(left, min(left + _TILE, width))
            block = scene[part]
            tile = _grain_tile()[: block.shape[0], : block.shape[1]]
            cv2.addWeighted(block, 255, tile, 255 * strength, 0, dst=shown[part], dtype=cv2.CV_8U)
    return shown


@cache
def _grain_tile() -> Floats:
    """Soft monochrome noise, standard deviation 1, as demosaicing leaves it."""
    noise = np.random.default_rng(3).standard_normal((_TILE, _TILE)).astype(np.float32)
    soft = np.asarray(
        cv2.GaussianBlur(noise, (0, 0), 0.6, borderType=cv2.BORDER_REFLECT), np.float32
    )
    return np.repeat((soft / soft.std())[..., None], 3, axis=2)
