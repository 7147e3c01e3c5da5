"""Everything that is looked for in one photo, gathered. Runs inside a worker.

Rules. This happens before the person has agreed to measurements of the face: boxes, the person's
outline, writing and codes are looked at; no landmark is read and there is no embedding. Only boxes
and categories are handed out. Each check stands alone: one that fails is named in
`Findings.unchecked`, and what was not checked does not leave this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec.structs import replace

from bot.model import Box, Check, Findings, Mark, PhotoProblem, Sight, Trait
from bot.photo import Picture, decode
from providers.inspection import codes, cropping, documents, origin, outline, quality, screens
from providers.inspection.documents import Block
from providers.inspection.reading import Line, Reader
from providers.local.faces import detect
from providers.local.mask import person
from providers.local.nets import Nets
from providers.local.pixels import size_of
from providers.local.subject import Face

WORK_SIDE = 2000
"""Pixels along the long side; a phone's JPEG comes at half its size for free."""
_AROUND = 0.1
"""Writing is looked for in the crop and this share of it around: a card may lie at its edge."""
_LEAST_TOGETHER = 8
"""Letters and digits in all from which there is writing in view; a logo or a number on a shirt
stays below."""
_NARROW, _WIDE = 2.2, 12.0
"""How wide a card with the main face on it is, in face boxes."""

T = TypeVar("T")


@dataclass(slots=True)
class _Checks:
    """Runs checks one by one and keeps the names of those that failed."""

    failed: set[Check] = field(default_factory=set)

    def run(self, check: Check, look: Callable[[], T]) -> T | None:
        try:
            return look()
        # A fault in one library over one photo must not hide what the others see; it is reported
        # as unchecked, and its text could quote the photo.
        except Exception:  # noqa: BLE001
            self.failed.add(check)
            return None


def inspect(
    nets: Nets, reader: Reader, photo: bytes, *, leaving: bool, thorough: bool = True
) -> Findings:
    """What is in the photo, and what is wrong with it. Never raises for what its bytes contain.

    `leaving`: the crop will lose its background. Without `thorough`, only faces are looked for and
    the rest is called unchecked: for a photo that brought a worker down.
    """
    picture = decode(photo, WORK_SIDE)
    if isinstance(picture, PhotoProblem):
        return Findings(problem=picture)
    faces = quality.ranked(detect(nets, picture.pixels))
    problem = quality.problem_of(picture, faces)
    if not faces:
        return Findings(problem=problem, width=picture.width, height=picture.height)
    boxes = tuple(quality.box_of(face, picture.pixels) for face in faces)
    found = Findings(
        problem=problem,
        width=picture.width,
        height=picture.height,
        faces=boxes,
        people=(count := quality.people(faces)),
        separable=cropping.separable(boxes, count),
        unchecked=frozenset(Check),
    )
    if not thorough:
        return found
    return _Look(nets, reader, picture, faces, found).all(photo, leaving=leaving)


@dataclass(frozen=True, slots=True)
class _Place:
    """A mark, and how many letters and digits can be read there."""

    mark: Mark
    letters: int


