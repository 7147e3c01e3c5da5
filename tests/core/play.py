"""A person, a clock and an engine in miniature, so that whole conversations can be played.

`Play` keeps what the real engine keeps: the state, the work under way and the timers that were
set. Time passes only through `wait`, which brings back every timer that has come due. Nothing is
judged here; everything that happened is in `log`, for tests to look at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from msgspec.structs import replace

from bot.conversation import Conversation
from bot.effects import (
    AddBadge,
    CancelOrder,
    CheckPhoto,
    Effect,
    Erase,
    LookCloser,
    MakeHeadshots,
    PackData,
    Remind,
    Say,
)
from bot.events import (
    BadgeAdded,
    DataPacked,
    Event,
    HeadshotsMade,
    LookedCloser,
    MakingFailed,
    PhotoChecked,
    PhotoRejected,
    Replied,
    SelfieSent,
    TimeIsUp,
    Wrote,
)
from bot.model import Attachment, Headshot, Message, PhotoId, PhotoProblem, SelfieRef
from bot.policy import Doubt
from bot.states import Confirming, Erasing, Idle, Sitting, State, Turn
from bot.terms import Hosted, Terms
from bot.wording import load

WORDING = load()
LOOKS = ("grey", "white", "navy", "warm", "charcoal", "office")
LOCAL = Terms(looks=LOOKS, host="the test server", controller="A. Tester", contact="a@example.org")
HOSTED = Terms(looks=LOOKS, hosted=Hosted("hosted", "Pictures, Inc.", "US", ("Makers",)))
LIKENESS = Terms(looks=LOOKS, likeness=True)
EVERYTHING = Terms(
    looks=LOOKS, hosted=Hosted("hosted", "Pictures, Inc.", "US", ("Makers",)), likeness=True
)
SHORTER = Terms(looks=LOOKS, photo_seconds=1800, headshot_seconds=900, conversation_seconds=7200)
CONVERSATIONS = {
    terms: Conversation(WORDING, terms) for terms in (LOCAL, HOSTED, LIKENESS, EVERYTHING, SHORTER)
}

BEGINNING = datetime(2026, 3, 1, 9, 0, 0, 250_000, tzinfo=UTC)
FORMATS = ("linkedin", "resume", "bio", "linkedin")

ENDLESS = 2000
"""No wait in these tests brings back so many timers."""

Work: TypeAlias = CheckPhoto | LookCloser | MakeHeadshots | PackData | AddBadge


@dataclass(frozen=True)
class Step:
    """One event and what came of it."""

    terms: Terms
    before: State
    event: Event
    at: datetime
    turn: Turn

    @property
    def said(self) -> tuple[Message, ...]:
        return tuple(effect.message for effect in self.turn.effects if isinstance(effect, Say))


def sitting_of(state: State) -> Sitting | None:
    """The sitting of a state, also behind the question whether to erase."""
    if isinstance(state, Confirming):
        return sitting_of(state.before)
    return None if isinstance(state, Idle | Erasing) else state.sitting


def blobs_of(event: Event) -> tuple[PhotoId, ...]:
    """The blobs that an event hands over."""
    match event:
        case PhotoChecked(_, crop, plain=plain):
            return (crop, plain) if plain else (crop,)
        case HeadshotsMade(_, headshots) | BadgeAdded(_, headshots):
            return tuple(shot.photo for shot in headshots)
        case DataPacked(archive):
            return (archive,)
        case _:
            return ()


class Play:
    """One conversation under way."""

    def __init__(self, terms: Terms = LOCAL, conversation: Conversation | None = None) -> None:
        """`conversation` is for tests that bring their own wording."""
        self.terms = terms
        self._conversation = conversation
        self.state: State = Idle()
        self.at = BEGINNING
        self.log: list[Step] = []
        self.work: list[Work] = []
        self.late: list[Work] = []
        """Work that was cancelled or erased, but may have been finished all the same."""
        self.timers: list[Remind] = []
        self.taps: list[Replied] = []
        self._names = 0

    @property
    def conversation(self) -> Conversation:
        return self._conversation or CONVERSATIONS[self.terms]

    @property
    def question(self) -> Message | None:
        """What is open now."""
        return self.conversation.prompts.of(self.state, self.at)

    @property
    def said(self) -> Iterator[Message]:
        """Everything that was said so far."""
        return (message for step in self.log for message in step.said)

    @property
    def effects(self) -> Iterator[Effect]:
        return (effect for step in self.log for effect in step.turn.effects)

    def do(self, event: Event) -> Turn:
        """Something happens, a quarter of a second after what happened before."""
        self.wait(0.25)
        return self._step(event)

    def _step(self, event: Event) -> Turn:
        turn = self.conversation.step(self.state, event, self.at)
        self.log.append(Step(self.terms, self.state, event, self.at, turn))
        self.state = turn.state
        for effect in turn.effects:
            self._owe(effect)
        if isinstance(event, Replied):
            self.taps.append(event)
        return turn

    def _owe(self, effect: Effect) -> None:
        match effect:
            case CheckPhoto() | LookCloser() | MakeHeadshots() | PackData() | AddBadge():
                self.work.append(effect)
            case CancelOrder(order):
                for one in [w for w in self.work if _order(w) == order]:
                    self.work.remove(one)
                    self.late.append(one)
            case Remind():
                self.timers.append(effect)
            case Erase():
                self.late += self.work
                self.work, self.timers = [], []
            case _:
                pass

    def wait(self, seconds: float) -> None:
        """Let time pass; each timer comes back at the moment for which it was set."""
        until = self.at + timedelta(seconds=seconds)
        rung = 0
        while due := [timer for timer in self.timers if timer.due <= until]:
            timer = min(due, key=lambda one: one.due)
            self.timers.remove(timer)
            rung += 1
            if rung > ENDLESS:
                raise AssertionError(f"{timer.timer} is set again and again")
            self.at = max(self.at, timer.due)
            self._step(TimeIsUp(timer.timer, timer.about))
        self.at = until

    # --- what the person does ---------------------------------------------------------------

    def selfie(self, text: str = "") -> Turn:
        return self.do(SelfieSent(SelfieRef(self._name("selfie")), text))

    def write(self, text: str) -> Turn:
        return self.do(Wrote(text))

    def tap(self, verb: str) -> Turn:
        """Tap a choice of the open question."""
        asked = self.question
        if asked is None or verb not in {choice.verb for choice in asked.choices}:
            raise LookupError(f"{verb} is not offered in {type(self.state).__name__}")
        return self.do(Replied(verb, asked.question))

    def agree(self) -> None:
        """Go one step on towards headshots, whatever that takes."""
        asked = self.question
        if isinstance(self.state, Erasing):
            self.erased()
        elif self.work:
            self.finish()
        elif asked and asked.choices:
            self.do(Replied(asked.choices[0].verb, asked.question))
        else:
            self.selfie()

    # --- what the engine does ---------------------------------------------------------------

    def erased(self) -> None:
        """The erasure is complete: no record is left."""
        self.state = Idle()

    def finish(self, *doubts: Doubt, unchecked: bool = False) -> Turn:
        """The oldest piece of work comes to a good end; a look at a photo may leave doubts."""
        return self.do(self.result(self.work.pop(0), doubts, unchecked=unchecked))

    def result(
        self, work: Work, doubts: tuple[Doubt, ...] = (), *, unchecked: bool = False
    ) -> Event:
        """The event that a good end of some work brings, with blobs never seen before."""
        match work:
            case CheckPhoto(selfie):
                crop = PhotoId(self._name("crop"))
                plain = PhotoId(self._name("plain")) if Doubt.WRITING in doubts else None
                return PhotoChecked(
                    selfie,
                    crop,
                    sha256_of(crop),
                    doubts=doubts,
                    unchecked=unchecked,
                    may_leave=self.terms.hosted is not None and not unchecked,
                    plain=plain,
                    plain_sha256=sha256_of(plain) if plain else "",
                )
            case LookCloser(crop):
                return LookedCloser(crop, doubts)
            case MakeHeadshots(order):
                shots = [
                    Headshot(PhotoId(self._name("shot")), kind, order.look, by=work.provider)
                    for kind in FORMATS
                ]
                return HeadshotsMade(order.id, tuple(shots))
            case AddBadge(order, headshots):
                copies = [replace(one, photo=PhotoId(self._name("badge"))) for one in headshots]
                return BadgeAdded(order, tuple(copies))
            case PackData():
                return DataPacked(PhotoId(self._name("archive")), work.crop)

    def fail(self, problem: PhotoProblem | None) -> Turn:
        """The oldest piece of work comes to nothing."""
        work = self.work.pop(0)
        match work:
            case CheckPhoto(selfie):
                return self.do(PhotoRejected(selfie, problem or PhotoProblem.CANNOT_CHECK))
            case MakeHeadshots(order):
                return self.do(MakingFailed(order.id, problem))
            case LookCloser(crop):
                return self.do(LookedCloser(crop))  # it was only advice
            case AddBadge(order):
                return self.do(BadgeAdded(order, ()))
            case PackData():
                return Turn(self.state)  # nothing is told about a copy that was given up

    def _name(self, kind: str) -> str:
        self._names += 1
        return f"{kind}-{self._names}"


def sha256_of(photo: PhotoId) -> str:
    """What stands for the hash of a blob: each has its own."""
    return hashlib.sha256(photo.value.encode()).hexdigest()


def _order(work: Work) -> str:
    return work.order.id if isinstance(work, MakeHeadshots) else ""


def pictures(message: Message) -> tuple[PhotoId, ...]:
    """The blobs that go with a message."""
    attached: tuple[Attachment, ...] = message.attachments
    return tuple(one.photo for one in attached)
