"""The face as 468 points in space, and which way it looks.

Runs only after the person agreed to it. The points live in memory, frame and light the headshot,
show whether the finished one was bent (`providers.local.judging`), and are dropped; they are never
compared with another person's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from providers.local.nets import MESH_SIDE, Nets
from providers.local.pixels import resize_rgb, size_of
from providers.local.subject import Face, Points, Rgb8

# Indices are those of the MediaPipe face mesh (468 points).
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
RIGHT_EYE = (33, 160, 158, 133, 153, 144)
LEFT_EYE = (362, 385, 387, 263, 373, 380)
BROW_TOP = 10
CHIN = 152
NOSE = 1

_MARGIN = 1.5
"""Side of the square the net looks at, over the size of the face."""
_ROUNDS = 2
"""The second look is levelled and centred by the first."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """A measured face."""

    points: Points
    """(468, 3), pixels of the picture; z grows away from the camera, in the same unit."""
    presence: float
    """0..1: how sure the network is that this is a face seen from the front."""
    yaw: float
    """Degrees; positive: turned to the image's right."""
    pitch: float
    """Degrees; positive: looking down."""
    roll: float
    """Degrees; positive: the head leans clockwise as seen in the image."""

    @property
    def width(self) -> float:
        """Pixels, ear to ear as seen."""
        return float(np.ptp(self.points[:, 0]))


def landmarks(nets: Nets, rgb: Rgb8, face: Face) -> Mesh:
    """Measure one detected face. Raises `SettingsError` when the model is missing."""
    eyes = face.keypoints[1] - face.keypoints[0]
    angle = math.atan2(float(eyes[1]), float(eyes[0]))
    centre = np.array([(face.left + face.right) / 2, (face.top + face.bottom) / 2])
    side = max(face.width, face.bottom - face.top) * _MARGIN
    points, logit = _measure(nets, rgb, centre, side, angle)
    for _ in range(_ROUNDS - 1):
        angle, centre, side = _aim(points)
        points, logit = _measure(nets, rgb, centre, side, angle)
    yaw, pitch, roll = pose(points)
    presence = 1 / (1 + math.exp(-max(-80.0, min(80.0, logit))))
    return Mesh(points=points, presence=presence, yaw=yaw, pitch=pitch, roll=roll)


def pose(points: Points) -> tuple[float, float, float]:
    """(yaw, pitch, roll) in degrees from the mesh's own axes: eye corners and brow to chin."""
    across = (points[263] - points[33]).astype(np.float64)
    down = (points[CHIN] - points[BROW_TOP]).astype(np.float64)
    across /= np.linalg.norm(across) + 1e-9
    ahead = np.cross(across, down)
    ahead /= np.linalg.norm(ahead) + 1e-9
    down = np.cross(ahead, across)
    yaw = math.degrees(math.atan2(across[2], math.hypot(across[0], across[1])))
    pitch = math.degrees(math.atan2(down[2], down[1]))
    roll = math.degrees(math.atan2(across[1], across[0]))
    return yaw, pitch, roll


def moved(points: Points, matrix: NDArray[np.float64]) -> Points:
    """The points seen through a (2, 3) similarity matrix; depth is scaled along."""
    scale = math.hypot(float(matrix[0, 0]), float(matrix[1, 0]))
    flat = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    return np.concatenate([flat, points[:, 2:] * scale], axis=1).astype(np.float32)


def _aim(points: Points) -> tuple[float, NDArray[np.float64], float]:
    """Angle, centre and side of the levelled square round the points."""
    eyes = points[263, :2] - points[33, :2]
    angle = math.atan2(float(eyes[1]), float(eyes[0]))
    cosine, sine = math.cos(angle), math.sin(angle)
    level = np.array([[cosine, sine], [-sine, cosine]])
    flat = points[:, :2].astype(np.float64) @ level.T
    low, high = flat.min(axis=0), flat.max(axis=0)
    return angle, level.T @ ((low + high) / 2), float((high - low).max()) * _MARGIN


def _measure(
    nets: Nets, rgb: Rgb8, centre: NDArray[np.float64], side: float, angle: float
) -> tuple[Points, float]:
    step = side / MESH_SIDE
    cosine, sine = math.cos(angle) * step, math.sin(angle) * step
    # Crop pixel to picture pixel.
    out = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0]])
    out[:, 2] = centre - out[:, :2] @ np.full(2, MESH_SIDE / 2)
    points, logit = nets.mesh(_crop(rgb, out))
    flat = points[:, :2] @ out[:, :2].T + out[:, 2]
    return np.concatenate([flat, points[:, 2:] * step], axis=1).astype(np.float32), logit


def _crop(rgb: Rgb8, out: NDArray[np.float64]) -> Rgb8:
    """The net's square; only the part of the picture it needs is averaged down first."""
    step = math.hypot(float(out[0, 0]), float(out[1, 0]))
    if step > 1.5:
        corners = out[:, :2] @ np.array(
            [[0, MESH_SIDE, 0, MESH_SIDE], [0, 0, MESH_SIDE, MESH_SIDE]]
        )
        corners += out[:, 2:]
        width, height = size_of(rgb)
        x0, y0 = np.clip(np.floor(corners.min(axis=1)).astype(int), 0, [width - 1, height - 1])
        x1, y1 = np.clip(np.ceil(corners.max(axis=1)).astype(int), 1, [width, height])
        if x1 - x0 > 8 and y1 - y0 > 8:
            size = (max(1, round((x1 - x0) / step)), max(1, round((y1 - y0) / step)))
            rgb = resize_rgb(rgb[y0:y1, x0:x1], size)
            out = out.copy()
            out[:, 2] -= (x0, y0)
            out *= np.array([[size[0] / (x1 - x0)], [size[1] / (y1 - y0)]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(rgb, out, (MESH_SIDE, MESH_SIDE), flags=flags), np.uint8)
