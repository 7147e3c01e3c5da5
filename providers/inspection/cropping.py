"""The crop that is used: head and shoulders of the main face, and nothing else of the photo.

It is the exact picture that the person is shown, that is kept, and that headshots are made from.
Runs inside a worker. Other faces, and whatever was marked, are hidden in it for good. Where a
provider elsewhere may get it, the background goes as well and the file stays small.

How far it reaches follows from the frames of `providers.local.subject`. In face boxes (the
detector's square, from the forehead to the chin) a head with its hair is about 1.6 high, the
hair's top about 0.45 above the box. The widest frame (1200 x 1200) is 2 heads wide, the tallest
(1200 x 1600) 2.4 high with 0.24 above the hair; framing may shift by 0.2 heads and level by 10
degrees, which takes 0.4 heads more at the corners.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.errors import ProviderRefused
from bot.model import Box, Findings, PhotoProblem, Sight
from bot.photo import decode, encode_jpeg
from providers.inspection import documents, outline, quality
from providers.inspection.hiding import hide
from providers.inspection.reading import Reader
from providers.local.faces import detect
from providers.local.nets import Nets
from providers.local.pixels import resize_rgb, size_of
from providers.local.subject import Face, Rgb8

LONGEST = 2600
"""Pixels; more than twice the tallest headshot."""
QUALITY = 95
LONGEST_LEAVING = 1600
"""Pixels of a crop that may leave the machine; more would not fit into the bytes as a rule."""
LONGEST_SMALL = 2048
"""Where bytes are limited: as many pixels as any hosted model looks at."""
QUALITY_SMALL = 88
LEAST_LETTERS = 3
"""A block of writing counts from so many letters and digits on."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a crop goes, in face boxes."""

    aside: float
    """From the middle of the face to either side."""
    above: float
    below: float


HERE = Reach(aside=2.15, above=1.4, below=2.5)
LEAVING = Reach(aside=1.9, above=1.15, below=2.2)
"""A hosted provider frames anew, so it needs no room for levelling."""
_ROOM = 0.15
"""Face boxes between the crop's edge and somebody else's face."""
_LEAST_ROOM = 0.3
"""Face boxes that the main face's own hair and ears need."""
_AROUND = 0.3
"""A hidden face is hidden with this share of its size round it: hair and ears tell too."""


def minimise(
    nets: Nets,
    reader: Reader,
    photo: bytes,
    findings: Findings,
    *,
    largest: int,
    keep_writing: bool,
) -> bytes:
    """Upright sRGB JPEG, no metadata. Raises `ProviderRefused` when there is no face.

    `largest` is how many bytes it may have where a provider elsewhere may get it: then it stands
    before a plain background. 0: it stays here. With `keep_writing`, which is for a person who said
    that it is not private, writing can still be read; badges, codes and faces never.
    """
    leaving = largest > 0
    if not findings.faces:
        raise ProviderRefused(findings.problem or PhotoProblem.NO_FACE)
    edges = edges_of(findings, LEAVING if leaving else HERE)
    crop = _cut(photo, findings, edges, LONGEST_LEAVING if leaving else LONGEST)
    frame = _Frame(edges, size_of(crop), findings)
    for other in findings.faces[1:]:
        hide(crop, frame.grown(other, _AROUND))
    for mark in findings.marks:
        if not (keep_writing and mark.sight is Sight.WRITING and mark.stays):
            hide(crop, frame.placed(mark.box), patches=3)
    if not leaving:
        return encode_jpeg(crop, quality=QUALITY)
    left, top, right, bottom = frame.placed(findings.faces[0])
    face = Face(left, top, right, bottom, 1.0, np.empty((0, 2), np.float32))
    bare = outline.on_neutral(nets, crop, face)
    _look_again(nets, reader, bare, keep_writing=keep_writing)
    return encode_within(bare, largest)


def _look_again(nets: Nets, reader: Reader, crop: Rgb8, *, keep_writing: bool) -> None:
    """What leaves is looked at once more as it is: whatever can still be seen is hidden."""
    for face in quality.ranked(detect(nets, crop))[1:]:
        hide(crop, (face.left, face.top, face.right, face.bottom))
    for block in () if keep_writing else documents.blocks(reader.read(crop)):
        if block.letters >= LEAST_LETTERS:
            hide(crop, (block.left, block.top, block.right, block.bottom), patches=3)


