"""How far the cut-out cannot be trusted, from what its stages disagree about.

Four kinds of evidence, each scaled so that 1 alone is enough to keep the photo's own background:
the networks disagree with one another near the head; the colours say "person" where the networks
say "background", in a lump (wallpaper that looks like hair, a book at the shoulder); half-covered
areas too broad to be the soft edge of hair; and a face with so few pixels that hair turns to haze.
They add up like independent errors. The scales were set on 77 composed pictures with known alpha
(seven people, eleven backgrounds), where they find the visible faults but not a fault that all
networks share with full confidence. A slightly other crop of one photo moves the doubt by up to a
tenth; the scales of lumps and half-covered areas are strict enough for that, because those are the
faults one sees, while networks also disagree about a collar that is cut out well.
"""

from __future__ import annotations

import cv2
import numpy as np

from providers.local.mesh import CHIN
from providers.local.pixels import Mask, disc
from providers.local.subject import Plane, Points

_ZONE_BELOW = 1.0
"""Face widths below the chin down to which faults count: further down is cloth."""
_DISAGREEMENT, _LUMPS, _HALF_COVERED = 2.8, 0.85, 20.8
"""Per cent of a squared face width that weigh 1."""
_SOFT_FACE, _HAZY_FACE = 220.0, 110.0
"""Photo pixels: below the first, hair begins to soften; at the second it is haze."""


def doubt_of(
    *,
    alpha: Plane,
    estimate: Plane,
    spread: Plane,
    points: Points,
    face_width: float,
    face_px: float,
) -> float:
    """0: none; from `DOUBTFUL` on the cut-out should not be shown over another background.

    `alpha` is the matte as the colours gave it, `estimate` and `spread` are the networks'; all of
    one size, with `points` and `face_width` in their pixels. `face_px` is the face in the photo.
    """
    zone = max(1, min(alpha.shape[0], int(points[CHIN, 1] + _ZONE_BELOW * face_width)))
    alpha, estimate, spread = alpha[:zone], estimate[:zone], spread[:zone]
    unit = face_width * face_width / 100
    disagreement = float(np.clip(spread - 0.15, 0, 0.35).sum()) / unit
    lumps = _area_of_lumps(np.abs(alpha - estimate) > 0.45, face_width * 0.015) / unit
    half = _area_of_lumps((alpha > 0.12) & (alpha < 0.88), face_width * 0.018) / unit
    small = (_SOFT_FACE - face_px) / (_SOFT_FACE - _HAZY_FACE)
    evidence = (
        min(disagreement / _DISAGREEMENT, 3.0),
        min(lumps / _LUMPS, 3.0),
        min(half / _HALF_COVERED, 3.0),
        min(max(small, 0.0), 1.0),
    )
    return float(np.linalg.norm(evidence))


def _area_of_lumps(where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], radius: float) -> float:
    """Pixels that are left after an opening: strands and thin edges are gone."""
    mask: Mask = where.astype(np.uint8)
    return float(np.count_nonzero(cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc(round(radius)))))
