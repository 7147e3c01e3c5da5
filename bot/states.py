"""Where a conversation can stand, and what a step returns.

`Idle` is the absence of a record. Every other state carries a `Sitting`: all that is known about
one person's visit. `bot.conversation` says how one state leads to another.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from bot.effects import Effect
from bot.model import Headshot, PhotoId, SelfieRef, Value
from bot.policy import Doubt, Fix
from bot.terms import Terms


class Question(StrEnum):
    """The consent questions, in the order in which they are asked."""

    SELF = "self"
    PURPOSE = "purpose"
    WHERE = "where"
    LIKENESS = "likeness"


ABOUT_THE_PHOTO = frozenset({Question.SELF, Question.WHERE})
"""Answers that fall away with the photo they were given for."""


class Answer(Value, frozen=True):
    """One recorded consent answer and exactly what it answered."""

    question: Question
    verb: str
    at: datetime
    text_sha256: str
    """Hash of the question and its choices as rendered, see `bot.consent.text_hash`."""
    language: str
    policy: str
    """`Terms.version` in force."""
    crop_sha256: str = ""
    """Of the picture that was shown with the question, when one was."""


class Settled(Value, frozen=True):
    """A doubt about the photo, and what the person said to it."""

    doubt: Doubt
    verb: str
    at: datetime


class Screening(Value, frozen=True):
    """What the look at the photo left to be asked and told. Goes with the photo."""

    doubts: tuple[Doubt, ...] = ()
    """Still to be asked, in this order."""
    settled: tuple[Settled, ...] = ()
    fixes: tuple[Fix, ...] = ()
    unchecked: bool = False
    """A check could not run; the person is told."""
    may_leave: bool = False
    """Whether a provider elsewhere may be offered at all. Not when the crop was made before one was
    configured, because then it has its background."""
    plain: PhotoId | None = None
    plain_sha256: str = ""
    looked_closer: bool = False
    """Whether pose and eyes were looked at, after question 3."""


class Batch(Value, frozen=True):
    """The headshots of one order, and when they go."""

    order: str
    headshots: tuple[Headshot, ...]
    until: datetime
    answers: tuple[Answer, ...] = ()
    """What the person had agreed to when they were made; it outlives the photo."""
    crop_sha256: str = ""
    """Hash of the picture that they were made from."""
    left_out: int = 0
    """How many more were made that did not show the person as they are."""
    badged: tuple[Headshot, ...] = ()
    """Copies with a visible badge; they go with the others."""

    @property
    def all(self) -> tuple[Headshot, ...]:
        """Everything of this order that is kept."""
        return (*self.headshots, *self.badged)


class Wish(Value, frozen=True):
    """How the next order is to differ from the first one for this look."""

    attempt: int = 0
    """As in `Order`."""
    closer: bool = False
    """As in `Order`."""
    here: bool = False
    """On this machine, wherever the first one was made: only ever towards more privacy."""


class Sifted(Value, frozen=True):
    """What passed of an order that is being made once more, because not all of it did."""

    headshots: tuple[Headshot, ...]
    missing: tuple[str, ...]
    """Formats of the others."""
    wish: Wish
    """What the order was made for."""


class Sitting(Value, frozen=True):
    """All that is known about one person's visit."""

    language: str
    began: datetime
    touched: datetime
    """Last time the person did something."""
    serial: int
    """Grows with every question asked; part of the question's token."""
    answered: str = ""
    """Token of the question answered last: a second tap on it is a double click."""
    selfie: SelfieRef | None = None
    source: SelfieRef | None = None
    """The photo that the crop was made from; the platform may say that it was withdrawn."""
    crop: PhotoId | None = None
    crop_sha256: str = ""
    screening: Screening = Screening()
    answers: tuple[Answer, ...] = ()
    look: str = ""
    orders: int = 0
    """Orders so far; numbers the next one."""
    ordered: tuple[datetime, ...] = ()
    """When the orders of the last day were given; those that came to nothing do not count."""
    batches: tuple[Batch, ...] = ()
    archives: tuple[PhotoId, ...] = ()
    """Copies of the data that were handed over; they go with the pictures in them."""
    wish: Wish = Wish()
    sifted: Sifted | None = None

    def answer(self, question: Question, terms: Terms) -> str:
        """The verb answered last, if it was under these terms, or an empty string.

        A later answer under other terms is the person's last word: terms that come back do not
        bring an older answer back with them.
        """
        given = [answer for answer in self.answers if answer.question is question]
        return given[-1].verb if given and given[-1].policy == terms.version else ""

    @property
    def photos(self) -> frozenset[PhotoId]:
        """Every blob in use."""
        waiting = self.sifted.headshots if self.sifted else ()
        shots = (
            *(shot.photo for batch in self.batches for shot in batch.all),
            *(shot.photo for shot in waiting),
        )
        return frozenset((*shots, *self.archives, *self.crops))

    @property
    def crops(self) -> tuple[PhotoId, ...]:
        """The crop and, while it is not decided on, the one with readable writing."""
        return tuple(one for one in (self.crop, self.screening.plain) if one is not None)

    def expires(self, terms: Terms) -> datetime:
        """When an unfinished conversation is given up."""
        return self.touched + timedelta(seconds=terms.conversation_seconds)


class Idle(Value, frozen=True, tag=True):
    """No record at all."""


class Waiting(Value, frozen=True, tag=True):
    """A conversation without a usable photo; the next thing wanted is one."""

    sitting: Sitting


class Consenting(Value, frozen=True, tag=True):
    """A consent question is open."""

    sitting: Sitting
    question: Question
    shown: str = ""
    """What exactly was asked, see `Course.fingerprint`: an answer counts only for that."""


class Checking(Value, frozen=True, tag=True):
    """The photo is being looked at on this machine: fetched and inspected, or, once there is a crop
    that answer 3 was given to, looked at more closely."""

    sitting: Sitting


class Doubting(Value, frozen=True, tag=True):
    """A question about what is in the photo is open."""

    sitting: Sitting
    doubt: Doubt
    shown: str = ""
    """As in `Consenting`."""


class Choosing(Value, frozen=True, tag=True):
    """Everything is agreed; the look is to be chosen."""

    sitting: Sitting


class Making(Value, frozen=True, tag=True):
    """An order is under way."""

    sitting: Sitting
    order: str
    slow: int = 0
    """Serial of the question what to do about it, which takes long; 0: nothing is asked."""
    here: bool = False
    """The person wanted it made here after all."""


class Delivered(Value, frozen=True, tag=True):
    """Headshots were handed over and are still here."""

    sitting: Sitting


Visit: TypeAlias = Waiting | Consenting | Checking | Doubting | Choosing | Making | Delivered
"""A state with a sitting."""


class Confirming(Value, frozen=True, tag=True):
    """``/delete`` was asked for and waits for one tap; everything else goes on behind it."""

    before: Visit | Idle
    token: str
    """Brought back by the tap."""
    language: str


class Erasing(Value, frozen=True, tag=True):
    """Everything is being erased; nothing new starts."""


State: TypeAlias = (
    Idle
    | Waiting
    | Consenting
    | Checking
    | Doubting
    | Choosing
    | Making
    | Delivered
    | Confirming
    | Erasing
)


class Turn(Value, frozen=True):
    """What a step decided: the next state, and what is now owed."""

    state: State
    effects: tuple[Effect, ...] = ()
