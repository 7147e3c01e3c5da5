"""Screenshots: bars of one colour above and below, that end as if cut with a knife.

A studio's white background also fills the rows above a head, but it ends where the hair begins,
which is not one straight line from edge to edge.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from providers.local.pixels import resize_rgb, size_of
from providers.local.subject import Rgb8

_SIDE = 640
_SAME = 6
"""Levels within which a pixel has the bar's colour; JPEG noise stays below."""
_OTHER = 14
_MOST = 0.72
"""Share of a row: clocks, names and icons cover the rest of a bar."""
_LEAST_BAR, _BOTH = 0.02, 0.09
"""Shares of the height."""


def is_screenshot(picture: Rgb8) -> bool:
    """Whether a screen's own bars frame the picture above and below."""
    width, height = size_of(picture)
    scale = min(1.0, _SIDE / max(width, height))
    small = resize_rgb(picture, (max(8, round(width * scale)), max(8, round(height * scale))))
    (top, cut_above), (bottom, cut_below) = _bar(small), _bar(small[::-1])
    framed = min(top, bottom) >= _LEAST_BAR and top + bottom >= _BOTH
    # One straight line is enough: a white app above a white wall has no other.
    return framed and (cut_above or cut_below)


def _bar(picture: Rgb8) -> tuple[float, bool]:
    """Height of the bar at the first rows, and whether it ends in a straight line."""
    rows = picture.astype(np.int16)
    colour = np.median(rows[0], axis=0)
    far = np.abs(rows - colour).max(axis=2)
    alike: NDArray[np.bool_] = (far <= _SAME).mean(axis=1) >= _MOST
    end = int(np.argmin(alike)) if not alike.all() else 0
    # Resizing may have mixed one row of both.
    beyond = far[min(end + 1, len(far) - 1)]
    return end / len(alike), bool((beyond >= _OTHER).mean() >= _MOST)
