"""A modern office far out of focus, built as a room and photographed by a pinhole with a lens blur.

Nothing here comes from a photograph or a person. The room is a handful of surfaces in metres
(x right, y up from the floor, z away from the camera), painted in linear light so that windows
and lamps are really brighter than white: only then does blurring leave the round highlights of a
fast lens instead of the mush of a blurred picture. Layers are blurred by their distance, as the
circle of confusion asks for, and laid over one another from the back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeAlias

import cv2
import numpy as np

from providers.local.pixels import Floats
from providers.local.subject import Plane

Colour: TypeAlias = tuple[float, float, float]
"""Linear light; above 1 it is brighter than white paper."""
Point: TypeAlias = tuple[float, float, float]

SIZE = (512, 640)
"""(width, height) of the picture; it is out of focus, so more pixels would show nothing."""

_EYE = 1.45
"""Height of the camera, metres."""
_FOCAL = 1.75
"""Over the picture's width."""
_HORIZON = 0.44
"""Of the picture's height."""
_VANISHING = 0.36
"""Where lines into the distance meet, of the width: beside the head, not behind it."""
_FOCUS = 1.6
"""Distance of the person, metres."""
_APERTURE = 0.086
"""Radius of the blur at infinity is this, over the focus distance, of the picture's width."""
_SEED = 20


@cache
def office() -> Floats:
    """The room, (height, width, 3) encoded sRGB 0..1. The same picture every time."""
    random = np.random.default_rng(_SEED)
    picture = np.zeros((SIZE[1], SIZE[0], 3), np.float32)
    for depth, shapes in _layers(random):
        colours, cover = _painted(shapes)
        blurred = _defocused(np.dstack([colours * cover[..., None], cover]), depth)
        picture = blurred[..., :3] + picture * (1 - blurred[..., 3:])
    return _developed(picture)


Shape: TypeAlias = tuple[Sequence[Point], Colour]
"""A flat outline in space and its colour."""


def _layers(random: np.random.Generator) -> Iterator[tuple[float, list[Shape]]]:
    """(typical distance, shapes), from the back to the front."""
    yield 13.0, [*_shell(), *_back_wall(random), *_windows(random), *_ceiling()]
    yield 9.0, [*_desks(random, (9.5, 8.2)), *_leaves(random, (1.5, 1.1, 9.6), 0.4, 110)]
    yield 5.5, [*_shelf(random), *_lamps(), *_leaves(random, (-1.02, 1.15, 6.2), 0.36, 130)]


def _shell() -> Iterator[Shape]:
    left, right, high, far = -1.9, 2.0, 2.75, 14.0
    near = 1.2
    yield (
        _quad((left, 0, near), (right, 0, near), (right, 0, far), (left, 0, far)),
        (0.13, 0.115, 0.10),
    )
    for z in (5.0, 6.6, 8.4, 10.6, 12.5):  # daylight lies in strips on the floor
        yield (
            _quad((0.4, 0, z), (right, 0, z), (right, 0, z + 0.9), (0.8, 0, z + 0.9)),
            (0.36, 0.36, 0.36),
        )
    for i in range(6):  # the ceiling is lighter towards the windows
        a, b = (left + (right - left) * (i + e) / 6 for e in (0, 1))
        shade = 0.19 + 0.028 * i
        yield (
            _quad((a, high, near), (b, high, near), (b, high, far), (a, high, far)),
            (shade, shade * 0.985, shade * 0.955),
        )
    yield (
        _quad((left, 0, near), (left, 0, far), (left, high, far), (left, high, near)),
        (0.20, 0.165, 0.135),
    )
    yield (
        _quad((right, 0, near), (right, 0, far), (right, high, far), (right, high, near)),
        (0.30, 0.30, 0.30),
    )


