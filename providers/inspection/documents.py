"""Cards, identity documents and blocks of writing, told by their shape and by a few words.

What was read decides here and goes no further. An identity document is told by its machine-readable
lines, or by words that such documents carry, weighed together: one word alone, as a poster may
have it, is not enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from providers.inspection.reading import Line
from providers.local.pixels import resize_rgb, size_of
from providers.local.subject import Rgb8

_MACHINE_READABLE = re.compile(r"[A-Z0-9<]{22,}")
"""ICAO 9303: lines of 30, 36 or 44 characters filled up with ``<``; readers lose a few."""
_FILLERS, _SAID = 3, 8
_TITLES = (
    *("PASSPORT", "PASSEPORT", "REISEPASS", "PASAPORTE", "PASSAPORTO", "PASZPORT"),
    *("IDENTITY CARD", "IDENTITYCARD", "PERSONALAUSWEIS", "CARTE NATIONALE", "CARTENATIONALE"),
    *("DRIVER LICENSE", "DRIVERLICENSE", "DRIVER'S LICENSE", "DRIVING LICENCE", "DRIVINGLICENCE"),
    *("FUHRERSCHEIN", "FÜHRERSCHEIN", "PERMIS DE CONDUIRE", "RESIDENCE PERMIT", "AUFENTHALTSTITEL"),
    *("DOCUMENTO NACIONAL", "CARTA D'IDENTIT", "IDENTIFICATION CARD", "IDENTIFICATIONCARD"),
    *("NATIONAL ID", "SOCIAL SECURITY", "DRIVERS LICENSE", "DRIVERSLICENSE", "IDENTITY"),
    *("ID CARD", "IDCARD", "STUDENT CARD", "STUDENT ID", "EMPLOYEE ID", "DRIVER LICENCE"),
)
_FIELDS = (
    *("DATE OF BIRTH", "DATEOFBIRTH", "PLACE OF BIRTH", "PLACEOFBIRTH", "NATIONALITY"),
    *("DATE OF EXPIRY", "DATEOFEXPIRY", "DATE OF ISSUE", "DATEOFISSUE", "SURNAME", "GIVEN NAME"),
    *("GIVENNAME", "GEBURTS", "STAATSANGEH", "GULTIG", "GÜLTIG", "NATIONALIT", "NAISSANCE"),
    *("DOCUMENT NO", "DOCUMENTNO", "PERSONAL NO", "EXPIRES", "DOB", "LICENCE NO"),
    *("LICENSE NO", "CARD NO", "PASSPORT NO", "NACIMIENTO", "APELLIDO"),
)
_HINTS = ("SEX", "VISA", "HOLDER", "AUTHORITY", "VALID UNTIL", "HEIGHT", "SIGNATURE")
"""Words of such documents that stand in many other texts too."""
_DATE = re.compile(r"\b\d{1,2}[./ -](?:\d{1,2}|[A-Z]{3})[./ -]\d{2,4}\b")
_TITLE_WEIGHT, _FIELD_WEIGHT, _HINT_WEIGHT, _ENOUGH = 2, 1, 0.5, 3.0
_LEAST_AREA, _LARGEST_AREA = 0.006, 0.9
"""Share of the picture."""
_LONGEST = 2.4
"""Longer over shorter side; cards are 1.42 to 1.59, badges anything from square to a strip."""
_SQUARENESS = 0.86
"""Area over that of the rectangle round it."""
_ROUNDER = 1.15
_CARD_SIDE = 800
_MARGIN = 0.7
"""Of a line's height, round it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of writing that lie together, in pixels of the picture."""

    left: float
    top: float
    right: float
    bottom: float
    letters: int


