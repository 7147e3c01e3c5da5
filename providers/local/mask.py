"""Which pixels are probably the person: many quick looks of two small networks, and how far they
disagree.

The networks must see the picture cut at its borders and stretched to their square, never padded
(padding doubles the error). Each look is taken with its mirror image. The mean is the estimate,
the spread says where it must not be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from providers.local.nets import PERSON_SIZE, PERSON_WIDE_SIZE, Nets
from providers.local.pixels import Floats, resize_rgb, size_of
from providers.local.subject import Face, Plane, Rgb8

_WORK_SIDE = 576
_REACHES = (4.4, 3.2, 2.5)
"""Sides of the windows round the face, in face widths."""
_ABOVE = 0.42
"""Share of such a window that lies above the middle of the face."""
_SHIFT = 0.06
"""When the face fills the photo, windows differ by cutting this share off one side."""
_WIDE_WEIGHT = 0.6
_RAMP = 0.07
"""Share of a window's side over which its weight fades in at a cut that is not the border."""

_Window = tuple[int, int, int, int]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class PersonMask:
    """Probability of the person, on a smaller copy of the picture."""

    mean: Plane
    spread: Plane
    """Standard deviation over the looks, 0..0.5."""
    scale: float
    """Pixels of the planes over pixels of the picture."""


def person(nets: Nets, rgb: Rgb8, face: Face) -> PersonMask:
    """Estimate the mask of the person with that face. Raises `SettingsError`."""
    width, height = size_of(rgb)
    scale = min(1.0, _WORK_SIDE / max(width, height))
    small = resize_rgb(rgb, (max(8, round(width * scale)), max(8, round(height * scale))))
    sums = np.zeros((3, *small.shape[:2]), np.float32)
    whole = (0, 0, small.shape[1], small.shape[0])
    wide = _Eye(nets.person_wide, PERSON_WIDE_SIZE, _WIDE_WEIGHT)
    _look(wide, small, whole, sums)
    portrait = _Eye(nets.person, PERSON_SIZE, 1.0)
    for window in _windows(size_of(small), face, scale):
        _look(portrait, small, window, sums)
    weight, first, second = sums
    mean = first / weight
    spread = np.sqrt(np.maximum(second / weight - mean * mean, 0))
    return PersonMask(mean=mean, spread=spread, scale=scale)


def _windows(size: tuple[int, int], face: Face, scale: float) -> Iterator[_Window]:
    width, height = size
    yield 0, 0, width, height
    x, y = (face.left + face.right) / 2 * scale, (face.top + face.bottom) / 2 * scale
    count = 1
    for reach in _REACHES:
        side = reach * face.width * scale
        left, right = max(0.0, x - side / 2), min(float(width), x + side / 2)
        top = max(0.0, y - _ABOVE * side)
        bottom = min(float(height), y + (1 - _ABOVE) * side)
        cut = max(left, top, width - right, height - bottom)
        if cut > 0.03 * min(width, height):
            count += 1
            yield round(left), round(top), round(right), round(bottom)
    if count < 3:
        yield round(_SHIFT * width), 0, width, height
        yield 0, 0, round((1 - _SHIFT) * width), height
        yield 0, round(_SHIFT * height), width, height


@dataclass(frozen=True, slots=True)
class _Eye:
    """One of the networks, and how much its word counts."""

    run: Callable[[Rgb8], Plane]
    size: tuple[int, int]
    importance: float


def _look(eye: _Eye, picture: Rgb8, window: _Window, sums: Floats) -> None:
    """Adds weight, weighted probability and its square of one window to the sums."""
    left, top, right, bottom = window
    seen = resize_rgb(picture[top:bottom, left:right], eye.size)
    size = (right - left, bottom - top)
    weight = _weight(window, size_of(picture), eye.importance)
    mirrored = np.ascontiguousarray(eye.run(np.ascontiguousarray(seen[:, ::-1]))[:, ::-1])
    for answer in (eye.run(seen), mirrored):
        kind = cv2.INTER_CUBIC if size[0] > eye.size[0] else cv2.INTER_AREA
        share = np.clip(cv2.resize(answer, size, interpolation=kind), 0, 1).astype(np.float32)
        part = sums[:, top:bottom, left:right]
        part[0] += weight
        weighted = weight * share
        part[1] += weighted
        weighted *= share
        part[2] += weighted


def _weight(window: _Window, size: tuple[int, int], importance: float) -> Plane:
    left, top, right, bottom = window
    across = _ramp(right - left, left > 0, right < size[0])
    down = _ramp(bottom - top, top > 0, bottom < size[1])
    return np.asarray(np.outer(down, across * np.float32(importance)), np.float32)


def _ramp(length: int, fade_in: bool, fade_out: bool) -> Plane:
    ramp = np.ones(length, np.float32)
    steps = max(1, int(length * _RAMP))
    rise = (np.arange(steps, dtype=np.float32) + 1) / (steps + 1)
    if fade_in:
        ramp[:steps] = rise
    if fade_out:
        ramp[-steps:] = np.minimum(ramp[-steps:], rise[::-1])
    return ramp