def _back_wall(random: np.random.Generator) -> Iterator[Shape]:
    yield _upright(-1.9, 2.0, 0, 2.75, 14.0), (0.33, 0.29, 0.245)
    # Glass meeting rooms: lit inside, framed in dark metal.
    for x in (-1.85, -0.6, 0.65):
        glow = 0.55 + 0.35 * float(random.random())
        yield _upright(x, x + 1.2, 0.1, 2.3, 13.9), (glow, glow * 0.97, glow * 0.9)
        yield _upright(x + 0.15, x + 0.75, 0.55, 0.95, 13.85), (0.07, 0.07, 0.075)
        yield _upright(x - 0.04, x + 0.04, 0, 2.4, 13.8), (0.05, 0.05, 0.055)
        yield _upright(x + 0.35, x + 0.75, 1.15, 1.65, 13.8), (0.18, 0.22, 0.26)
    yield _upright(-1.9, 2.0, 2.3, 2.42, 13.8), (0.07, 0.07, 0.075)


def _windows(random: np.random.Generator) -> Iterator[Shape]:
    x = 1.98
    for z in np.arange(2.2, 13.6, 1.55):
        a, b = float(z), float(z) + 1.22
        yield _quad((x, 0.75, a), (x, 0.75, b), (x, 2.6, b), (x, 2.6, a)), (1.9, 2.1, 2.35)
        height = 1.0 + 0.7 * float(random.random())
        town = 0.50 + 0.35 * float(random.random())
        yield (
            _quad((x, 0.75, a), (x, 0.75, b), (x, height, b), (x, height, a)),
            (town * 0.85, town, town * 1.05),
        )
        for _ in range(3):  # sun on a roof or a car: these become the round highlights
            at, up = a + 1.3 * float(random.random()), 0.85 + 0.6 * float(random.random())
            yield (
                _quad(
                    (x, up, at), (x, up, at + 0.07), (x, up + 0.05, at + 0.07), (x, up + 0.05, at)
                ),
                (14.0, 13.0, 11.0),
            )


def _ceiling() -> Iterator[Shape]:
    for x in (-1.1, 0.75):
        for z in np.arange(4.0, 13.5, 1.9):
            a, b = float(z), float(z) + 1.15
            yield (
                _quad((x, 2.74, a), (x + 0.16, 2.74, a), (x + 0.16, 2.74, b), (x, 2.74, b)),
                (1.5, 1.44, 1.34),
            )


def _desks(random: np.random.Generator, rows: Sequence[float]) -> Iterator[Shape]:
    for z in rows:
        yield _upright(-1.5, 1.2, 0.68, 0.75, z), (0.46, 0.35, 0.25)
        yield _upright(-1.5, 1.2, 0.0, 0.68, z + 0.02), (0.125, 0.10, 0.085)
        for x in np.arange(-1.4, 1.0, 0.85):
            left = float(x) + 0.1 * float(random.random())
            yield _upright(left, left + 0.55, 0.86, 1.2, z), (0.035, 0.037, 0.042)
            if random.random() < 0.45:
                yield _upright(left + 0.03, left + 0.52, 0.89, 1.17, z), (0.22, 0.32, 0.46)
            yield _upright(left + 0.6, left + 0.72, 0.76, 0.95, z), (0.5, 0.44, 0.36)


def _shelf(random: np.random.Generator) -> Iterator[Shape]:
    """Oak shelves along the left wall, with files and a few things on them."""
    x, near, far = -1.85, 4.4, 9.2
    yield _quad((x, 0, near), (x, 0, far), (x, 2.3, far), (x, 2.3, near)), (0.16, 0.115, 0.08)
    colours = ((0.45, 0.40, 0.33), (0.10, 0.14, 0.20), (0.33, 0.12, 0.08), (0.12, 0.17, 0.13))
    for level in (0.55, 0.98, 1.41, 1.84):
        z = near
        while z < far - 0.2:
            wide = 0.05 + 0.13 * float(random.random())
            high = 0.2 + 0.12 * float(random.random())
            if random.random() < 0.72:
                shade = 0.6 + 0.7 * float(random.random())
                red, green, blue = colours[int(random.integers(len(colours)))]
                yield (
                    _quad((x, level, z), (x, level, z + wide), (x, level + high, z + wide),
                          (x, level + high, z)),
                    (red * shade, green * shade, blue * shade),
                )  # fmt: skip
            z += wide + 0.01
        yield (
            _quad(
                (x, level - 0.04, near), (x, level - 0.04, far), (x, level, far), (x, level, near)
            ),
            (0.36, 0.27, 0.19),
        )


