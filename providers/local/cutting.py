"""From a photo to the person, levelled and cut out: the first half of the local renderer.

    faces -> mesh -> neighbourhood -> mask -> frames -> canvas -> trimap -> matte -> own colours

Everything after the mesh happens in the neighbourhood of the face, as far as a frame could ever
reach, so the size of the photo hardly matters. Nothing here changes the person's shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.errors import ProviderRefused
from bot.model import PhotoProblem
from providers.local.cleaning import cleaned
from providers.local.doubt import doubt_of
from providers.local.faces import detect
from providers.local.foreground import foreground
from providers.local.framing import Framing, frame
from providers.local.mask import PersonMask, person
from providers.local.matting import enlarge, matte
from providers.local.mesh import CHIN, Mesh, landmarks, moved
from providers.local.nets import Nets
from providers.local.pixels import resize, resize_rgb, size_of, unit, warp, warp_rgb
from providers.local.subject import Cutout, Face, Plane, Points, Rgb8
from providers.local.trimap import settle, trimap

LEAST_FACE = 120.0
"""Photo pixels from ear to ear, below which a headshot would be a blur."""
MOST_YAW = 38.0
"""Degrees; from here on one half of the face is hidden."""
_PRESENT = 0.5
_SURELY_PRESENT = 0.9
"""Patterns can look like a second face to the detector; a person must not be refused for them."""
_COMPARABLE = 0.5
"""A second face of this share of the first one's width is not a bystander."""
_MATTE_SIDE = 900
_ASIDE, _UPWARDS, _DOWNWARDS = 3.6, 3.7, 3.6
"""How far frames can reach from the chin's column and row, in face widths, with tall hair."""


def cut_out(nets: Nets, rgb: Rgb8, on_stage: Callable[[str], None] | None = None) -> Cutout:
    """Cut the one person of an upright photo out of it.

    `on_stage` hears ``reading`` and ``cutting``. Raises `ProviderRefused` with NO_FACE,
    SEVERAL_FACES, TURNED_AWAY or FACE_TOO_SMALL, and `SettingsError` when a model is missing.
    """
    tell = on_stage or _silence
    tell("reading")
    face, mesh = _one_person(nets, rgb)
    tell("cutting")
    left, top, right, bottom = _neighbourhood(size_of(rgb), mesh)
    near = rgb[top:bottom, left:right]
    mesh = replace(mesh, points=mesh.points - np.array([left, top, 0], np.float32))
    mask = person(nets, near, _shifted(face, left, top))
    placed = mesh.points * np.float32(mask.scale)
    shape = settle(mask.mean, mask.spread, placed, mesh.width * mask.scale)
    return _cut(near, mask, shape, mesh)


def _silence(_stage: str) -> None:
    return


def _one_person(nets: Nets, rgb: Rgb8) -> tuple[Face, Mesh]:
    """The main face. Raises `ProviderRefused` when there is not exactly one to speak of."""
    found = detect(nets, rgb, points=True)
    if not found:
        raise ProviderRefused(PhotoProblem.NO_FACE)
    measured = [(face, landmarks(nets, rgb, face)) for face in found[:3]]
    seen = [(face, mesh) for face, mesh in measured if mesh.presence >= _PRESENT]
    if not seen:
        raise ProviderRefused(PhotoProblem.TURNED_AWAY)
    (face, mesh), *others = seen
    if any(
        other.width > _COMPARABLE * face.width and its.presence >= _SURELY_PRESENT
        for other, its in others
    ):
        raise ProviderRefused(PhotoProblem.SEVERAL_FACES)
    if mesh.width < LEAST_FACE:
        raise ProviderRefused(PhotoProblem.FACE_TOO_SMALL)
    if abs(mesh.yaw) > MOST_YAW:
        raise ProviderRefused(PhotoProblem.TURNED_AWAY)
    return face, mesh


