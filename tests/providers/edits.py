"""What dishonest makers of headshots do to a face: planted, so that the guard can be measured.

Every edit takes the finished picture and the points of the face in it (468 of the mesh, pixels),
has a strength (0 leaves it as it is), and is as smooth as a beauty filter's.
"""

from __future__ import annotations

import cv2
import numpy as np

from providers.local.mesh import CHIN, LEFT_EYE, OVAL, RIGHT_EYE
from providers.local.pixels import Floats, fill
from providers.local.skin import to_lab
from providers.local.subject import Points, Rgb8


def lightened(picture: Rgb8, points: Points, lightness: float) -> Rgb8:
    """The skin of the face lighter by so much L*; darker when negative."""
    cover = _soft_face(picture, points)
    lab = to_lab(picture.astype(np.float32) / np.float32(255))
    lab[..., 0] = np.clip(lab[..., 0] + lightness * cover, 0, 100)
    return _rgb(lab)


def tinted(picture: Rgb8, points: Points, yellow: float) -> Rgb8:
    """The skin of the face more yellow by so much b*; bluer when negative."""
    cover = _soft_face(picture, points)
    lab = to_lab(picture.astype(np.float32) / np.float32(255))
    lab[..., 2] += yellow * cover
    return _rgb(lab)


def slimmed(picture: Rgb8, points: Points, share: float) -> Rgb8:
    """Cheeks and jaw narrower by that share, fading out towards the brow and beside the face."""
    middle = float(points[list(OVAL), 0].mean())
    half = float(np.ptp(points[list(OVAL), 0])) / 2
    eyes = float(points[[*RIGHT_EYE, *LEFT_EYE], 1].mean())
    chin = float(points[CHIN, 1])
    x, y = _grid(picture)
    down = np.clip((y - eyes) / max(chin - eyes, 1), 0, None)
    along = np.clip(down * 2, 0, 1) * np.exp(-(np.clip(down - 1, 0, None) ** 2) * 4)
    across = np.exp(-((np.abs(x - middle) / half) ** 4) / 4)
    grow = 1 + share / (1 - share) * along * across
    return _moved(picture, middle + (x - middle) * grow, y)


def wide_eyed(picture: Rgb8, points: Points, share: float) -> Rgb8:
    """Both eyes larger by that share."""
    x, y = _grid(picture)
    from_x, from_y = x.copy(), y.copy()
    for eye in (RIGHT_EYE, LEFT_EYE):
        centre = points[list(eye), :2].mean(axis=0)
        reach = float(np.ptp(points[list(eye), 0])) * 1.1
        near = np.exp(-((((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / reach**2) ** 2))
        pull = near * (1 - 1 / (1 + share))
        from_x -= (x - centre[0]) * pull
        from_y -= (y - centre[1]) * pull
    return _moved(picture, from_x, from_y)


def stretched(picture: Rgb8, points: Points, share: float) -> Rgb8:
    """The whole picture narrower by that share, as when a height is not kept in proportion."""
    height, width = picture.shape[:2]
    narrow = cv2.resize(picture, (round(width * (1 - share)), height), interpolation=cv2.INTER_AREA)
    side = width - narrow.shape[1]
    padded = cv2.copyMakeBorder(narrow, 0, 0, side // 2, side - side // 2, cv2.BORDER_REPLICATE)
    return np.asarray(padded, np.uint8)


def _soft_face(picture: Rgb8, points: Points) -> Floats:
    height, width = picture.shape[:2]
    mask = fill((width, height), points[list(OVAL), :2]).astype(np.float32)
    soft = float(np.ptp(points[list(OVAL), 0])) * 0.06
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.float32)


def _grid(picture: Rgb8) -> tuple[Floats, Floats]:
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y


def _moved(picture: Rgb8, from_x: Floats, from_y: Floats) -> Rgb8:
    x, y = np.asarray(from_x, np.float32), np.asarray(from_y, np.float32)
    return np.asarray(
        cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _rgb(lab: Floats) -> Rgb8:
    rgb = np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.float32)
    return np.asarray(np.clip(rgb, 0, 1) * 255 + 0.5, np.uint8)
