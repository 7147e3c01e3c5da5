"""What stands behind the person: six looks, and the person's own background made unreadable.

Studio looks are painted paper or canvas with a light on it: a soft pool behind the head and
shoulders that falls off to the corners, off-centre as a photographer would set it. All are smooth,
so they are computed at a quarter of the size and enlarged. Nothing that depends on a photo is kept:
only the painted office and the canvas texture, which belong to nobody, are cached.

The own background is blurred from so few pixels that no text, screen or face can be read in it,
whatever was there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from bot.photo import encode_jpeg
from providers.local.focus import burnt_out, neutral
from providers.local.office import office
from providers.local.pixels import Floats, blur, resize, unit
from providers.local.skin import apply
from providers.local.subject import Cutout, Plane

OWN = "own"
LOOKS: tuple[str, ...] = ("grey", "white", "navy", "warm", "charcoal", "office")
"""The looks a person can choose, in the order they are offered."""
STEP = 4
"""Output pixels per backdrop pixel."""

_ALTERNATIVES = {
    "grey": "office",
    "white": "grey",
    "navy": "office",
    "warm": "charcoal",
    "charcoal": "white",
    "office": "grey",
    OWN: "grey",
}


@dataclass(frozen=True, slots=True)
class _Studio:
    """Painted paper and one light on it; colours are encoded sRGB."""

    dark: tuple[float, float, float]
    lit: tuple[float, float, float]
    beside: float
    """Where the pool of light is, from the face, over the width; positive to the right."""
    below: float
    spread: float
    texture: float
    """How mottled the canvas is, of 0..1."""


_STUDIOS = {
    "grey": _Studio((0.30, 0.305, 0.315), (0.69, 0.695, 0.70), 0.10, 0.06, 0.62, 0.016),
    "white": _Studio((0.855, 0.86, 0.868), (0.968, 0.969, 0.971), 0.04, 0.0, 0.88, 0.0),
    "navy": _Studio((0.045, 0.065, 0.115), (0.205, 0.27, 0.395), 0.12, 0.08, 0.59, 0.012),
    "warm": _Studio((0.36, 0.315, 0.28), (0.80, 0.745, 0.69), -0.10, 0.05, 0.66, 0.016),
    "charcoal": _Studio((0.075, 0.077, 0.083), (0.31, 0.315, 0.325), -0.12, 0.10, 0.57, 0.012),
}


def alternative(look: str) -> str:
    """The look of the extra headshot: what complements the chosen one."""
    return _ALTERNATIVES[look]


def backdrop(
    look: str, width: int, height: int, face: tuple[float, float], *, mirrored: bool = False
) -> Floats:
    """One of `LOOKS` for a frame of that size, (height, width, 3) encoded sRGB 0..1.

    `face` is the middle of the face as fractions of the frame: the light follows it. The office
    has its windows on the right, or on the left when `mirrored`.
    """
    if look == "office":
        return _office(width, height, mirrored=mirrored)
    studio = _STUDIOS[look]
    across = np.linspace(0, 1, width, dtype=np.float32)[None]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    aspect = height / width
    x = (across - face[0] - studio.beside) / studio.spread
    y = (down - face[1] - studio.below) * aspect / studio.spread
    pool = np.exp(-(x * x + y * y))
    if studio.texture:
        pool += resize(_canvas(), (width, height)) * np.float32(studio.texture)
    dark, lit = np.array(studio.dark, np.float32), np.array(studio.lit, np.float32)
    painted = dark + (lit - dark) * pool[..., None]
    corner = np.hypot((across - 0.5) * 1.25, (down - 0.5) * 1.2) - 0.35
    painted *= 1 - 0.10 * np.clip(corner, 0, 1)[..., None]
    return np.asarray(np.clip(painted, 0, 1), np.float32)


def own(cutout: Cutout, tables: Floats, *, dim: bool = False) -> Floats:
    """The photo's background without the person, blurred beyond recognition, canvas frame.

    `tables` are the grade's, so that the room has the colour of the person's light; what is burnt
    out stays neutral.

    A few dozen pixels wide: sixteen to the width of a face, then blurred over several of them.
    Its light stays as it was, because the person's rim still shows some of it. `dim` falls off
    towards the border, as a second choice.
    """
    height, width = cutout.alpha.shape
    step = max(1.0, cutout.face_width / 16)
    size = (max(8, round(width / step)), max(8, round(height / step)))
    person = cv2.dilate(resize(cutout.alpha, size), np.ones((3, 3), np.uint8))
    colours = cv2.resize(cutout.canvas, size, interpolation=cv2.INTER_AREA)
    photo = np.asarray(colours, np.uint8)
    graded = (apply(tables, photo) * 255 + 0.5).astype(np.uint8)
    light = unit(neutral(graded, burnt_out(unit(photo)))) ** np.float32(2.2)
    spread = _without(light, np.clip(1 - np.asarray(person, np.float32), 0, 1))
    grey = spread.mean(axis=2, keepdims=True)
    spread = grey + (spread - grey) * 0.75
    if dim:
        spread = spread * _falloff(cutout, size)[..., None]
    return np.asarray(np.clip(spread, 0, 1) ** (1 / 2.2), np.float32)


def _falloff(cutout: Cutout, size: tuple[int, int]) -> Floats:
    """Light over a picture of the canvas: 1 around the face, a third far from it."""
    scale = size[0] / cutout.alpha.shape[1]
    x, y = cutout.landmarks[:, :2].mean(axis=0) * scale
    down, across = np.mgrid[: size[1], : size[0]].astype(np.float32)
    away = np.hypot(across - x, down - y) / (cutout.face_width * scale)
    return np.asarray(1 - 0.67 * np.clip((away - 0.7) / 1.3, 0, 1), np.float32)


def swatch(look: str, size: int = 160) -> bytes:
    """A small square JPEG of a look, for the buttons."""
    painted = resize(backdrop(look, 100, 100, (0.5, 0.42)), (size, size))
    return encode_jpeg((painted * 255 + 0.5).astype(np.uint8), quality=85)


def _without(light: Floats, cover: Plane) -> Floats:
    """Fill where the cover is 0 from what surrounds it, then defocus with a disc."""
    total, weight = np.zeros_like(light), np.zeros_like(cover)
    for sigma, share in ((2.5, 1.0), (7.0, 0.03), (25.0, 0.001), (80.0, 1e-6)):
        total += share * blur(light * cover[..., None], sigma)
        weight += share * blur(cover, sigma)
    filled = total / np.maximum(weight, 1e-12)[..., None]
    disc = np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)), np.float32)
    kernel = disc / disc.sum()
    return np.asarray(
        cv2.filter2D(filled, -1, kernel, borderType=cv2.BORDER_REFLECT_101), np.float32
    )


def _office(width: int, height: int, *, mirrored: bool) -> Floats:
    """The part of the room that fits the frame, its height or width whole."""
    room = office()[:, ::-1] if mirrored else office()
    scale = min(room.shape[1] / width, room.shape[0] / height)
    wide, high = round(width * scale), round(height * scale)
    left, top = (room.shape[1] - wide) // 2, (room.shape[0] - high) // 3
    return resize(room[top : top + high, left : left + wide], (width, height))


@cache
def _canvas() -> Plane:
    """Hand-painted canvas: soft cloudy variation with a standard deviation of 1."""
    random = np.random.default_rng(5)
    cloud = np.zeros((300, 300), np.float32)
    for sigma, share in ((40.0, 1.0), (16.0, 0.5), (7.0, 0.22)):
        layer = blur(random.standard_normal((300, 300)).astype(np.float32), sigma)
        cloud += share * layer / layer.std()
    return np.asarray(cloud / cloud.std(), np.float32)
