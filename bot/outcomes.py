"""What comes of what was owed: a checked photo, finished headshots, a packed copy of the data.

Pure. A result that comes twice, or too late, changes nothing but is not left lying about.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.again import merged, sifted
from bot.commands import Commands
from bot.course import Course, forget, forget_strays
from bot.effects import Effect, Remind, Say
from bot.events import (
    BadgeAdded,
    DataPacked,
    HeadshotsMade,
    LookedCloser,
    MakingFailed,
    PhotoChecked,
    PhotoRejected,
    SelfieLost,
    Timer,
)
from bot.model import Attachment, Headshot
from bot.prompts import Prompts
from bot.screening import Screener
from bot.states import (
    Batch,
    Checking,
    Delivered,
    Idle,
    Making,
    Question,
    Sitting,
    Turn,
    Visit,
    Wish,
)
from bot.terms import Terms


class Outcomes:
    """Takes up the results of effects."""

    def __init__(self, course: Course, commands: Commands, prompts: Prompts, terms: Terms) -> None:
        self._course = course
        self._screener = Screener(course)
        self._commands = commands
        self._prompts = prompts
        self._terms = terms

    def checked(
        self,
        state: Visit | Idle,
        event: PhotoChecked | PhotoRejected | SelfieLost | LookedCloser,
        at: datetime,
    ) -> Turn:
        if isinstance(event, LookedCloser):
            return self._screener.looked_closer(state, event, at)
        if not isinstance(state, Checking) or state.sitting.selfie != event.selfie:
            if isinstance(event, PhotoChecked):
                return self._screener.strays(state, event)
            return Turn(state)
        sitting = state.sitting
        checked = Say(self._course.checking(sitting, "checked"))
        match event:
            case PhotoChecked():
                seen = self._screener.seen(sitting, event)
                replaced = forget_strays(replace(state, sitting=seen), sitting.crops)
                timers = self._course.photo_timers(seen, at)
                return self._course.advance(seen, at, *replaced, *timers, checked)
            case PhotoRejected(_, problem):
                said = f"photo-{problem.value}"
            case _:
                said = "selfie-lost"
        turn = self._course.another_photo(state, said, stop=False)
        return Turn(turn.state, (checked, *turn.effects))

    def made(self, state: Visit | Idle, event: HeadshotsMade | MakingFailed, at: datetime) -> Turn:
        if not isinstance(state, Making) or state.order != event.order:
            shots = event.headshots if isinstance(event, HeadshotsMade) else ()
            return Turn(state, forget_strays(state, tuple(shot.photo for shot in shots)))
        sitting = state.sitting
        stopped = Say(self._prompts.progress(sitting.language, "stopped", state.order))
        match event:
            case HeadshotsMade():
                return self._sifted(state, event, at)
            case MakingFailed() if sitting.sifted:
                return self._sifted(state, HeadshotsMade(event.order, ()), at)
            case MakingFailed(_, problem) if problem:
                state = replace(state, sitting=_not_counted(sitting))
                turn = self._course.another_photo(state, f"photo-{problem.value}", stop=False)
                return Turn(turn.state, (stopped, *turn.effects))
            case _:
                return self._nothing(sitting, "making-failed", at, stopped)

    def _nothing(self, sitting: Sitting, why: str, at: datetime, *said: Effect) -> Turn:
        """No headshots: say so, and ask again which background it shall be."""
        sitting = replace(_not_counted(sitting), look="", wish=Wish())
        return self._course.advance(sitting, at, *said, self._course.say(sitting, why))

    def _sifted(self, state: Making, event: HeadshotsMade, at: datetime) -> Turn:
        """Hand over what passed; what did not is made once more, and only once."""
        sitting = state.sitting
        language, order, shots = sitting.language, event.order, event.headshots
        first, missing = sitting.sifted, len(event.left_out)
        if first is None and missing:
            again = Say(self._prompts.progress(language, "again", order))
            return self._course.advance(sifted(sitting, shots, event.left_out), at, again)
        strays: tuple[Headshot, ...] = ()
        if first is not None:
            shots, strays = merged(first, shots)
            missing = len(first.headshots) + len(first.missing) - len(shots)
            sitting = replace(sitting, sifted=None, wish=first.wish)
        dropped = forget_strays(Delivered(sitting), tuple(shot.photo for shot in strays))
        if not shots:
            stopped = Say(self._prompts.progress(language, "stopped", order))
            why = "making-unlike" if missing else "making-failed"
            return self._nothing(sitting, why, at, stopped, *dropped)
        how = self._how(state, replace(event, headshots=shots))
        turn = self._delivered(sitting, order, shots, at, left_out=missing, how=how)
        return Turn(turn.state, (*turn.effects, *dropped))

    def _delivered(
        self,
        sitting: Sitting,
        order: str,
        headshots: tuple[Headshot, ...],
        at: datetime,
        *,
        left_out: int,
        how: str,
    ) -> Turn:
        until = at + timedelta(seconds=self._terms.headshot_seconds)
        crop = sitting.crop_sha256
        batch = Batch(order, headshots, until, sitting.answers, crop, left_out)
        sitting = replace(sitting, serial=sitting.serial + 1, batches=(*sitting.batches, batch))
        return Turn(
            Delivered(sitting),
            (
                Say(self._prompts.progress(sitting.language, "made", order)),
                Say(self._prompts.results(sitting, batch, how)),
                Remind(Timer.HEADSHOTS, order, until),
            ),
        )

    def copied(self, state: Visit | Idle, event: DataPacked | BadgeAdded, at: datetime) -> Turn:
        """Hand over a copy of the data, or copies of headshots."""
        if isinstance(event, DataPacked):
            return self._packed(state, event, at)
        return self._badged(state, event)

    def _badged(self, state: Visit | Idle, event: BadgeAdded) -> Turn:
        batches = () if isinstance(state, Idle) else state.sitting.batches
        if isinstance(state, Idle) or all(batch.order != event.order for batch in batches):
            return Turn(state, forget_strays(state, tuple(one.photo for one in event.headshots)))
        if not event.headshots:
            return Turn(state, (self._course.say(state.sitting, "badge-failed"),))
        kept = tuple(
            replace(batch, badged=event.headshots) if batch.order == event.order else batch
            for batch in batches
        )
        earlier = (one.photo for batch in batches for one in batch.badged)
        state = replace(state, sitting=replace(state.sitting, batches=kept))
        asks = isinstance(state, Delivered)
        badged = Say(self._prompts.badged(state.sitting, event.headshots, ask=asks))
        return Turn(state, (*forget_strays(state, tuple(earlier)), badged))

    def _how(self, state: Making, made: HeadshotsMade) -> str:
        """Which sentence says who made them, and why it was not whom the person had asked."""
        hosted = self._terms.hosted
        if hosted is None or state.sitting.answer(Question.WHERE, self._terms) != "hosted":
            return "here"
        if hosted.provider in {made.by, *(shot.by for shot in made.headshots)}:
            return "hosted"
        if state.here:
            return "here"
        return "cap" if made.cap is not None else "instead"

    def _packed(self, state: Visit | Idle, event: DataPacked, at: datetime) -> Turn:
        if isinstance(state, Idle):
            return Turn(state, forget_strays(state, (event.archive,)))
        sitting = state.sitting
        if event.crop not in {None, sitting.crop}:
            # The picture in it was let go of meanwhile: pack again without it.
            turn = self._commands.pack(state, at)
            return Turn(turn.state, (*forget(event.archive), *turn.effects))
        earlier = tuple(one for one in sitting.archives if one != event.archive)
        state = replace(state, sitting=replace(sitting, archives=(event.archive,)))
        language = sitting.language
        alt = self._prompts.text(language, "mydata-alt")
        archive = Attachment(event.archive, "my-data.zip", "application/zip", alt, keep=True)
        ready = self._prompts.say(language, "mydata-ready")
        due = at + timedelta(seconds=self._terms.photo_seconds)
        return Turn(
            state,
            (
                *forget(*earlier),
                Say(replace(ready, attachments=(archive,))),
                Remind(Timer.ARCHIVE, event.archive.value, due),
            ),
        )


def _not_counted(sitting: Sitting) -> Sitting:
    """An order that came to nothing is not held against anybody; one made once more never was."""
    if sitting.wish.attempt:
        return sitting
    return replace(sitting, ordered=sitting.ordered[:-1])