def _lamps() -> Iterator[Shape]:
    for x, z in ((-0.95, 5.6), (-0.8, 7.2), (-0.66, 9.2)):
        yield _upright(x - 0.11, x + 0.11, 2.02, 2.16, z), (0.06, 0.05, 0.05)
        yield _upright(x - 0.075, x + 0.075, 1.95, 2.03, z), (6.0, 4.3, 2.4)


def _leaves(
    random: np.random.Generator, centre: Point, spread: float, count: int
) -> Iterator[Shape]:
    """A plant: many small leaves, lit from the windows on the right."""
    for _ in range(count):
        away = random.normal(0, spread * 0.45, 3)
        x, y, z = (float(c + d) for c, d in zip(centre, away, strict=True))
        light = 0.55 + 0.9 * float(np.clip(away[0] / spread + 0.4, 0, 1.2))
        long, turn = 0.09 + 0.08 * float(random.random()), float(random.random()) * np.pi
        dx, dy = long * float(np.cos(turn)), long * float(np.sin(turn))
        yield (
            ((x - dx, y - dy, z), (x + dy * 0.3, y - dx * 0.3, z), (x + dx, y + dy, z),
             (x - dy * 0.3, y + dx * 0.3, z)),
            (0.055 * light, 0.12 * light, 0.045 * light),
        )  # fmt: skip


def _quad(*corners: Point) -> tuple[Point, ...]:
    return corners


def _upright(left: float, right: float, low: float, high: float, z: float) -> tuple[Point, ...]:
    return (left, low, z), (right, low, z), (right, high, z), (left, high, z)


def _painted(shapes: Sequence[Shape]) -> tuple[Floats, Plane]:
    """Linear colours and cover of one layer, without blur."""
    colours = np.zeros((SIZE[1], SIZE[0], 3), np.float32)
    cover = np.zeros((SIZE[1], SIZE[0]), np.float32)
    for outline, colour in shapes:
        corners = np.array([_project(point) for point in outline])
        fixed = [np.round(corners * 16).astype(np.int32)]
        cv2.fillPoly(colours, fixed, colour, cv2.LINE_8, 4)
        cv2.fillPoly(cover, fixed, (1.0,), cv2.LINE_8, 4)
    return colours, cover


def _project(point: Point) -> tuple[float, float]:
    x, y, z = point
    scale = _FOCAL * SIZE[0] / z
    return SIZE[0] * _VANISHING + x * scale, SIZE[1] * _HORIZON - (y - _EYE) * scale


def _defocused(layer: Floats, depth: float) -> Floats:
    """Blur with the lens's round opening, as wide as the distance asks for."""
    radius = _APERTURE * (1 / _FOCUS - 1 / depth) * SIZE[0]
    reach = int(np.ceil(radius)) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    distance = np.hypot(x, y)
    # A real lens gathers a little more light at the rim of the disc.
    kernel = np.clip(radius + 0.5 - distance, 0, 1) * (0.85 + 0.3 * (distance / radius) ** 2)
    kernel = kernel.astype(np.float32) / np.float32(kernel.sum())
    return np.asarray(
        cv2.filter2D(layer, -1, kernel, borderType=cv2.BORDER_REFLECT_101), np.float32
    )


def _developed(light: Floats) -> Floats:
    """Exposed so that windows are bright and not burnt out, and lamps keep their warmth."""
    soft = np.asarray(cv2.GaussianBlur(light, (0, 0), 1.2), np.float32)
    shown = 0.92 * soft**1.12 / (1 + 0.45 * soft)
    return np.asarray(np.clip(shown, 0, 1) ** (1 / 2.2), np.float32)
