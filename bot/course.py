"""The moves of a conversation: begin, advance to what is open, let go, leave.

Pure, like everything that `bot.conversation` uses. A move takes a sitting and returns a `Turn`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot import consent
from bot.effects import (
    AddBadge,
    CancelCheck,
    CancelOrder,
    CheckPhoto,
    Effect,
    Erase,
    Farewell,
    ForgetPhotos,
    LookCloser,
    MakeHeadshots,
    Remind,
    Say,
)
from bot.events import Timer
from bot.model import Message, Order, PhotoId
from bot.prompts import Prompts
from bot.states import (
    ABOUT_THE_PHOTO,
    Answer,
    Checking,
    Choosing,
    Consenting,
    Delivered,
    Doubting,
    Erasing,
    Idle,
    Making,
    Question,
    Screening,
    Sitting,
    Turn,
    Visit,
    Waiting,
    Wish,
)
from bot.terms import Terms


class Course:
    """The moves, under the terms of this installation."""

    def __init__(self, prompts: Prompts, terms: Terms) -> None:
        self._prompts = prompts
        self._terms = terms

    def say(self, sitting: Sitting, text_id: str) -> Say:
        """A plain sentence in the person's language."""
        return Say(self._prompts.say(sitting.language, text_id))

    def begin(self, language: str, at: datetime) -> tuple[Sitting, Remind]:
        """A new sitting, and the timer that gives it up when it is left unfinished."""
        sitting = Sitting(language, began=at, touched=at, serial=serial_at(at))
        due = sitting.expires(self._terms)
        return sitting, Remind(Timer.CONVERSATION, at.isoformat(), due)

    def advance(self, sitting: Sitting, at: datetime, *said: Effect) -> Turn:
        """Ask or do the first thing that is still open."""
        sitting = replace(sitting, serial=sitting.serial + 1)
        state = self._next(sitting)
        if isinstance(state, Making):
            barred = self.barred(state.sitting, at)
            if barred:
                state = Choosing(replace(sitting, look=""))
                said = (*said, self.say(sitting, barred))
            elif not sitting.wish.attempt:
                today = (*_of_the_last_day(sitting, at), at)
                state = replace(state, sitting=replace(state.sitting, ordered=today))
        if isinstance(state, Consenting | Doubting):
            state = replace(state, shown=self.fingerprint(self._prompts.of(state, at)))
        match state:
            case Waiting():
                return Turn(state, said)
            case Checking():
                return Turn(state, (*said, *self._check(sitting)))
            case Making(sitting, order):
                return Turn(state, (*said, *self._make(sitting, order, at)))
            case _:
                prompt = self._prompts.of(state, at)
                return Turn(state, (*said, Say(prompt)) if prompt else said)

    def barred(self, sitting: Sitting | None, at: datetime) -> str | None:
        """Text that says why no headshots are made for this person now; None when they are."""
        if not self._terms.admitted:
            return "not-admitted"
        limit = self._terms.daily
        if sitting is None or sitting.wish.attempt:
            return None  # what is made once more is at nobody's expense
        if limit and len(_of_the_last_day(sitting, at)) >= limit:
            return "daily-limit"
        return None

    def fingerprint(self, asked: Message | None) -> str:
        """The promises in force and the exact words of a question, as one short text."""
        return f"{self._terms.version}:{consent.text_hash(asked)}" if asked else ""

    def _next(self, sitting: Sitting) -> Visit:
        if sitting.selfie is None and sitting.crop is None:
            return Waiting(sitting)
        before = self._open_question(sitting, (Question.SELF, Question.PURPOSE))
        if before:
            return Consenting(sitting, before)
        if sitting.crop is None:
            return Checking(sitting)
        if sitting.screening.doubts:
            return Doubting(sitting, sitting.screening.doubts[0])
        question = self._open_question(sitting, self._prompts.questions())
        if question:
            return Consenting(sitting, question)
        return self._after_consent(sitting)

    def _open_question(self, sitting: Sitting, asked: Iterable[Question]) -> Question | None:
        return next((one for one in asked if not sitting.answer(one, self._terms)), None)

    def _after_consent(self, sitting: Sitting) -> Visit:
        if not sitting.screening.looked_closer:
            return Checking(sitting)
        if sitting.look not in self._terms.looks:
            return Choosing(sitting)
        sitting = replace(sitting, orders=sitting.orders + 1)
        return Making(sitting, self._order_id(sitting), here=sitting.wish.here)

    @staticmethod
    def _order_id(sitting: Sitting) -> str:
        """Unique and without a person in it: a hash of the crop's opaque name and a count."""
        crop = sitting.crop.value if sitting.crop else ""
        return hashlib.sha256(f"{crop}#{sitting.orders}".encode()).hexdigest()[:16]

    def _check(self, sitting: Sitting) -> tuple[Effect, ...]:
        if sitting.crop is not None:
            return (LookCloser(sitting.crop, self._agreed(sitting)),)
        if sitting.selfie is None:
            return ()
        return (Say(self.checking(sitting, "checking")), CheckPhoto(sitting.selfie))

    def checking(self, sitting: Sitting, stage: str) -> Message:
        """The one message that shows the check of a photo."""
        message = self._prompts.say(sitting.language, f"progress-{stage}")
        return replace(message, slot=f"check-{sitting.serial}")

    def _make(
        self, sitting: Sitting, order: str, at: datetime, *, here: bool = False
    ) -> tuple[Effect, ...]:
        progress = self._prompts.of(Making(sitting, order), at)
        if sitting.crop is None or progress is None:
            return ()
        hosted = self._terms.hosted
        wish = sitting.wish
        here = here or wish.here
        agreed = sitting.answer(Question.WHERE, self._terms) == "hosted"
        there = agreed and sitting.screening.may_leave and not here
        making = MakeHeadshots(
            order=Order(
                order, sitting.look, self._terms.variants, attempt=wish.attempt, closer=wish.closer
            ),
            crop=sitting.crop,
            crop_sha256=self._agreed(sitting),
            provider=hosted.provider if hosted and there else self._terms.local_provider,
            slot=progress.slot,
            language=sitting.language,
            likeness=sitting.answer(Question.LIKENESS, self._terms) == "yes",
        )
        return (making, self.slow_timer(order, at)) if hosted and there else (making,)

    def make_here(self, visit: Making, at: datetime) -> Turn:
        """Stop the order that is under way and have it made on this machine."""
        sitting = replace(visit.sitting, orders=visit.sitting.orders + 1)
        making = Making(sitting, self._order_id(sitting), here=True)
        effects = self._make(sitting, making.order, at, here=True)
        return Turn(making, (CancelOrder(visit.order), *effects))

    def slow_timer(self, order: str, at: datetime) -> Remind:
        """Asks what to do about an order that takes long."""
        return Remind(Timer.SLOW, order, at + timedelta(seconds=self._terms.slow_seconds))

    def _agreed(self, sitting: Sitting) -> str:
        """Hash of the picture that the last answer to question 3 was given to."""
        given = [one for one in sitting.answers if one.question is Question.WHERE]
        agreed = given and sitting.answer(Question.WHERE, self._terms)
        return given[-1].crop_sha256 if agreed else ""

    def add_badge(self, sitting: Sitting) -> Turn:
        """Have copies of the newest headshots made that say in the picture how they came about."""
        if not sitting.batches:
            return Turn(Delivered(sitting))
        newest = sitting.batches[-1]
        words = self._prompts.badge_words(sitting)
        adding = AddBadge(newest.order, newest.headshots, words)
        return Turn(Delivered(sitting), (adding, self.say(sitting, "badge-making")))

    def record_answer(self, state: Consenting, verb: str, at: datetime) -> Sitting:
        """The sitting with one more answer, bound to the exact text that was shown."""
        sitting, prompt = state.sitting, self._prompts.of(state, at)
        answer = Answer(
            question=state.question,
            verb=verb,
            at=at,
            text_sha256=consent.text_hash(prompt) if prompt else "",
            language=sitting.language,
            policy=self._terms.version,
            crop_sha256=sitting.crop_sha256 if state.question is Question.WHERE else "",
        )
        return replace(sitting, answers=(*sitting.answers, answer))

    def let_go(self, sitting: Sitting) -> tuple[Sitting, tuple[Effect, ...]]:
        """The sitting without its photo and the answers about it, and the erasure of the crop."""
        kept = tuple(a for a in sitting.answers if a.question not in ABOUT_THE_PHOTO)
        bare = replace(sitting, selfie=None, source=None, crop=None, crop_sha256="", answers=kept)
        bare = replace(bare, look="", archives=(), screening=Screening())
        bare = replace(bare, wish=Wish(), sifted=None)
        waiting = (shot.photo for shot in sitting.sifted.headshots) if sitting.sifted else ()
        return bare, forget(*sitting.crops, *sitting.archives, *waiting)

    def rest(self, sitting: Sitting) -> Visit:
        """Where a sitting without a photo stands."""
        return Delivered(sitting) if sitting.batches else Waiting(sitting)

    def leave(self, visit: Visit, farewell: Farewell) -> Turn:
        """Stop here: erase everything, or only the photo while headshots are still to be kept."""
        sitting = visit.sitting
        if not sitting.batches:
            return erase(farewell, sitting.language)
        bare, effects = self.let_go(sitting)
        if farewell is Farewell.WITHDRAWN:
            bare = replace(bare, answers=())
        said = "stopped" if farewell is Farewell.WITHDRAWN else "cancelled"
        return Turn(self.rest(bare), (*self._stop(visit), *effects, self.say(bare, said)))

    def another_photo(self, visit: Visit, text_id: str, *, stop: bool = True) -> Turn:
        """Let go of the photo and wait for another one; `stop` also cancels a running order."""
        bare, effects = self.let_go(visit.sitting)
        stopped = self._stop(visit) if stop else ()
        return Turn(self.rest(bare), (*stopped, *effects, self.say(bare, text_id)))

    def _stop(self, visit: Visit) -> tuple[Effect, ...]:
        """Cancels the check or the order that is under way, if one is."""
        match visit:
            case Checking(sitting) if sitting.selfie:
                return (CancelCheck(sitting.selfie),)
            case Making(_, order):
                return (CancelOrder(order),)
            case _:
                return ()

    def photo_timers(self, sitting: Sitting, at: datetime) -> tuple[Remind, ...]:
        """The timers of the crops that were just made."""
        due = at + timedelta(seconds=self._terms.photo_seconds)
        return tuple(Remind(Timer.PHOTO, crop.value, due) for crop in sitting.crops)


