"""Shallow focus: the person with a rim of the photo around them, sharp at the edge, soft beyond.

For cut-outs that cannot be trusted. Before a studio backdrop every fault of the outline shows;
here the outline is never drawn: the photo's own pixels go on past it, lose focus within a few
hundredths of a face, and then give way to the strongly blurred background. A wrong edge has nothing
to be seen against.

What stays sharp is only what is surely the person. A chip of a book that the matte took for an ear
would be as sharp as the ear, so lumps fall into the soft rim, where they are colour and no shape.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from providers.local.mesh import OVAL
from providers.local.pixels import Floats, Mask, blur, component_with, disc, fill, resize, unit
from providers.local.subject import Cutout, Plane, Rgb8, RgbF

_WORK_FACE = 120
"""Width of the face in the masks and in the soft rim; neither needs more."""
_THREAD = 0.03
"""Half the width, in face widths, of what is too thin to hold a sharp lump to the person."""
_SHARP = (-0.012, 0.024)
"""Distance from the sure person, in face widths, over which the photo loses focus."""
_COVER = (0.03, 0.33)
"""Distance from all that may be the person over which the rim gives way to the background."""
_SOFTNESS = 0.09
"""Blur of the rim, in face widths: as of something a metre behind."""

_BURNT = (0.92, 0.97)
"""Darkest channel, encoded, over which a colour stops being one."""
_HALO = (0.60, 0.85)
"""The same for what lies in the rim before something burnt out."""


def shallow(cutout: Cutout) -> Cutout:
    """The same person with the photo's own pixels for an edge, and cover that fades out slowly."""
    height, width = cutout.alpha.shape
    scale = min(1.0, _WORK_FACE / cutout.face_width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    face = cutout.face_width * scale
    sure = _surely(cutout, size, face)
    away = (_distance(1 - sure) - _distance(sure)) / face
    sharp = resize(blur(1 - _ramp(away, *_SHARP), face * 0.004), (width, height))
    maybe = (resize(cutout.alpha, size) > 0.15).astype(np.uint8)
    cover = 1 - _ramp(_distance(1 - maybe) / face, *_COVER)
    cover = resize(blur(cover, face * 0.03), (width, height))
    photo = unit(cutout.canvas)
    rim = _without(resize(photo, size), 1 - sure.astype(np.float32), face * _SOFTNESS)
    pixels = resize(rim, (width, height))
    pixels += (photo - pixels) * sharp[..., None]
    return replace(cutout, foreground=pixels, alpha=np.maximum(cover, cutout.alpha))


def burnt_out(photo: RgbF) -> Plane:
    """Where all channels are full, so that nothing is known of the colour."""
    return _ramp(np.asarray(photo.min(axis=2), np.float32), *_BURNT)


def burnt_around(rim: Cutout) -> Plane:
    """`burnt_out` for what `shallow` returns.

    Hair blurred into a burnt sky leaves something a little darker than the sky, which must not
    become a coloured halo: light pixels of the rim are judged by the sky around them.
    """
    height, width = rim.alpha.shape
    scale = min(1.0, _WORK_FACE / rim.face_width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    sigma = rim.face_width * scale * _SOFTNESS
    outside = (resize(rim.estimate, size) < 0.1).astype(np.float32)
    sky = blur(burnt_out(resize(unit(rim.canvas), size)) * outside, sigma)
    # At a straight outline half of what is around is sky.
    near = resize(np.minimum(2 * sky, 1), (width, height))
    light = _ramp(np.asarray(rim.foreground.min(axis=2), np.float32), *_HALO)
    return np.asarray(np.maximum(burnt_out(rim.foreground), near * light), np.float32)


def neutral(graded: Rgb8, burnt: Plane) -> Rgb8:
    """The graded picture with white instead of colour where it is `burnt`.

    White balance would tint what has no colour of its own: a white sky turns cyan.
    """
    where = burnt > 0
    colours, share = graded[where], burnt[where][:, None]
    white = colours.max(axis=1, keepdims=True)
    shown = graded.copy()
    shown[where] = (colours * (1 - share) + white * share + np.float32(0.5)).astype(np.uint8)
    return shown


def _surely(cutout: Cutout, size: tuple[int, int], face: float) -> Mask:
    """Where matte and networks agree on the person, without lumps that hang on by a thread.

    What the opening takes from the tips of a solid outline comes back; what it cut off does not.
    """
    oval = fill(size, cutout.landmarks[list(OVAL), :2] * np.float32(face / cutout.face_width)) > 0
    agreed = (resize(cutout.alpha, size) > 0.5) & (resize(cutout.estimate, size) > 0.5)
    whole = (agreed | oval).astype(np.uint8)
    opened = np.asarray(cv2.morphologyEx(whole, cv2.MORPH_OPEN, disc(round(face * _THREAD))))
    return component_with((opened > 0) | oval, oval).astype(np.uint8)


def _distance(mask: Mask) -> Floats:
    """Pixels from each pixel of the mask to the nearest one outside it."""
    return np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, 5), np.float32)


def _without(photo: Floats, behind: Floats, sigma: float) -> Floats:
    """The photo out of focus, made of what is behind the person only: nobody glows."""
    weight = blur(behind, sigma) + np.float32(1e-4)
    soft = blur(photo * behind[..., None], sigma) + photo * np.float32(1e-4)
    return np.asarray(soft / weight[..., None], np.float32)


def _ramp(away: Floats, begin: float, end: float) -> Floats:
    """0 before `begin`, 1 after `end`, smooth between (Hermite)."""
    part = np.clip((away - begin) / (end - begin), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), np.float32)