def is_identity(lines: Sequence[Line]) -> bool:
    """Whether what was read is an identity document."""
    if any(_is_machine_readable(line.text) for line in lines):
        return True
    said = "\n".join(line.text for line in lines).upper()
    weight: float = _TITLE_WEIGHT * min(1, sum(word in said for word in _TITLES))
    weight += _FIELD_WEIGHT * sum(word in said for word in _FIELDS)
    hints = sum(word in said for word in _HINTS) + min(2, len(_DATE.findall(said)))
    weight += _HINT_WEIGHT * hints
    return weight >= _ENOUGH


def _is_machine_readable(text: str) -> bool:
    packed = re.sub(r"[\s«]", lambda found: "<<" if found[0] == "«" else "", text.upper())
    found = _MACHINE_READABLE.search(packed)
    said = found[0] if found else ""
    return said.count("<") >= _FILLERS and len(said.replace("<", "")) >= _SAID


def blocks(lines: Sequence[Line]) -> list[Block]:
    """Lines nearer to each other than they are high, as one block with a margin round it."""
    parts = [
        Block(left - pad, top - pad, right + pad, bottom + pad, line.letters)
        for line in lines
        for left, top, right, bottom in [line.box]
        for pad in [_MARGIN * line.height]
    ]
    merged = True
    while merged:
        merged = False
        kept: list[Block] = []
        for part in parts:
            near = next((one for one in kept if _touch(one, part)), None)
            if near is None:
                kept.append(part)
                continue
            kept[kept.index(near)] = _joined(near, part)
            merged = True
        parts = kept
    return parts


def _touch(one: Block, other: Block) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 0 and down > 0


def _joined(one: Block, other: Block) -> Block:
    return Block(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
        one.letters + other.letters,
    )


def cards(picture: Rgb8) -> list[Block]:
    """Four-cornered shapes of a card's or a page's proportions; `letters` is 0."""
    width, height = size_of(picture)
    scale = min(1.0, _CARD_SIDE / max(width, height))
    small = resize_rgb(picture, (max(8, round(width * scale)), max(8, round(height * scale))))
    found: list[Block] = []
    for shape in _shapes(small):
        if not _is_card(shape, small.shape[0] * small.shape[1]):
            continue
        left, top, across, down = cv2.boundingRect(shape)
        block = Block(
            left / scale, top / scale, (left + across) / scale, (top + down) / scale, letters=0
        )
        if not any(_overlap(block, other) > 0.7 for other in found):
            found.append(block)
    return found


def _shapes(picture: Rgb8) -> Iterator[cv2.typing.MatLike]:
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    edges = cv2.dilate(cv2.Canny(grey, 40, 120), np.ones((3, 3), np.uint8))
    _, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    for plane in (edges, bright):
        yield from cv2.findContours(plane, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]


def _is_card(shape: cv2.typing.MatLike, whole: int) -> bool:
    if not _LEAST_AREA * whole < cv2.contourArea(shape) < _LARGEST_AREA * whole:
        return False
    outline = cv2.approxPolyDP(shape, 0.03 * cv2.arcLength(shape, closed=True), closed=True)
    if len(outline) != 4 or not cv2.isContourConvex(outline):
        return False
    (_, (across, down), _) = cv2.minAreaRect(outline)
    longer, shorter = max(across, down), max(1.0, min(across, down))
    square = cv2.contourArea(outline) / (longer * shorter)
    # Four points on a round patch make a square too, but leave out a third of the patch.
    if cv2.contourArea(shape) > _ROUNDER * cv2.contourArea(outline):
        return False
    return longer / shorter <= _LONGEST and square >= _SQUARENESS


def inside(inner: Block, outer: Block) -> bool:
    """Whether most of one lies in the other."""
    return _overlap(inner, outer) > 0.6


def _overlap(inner: Block, outer: Block) -> float:
    """Share of the inner one that lies in the outer one."""
    across = min(inner.right, outer.right) - max(inner.left, outer.left)
    down = min(inner.bottom, outer.bottom) - max(inner.top, outer.top)
    area = (inner.right - inner.left) * (inner.bottom - inner.top)
    return across * down / max(area, 1e-6) if across > 0 and down > 0 else 0.0
