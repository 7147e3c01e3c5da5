"""The person's own colours along the soft edge, where the camera mixed them with the background.

Both colours are carried to the edge from where they are pure: the person's from the solid part next
to it, the background's from the other side, each over the shortest distance that has any. What
the two do not explain is texture; the pixel keeps it by the square of its alpha, so that faint
pixels, where a small error of alpha would bring the old background back, keep almost none. That is
what removes light and dark rims. Solid pixels are not touched.
"""

from __future__ import annotations

import cv2
import numpy as np

from providers.local.pixels import blur, grow, resize, resize_rgb, sample, size_of, unit
from providers.local.subject import Plane, Rgb8, RgbF

_REACHES = ((0.02, 1.0), (0.06, 1e-2), (0.20, 1e-4), (0.60, 1e-6))
"""Distances in face widths, and how much each counts beside the shorter ones."""
_PURE = 0.85
"""Alpha from which a pixel begins to count as purely the person; likewise for the background."""

_WORK_FACE = 180.0
"""Face width at which the two colours are carried: they are smooth, the texture is added after."""
_BEYOND = 4
"""Pixels."""


def foreground(canvas: Rgb8, alpha: Plane, face_width: float) -> RgbF:
    """(height, width, 3), 0..1: the canvas with the old background taken out of its soft edge.

    Cleaned pixels reach a little beyond the edge, so that resampling does not pull the old
    background back in; further out the canvas is as it was.
    """
    size = size_of(alpha)
    step = max(1.0, face_width / _WORK_FACE)
    small_size = (max(8, round(size[0] / step)), max(8, round(size[1] / step)))
    small, thin = unit(resize_rgb(canvas, small_size)), resize(alpha, small_size)
    front = _carried(small, _purity(thin), face_width / step)
    back = _carried(small, _purity(1 - thin), face_width / step)
    picture = unit(canvas)
    soft = grow(((alpha > 0) & (alpha < 1)).astype(np.uint8), _BEYOND)
    rows, columns = np.nonzero((soft > 0) & (alpha < 1))
    if not len(rows):
        return picture
    band = (rows, columns)
    share, own, old = alpha[band][:, None], sample(front, size, band), sample(back, size, band)
    own += share * share * (picture[band] - share * own - (1 - share) * old)
    picture[band] = np.clip(own, 0, 1)
    return picture


def _purity(alpha: Plane) -> Plane:
    return np.asarray(np.clip((alpha - _PURE) / (1 - _PURE), 0, 1) ** 2, np.float32)


def _carried(picture: RgbF, weight: Plane, face_width: float) -> RgbF:
    """Each pixel's colour as the nearest pixels of weight have it."""
    weighted = picture * _tripled(weight)
    colours, weights = np.zeros_like(picture), np.full(weight.shape, 1e-12, np.float32)
    for reach, importance in _REACHES:
        sigma = max(0.8, reach * face_width)
        colours += np.float32(importance) * blur(weighted, sigma)
        weights += np.float32(importance) * blur(weight, sigma)
    return np.asarray(colours / _tripled(weights), np.float32)


def _tripled(plane: Plane) -> RgbF:
    """One plane as three channels: numpy is slow at stretching the last axis itself."""
    return np.asarray(cv2.merge([plane, plane, plane]), np.float32)
