"""Where the headshots' frames lie: head height, head-room, level eyes, and never a missing pixel.

All formats are solved together, because they share one levelled canvas. A pixel is missing when it
lies outside the photo and the person goes on there: the photo's edge cut them. Background may be
missing, since it is replaced. The search runs on a small mask; each missing pixel there is taken
one pixel wider, so that what is found holds at full size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from providers.local.mesh import BROW_TOP, CHIN, LEFT_EYE, OVAL, RIGHT_EYE, moved
from providers.local.pixels import Matrix, size_of
from providers.local.subject import FORMATS, Format, Plane, Points, Rect

_SEARCH_SIDE = 288
_MOST_TURN = 10.0
"""Degrees the photo may be turned to level the eyes."""
_LEVELLED = 0.9
"""Share of the lean that is taken back: a trace of it looks natural."""
_TURN_COST = 0.022
"""Per degree not taken back; a tenth of the wanted scale is worth 4.5 degrees."""
_GOOD_ROOM = 0.10
"""Share of the frame above the hair."""
_ROOMS = (0.10, 0.085, 0.07, 0.05, 0.03, 0.01, -0.02, -0.05, -0.09, -0.13)
_SHIFTS = (0.0, -0.03, 0.03, -0.06, 0.06, -0.09, 0.09)
_TIGHTEST = 0.40
_LOW_CHIN, _LOWEST_CHIN = 0.90, 0.95
"""Height of the chin in the frame: only to save the crown may it be below the first."""
_MOST_CANVAS = 1900
_IMPOSSIBLE = 1e6


@dataclass(frozen=True, slots=True)
class Framing:
    """The levelled canvas and the frames on it."""

    matrix: Matrix
    """Photo pixels to canvas pixels."""
    size: tuple[int, int]
    """(width, height) of the canvas."""
    frames: Mapping[str, Rect]
    turned: float
    """Degrees the photo is turned anticlockwise."""
    upscale: float
    """Output pixels over photo pixels of the format that asks for most."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """The person in levelled, padded search pixels."""

    matrix: Matrix
    """Photo pixels to search pixels."""
    scale: float
    missing: NDArray[np.float64]
    """Integral image: how many pixels of the person are missing."""
    left: float
    right: float
    """Edges of the photo, exact when it is not turned."""
    points: Points
    hair_top: float
    whole: bool
    """The photo goes on above the hair: a frame that cuts the crown does so without need."""


@dataclass(frozen=True, slots=True)
class _Choice:
    cost: float
    rect: Rect
    """Search pixels."""
    room: float


def frame(
    shape: NDArray[np.bool_],
    scale: float,
    points: Points,
    roll: float,
    formats: Iterable[Format] = FORMATS.values(),
) -> Framing:
    """Solve the frames for a person.

    `shape` is the person on a copy of the photo of that `scale`; `points` and the result are in
    photo pixels. Roll in degrees, clockwise.
    """
    wanted = float(np.clip(roll * _LEVELLED, -_MOST_TURN, _MOST_TURN))
    mask, scale = _reduced(shape, scale)
    turns = [wanted, wanted / 2, 0.0] if abs(wanted) >= 1 else [wanted, 0.0]
    asked = tuple(formats)
    best: tuple[float, _Scene, list[_Choice], float] | None = None
    for turn in turns:
        scene = _scene(mask, scale, points, turn)
        choices = [_choose(scene, form) for form in asked]
        cost = sum(c.cost for c in choices) / len(choices) + abs(wanted - turn) * _TURN_COST
        if best is None or cost < best[0] - 1e-6:
            best = (cost, scene, choices, turn)
        if max(c.cost for c in choices) < 0.12:
            break
    if best is None or best[0] >= _IMPOSSIBLE / len(asked):
        scene = _scene(mask, scale, points, 0.0)
        chosen = [_choose(scene, form) for form in asked]
        inside = [
            _inside(scene, size_of(mask), form) if choice.cost >= _IMPOSSIBLE else choice.rect
            for choice, form in zip(chosen, asked, strict=True)
        ]
        return _canvas(scene, asked, inside, 0.0)
    _, scene, choices, turn = best
    return _canvas(scene, asked, [c.rect for c in choices], turn)


def _reduced(shape: NDArray[np.bool_], scale: float) -> tuple[Plane, float]:
    """The mask at search size; a cell counts as the person from a tenth of its area on."""
    width, height = size_of(shape)
    step = min(1.0, _SEARCH_SIDE / max(width, height))
    size = (max(4, round(width * step)), max(4, round(height * step)))
    small = cv2.resize(shape.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return (np.asarray(small) > 0.1).astype(np.float32), scale * step


def _scene(mask: Plane, scale: float, points: Points, turn: float) -> _Scene:
    width, height = size_of(mask)
    pad = int(max(width, height) * 0.8)
    eyes = points[[*RIGHT_EYE, *LEFT_EYE], :2].mean(axis=0).astype(np.float64)
    angle = math.radians(turn)
    level = np.array(
        [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]], np.float64
    )
    # Photo pixel centres to search pixel centres, level about the eyes.
    half = (scale - 1) / 2
    matrix = np.concatenate([level, (eyes - level @ eyes)[:, None]], axis=1) * scale
    matrix[:, 2] += pad + half
    on_mask = matrix.copy()
    on_mask[:, :2] /= scale
    on_mask[:, 2] -= on_mask[:, :2] @ np.full(2, half)
    size = (width + 2 * pad, height + 2 * pad)
    near = cv2.INTER_NEAREST
    goes_on = cv2.warpAffine(mask, on_mask, size, flags=near, borderMode=cv2.BORDER_REPLICATE)
    there = cv2.warpAffine(np.ones_like(mask), on_mask, size, flags=near)
    missing = ((np.asarray(goes_on) > 0.5) & (np.asarray(there) < 0.5)).astype(np.uint8)
    missing = np.asarray(cv2.dilate(missing, np.ones((3, 3), np.uint8)), np.uint8)
    person = np.asarray(goes_on * there, np.float32)
    seen = moved(points, matrix)
    hair_top = _hair_top(person, seen)
    above = max(0, int(hair_top) - 2), int(np.clip(seen[CHIN, 0], 0, size[0] - 1))
    return _Scene(
        matrix=matrix,
        scale=scale,
        missing=np.asarray(cv2.integral(missing), np.float64),
        left=float(pad),
        right=float(pad + width),
        points=seen,
        hair_top=hair_top,
        whole=bool(np.asarray(there)[above] > 0.5),
    )


def _hair_top(person: Plane, points: Points) -> float:
    """Walks up from the forehead while the person goes on; never past a tall hairdo."""
    left, right = points[:, 0].min(), points[:, 0].max()
    middle, reach = (left + right) / 2, 0.45 * (right - left)
    brow, chin = float(points[BROW_TOP, 1]), float(points[CHIN, 1])
    columns = person[:, max(0, int(middle - reach)) : max(1, int(middle + reach))]
    filled = columns.mean(axis=1)
    row = int(np.clip(brow, 0, len(filled) - 1))
    while row > 0 and filled[row] > 0.06:
        row -= 1
    face = chin - brow
    return float(np.clip(row, chin - 2.05 * face, brow - 0.05 * face))


def _choose(scene: _Scene, form: Format) -> _Choice:
    """The cheapest frame of a format among all combinations of scale, head-room and shift.

    Where it would cut the crown for want of width, the frame as wide as the photo is tried too.
    """
    choice = _cheapest(scene, form, np.linspace(1.0, _TIGHTEST, 31), np.array(_SHIFTS))
    if choice.room >= 0 or not scene.whole:
        return choice
    # Nothing is missing from `left` + 1 to `right` - 1; `_missing` looks one cell further right.
    left, right = scene.left + 1.5, scene.right - 2.5
    width = right - left
    wanted = (float(scene.points[CHIN, 1]) - scene.hair_top) / form.head * form.width / form.height
    aside = (left + right) / 2 - _middle(scene)
    scale = float(np.clip(width / wanted, _TIGHTEST, 1.0))
    wide = _cheapest(scene, form, np.array([scale]), np.array([aside / width]))
    return min(choice, wide, key=lambda each: each.cost)


def _middle(scene: _Scene) -> float:
    oval = scene.points[list(OVAL), 0]
    return float(oval.max() + oval.min()) / 2


def _cheapest(
    scene: _Scene, form: Format, scales: NDArray[np.float64], shifts: NDArray[np.float64]
) -> _Choice:
    chin = float(scene.points[CHIN, 1])
    s, room, shift = (axis.ravel() for axis in np.meshgrid(scales, _ROOMS, shifts, indexing="ij"))
    height = (chin - scene.hair_top) / form.head * s
    width = height * (form.width / form.height)
    x, y = _middle(scene) - width / 2 + shift * width, scene.hair_top - room * height
    cost = (1 - s) + np.abs(room - _GOOD_ROOM) * 1.6
    # A face a little aside is fine, a face far aside falls out of a round profile picture.
    cost = cost + np.abs(shift) * 1.5 + shift * shift * 25
    down = (chin - y) / height
    if scene.whole:
        cost = cost + np.where(room < 0, 1 - 6 * room, 0)
        cost = cost + np.where(down > _LOW_CHIN, 0.1 + 10 * (down - _LOW_CHIN), 0)
        cost = cost + np.where(down > _LOWEST_CHIN, 5, 0)
    else:
        cost = cost + np.where(down > _LOW_CHIN, 5, 0)
    cost = np.where(_missing(scene, x, y, width, height) > 0, _IMPOSSIBLE, cost)
    i = int(cost.argmin())
    rect = Rect(float(x[i]), float(y[i]), float(width[i]), float(height[i]))
    return _Choice(float(cost[i]), rect, float(room[i]))


def _missing(
    scene: _Scene,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    width: NDArray[np.float64],
    height: NDArray[np.float64],
) -> NDArray[np.float64]:
    total = scene.missing
    rows, columns = total.shape[0] - 1, total.shape[1] - 1
    # Beyond the padded scene nothing is known, so such a frame counts as missing.
    outside = (x < 0) | (y < 0) | (x + width > columns) | (y + height > rows)
    x0 = np.clip(np.floor(x), 0, columns).astype(int)
    y0 = np.clip(np.floor(y), 0, rows).astype(int)
    x1 = np.clip(np.ceil(x + width) + 1, 0, columns).astype(int)
    y1 = np.clip(np.ceil(y + height) + 1, 0, rows).astype(int)
    inside = total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]
    return np.asarray(inside + outside, np.float64)


def _inside(scene: _Scene, mask_size: tuple[int, int], form: Format) -> Rect:
    """The largest frame within the unturned photo, as near to the face as it goes."""
    pad = int(max(mask_size) * 0.8)
    shape = form.width / form.height
    height = min(mask_size[1] - 1.0, (mask_size[0] - 1.0) / shape)
    width = height * shape
    centre = scene.points[list(OVAL), :2].mean(axis=0)
    x = float(np.clip(centre[0] - width / 2, pad, pad + mask_size[0] - 1 - width))
    y = float(np.clip(centre[1] - 0.45 * height, pad, pad + mask_size[1] - 1 - height))
    return Rect(x, y, width, height)


def _canvas(scene: _Scene, formats: tuple[Format, ...], rects: list[Rect], turn: float) -> Framing:
    """The smallest canvas that holds all frames, at output scale but never above the photo's."""
    left, top = min(r.x for r in rects), min(r.y for r in rects)
    right = max(r.x + r.width for r in rects)
    bottom = max(r.y + r.height for r in rects)
    needed = max(f.height / r.height for f, r in zip(formats, rects, strict=True))
    most = _MOST_CANVAS / max(right - left, bottom - top)
    # Canvas pixels over search pixels; at 1 / scene.scale the canvas has the photo's own pixels.
    grow = min(1 / scene.scale, needed, most)
    matrix = scene.matrix * grow
    matrix[:, 2] += (grow - 1) / 2 - np.array([left, top]) * grow
    frames = {
        form.name: Rect((r.x - left) * grow, (r.y - top) * grow, r.width * grow, r.height * grow)
        for form, r in zip(formats, rects, strict=True)
    }
    size = (math.ceil((right - left) * grow), math.ceil((bottom - top) * grow))
    return Framing(matrix, size, frames, turn, needed * scene.scale)
