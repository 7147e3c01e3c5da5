"""Pose and eyes, from landmarks: advice before headshots are made. Runs inside a worker.

Only for a crop that was agreed to: question 3 says that the points of the face will be found. They
live in this call and are dropped. A doubtful measure advises nothing; what nobody could make a
headshot of is refused by the renderer itself.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from bot.model import PhotoProblem
from bot.photo import decode
from bot.policy import Doubt
from providers.local.faces import detect
from providers.local.mesh import Mesh, landmarks
from providers.local.nets import IRIS_SIDE, Nets
from providers.local.subject import Points, Rgb8

WORK_SIDE = 1400
_TURNED = 27.0
"""Degrees to the side; frontal faces measured up to 12, three-quarter ones 25 to 32."""
_PRESENT = 0.5
_CLOSED = 0.145
"""Opening of the lids over the eye's width, both eyes; 2 of 2 closed pairs were below, 1 of 214
others (a painting that looks down)."""
_RIGHT_EYE, _LEFT_EYE = (33, 133), (362, 263)
"""Outer and inner corner, inner and outer corner, of the mesh (the subject's eyes)."""
_AROUND_EYE = 2.3
_LOWER, _UPPER = slice(1, 8), slice(9, 16)
"""Points of the iris network's contour between the two corners, 0 and 8."""


def advice(nets: Nets, crop: bytes) -> list[Doubt]:
    """What the person may want to know before headshots are made; most often nothing."""
    picture = decode(crop, WORK_SIDE)
    if isinstance(picture, PhotoProblem):
        return []
    faces = detect(nets, picture.pixels, points=True)
    if not faces:
        return []
    mesh = landmarks(nets, picture.pixels, faces[0])
    if mesh.presence < _PRESENT:
        return []
    if abs(mesh.yaw) > _TURNED:
        return [Doubt.TURNED]
    return [Doubt.EYES_CLOSED] if eye_opening(nets, picture.pixels, mesh) <= _CLOSED else []


def eye_opening(nets: Nets, picture: Rgb8, mesh: Mesh) -> float:
    """Of the eye that is wider open: height between the lids over the eye's width."""
    return max(
        _opening(nets, picture, mesh, _RIGHT_EYE, mirrored=True),
        _opening(nets, picture, mesh, _LEFT_EYE, mirrored=False),
    )


def _opening(
    nets: Nets, picture: Rgb8, mesh: Mesh, corners: tuple[int, int], *, mirrored: bool
) -> float:
    first, last = mesh.points[corners[0], :2], mesh.points[corners[1], :2]
    across = last - first
    angle = math.atan2(float(across[1]), float(across[0]))
    centre = np.asarray((first + last) / 2, np.float32)
    square = _square(picture, centre, float(np.hypot(*across)) * _AROUND_EYE, angle)
    # The network knows left eyes only.
    lids = nets.iris(np.ascontiguousarray(square[:, ::-1]) if mirrored else square)
    width = float(np.hypot(*(lids[8, :2] - lids[0, :2])))
    gap = float(np.median(lids[_LOWER, 1] - lids[_UPPER, 1]))
    return gap / max(width, 1.0)


def _square(picture: Rgb8, centre: Points, side: float, angle: float) -> Rgb8:
    step = side / IRIS_SIDE
    cosine, sine = math.cos(angle) * step, math.sin(angle) * step
    matrix = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0]])
    matrix[:, 2] = centre - matrix[:, :2] @ np.full(2, IRIS_SIDE / 2)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(picture, matrix, (IRIS_SIDE, IRIS_SIDE), flags=flags)
    return np.asarray(seen, np.uint8)
