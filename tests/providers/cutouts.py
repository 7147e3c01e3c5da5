"""Cut-outs for the tests of the stages after the cut: the astronaut, and faces painted over her.

A painted one has her shape and one colour each for skin, eye whites, clothes and background, so a
test can say exactly what a photo shows.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from providers.local.cutting import cut_out
from providers.local.nets import Nets
from providers.local.skin import FaceView, face_view
from providers.local.subject import Cutout, Rgb8
from tests.providers.portraits import astronaut

Colour: TypeAlias = tuple[int, int, int]

HAIR: Colour = (52, 40, 34)

_EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
_CHIN = 152


@cache
def nets(models: Path) -> Nets:
    return Nets(models)


@cache
def astronaut_cutout(models: Path) -> Cutout:
    return cut_out(nets(models), astronaut(1280))


def painted(
    cutout: Cutout, *, skin: Colour, eyes: Colour | None, clothes: Colour, background: Colour
) -> Cutout:
    """The same shape in flat colours and dark hair; `eyes` None hides them in shade."""
    canvas = np.full_like(cutout.canvas, 0)
    canvas[:] = clothes
    canvas[: int(cutout.landmarks[_CHIN, 1])] = HAIR
    face = cv2.convexHull(np.round(cutout.landmarks[:, :2]).astype(np.int32))
    cv2.fillConvexPoly(canvas, face, skin)
    for ring in _EYES:
        outline = np.round(cutout.landmarks[list(ring), :2]).astype(np.int32)
        cv2.fillPoly(canvas, [outline], (20, 20, 20) if eyes is None else eyes)
    canvas[cutout.alpha < 0.5] = background
    return recoloured(cutout, canvas)


def recoloured(cutout: Cutout, canvas: Rgb8) -> Cutout:
    """The same cut-out of another picture."""
    return replace(cutout, canvas=canvas, foreground=canvas.astype(np.float32) / np.float32(255))


def lit(cutout: Cutout, gains: tuple[float, float, float]) -> Cutout:
    """As if the light had another colour or strength: gains in linear light, clipped as a camera
    clips."""
    light = (cutout.canvas / 255.0) ** 2.2 * np.array(gains)
    return recoloured(cutout, (np.clip(light, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8))


def view_of(cutout: Cutout) -> FaceView:
    return face_view(cutout.canvas, cutout.landmarks)
