"""What a matte gets wrong in ways that can be told from its shape alone, taken out.

Lumps beside the head, haze, tufts on the shoulders, crumbs that float free. Each step only ever
lowers alpha; none touches the face. Planes are at matting size; lengths are in its pixels.
"""

from __future__ import annotations

import cv2
import numpy as np

from providers.local.mesh import CHIN, NOSE
from providers.local.pixels import blur, disc, grow
from providers.local.subject import Plane, Points


def cleaned(alpha: Plane, estimate: Plane, points: Points, face_width: float) -> Plane:
    """All steps in order. `estimate` is what the networks said."""
    chin = float(points[CHIN, 1])
    alpha = without_blobs(alpha, estimate, face_width, chin)
    alpha = without_veils(alpha, face_width)
    alpha = without_tufts(alpha, face_width, chin)
    height, width = alpha.shape
    column, row = (int(v) for v in np.clip(points[NOSE, :2], 0, (width - 1, height - 1)))
    return without_crumbs(alpha, column, row)


def without_blobs(alpha: Plane, estimate: Plane, face_width: float, chin: float) -> Plane:
    """Takes out lumps beside the head that only the colours call the person.

    A dark disc on the wallpaper looks like dark hair to the matting; the networks, which know the
    shape of a head, do not agree. Strands are thinner than the opening and stay. Below the chin the
    colours are the better judge. `chin` is a row of the plane.
    """
    last = int(np.clip(chin + 0.1 * face_width, 0, alpha.shape[0]))
    ahead = (alpha[:last] - estimate[:last] > 0.4).astype(np.uint8)
    lump = cv2.morphologyEx(ahead, cv2.MORPH_OPEN, disc(round(face_width * 0.02)))
    if last == 0 or not np.any(lump):
        return alpha
    wide = grow(np.asarray(lump, np.uint8), round(face_width * 0.03)).astype(np.float32)
    share = blur(wide, max(1.0, face_width * 0.008))
    clean = alpha.copy()
    clean[:last] -= share * np.maximum(alpha[:last] - estimate[:last], 0)
    return clean


def without_veils(alpha: Plane, face_width: float) -> Plane:
    """Drops haze that has no solid strand near it, and the last few per cent at both ends."""
    side = 2 * max(1, int(face_width * 0.022)) + 1
    # A square, because OpenCV takes it apart into rows and columns; the blur rounds it.
    strongest = np.asarray(cv2.dilate(alpha, np.ones((side, side), np.uint8)), np.float32)
    near = np.clip((strongest - 0.25) / 0.35, 0, 1)
    near = blur(near * near * (3 - 2 * near), max(1.0, face_width * 0.006))
    return np.asarray(np.clip((alpha * near - 0.08) / 0.84, 0, 1), np.float32)


def without_tufts(alpha: Plane, face_width: float, chin: float) -> Plane:
    """Smooths the outline of the shoulders: cloth has no strands, things beside it do look like it.

    An opening takes away what is narrower than a fourteenth of the face, from below the chin on.
    """
    first = int(np.clip(chin, 0, alpha.shape[0] - 1))
    lower = alpha[first:]
    opened = cv2.morphologyEx(lower, cv2.MORPH_OPEN, disc(round(face_width * 0.035)))
    rows = np.arange(first, alpha.shape[0], dtype=np.float32)[:, None]
    depth = np.clip((rows - (chin + 0.15 * face_width)) / (0.05 * face_width), -30, 30)
    clean = alpha.copy()
    clean[first:] -= (lower - np.asarray(opened, np.float32)) / (1 + np.exp(-depth))
    return clean


def without_crumbs(alpha: Plane, column: int, row: int) -> Plane:
    """Drops what is not joined to the part of the picture at that pixel, which is the face."""
    count, labels = cv2.connectedComponents((alpha > 0.15).astype(np.uint8), connectivity=8)
    if count <= 2:
        return alpha
    parts = np.asarray(labels)
    crumbs = ((parts > 0) & (parts != parts[row, column])).astype(np.uint8)
    return np.where(grow(crumbs, 2) > 0, np.float32(0), alpha)
