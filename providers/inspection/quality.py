"""Whether a face will do: whole, large, lit and sharp enough. Runs inside a worker.

This happens before the person has agreed to measurements of the face, so it looks at boxes and at
how bright and sharp what is inside them is. The mesh is not run and there is no embedding; the
detector's network also puts out six points of each face beside its box, which are not read here
(see `providers.local.faces`). It rejects only what no one could make a headshot of: a doubtful
photo goes through, because the person sees the crop and can choose another one. How each limit was
set is written beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from bot.model import Box, PhotoProblem
from bot.photo import Picture
from providers.local.pixels import Floats, size_of
from providers.local.subject import Face, Rgb8

WORK_SIDE = 1600
"""Pixels along the long side; enough to judge a face, little enough to be quick."""
LEAST_FACE = 120
"""Pixels across the face in the photo itself; below it a headshot is visibly soft."""
COMPARABLE = 0.55
"""Width over the width of the largest face, from which a second one is not mere background."""
_SURE, _PASSER_BY = 0.6, 0.5
"""Score from which a face surely is one; posters and patterns stay below it. And the width, in main
faces, up to which an unsure one is taken for a passer-by."""
_HIGHLIGHT, _GLINT = 36.0, 42.0
"""Least lightness (CIE L*) of a lit face's brightest 5 % and 1 %. Skin of every tone has shine, and
eyes their white: well-lit dark faces measured 63 to 73, a backlit one 43, light skin three stops
under 32. The average is not asked, because it would measure the skin and not the light."""
_CUT_OFF = 0.12
"""Share of the face's width."""
_CRUSHED = 0.7
"""Share of the face that is black (L* below 6); a backlit bearded face measured 0.26."""
_FACE_SIDE = 256
_LEAST_DETAIL = 0.8
"""See `detail`. Sharp faces measured 2.5 and up, blurred by 1.2 % of their width below 0.6."""


def problem_of(picture: Picture, faces: Sequence[Face]) -> PhotoProblem | None:
    """The first thing that stands in the way, from the one hardest to mend."""
    if not faces:
        return PhotoProblem.NO_FACE
    main = faces[0]
    if _is_cut_off(main, size_of(picture.pixels)):
        return PhotoProblem.CUT_OFF
    if main.width * picture.width / size_of(picture.pixels)[0] < LEAST_FACE:
        return PhotoProblem.FACE_TOO_SMALL
    inside = _inside(picture.pixels, main)
    if is_dark(inside):
        return PhotoProblem.TOO_DARK
    if detail(inside) < _LEAST_DETAIL:
        return PhotoProblem.BLURRED
    return None


def ranked(faces: Sequence[Face]) -> list[Face]:
    """The main face first, then the others by size, without what is probably none.

    Where somebody is surely there, an unsure box can be no more than a passer-by: posters, prints
    and patterns look like faces now and then, and a large one must not become the main face.
    """
    sure = [face for face in faces if face.score > _SURE]
    if not sure:
        return list(faces)
    unsure = [face for face in faces if face.score <= _SURE]
    return sure + [face for face in unsure if face.width < _PASSER_BY * sure[0].width]


def people(faces: Sequence[Face]) -> int:
    """How many faces are more than background, the main one included."""
    main, *others = faces
    return 1 + sum(face.width > COMPARABLE * main.width and face.score > _SURE for face in others)


def _is_cut_off(face: Face, size: tuple[int, int]) -> bool:
    """Whether a good part of the face itself lies beyond the picture's edge."""
    beyond = max(-face.left, -face.top, face.right - size[0], face.bottom - size[1])
    return beyond > _CUT_OFF * face.width


def is_dark(face: Rgb8) -> bool:
    """Whether a face had too little light, told by its highlights; the margin is left aside."""
    width, height = size_of(face)
    middle = face[int(0.15 * height) : int(0.95 * height), int(0.15 * width) : int(0.85 * width)]
    lightness = cv2.cvtColor(middle.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]
    highlight, glint = np.percentile(lightness, (95, 99))
    return bool((highlight < _HIGHLIGHT and glint < _GLINT) or (lightness < 6).mean() > _CRUSHED)


def detail(face: Rgb8) -> float:
    """How much fine detail a face shows, in the poorer of the two directions.

    Variance of the second derivative at 256 pixels, in thousandths of the variance of the picture
    itself, so that neither contrast nor size counts; motion blur shows in one direction only,
    which a plain Laplacian misses. A picture without any contrast has no detail: 0.
    """
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY).astype(np.float32)
    way = cv2.INTER_AREA if grey.shape[1] > _FACE_SIDE else cv2.INTER_CUBIC
    grey = np.asarray(cv2.resize(grey, (_FACE_SIDE, _FACE_SIDE), interpolation=way), np.float32)
    contrast = float(grey.var())
    if contrast < 1e-3:
        return 0.0
    along = np.array([[1, -2, 1]], np.float32)
    return 1000 * min(_spread(grey, along), _spread(grey, along.T)) / contrast


def _spread(grey: Floats, kernel: Floats) -> float:
    return float(np.asarray(cv2.filter2D(grey, -1, kernel))[2:-2, 2:-2].var())


def _inside(pixels: Rgb8, face: Face) -> Rgb8:
    left, top = max(0, int(face.left)), max(0, int(face.top))
    return pixels[top : max(top + 8, int(face.bottom)), left : max(left + 8, int(face.right))]


def box_of(face: Face, pixels: Rgb8) -> Box:
    """In fractions of the picture."""
    width, height = size_of(pixels)
    return Box(
        left=max(0.0, face.left / width),
        top=max(0.0, face.top / height),
        right=min(1.0, face.right / width),
        bottom=min(1.0, face.bottom / height),
    )
