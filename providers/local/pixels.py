"""Typed doors to OpenCV's filters for the vision stages.

OpenCV's own annotations lose the element type; here float32 goes in and float32 comes out, without
a copy. All sizes are (width, height), all radii and sigmas are pixels of the plane given.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from providers.local.subject import Plane, Rgb8, RgbF

Floats: TypeAlias = NDArray[np.float32]
"""(height, width) or (height, width, channels)."""
Mask: TypeAlias = NDArray[np.uint8]
"""(height, width), 0 or 1."""
Matrix: TypeAlias = NDArray[np.float64]
"""(2, 3): target pixel = matrix @ (x, y, 1) of the source."""
Places: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Rows and columns of some pixels, as `numpy.nonzero` gives them."""

_PLACES_A_ROW = 1024


def unit(picture: Rgb8) -> RgbF:
    """0..255 to 0..1."""
    planes = picture.astype(np.float32)
    planes *= np.float32(1 / 255)
    return planes


def size_of(plane: NDArray[Any]) -> tuple[int, int]:
    """(width, height) of a plane or picture."""
    return int(plane.shape[1]), int(plane.shape[0])


def box_sum(planes: Floats, radius: int) -> Floats:
    """Sum over the square window of that radius; the window is cut at the border."""
    side = 2 * radius + 1
    return np.asarray(
        cv2.boxFilter(planes, -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT),
        np.float32,
    )


def box_mean(planes: Floats, side: int) -> Floats:
    """Mean over a square window of an odd side; the border is mirrored."""
    return np.asarray(cv2.blur(planes, (side, side)), np.float32)


def blur(planes: Floats, sigma: float) -> Floats:
    """Gaussian blur; wide ones run on a smaller copy, which no eye can tell apart."""
    if sigma < 5:
        return np.asarray(cv2.GaussianBlur(planes, (0, 0), max(sigma, 0.3)), np.float32)
    width, height = size_of(planes)
    step = max(2, int(sigma / 2.5))
    small = resize(planes, (max(2, width // step), max(2, height // step)))
    return resize(
        np.asarray(cv2.GaussianBlur(small, (0, 0), sigma / step), np.float32), (width, height)
    )


def resize(planes: Floats, size: tuple[int, int]) -> Floats:
    """Averages when it shrinks, so that nothing aliases; linear when it grows."""
    if size_of(planes) == size:
        return planes
    return np.asarray(cv2.resize(planes, size, interpolation=_kind(planes, size)), np.float32)


def resize_rgb(picture: Rgb8, size: tuple[int, int]) -> Rgb8:
    """The same for an 8-bit picture."""
    if size_of(picture) == size:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=_kind(picture, size)), np.uint8)


def _kind(picture: NDArray[Any], size: tuple[int, int]) -> int:
    return cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_LINEAR


def sample(planes: Floats, size: tuple[int, int], at: Places) -> Floats:
    """What `resize` to a larger size would give, only at some of its pixels: (n, channels).

    A soft edge is a tenth of a picture; this saves the other nine.
    """
    rows, columns = at
    width, height = size_of(planes)
    count = len(rows)
    # cv2.remap wants a picture of places, not a list, and no side above 32767.
    shape = (-(-count // _PLACES_A_ROW), _PLACES_A_ROW)
    x, y = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    x.ravel()[:count] = (columns + 0.5) * (width / size[0]) - 0.5
    y.ravel()[:count] = (rows + 0.5) * (height / size[1]) - 0.5
    found = cv2.remap(planes, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(shape[0] * shape[1], -1)[:count]


def warp(plane: Plane, matrix: Matrix, size: tuple[int, int]) -> Plane:
    """Plane seen through a matrix, linear, with its border continued outwards."""
    return np.asarray(
        cv2.warpAffine(
            plane, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.float32,
    )


def warp_rgb(picture: Rgb8, matrix: Matrix, size: tuple[int, int]) -> Rgb8:
    """Picture seen through a matrix, cubic, averaged first when the matrix shrinks it."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.75:
        width, height = size_of(picture)
        small = resize_rgb(
            picture, (max(8, round(width * scale * 1.25)), max(8, round(height * scale * 1.25)))
        )
        matrix = matrix.copy()
        # cv2 places pixel centres on integers, its resize on halves: keep both in step.
        shrink = np.array([small.shape[1] / width, small.shape[0] / height])
        matrix[:, :2] /= shrink
        matrix[:, 2] += matrix[:, :2] @ ((1 - shrink) / 2)
        picture = small
    return np.asarray(
        cv2.warpAffine(
            picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def disc(radius: int) -> Mask:
    """A round structuring element."""
    side = 2 * max(1, radius) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def grow(mask: Mask, radius: int) -> Mask:
    """Dilate by a disc."""
    return np.asarray(cv2.dilate(mask, disc(radius)), np.uint8)


def shrink(mask: Mask, radius: int) -> Mask:
    """Erode by a disc."""
    return np.asarray(cv2.erode(mask, disc(radius)), np.uint8)


def distance(mask: NDArray[np.bool_]) -> Plane:
    """Distance of each set pixel to the nearest unset one."""
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def fill(size: tuple[int, int], outline: NDArray[np.float32]) -> Mask:
    """The convex hull of points, filled."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    hull = cv2.convexHull(np.round(outline).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 1)
    return mask


def component_with(mask: NDArray[np.bool_], seed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected part of a mask that holds most of the seed; the mask itself if none does."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    if count <= 2:
        return mask
    votes = np.bincount(np.asarray(labels)[seed], minlength=count)
    votes[0] = 0
    if not votes.any():
        return mask
    return np.asarray(labels == int(votes.argmax()))
