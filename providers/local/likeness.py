"""Whether a headshot is of the same person: the one place where a face is measured.

Only with the optional extra ``workshot[likeness]`` (dlib and its face recognition network, called
directly), only for somebody who said yes to question 4, and only inside a worker: a measurement is
128 numbers in the memory of one call. They are compared and dropped; no number leaves this module
but the distance, and no distance the judge.

What the distance is worth was measured (``make calibrate``): see `FARTHEST`. It is a reason to
make a headshot again, never to say who somebody is: the network confuses some people more than
others, children most of all.

The 68-point model that lies beside the weights is never opened: its training data rule out
commercial use. The five points that are needed come from the mesh that is there anyway.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from providers.local.subject import Points, Rgb8

FARTHEST = 0.5
"""Distance from which two faces are not taken for the same. Headshots made from the very photo lie
far below it, and of ten thousand pairs of different people about three come nearer."""

_WEIGHTS = "models/dlib_face_recognition_resnet_model_v1.dat"
_SIDE = 150
_PADDING = 0.25
# Where the network wants the corners of the eyes and the base of the nose: dlib's own numbers
# (image_transforms/interpolation.h), and which point of the mesh each is.
_PLACES = {
    263: (0.8595674595992, 0.2134981538014),
    362: (0.6460604764104, 0.2289674387677),
    33: (0.1205750620789, 0.2137274526848),
    133: (0.3340850613712, 0.2290642403242),
    2: (0.4901123135679, 0.6277975316475),
}


def is_installed() -> bool:
    """Whether the extra is there; nothing is loaded."""
    return importlib.util.find_spec("dlib") is not None and _weights() is not None


class Likeness:
    """Compares faces. Load it before the worker's walls are up; the weights come with first use."""

    def __init__(self) -> None:
        self._dlib: Any = importlib.import_module("dlib") if is_installed() else None
        self._net: Any = None

    def distance(self, one: Rgb8, its: Points, other: Rgb8, those: Points) -> float:
        """Between the faces in two pictures, by the points of their meshes; 0 is the same.

        Raises `LookupError` without the extra.
        """
        if self._dlib is None:
            raise LookupError("the extra for likeness is not installed")
        measured = [self._measure(one, its), self._measure(other, those)]
        return float(np.linalg.norm(measured[0] - measured[1]))

    def _measure(self, picture: Rgb8, points: Points) -> NDArray[np.float64]:
        if self._net is None:
            self._net = self._dlib.face_recognition_model_v1(str(_weights()))
        return np.array(self._net.compute_face_descriptor(chip(picture, points)))


def chip(picture: Rgb8, points: Points) -> Rgb8:
    """The face as the network wants to see it, (150, 150, 3)."""
    wanted = (np.array(list(_PLACES.values())) + _PADDING) / (1 + 2 * _PADDING) * _SIDE
    matrix, _ = cv2.estimateAffinePartial2D(
        points[list(_PLACES), :2], wanted.astype(np.float32), method=cv2.LMEDS
    )
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 1:
        # Averaged first: a plain warp would alias, and the network would see that.
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.45 / scale), np.uint8)
    seen = cv2.warpAffine(
        picture, matrix, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(seen, np.uint8)


def _weights() -> Path | None:
    # Found by path: importing the package fails with today's setuptools.
    spec = importlib.util.find_spec("face_recognition_models")
    places = spec.submodule_search_locations if spec else None
    paths = [Path(place) / _WEIGHTS for place in places or ()]
    return next((path for path in paths if path.is_file()), None)
