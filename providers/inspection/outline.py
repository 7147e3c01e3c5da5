"""The person without the background, before any landmark may be read: for what leaves the machine.

The renderer's stages do the work (mask, trimap, matting), but where the renderer uses measured
points of the face, this uses an ellipse drawn into the detector's box: nothing of the face is
measured. The outline is coarser for it. That is right here: what is behind the person must go, and
a strand of hair may go with it.
"""

from __future__ import annotations

import cv2
import numpy as np

from providers.local.cleaning import cleaned
from providers.local.foreground import foreground
from providers.local.mask import PersonMask, person
from providers.local.matting import enlarge, matte
from providers.local.mesh import CHIN, NOSE, OVAL
from providers.local.nets import Nets
from providers.local.pixels import resize, resize_rgb, size_of, unit
from providers.local.subject import Face, Plane, Points, Rgb8
from providers.local.trimap import settle, trimap

NEUTRAL = (224, 226, 229)
"""A light grey, sRGB."""
_MATTE_SIDE = 900
_BACKGROUND = 0.25
"""Mean probability of the person below which a place counts as background."""


def is_background(mask: PersonMask, box: tuple[float, float, float, float]) -> bool:
    """Whether a box (left, top, right, bottom in pixels of the picture) lies behind the person."""
    left, top, right, bottom = (int(side * mask.scale) for side in box)
    part = mask.mean[max(0, top) : bottom + 1, max(0, left) : right + 1]
    return part.size == 0 or float(part.mean()) < _BACKGROUND


def on_neutral(nets: Nets, picture: Rgb8, face: Face) -> Rgb8:
    """The person with that face before a plain grey. Raises `SettingsError`."""
    mask = person(nets, picture, face)
    alpha = _alpha(picture, mask, face)
    own = foreground(picture, alpha, face.width)
    behind = np.asarray(NEUTRAL, np.float32) / 255
    share = alpha[..., None]
    mixed = share * own + (1 - share) * behind
    return np.clip(mixed * 255 + 0.5, 0, 255).astype(np.uint8)


def _alpha(picture: Rgb8, mask: PersonMask, face: Face) -> Plane:
    width, height = size_of(picture)
    step = min(1.0, _MATTE_SIDE / max(width, height))
    size = (max(16, round(width * step)), max(16, round(height * step)))
    points = _ellipse(face)
    shape = settle(mask.mean, mask.spread, points * mask.scale, face.width * mask.scale)
    mean = np.clip(mask.mean - 0.5 * mask.spread, 0, 1)
    mean = np.where(shape, mean, np.minimum(mean, 0.3)).astype(np.float32)
    mean, spread = resize(mean, size), resize(mask.spread, size)
    placed = resize(shape.astype(np.float32), size) > 0.5
    known = trimap(placed, mean, spread, points * step, face.width * step)
    small = unit(resize_rgb(picture, size))
    trust = np.abs(mean - 0.5) * 2 * np.clip(1 - spread / 0.2, 0.3, 1)
    raw = matte(small, known, mean, trust.astype(np.float32))
    alpha = cleaned(raw, mean, points * np.float32(step), face.width * step)
    # Far outside the shape nothing of the photo may be left, however sure the colours are.
    alpha *= _near(placed, 0.25 * face.width * step)
    return alpha if size == size_of(picture) else enlarge(alpha, small, picture, known)


def _near(shape: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], reach: float) -> Plane:
    far = cv2.distanceTransform((~shape).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(np.clip(1.5 - np.asarray(far) / max(reach, 1.0), 0, 1), np.float32)


def _ellipse(face: Face) -> Points:
    """What stands for the mesh's points: an ellipse in the box, its chin and its middle."""
    points = np.zeros((468, 2), np.float32)
    middle = np.array([(face.left + face.right) / 2, (face.top + face.bottom) / 2], np.float32)
    half = np.array([0.42 * face.width, 0.5 * (face.bottom - face.top)], np.float32)
    turn = np.linspace(0, 2 * np.pi, len(OVAL), endpoint=False)
    points[list(OVAL)] = middle + half * np.stack([np.sin(turn), -np.cos(turn)], axis=1)
    points[CHIN] = middle + half * (0, 1)
    points[NOSE] = middle
    return points
