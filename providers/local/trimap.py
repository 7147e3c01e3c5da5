"""Surely the person, surely not, or to be worked out: the map the matting starts from.

`settle` makes one clean shape of the probabilities: joined to the face, without blobs that hang
on by a thread, without small holes. `trimap` draws a band round its edge: wide round the hair,
narrow on shoulders, wider where the networks disagreed.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from providers.local.mesh import CHIN, OVAL
from providers.local.pixels import (
    blur,
    component_with,
    distance,
    fill,
    grow,
    shrink,
    size_of,
)
from providers.local.subject import Plane, Points

Shape = NDArray[np.bool_]
"""(height, width)."""

_THREAD = 0.03
"""Half width, in face widths, of a bridge that is too thin to be part of a person."""
_HOLE = 0.25
"""Side, in face widths, below which a hole that is not sure background is filled."""

_LEAST_BAND = 1.5
"""Pixels on each side, so that the edge itself is never taken for known."""


def settle(mean: Plane, spread: Plane, points: Points, face_width: float) -> Shape:
    """The person as one shape. Points and face width are in pixels of the planes."""
    oval = fill(size_of(mean), points[list(OVAL), :2])
    face = oval > 0
    likely = np.clip(mean - 0.5 * spread, 0, 1)
    shape = component_with((likely > 0.5) | face, face)
    radius = max(1, int(face_width * _THREAD))
    opened = cv2.morphologyEx(shape.astype(np.uint8), cv2.MORPH_OPEN, _round(radius))
    body = component_with((np.asarray(opened) > 0) | face, face)
    shape &= grow(body.astype(np.uint8), radius + 1) > 0
    return _without_holes(shape, mean, face_width)


def _round(radius: int) -> NDArray[np.uint8]:
    side = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _without_holes(shape: Shape, mean: Plane, face_width: float) -> Shape:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (~shape).astype(np.uint8), connectivity=4
    )
    filled = shape.copy()
    for label in range(1, count):
        left, top, width, height, area = (int(v) for v in stats[label])
        if area >= (_HOLE * face_width) ** 2:
            continue
        window = np.s_[top : top + height, left : left + width]
        inside = np.asarray(labels)[window] == label
        if float(mean[window][inside].mean()) > 0.15:
            filled[window] |= inside
    return filled


def trimap(shape: Shape, mean: Plane, spread: Plane, points: Points, face_width: float) -> Plane:
    """0 surely not the person, 1 surely the person, 0.5 to be worked out."""
    inner, outer = distance(shape), distance(~shape)
    rows = np.arange(shape.shape[0], dtype=np.float32)[:, None]
    below_chin = (rows - (points[CHIN, 1] + 0.25 * face_width)) / (0.12 * face_width)
    hair = 1 / (1 + np.exp(np.clip(below_chin, -30, 30)))
    unsure = 1 + 2 * np.clip(blur(spread, face_width * 0.02) / 0.25, 0, 1)
    outwards = np.maximum(face_width * (0.022 + 0.085 * hair) * unsure, _LEAST_BAND)
    inwards = np.maximum(face_width * (0.018 + 0.040 * hair) * unsure, _LEAST_BAND)
    known = np.full(shape.shape, 0.5, np.float32)
    known[shape & (inner > inwards)] = 1
    known[~shape & ((outer > outwards) | ((mean + spread < 0.02) & (outer > 0.6 * outwards)))] = 0
    face = fill(size_of(mean), points[list(OVAL), :2])
    known[shrink(face, max(1, int(face_width * 0.03))) > 0] = 1
    return known
