"""A gentle relight from the shape of the face: what a reflector and a soft key would do.

Three things, all smooth, as one map of stops at a fraction of the canvas: a fill that takes back
part of a harsh left-right split, a faint key from the upper left, and a falloff that leaves the
face the brightest part of the person. The shape is the mesh's own; nothing is moved. At the end
the map is shifted so that the skin's median lightness is **exactly what it was**: light may be
shaped, skin may not be lightened or darkened.
"""

from __future__ import annotations

import numpy as np

from providers.local.colour import Grade
from providers.local.mesh import OVAL
from providers.local.pixels import Floats, blur, fill, resize
from providers.local.skin import LUMA, TOE, FaceView, apply, skin_tone
from providers.local.subject import Cutout, Plane, Points

FILL = 0.40
"""Share of a harsh split that is taken back."""
TOLERATED_SPLIT = 0.25
"""Stops between the cheeks that are modelling, not a fault."""
KEY = 0.38
"""Stops between a surface that faces the key and one that does not."""
FALLOFF = 0.20
"""Stops lost per face width (roughly) away from the face."""

_MAP_FACE = 64
"""Width of the face in the map; all of it is smoother than that."""
_NEIGHBOURS = 9
_KEY_FROM = (-0.45, -0.55, -0.70)
"""Upper left and towards the camera: x right, y down, z away."""
_STOPS_TO_GAIN = 1 / 2.4


def light_map(cutout: Cutout, view: FaceView, graded: Grade) -> Plane:
    """Factors for the encoded values plus `skin.TOE`, at a fraction of the canvas.

    Resize it to the picture it is applied to; `relight` does.
    """
    height, width = cutout.alpha.shape
    scale = min(1.0, _MAP_FACE / cutout.face_width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    points = cutout.landmarks * np.float32(scale)
    face = cutout.face_width * scale
    normals, inside = _shape(points, size, face)
    stops = _fill(cutout, split(view, graded)) * normals[..., 0] * inside
    key = np.array(_KEY_FROM, np.float32)
    facing = np.clip(normals @ (key / np.linalg.norm(key)), 0, 1)
    mean = float((facing * inside).sum() / (inside.sum() + 1e-6))
    stops += KEY * (facing - mean) * inside - FALLOFF * _distance(points, size, face)
    factors = np.exp2(stops * _STOPS_TO_GAIN).astype(np.float32)
    return np.asarray(factors * _keeping(view, graded, factors, scale), np.float32)


def relight(encoded: Floats, factors: Plane) -> None:
    """Light a picture (encoded sRGB, any size of the same frame) in place; may leave 0..1."""
    height, width = encoded.shape[:2]
    plane = resize(factors, (width, height))
    encoded += TOE
    encoded *= plane[..., None]
    encoded -= TOE


def _shape(points: Points, size: tuple[int, int], face: float) -> tuple[Floats, Plane]:
    """Surface normals (z towards the camera is negative) and how much of each pixel is face."""
    marks = np.zeros((size[1], size[0], 4), np.float32)
    column, row = np.round(points[:, :2]).astype(int).T
    seen = (column >= 0) & (column < size[0]) & (row >= 0) & (row < size[1])
    flags = np.concatenate([_normals(points), np.ones((len(points), 1), np.float32)], axis=1)
    np.add.at(marks, (row[seen], column[seen]), flags[seen])
    spread = blur(marks, face * 0.09)
    normals = spread[..., :3] / np.maximum(spread[..., 3:], np.float32(1e-4))
    oval = fill(size, points[list(OVAL), :2]).astype(np.float32)
    return np.asarray(normals, np.float32), blur(oval, face * 0.10)


def _normals(points: Points) -> Floats:
    """Normal of the plane through each point's nearest neighbours, towards the camera."""
    apart = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    nearest = np.argpartition(apart, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    patch = points[nearest] - points[nearest].mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(patch.transpose(0, 2, 1) @ patch)
    normal = axes[:, :, 0]
    return np.asarray(np.where(normal[:, 2:] > 0, -normal, normal), np.float32)


def split(view: FaceView, graded: Grade) -> float:
    """Stops by which the cheek on the image's left is brighter than the one on its right."""
    if len(view.cheeks) < 2:
        return 0.0
    luminance = (apply(graded.tables, view.pixels) ** 2.2 @ LUMA).reshape(-1)
    left, right = (float(np.median(luminance[area])) for area in view.cheeks)
    return float(np.log2((left + 1e-4) / (right + 1e-4)))


def _fill(cutout: Cutout, stops: float) -> float:
    """Stops of fill, signed towards the darker cheek."""
    if abs(cutout.yaw) > 25:  # the far cheek is hardly seen
        stops *= 0.4
    return float(np.sign(stops) * np.clip(abs(stops) - TOLERATED_SPLIT, 0, 1.2)) * FILL


def _distance(points: Points, size: tuple[int, int], face: float) -> Plane:
    """How far outside the face, in units of about a face width; 0 on the face."""
    centre = points[list(OVAL), :2].mean(axis=0)
    across = (np.arange(size[0], dtype=np.float32) - centre[0]) / (1.9 * face)
    down = (np.arange(size[1], dtype=np.float32) - centre[1]) / (2.3 * face)
    away = np.hypot(down[:, None], across[None]) - 0.35
    return np.asarray(np.clip(away, 0, 1.4), np.float32)


def _keeping(view: FaceView, graded: Grade, factors: Plane, scale: float) -> float:
    """The factor that gives the skin its lightness back."""
    left, top, right, bottom = (round(v * scale) for v in view.region)
    crop = factors[top : max(bottom, top + 1), left : max(right, left + 1)]
    light = resize(crop, (view.pixels.shape[1], view.pixels.shape[0]))
    keep = 1.0
    for _ in range(3):
        lit = skin_tone(view, graded.tables, light * np.float32(keep))
        keep *= _grey(graded.skin.lightness) / _grey(lit.lightness)
    return min(max(keep, 0.8), 1.25)


def _grey(lightness: float) -> float:
    """A grey of that L* as an encoded value plus `TOE`."""
    return float(1.055 * ((lightness + 16) / 116) ** (3 / 2.4))
