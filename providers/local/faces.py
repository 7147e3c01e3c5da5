"""Where the faces are: boxes and, when asked for, the detector's six points on each.

Screening runs before the person has agreed to measurements of the face, so it asks for boxes
alone. The network cannot be told to leave its six points out: they are among the numbers it puts
out, but those numbers are not read, and no coordinate is worked out from them, unless the caller
asks for `points`, as the renderer does.

The detector (BlazeFace, short range) looks at a 128-pixel square: it sees the whole frame, then
squares along the long side, and only if all of that is empty smaller overlapping tiles, so that
"your face is too small" can be told from "there is no face".
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from providers.local.nets import FACE_SIDE, Nets
from providers.local.pixels import resize_rgb, size_of
from providers.local.subject import Face, Rgb8

_SURE = 0.5
_SURE_IN_TILES = 0.65
"""Tiles show more things that look like faces; measured: no false face on pages and walls."""
_WORK_SIDE = 1024
_LEAST_PIXELS = 24
"""A box narrower than this, in source pixels, can neither be used nor recognised."""
_SAME_FACE = 0.3
"""Overlap (intersection over union) from which two boxes are one face."""
_INSIDE = 0.75
"""Share of the smaller box inside the larger one from which it is the same face."""


def detect(nets: Nets, rgb: Rgb8, *, points: bool = False) -> list[Face]:
    """Faces of an upright picture, largest first, in its pixels. Raises `SettingsError`.

    Without `points` their `keypoints` are empty, (0, 2).
    """
    width, height = size_of(rgb)
    scale = min(1.0, _WORK_SIDE / max(width, height))
    small = resize_rgb(rgb, (max(1, round(width * scale)), max(1, round(height * scale))))
    found: list[Face] = []
    for windows, sure in ((_windows, _SURE), (_tiles, _SURE_IN_TILES)):
        for window in windows(small):
            found += _look(nets, small, window, sure=sure, points=points)
        if found:
            break
    faces = [_scaled(face, 1 / scale) for face in _distinct(found)]
    faces = [face for face in faces if face.width >= _LEAST_PIXELS]
    return sorted(faces, key=lambda face: face.width, reverse=True)


def _windows(picture: Rgb8) -> Iterator[tuple[float, float, float]]:
    """(left, top, side) of the whole frame, padded to a square, and of squares along it."""
    width, height = size_of(picture)
    long, short = max(width, height), min(width, height)
    yield (width - long) / 2, (height - long) / 2, long
    if long < 1.2 * short:
        return
    count = math.ceil((long / short - 1) / 0.7) + 1
    for i in range(count):
        along = (long - short) * i / (count - 1)
        yield (along, 0, short) if width > height else (0, along, short)


def _tiles(picture: Rgb8) -> Iterator[tuple[float, float, float]]:
    width, height = size_of(picture)
    side = 0.5 * min(width, height)
    columns = math.ceil((width - side) / (0.7 * side)) + 1
    rows = math.ceil((height - side) / (0.7 * side)) + 1
    for row in range(rows):
        for column in range(columns):
            left = (width - side) * column / max(1, columns - 1)
            top = (height - side) * row / max(1, rows - 1)
            yield left, top, side


def _look(
    nets: Nets, picture: Rgb8, window: tuple[float, float, float], *, sure: float, points: bool
) -> list[Face]:
    left, top, side = window
    square, ratio = _square(picture, round(left), round(top), max(8, round(side)))
    logits, values = nets.faces(square)
    scores = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
    faces = []
    for i in np.flatnonzero(scores > sure):
        centre = _ANCHORS[i] * FACE_SIDE + values[i, :2]
        half = values[i, 2:4] / 2
        offset = np.array([round(left), round(top)], np.float32)
        near, far = (centre - half) / ratio + offset, (centre + half) / ratio + offset
        keypoints = np.empty((0, 2), np.float32)
        if points:
            placed = values[i, 4:16].reshape(6, 2) + _ANCHORS[i] * FACE_SIDE
            keypoints = np.asarray(placed / ratio + offset, np.float32)
        faces.append(
            Face(
                left=float(near[0]),
                top=float(near[1]),
                right=float(far[0]),
                bottom=float(far[1]),
                score=float(scores[i]),
                keypoints=keypoints,
            )
        )
    return faces


def _square(picture: Rgb8, left: int, top: int, side: int) -> tuple[Rgb8, float]:
    """The window at the detector's size, black where it leaves the picture; and its scale."""
    width, height = size_of(picture)
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + side), min(height, top + side)
    ratio = FACE_SIDE / side
    target = (max(1, round((x1 - x0) * ratio)), max(1, round((y1 - y0) * ratio)))
    part = resize_rgb(picture[y0:y1, x0:x1], target)
    above, before = round((y0 - top) * ratio), round((x0 - left) * ratio)
    square = cv2.copyMakeBorder(
        part,
        above,
        max(0, FACE_SIDE - above - target[1]),
        before,
        max(0, FACE_SIDE - before - target[0]),
        cv2.BORDER_CONSTANT,
        value=(0, 0, 0),
    )
    return np.asarray(square[:FACE_SIDE, :FACE_SIDE], np.uint8), ratio


def _distinct(faces: list[Face]) -> list[Face]:
    """Greedy choice of the best-scored box of each face (non-maximum suppression)."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: face.score, reverse=True):
        if not any(_is_same(face, other) for other in kept):
            kept.append(face)
    return kept


def _is_same(one: Face, other: Face) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    if across <= 0 or down <= 0:
        return False
    shared, a, b = across * down, _area(one), _area(other)
    return shared > _SAME_FACE * (a + b - shared) or shared > _INSIDE * min(a, b)


def _area(face: Face) -> float:
    return max(1e-6, (face.right - face.left) * (face.bottom - face.top))


def _scaled(face: Face, factor: float) -> Face:
    return Face(
        left=face.left * factor,
        top=face.top * factor,
        right=face.right * factor,
        bottom=face.bottom * factor,
        score=face.score,
        keypoints=np.asarray(face.keypoints * factor, np.float32),
    )


def _anchor_centres() -> NDArray[np.float32]:
    """(896, 2), 0..1: two anchors a cell on the 16-grid, six on the 8-grid (the net's layout)."""
    grids = []
    for cells, each in ((16, 2), (8, 6)):
        ticks = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(ticks, ticks)
        grids.append(np.repeat(np.stack([x, y], -1).reshape(-1, 2), each, axis=0))
    return np.concatenate(grids).astype(np.float32)


_ANCHORS = _anchor_centres()
