"""Shallow focus: the person with a rim of the photo around them, sharp at the edge, soft beyond.

For cut-outs that cannot be trusted. Before a studio backdrop every fault of the outline shows;
here the outline is never drawn: the photo's own pixels go on past it, lose focus within a few
hundredths of a face, and then give way to the strongly blurred background. A wrong edge has nothing
to be seen against.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from providers.local.pixels import Floats, blur, resize, unit
from providers.local.subject import Cutout

_WORK_FACE = 120
"""Width of the face in the masks and in the soft rim; neither needs more."""
_SHARP = (0.0, 0.02)
"""Distance from the person, in face widths, over which the photo loses focus."""
_COVER = (0.03, 0.33)
"""Distance over which the rim gives way to the background."""
_SOFTNESS = 0.09
"""Blur of the rim, in face widths: as of something a metre behind."""


def shallow(cutout: Cutout) -> Cutout:
    """The same person with the photo's own pixels for an edge, and cover that fades out slowly."""
    height, width = cutout.alpha.shape
    scale = min(1.0, _WORK_FACE / cutout.face_width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    face = cutout.face_width * scale
    person = (resize(cutout.alpha, size) > 0.15).astype(np.uint8)
    away = np.asarray(cv2.distanceTransform(1 - person, cv2.DIST_L2, 5), np.float32) / face
    sharp = resize(blur(1 - _ramp(away, *_SHARP), face * 0.004), (width, height))
    cover = resize(blur(1 - _ramp(away, *_COVER), face * 0.03), (width, height))
    photo = unit(cutout.canvas)
    rim = _without(resize(photo, size), 1 - person.astype(np.float32), face * _SOFTNESS)
    pixels = resize(rim, (width, height))
    pixels += (photo - pixels) * sharp[..., None]
    return replace(cutout, foreground=pixels, alpha=np.maximum(cover, cutout.alpha))


def _without(photo: Floats, behind: Floats, sigma: float) -> Floats:
    """The photo out of focus, made of what is behind the person only: nobody glows."""
    weight = blur(behind, sigma) + np.float32(1e-4)
    soft = blur(photo * behind[..., None], sigma) + photo * np.float32(1e-4)
    return np.asarray(soft / weight[..., None], np.float32)


def _ramp(away: Floats, begin: float, end: float) -> Floats:
    """0 before `begin`, 1 after `end`, smooth between (Hermite)."""
    part = np.clip((away - begin) / (end - begin), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), np.float32)
