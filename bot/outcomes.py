"""What comes of what was owed: a checked photo, finished headshots, a packed copy of the data.

Pure. A result that comes twice, or too late, changes nothing but is not left lying about.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.commands import Commands
from bot.course import Course, forget, forget_strays
from bot.effects import Remind, Say
from bot.events import (
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
from bot.states import Batch, Checking, Delivered, Idle, Making, Question, Sitting, Turn, Visit
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
                sitting = self._screener.seen(sitting, event)
                timers = self._course.photo_timers(sitting, at)
                return self._course.advance(sitting, at, *timers, checked)
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
        if isinstance(event, HeadshotsMade) and event.headshots:
            how = self._how(state, event)
            return self._delivered(sitting, event.order, event.headshots, at, how)
        sitting = replace(sitting, ordered=sitting.ordered[:-1])
        state = replace(state, sitting=sitting)
        match event:
            case MakingFailed(_, problem) if problem:
                turn = self._course.another_photo(state, f"photo-{problem.value}", stop=False)
                return Turn(turn.state, (stopped, *turn.effects))
            case _:
                failed = self._course.say(sitting, "making-failed")
                return self._course.advance(replace(sitting, look=""), at, stopped, failed)

    def _delivered(
        self,
        sitting: Sitting,
        order: str,
        headshots: tuple[Headshot, ...],
        at: datetime,
        how: str,
    ) -> Turn:
        until = at + timedelta(seconds=self._terms.headshot_seconds)
        batch = Batch(order, headshots, until, sitting.answers, sitting.crop_sha256)
        sitting = replace(sitting, serial=sitting.serial + 1, batches=(*sitting.batches, batch))
        return Turn(
            Delivered(sitting),
            (
                Say(self._prompts.progress(sitting.language, "made", order)),
                Say(self._prompts.results(sitting, batch, how)),
                Remind(Timer.HEADSHOTS, order, until),
            ),
        )

    def _how(self, state: Making, made: HeadshotsMade) -> str:
        """Which sentence says who made them, and why it was not whom the person had asked."""
        hosted = self._terms.hosted
        if hosted is None or state.sitting.answer(Question.WHERE, self._terms) != "hosted":
            return "here"
        if made.by == hosted.provider:
            return "hosted"
        if state.here:
            return "here"
        return "cap" if made.cap is not None else "instead"

    def packed(self, state: Visit | Idle, event: DataPacked, at: datetime) -> Turn:
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