@dataclass(frozen=True, slots=True)
class _Look:
    """All checks of one photo that has a face."""

    nets: Nets
    reader: Reader
    picture: Picture
    faces: Sequence[Face]
    found: Findings

    def all(self, photo: bytes, *, leaving: bool) -> Findings:
        checks = _Checks()
        pixels = self.picture.pixels
        traits = set(checks.run(Check.ORIGIN, lambda: origin.traits(photo)) or ())
        if checks.run(Check.ORIGIN, lambda: screens.is_screenshot(pixels)):
            traits.add(Trait.SCREENSHOT)
        lines = checks.run(Check.WRITING, self._lines) or []
        cards = checks.run(Check.CARDS, lambda: documents.cards(pixels)) or []
        if documents.is_identity(lines) or self._is_on_a_card(cards, lines):
            traits.add(Trait.ID_DOCUMENT)
        places = self._places(lines, cards)
        found = checks.run(Check.CODES, lambda: codes.find(pixels)) or []
        places += [_Place(Mark(Sight.CODE, _wider(box)), letters=0) for box in found]
        places = self._in_the_crop(places, cropping.LEAVING if leaving else cropping.HERE)
        if leaving and places:
            places = checks.run(Check.OUTLINE, lambda: self._on_person(places)) or places
        marks = [place.mark for place in _worth_asking(places)]
        identity = Trait.ID_DOCUMENT in traits
        return replace(
            self.found,
            problem=PhotoProblem.ID_DOCUMENT if identity else self.found.problem,
            marks=tuple(marks),
            traits=frozenset(traits),
            unchecked=frozenset(checks.failed),
        )

    def _lines(self) -> list[Line]:
        """Writing in and around the crop, except what patterns on a face may look like."""
        pixels = self.picture.pixels
        width, height = size_of(pixels)
        left, top, right, bottom = cropping.edges(self.found.faces[0], width, height)
        across, down = _AROUND * (right - left), _AROUND * (bottom - top)
        left, top = max(0, int(left - across)), max(0, int(top - down))
        right, bottom = min(width, int(right + across)), min(height, int(bottom + down))
        lines = self.reader.read(pixels[top:bottom, left:right], (left, top))
        return [line for line in lines if not any(_on_face(line, face) for face in self.faces)]

    def _places(self, lines: Sequence[Line], cards: Sequence[Block]) -> list[_Place]:
        blocks = [one for one in documents.blocks(lines) if one.letters >= cropping.LEAST_LETTERS]
        places = [_Place(self._mark(block, cards), block.letters) for block in blocks]
        # A small face on a card that is held or worn: a badge or a licence.
        places += [
            _Place(Mark(Sight.BADGE, self._box(card)), letters=0)
            for card in cards
            if any(documents.inside(_block(face), card) for face in self.faces[1:])
        ]
        return places

    def _mark(self, block: Block, cards: Sequence[Block]) -> Mark:
        """Writing on a card below the face is a badge, and the whole card is one place."""
        face = self.faces[0]
        for card in cards:
            small = card.right - card.left < 2 * face.width and card.top > face.bottom
            if small and documents.inside(block, card):
                return Mark(Sight.BADGE, self._box(card))
        return Mark(Sight.WRITING, self._box(block))

    def _is_on_a_card(self, cards: Sequence[Block], lines: Sequence[Line]) -> bool:
        """Whether the main face itself is printed on a card, beside writing."""
        face = self.faces[0]
        for card in cards:
            width = (card.right - card.left) / face.width
            written = [one for one in documents.blocks(lines) if documents.inside(one, card)]
            enough = sum(block.letters for block in written) >= 2 * _LEAST_TOGETHER
            if _NARROW < width < _WIDE and enough and documents.inside(_block(face), card):
                return True
        return False

    def _in_the_crop(self, places: Sequence[_Place], reach: cropping.Reach) -> list[_Place]:
        """Only what the crop will show; the rest of the photo goes anyway."""
        left, top, right, bottom = cropping.edges_of(self.found, reach)
        width, height = self.found.width, self.found.height

        def shows(box: Box) -> bool:
            across = box.right * width > left and box.left * width < right
            return across and box.bottom * height > top and box.top * height < bottom

        return [place for place in places if shows(place.mark.box)]

    def _on_person(self, places: Sequence[_Place]) -> list[_Place]:
        """The same places; those behind the person go with the background."""
        pixels = self.picture.pixels
        width, height = size_of(pixels)
        mask = person(self.nets, pixels, self.faces[0])
        told = []
        for place in places:
            box = place.mark.box
            edges = (box.left * width, box.top * height, box.right * width, box.bottom * height)
            stays = not outline.is_background(mask, edges)
            told.append(_Place(Mark(place.mark.sight, box, stays=stays), place.letters))
        return told

    def _box(self, block: Block) -> Box:
        width, height = size_of(self.picture.pixels)
        return Box(
            left=min(1.0, max(0.0, block.left / width)),
            top=min(1.0, max(0.0, block.top / height)),
            right=min(1.0, max(0.0, block.right / width)),
            bottom=min(1.0, max(0.0, block.bottom / height)),
        )


def _worth_asking(places: Sequence[_Place]) -> list[_Place]:
    """Without the few letters of a logo on a shirt, when there is nothing else to read."""
    read = sum(place.letters for place in places if place.mark.stays)
    return [
        place
        for place in places
        if place.mark.sight is not Sight.WRITING or not place.mark.stays or read >= _LEAST_TOGETHER
    ]


def _on_face(line: Line, face: Face) -> bool:
    left, top, right, bottom = line.box
    x, y = (left + right) / 2, (top + bottom) / 2
    return face.left < x < face.right and face.top < y < face.bottom and line.letters < 4


def _block(face: Face) -> Block:
    return Block(face.left, face.top, face.right, face.bottom, letters=0)


def _wider(box: Box) -> Box:
    """A code's corners are its outermost modules; a little more hides all of it."""
    across, down = 0.08 * (box.right - box.left), 0.08 * (box.bottom - box.top)
    return Box(
        left=max(0.0, box.left - across),
        top=max(0.0, box.top - down),
        right=min(1.0, box.right + across),
        bottom=min(1.0, box.bottom + down),
    )