def _of_the_last_day(sitting: Sitting, at: datetime) -> tuple[datetime, ...]:
    return tuple(one for one in sitting.ordered if at - one < timedelta(days=1))


def serial_at(at: datetime) -> int:
    """Where counting questions starts: at the clock, in milliseconds.

    Nobody answers a thousand questions a second, so a button of an erased conversation never fits.
    """
    return int(at.timestamp() * 1000)


def erase_token(at: datetime) -> str:
    """Token of the question about erasing that is asked now."""
    return f"erase-{serial_at(at)}"


def forget(*photos: PhotoId | None) -> tuple[Effect, ...]:
    """Erases single blobs."""
    there = tuple(photo for photo in photos if photo is not None)
    return (ForgetPhotos(there),) if there else ()


def forget_strays(state: Visit | Idle, photos: tuple[PhotoId, ...]) -> tuple[Effect, ...]:
    """Lets go of what came too late, but never of what is in use: a result may come twice."""
    used = frozenset() if isinstance(state, Idle) else state.sitting.photos
    strays = tuple(photo for photo in photos if photo not in used)
    return (ForgetPhotos(strays),) if strays else ()


def erase(farewell: Farewell, language: str) -> Turn:
    """Erase everything; alone in its turn, so that nothing can come after it."""
    return Turn(Erasing(), (Erase(farewell, language),))
