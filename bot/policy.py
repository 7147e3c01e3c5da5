"""What follows from what was seen in a photo: a pure table from findings to a verdict.

    fixed silently   metadata, the background where somebody else may get the crop, small faces
    asked            a badge, a code, writing, another person, a screenshot, an AI label
    refused kindly   an identity document; another person who cannot be left out
    another photo    no face, too small, too dark, blurred, cut off

Glasses, head coverings, beards and skin of any tone are not in the table. A crop always has
everything hidden that a question is about; the question is whether that will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.model import Findings, PhotoProblem, Sight, Trait, Value


class Doubt(StrEnum):
    """What a question about the photo can be about, in the order in which they are asked."""

    SCREENSHOT = "screenshot"
    AI_MADE = "ai-made"
    PEOPLE = "people"
    BADGE = "badge"
    CODE = "code"
    WRITING = "writing"
    TURNED = "turned"
    """The face looks to the side. Asked only after question 3: it takes landmarks to see that."""
    EYES_CLOSED = "eyes-closed"
    """As above."""


class Fix(StrEnum):
    """What was done to the crop without a question, and is told with it."""

    FACES_HIDDEN = "faces-hidden"
    WRITING_GONE = "writing-gone"
    """It went with the background."""


ANSWERS: Mapping[Doubt, tuple[str, ...]] = {
    Doubt.SCREENSHOT: ("mine", "different", "erase"),
    Doubt.AI_MADE: ("anyway", "different", "erase"),
    Doubt.PEOPLE: ("crop", "different", "erase"),
    Doubt.BADGE: ("blur", "different", "erase"),
    Doubt.CODE: ("blur", "different", "erase"),
    Doubt.WRITING: ("blur", "keep", "different", "erase"),
    Doubt.TURNED: ("anyway", "different", "erase"),
    Doubt.EYES_CLOSED: ("anyway", "different", "erase"),
}
"""Each doubt's answers, as verbs. The first one goes on."""
SHOWN = frozenset({Doubt.PEOPLE, Doubt.BADGE, Doubt.CODE, Doubt.WRITING})
"""Doubts whose question shows the crop as the first answer would have it."""


class Ruling(Value, frozen=True):
    """What to do about a photo."""

    problem: PhotoProblem | None = None
    """Set: the photo is let go of, with a sentence."""
    doubts: tuple[Doubt, ...] = ()
    fixes: tuple[Fix, ...] = ()
    unchecked: bool = False
    """A check could not run: the crop then stays on this machine, whatever is answered."""

    @property
    def wants_plain(self) -> bool:
        """Whether "it's not private" is an answer, so that a crop with the writing is needed."""
        return Doubt.WRITING in self.doubts


def judge(findings: Findings) -> Ruling:
    """The verdict on a photo."""
    problem = findings.problem
    if Trait.ID_DOCUMENT in findings.traits:
        problem = PhotoProblem.ID_DOCUMENT
    if problem is not None:
        return Ruling(problem=problem)
    if findings.people > 1 and not findings.separable:
        return Ruling(problem=PhotoProblem.SEVERAL_FACES)
    return Ruling(
        doubts=_doubts(findings), fixes=_fixes(findings), unchecked=bool(findings.unchecked)
    )


def _doubts(findings: Findings) -> tuple[Doubt, ...]:
    seen = {mark.sight for mark in findings.marks if mark.stays}
    found = {
        Doubt.SCREENSHOT: bool(findings.traits & {Trait.SCREENSHOT, Trait.PUBLISHED}),
        Doubt.AI_MADE: Trait.AI_MADE in findings.traits,
        Doubt.PEOPLE: findings.people > 1,
        Doubt.BADGE: Sight.BADGE in seen,
        # One question about what can be read, and the strictest: blurring hides all of it.
        Doubt.CODE: Sight.CODE in seen and Sight.BADGE not in seen,
        Doubt.WRITING: seen == {Sight.WRITING},
    }
    return tuple(doubt for doubt in Doubt if found.get(doubt))


def _fixes(findings: Findings) -> tuple[Fix, ...]:
    found = {
        Fix.FACES_HIDDEN: len(findings.faces) > findings.people,
        Fix.WRITING_GONE: any(not mark.stays for mark in findings.marks),
    }
    return tuple(fix for fix in Fix if found[fix])
