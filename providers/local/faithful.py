"""How far a face was bent: every point of it in one picture is looked for in the other.

The mesh's network knows what faces look like, and so hardly moves when somebody slims a jaw by a
tenth. The pixels tell: both faces are laid over each other by the eyes and the nose, dense optical
flow (DIS, Kroeger et al. 2016) finds where each point went, and the slope of the movement over a
part of the face is by how much that part was stretched. No identity is in that, and no likeness:
two people give a flow that does not return to where it began, which is told apart by `sure`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from providers.local.mesh import CHIN, LEFT_EYE, OVAL, RIGHT_EYE, Mesh
from providers.local.pixels import Floats, fill, size_of
from providers.local.subject import Points, Rgb8

_FACE = 224
"""Pixels across the face when two are compared."""
_MARGIN = 32
_RIGID = (33, 133, 362, 263, 168, 6, 2, 98, 327)
"""Corners of the eyes and the nose: what an expression moves least."""
_DETAIL, _AROUND = 1.0, 11.0
"""Blur of the comparison and radius of its local contrast, in its pixels: light does not count."""
_RETURNS = 1.5
"""Pixels by which a point may miss its start on the way back and still be the same point."""
_BELOW_EYES = 0.35
"""The lower face begins so far down from the eyes to the chin."""
_EYE_REACH = 0.65
"""Radius of an eye's surroundings over the width of the eye."""
_FEWEST = 200
"""Points that a part must have to say anything."""

_Places = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bend:
    """What happened to a face, as shares: 0.1 is a tenth larger."""

    width: float
    """The lower face, across, against the whole face's height; negative: slimmer."""
    eyes: float
    """The eyes against the whole face; positive: enlarged."""
    sure: float
    """Share of the face whose points lead back to where they came from; below about a half the
    two pictures cannot be compared (another pose, another person)."""


def bend(before: Rgb8, its: Mesh, after: Rgb8, new: Mesh) -> Bend:
    """Compare the one face in two pictures."""
    frame = _frame(its)
    old, now = _chip(before, its.points, frame), _chip(after, new.points, frame)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    # The binding wants a field to write to, and takes none for "make one".
    there = np.asarray(flow.calc(old, now, None), np.float32)  # type: ignore[call-overload]
    # As above.
    back = np.asarray(flow.calc(now, old, None), np.float32)  # type: ignore[call-overload]
    return _judged(frame, there, _returns(there, back))


def _frame(mesh: Mesh) -> Points:
    """Where the points of the face lie in the comparison: level, and of a fixed size."""
    angle = np.deg2rad(mesh.roll)
    level = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    flat = (mesh.points[:, :2] - mesh.points[:, :2].mean(axis=0)) @ level.T
    flat *= _FACE / max(float(np.ptp(flat[:, 0])), 1e-3)
    return np.asarray(flat - flat.min(axis=0) + _MARGIN, np.float32)


def _chip(picture: Rgb8, points: Points, frame: Points) -> NDArray[np.uint8]:
    """The face in grey at the comparison's size, with its local contrast made even."""
    rigid = list(_RIGID)
    matrix, _ = cv2.estimateAffinePartial2D(
        points[rigid, :2], frame[rigid], method=cv2.LMEDS, maxIters=200
    )
    width = _FACE + 2 * _MARGIN
    size = (width, int(np.ptp(frame[:, 1])) + 2 * _MARGIN)
    seen = cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    grey = cv2.GaussianBlur(
        cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), _DETAIL
    )
    mean = cv2.GaussianBlur(grey, (0, 0), _AROUND)
    spread = cv2.GaussianBlur((grey - mean) ** 2, (0, 0), _AROUND)
    even = (grey - mean) / np.sqrt(np.maximum(spread, 4)) * 40 + 128
    return np.asarray(np.clip(even, 0, 255), np.uint8)


def _returns(there: Floats, back: Floats) -> _Places:
    height, width = there.shape[:2]
    x, y = _grid(width, height)
    to_x, to_y = x + there[..., 0], y + there[..., 1]
    found = cv2.remap(back, to_x, to_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    missed = np.asarray(there + found, np.float32)
    return np.asarray(np.hypot(missed[..., 0], missed[..., 1]) < _RETURNS)


def _judged(frame: Points, flow: Floats, returned: _Places) -> Bend:
    width, height = size_of(flow)
    x, y = _grid(width, height)
    face = fill((width, height), frame[list(OVAL)]) > 0
    eyes = float(frame[[*RIGHT_EYE, *LEFT_EYE], 1].mean())
    lower = face & (y > eyes + _BELOW_EYES * (float(frame[CHIN, 1]) - eyes))
    across, down = flow[..., 0], flow[..., 1]
    tall = _slope(face & returned, y, down)
    whole = (_slope(face & returned, x, across) + tall) / 2
    grown = []
    for eye in (RIGHT_EYE, LEFT_EYE):
        centre = frame[list(eye)].mean(axis=0)
        reach = float(np.ptp(frame[list(eye), 0])) * _EYE_REACH
        near = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 < reach**2
        grown += [_slope(near & returned, x, across), _slope(near & returned, y, down)]
    return Bend(
        width=_slope(lower & returned, x, across) - tall,
        eyes=float(np.mean(grown)) - whole,
        sure=float(returned[face].mean()),
    )


def _slope(places: _Places, along: Floats, moved: Floats) -> float:
    """By how much a part was stretched in one direction: the least-squares slope of the flow."""
    if int(places.sum()) < _FEWEST:
        return 0.0
    at, by = along[places] - along[places].mean(), moved[places] - moved[places].mean()
    return float((at * by).sum() / max(float((at * at).sum()), 1e-6))


def _grid(width: int, height: int) -> tuple[Floats, Floats]:
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y
