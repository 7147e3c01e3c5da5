"""The neural networks, loaded when first used and run by OpenCV on the processor.

One `Nets` per process, passed around: a network keeps its buffers, so it must not be shared
between threads. Every method takes an 8-bit RGB picture of exactly the network's size and returns
its raw answer; the stages that call it know what it means.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from providers.local.models import path_of
from providers.local.pixels import Floats, unit
from providers.local.subject import Plane, Rgb8

FACE_SIDE = 128
MESH_SIDE = 192
IRIS_SIDE = 64
PERSON_SIZE = (256, 256)
"""(width, height)."""
PERSON_WIDE_SIZE = (256, 144)


class Nets:
    """The networks of one folder of model files.

    Methods raise `SettingsError` when the file is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[str, cv2.dnn.Net] = {}

    def faces(self, square: Rgb8) -> tuple[Floats, Floats]:
        """128 x 128 in; (896,) face logits and (896, 16) boxes and keypoints, in pixels, out."""
        values = square.astype(np.float32) / np.float32(127.5) - np.float32(1)
        boxes, logits = self._run(
            "face_detection_short_range.tflite", values, ("regressors", "classificators")
        )
        return logits.reshape(-1), boxes.reshape(-1, 16)

    def mesh(self, square: Rgb8) -> tuple[Floats, float]:
        """192 x 192 in; (468, 3) points in its pixels and the logit of "there is a face" out."""
        points, presence = self._run(
            "face_landmark.tflite", unit(square), ("conv2d_21", "conv2d_31")
        )
        return points.reshape(468, 3), float(presence.reshape(-1)[0])

    def iris(self, square: Rgb8) -> Floats:
        """64 x 64 round a left eye in; (71, 3) points of its lids and brow, in its pixels, out."""
        (contour,) = self._run(
            "iris_landmark.tflite", unit(square), ("output_eyes_contours_and_brows",)
        )
        return contour.reshape(71, 3)

    def person(self, picture: Rgb8) -> Plane:
        """256 x 256 in; probability of a person per pixel out."""
        (mask,) = self._run("selfie_segmentation.tflite", unit(picture), ("activation_10",))
        return mask.reshape(256, 256)

    def person_wide(self, picture: Rgb8) -> Plane:
        """The landscape network: 256 wide and 144 high in; probability per pixel out."""
        (mask,) = self._run(
            "selfie_segmentation_landscape.tflite", unit(picture), ("segment_back",)
        )
        return mask.reshape(144, 256)

    def _run(self, name: str, values: Floats, outputs: tuple[str, ...]) -> list[Floats]:
        net = self._loaded.get(name)
        if net is None:
            net = cv2.dnn.readNetFromTFLite(str(path_of(self._folder, name)))
            self._loaded[name] = net
        net.setInput(np.ascontiguousarray(values.transpose(2, 0, 1)[None]))
        # A copy, because OpenCV may reuse the buffer in the next run.
        return [np.array(out, np.float32) for out in net.forward(list(outputs))]