def _neighbourhood(size: tuple[int, int], mesh: Mesh) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the part of the photo that a frame can reach."""
    x, y = (float(v) for v in mesh.points[CHIN, :2])
    unit = mesh.width
    return (
        max(0, int(x - _ASIDE * unit)),
        max(0, int(y - _UPWARDS * unit)),
        min(size[0], int(x + _ASIDE * unit) + 1),
        min(size[1], int(y + _DOWNWARDS * unit) + 1),
    )


def _shifted(face: Face, left: int, top: int) -> Face:
    return Face(
        left=face.left - left,
        top=face.top - top,
        right=face.right - left,
        bottom=face.bottom - top,
        score=face.score,
        keypoints=face.keypoints - np.array([left, top], np.float32),
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """The planes of the cut at matting size."""

    size: tuple[int, int]
    mean: Plane
    spread: Plane
    known: Plane
    points: Points
    face_width: float


def _cut(near: Rgb8, mask: PersonMask, shape: NDArray[np.bool_], mesh: Mesh) -> Cutout:
    points = mesh.points
    framing = frame(shape, mask.scale, points, mesh.roll)
    canvas = warp_rgb(near, framing.matrix, framing.size)
    grown = float(np.hypot(framing.matrix[0, 0], framing.matrix[1, 0]))
    draft = _draft(mask, shape, framing, points, mesh.width * grown)
    raw, alpha = _matte(canvas, draft)
    alpha *= _within(size_of(near), framing)
    return Cutout(
        canvas=canvas,
        foreground=foreground(canvas, alpha, mesh.width * grown),
        alpha=alpha,
        estimate=resize(draft.mean, framing.size),
        landmarks=moved(points, framing.matrix),
        frames=framing.frames,
        face_width=mesh.width * grown,
        upscale=framing.upscale,
        yaw=mesh.yaw,
        doubt=doubt_of(
            alpha=raw,
            estimate=draft.mean,
            spread=draft.spread,
            points=draft.points,
            face_width=draft.face_width,
            face_px=mesh.width,
        ),
    )


def _draft(
    mask: PersonMask,
    shape: NDArray[np.bool_],
    framing: Framing,
    points: Points,
    face_width: float,
) -> _Draft:
    width, height = framing.size
    step = min(1.0, _MATTE_SIDE / max(width, height))
    size = (max(16, round(width * step)), max(16, round(height * step)))
    matrix = framing.matrix * step
    matrix[:, 2] += (step - 1) / 2
    from_mask = matrix.copy()
    from_mask[:, :2] /= mask.scale
    from_mask[:, 2] += matrix[:, :2] @ np.full(2, (1 / mask.scale - 1) / 2)
    mean = np.clip(mask.mean - 0.5 * mask.spread, 0, 1)
    mean = np.where(shape, mean, np.minimum(mean, 0.3)).astype(np.float32)
    spread = warp(mask.spread, from_mask, size)
    mean = warp(mean, from_mask, size)
    placed = warp(shape.astype(np.float32), from_mask, size) > 0.5
    placed_points = moved(points, matrix)
    return _Draft(
        size=size,
        mean=mean,
        spread=spread,
        known=trimap(placed, mean, spread, placed_points, face_width * step),
        points=placed_points,
        face_width=face_width * step,
    )


def _matte(canvas: Rgb8, draft: _Draft) -> tuple[Plane, Plane]:
    """Alpha as the colours gave it, at matting size, and the finished one at canvas size."""
    small = unit(resize_rgb(canvas, draft.size))
    trust = np.abs(draft.mean - 0.5) * 2 * np.clip(1 - draft.spread / 0.2, 0.3, 1)
    raw = matte(small, draft.known, draft.mean, trust.astype(np.float32))
    alpha = cleaned(raw, draft.mean, draft.points, draft.face_width)
    if draft.size == size_of(canvas):
        return raw, alpha
    return raw, enlarge(alpha, small, canvas, draft.known)


def _within(size: tuple[int, int], framing: Framing) -> Plane:
    """1 where the canvas shows photo pixels, 0 beyond the photo's edge."""
    there = np.full((size[1], size[0]), 255, np.uint8)
    seen = cv2.warpAffine(there, framing.matrix, framing.size, flags=cv2.INTER_LINEAR)
    return np.asarray(seen, np.float32) * np.float32(1 / 255)