def _cut(photo: bytes, findings: Findings, edges: Sequence[int], longest: int) -> Rgb8:
    left, top, right, bottom = edges
    # Where the crop is larger than needed, the whole photo need not be decoded at full size.
    shrink = min(1.0, longest / max(right - left, bottom - top))
    picture = decode(photo, round(max(findings.width, findings.height) * shrink))
    if isinstance(picture, PhotoProblem):
        raise ProviderRefused(picture)
    width, height = size_of(picture.pixels)
    across, down = width / findings.width, height / findings.height
    crop = picture.pixels[
        round(top * down) : round(bottom * down), round(left * across) : round(right * across)
    ]
    width, height = size_of(crop)
    shrink = min(1.0, longest / max(width, height))
    return resize_rgb(crop, (max(1, round(width * shrink)), max(1, round(height * shrink)))).copy()


def encode_within(crop: Rgb8, largest: int) -> bytes:
    """A JPEG of `largest` bytes at the most: rather fewer pixels than blocks and blur."""
    width, height = size_of(crop)
    if max(width, height) <= LONGEST_SMALL:
        jpeg = encode_jpeg(crop, QUALITY)
        if len(jpeg) <= largest:
            return jpeg
    shrink = min(1.0, LONGEST_SMALL / max(width, height))
    while True:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        jpeg = encode_jpeg(resize_rgb(crop, size), QUALITY_SMALL, "4:2:0")
        if len(jpeg) <= largest or max(size) == 1:
            return jpeg
        # Bytes go about with the area; a little less, so that a second time is rare.
        shrink *= 0.96 * max(0.5, math.sqrt(largest / len(jpeg)))


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where boxes of the whole photo lie in the crop."""

    edges: Sequence[int]
    size: tuple[int, int]
    findings: Findings

    def placed(self, box: Box) -> tuple[float, float, float, float]:
        """In pixels of the crop."""
        left, top, right, bottom = self.edges
        across = self.size[0] / (right - left)
        down = self.size[1] / (bottom - top)
        width, height = self.findings.width, self.findings.height
        return (
            (box.left * width - left) * across,
            (box.top * height - top) * down,
            (box.right * width - left) * across,
            (box.bottom * height - top) * down,
        )

    def grown(self, box: Box, share: float) -> tuple[float, float, float, float]:
        left, top, right, bottom = self.placed(box)
        across, down = share * (right - left), share * (bottom - top)
        return left - across, top - down, right + across, bottom + down


def edges_of(findings: Findings, reach: Reach) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the crop, without the other large faces where that can be."""
    width, height = findings.width, findings.height
    face = findings.faces[0]
    left, top, right, bottom = edges(face, width, height, reach)
    box = (face.right - face.left) * width
    for other in findings.faces[1 : findings.people]:
        if other.left > face.right:
            right = min(right, round(other.left * width - _ROOM * box))
        elif other.right < face.left:
            left = max(left, round(other.right * width + _ROOM * box))
    return left, top, right, bottom


def separable(faces: Sequence[Box], people: int) -> bool:
    """Whether a crop with the whole head of the first face can leave the other large ones out."""
    face, others = faces[0], faces[1:people]
    room = (_ROOM + _LEAST_ROOM) * (face.right - face.left)
    return all(_gap(face, other) >= room for other in others)


def _gap(face: Box, other: Box) -> float:
    return max(other.left - face.right, face.left - other.right)


def edges(face: Box, width: int, height: int, reach: Reach = HERE) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the crop in pixels of the whole photo."""
    middle = (face.left + face.right) / 2 * width
    # The box is about square; the longer side is the safer measure of a turned head.
    box = max((face.right - face.left) * width, (face.bottom - face.top) * height)
    return (
        max(0, round(middle - reach.aside * box)),
        max(0, round(face.top * height - reach.above * box)),
        min(width, round(middle + reach.aside * box)),
        min(height, round(face.bottom * height + reach.below * box)),
    )
