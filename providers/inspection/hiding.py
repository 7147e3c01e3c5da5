"""Makes faces and writing unrecognisable, for good.

A blur alone can be undone to some degree; here a place is first averaged down to a few patches and
then smoothed, so that what was there is gone and only its colours are left.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from providers.local.pixels import size_of
from providers.local.subject import Rgb8

_PATCHES = 5
"""Along the shorter side of a face; of writing, per line and a half."""
_FEATHER = 0.3
"""Width of the soft edge, in patches."""


def hide(picture: Rgb8, box: tuple[float, float, float, float], *, patches: int = _PATCHES) -> None:
    """Smear one box (left, top, right, bottom in pixels), in place, with a soft edge."""
    width, height = size_of(picture)
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(width, round(box[2] + 0.5)), min(height, round(box[3] + 0.5))
    if right - left < 2 or bottom - top < 2:
        return
    place = picture[top:bottom, left:right]
    across, down = right - left, bottom - top
    unit = max(1.0, min(across, down) / patches)
    coarse = (max(1, round(across / unit)), max(1, round(down / unit)))
    small = cv2.resize(place, coarse, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 0.7, borderType=cv2.BORDER_REPLICATE)
    smeared = cv2.resize(small, (across, down), interpolation=cv2.INTER_CUBIC)
    inner = (left > 0, top > 0, right < width, bottom < height)
    share = _soft_edge(across, down, max(1, int(_FEATHER * unit)), inner)
    mixed = place + share[..., None] * (smeared.astype(np.float32) - place)
    picture[top:bottom, left:right] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def _soft_edge(
    across: int, down: int, steps: int, inner: tuple[bool, bool, bool, bool]
) -> NDArray[np.float32]:
    """1 in the box; fades out at the sides that are not the picture's own."""
    left, top, right, bottom = inner
    fades = np.outer(_fade(down, steps, top, bottom), _fade(across, steps, left, right))
    return fades.astype(np.float32)


def _fade(length: int, steps: int, at_start: bool, at_end: bool) -> NDArray[np.float32]:
    ramp = np.ones(length, np.float32)
    steps = min(steps, length // 2)
    rise = (np.arange(steps, dtype=np.float32) + 1) / (steps + 1)
    if at_start:
        ramp[:steps] = rise
    if at_end:
        ramp[length - steps :] = np.minimum(ramp[length - steps :], rise[::-1])
    return ramp
