"""The values that pass between the stages of the local renderer.

Colours are sRGB unless a name says ``linear``; ``Rgb8`` holds 0..255, ``Plane`` and ``RgbF`` hold
0..1. Coordinates are pixels, x to the right and y down, of the picture named in the docstring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Rgb8: TypeAlias = NDArray[np.uint8]
"""(height, width, 3), sRGB, 0..255."""
RgbF: TypeAlias = NDArray[np.float32]
"""(height, width, 3), sRGB, 0..1."""
Plane: TypeAlias = NDArray[np.float32]
"""(height, width), 0..1."""
Points: TypeAlias = NDArray[np.float32]
"""(n, 2) or (n, 3) pixel coordinates."""


@dataclass(frozen=True, slots=True)
class Format:
    """A size in which headshots are delivered."""

    name: str
    width: int
    height: int
    head: float
    """Height of the head (hair to chin) over the height of the frame."""


FORMATS: Mapping[str, Format] = {
    f.name: f
    for f in (
        Format("linkedin", 1200, 1200, 0.50),
        Format("resume", 1200, 1500, 0.435),
        Format("bio", 1200, 1600, 0.42),
    )
}


@dataclass(frozen=True, slots=True)
class Face:
    """A detected face in pixels of the picture it was found in."""

    left: float
    top: float
    right: float
    bottom: float
    score: float
    keypoints: Points
    """(6, 2): right eye, left eye, nose tip, mouth, right ear, left ear (the subject's).
    (0, 2) when only the box was asked for."""

    @property
    def width(self) -> float:
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class Rect:
    """A frame in canvas pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Cutout:
    """The person, levelled and cut out of the photo on one canvas that holds every frame.

    The canvas is at output scale, never larger than the source's own pixels.
    """

    canvas: Rgb8
    """The levelled photo."""
    foreground: RgbF
    """The person's own colours, freed of the old background along the soft edge."""
    alpha: Plane
    """How much of each pixel is the person."""
    estimate: Plane
    """What the networks alone said of `alpha`: coarse, but never misled by colours."""
    landmarks: Points
    """(468, 3), canvas pixels, z in the same unit."""
    frames: Mapping[str, Rect]
    """By format name; no frame shows pixels that do not exist in the person's area."""
    face_width: float
    """Canvas pixels."""
    upscale: float
    """Output pixels over source pixels; above 1 the result is softer than the format allows."""
    yaw: float
    """Degrees; positive: the face is turned to the image's right."""
    doubt: float
    """How far the cut-out cannot be trusted: 0 none; from `DOUBTFUL` on keep the own background."""


DOUBTFUL = 1.0
"""`Cutout.doubt` from which the person's own background, blurred, is safer than a studio one."""
