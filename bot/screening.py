"""Questions about what is in the photo, and what each answer leads to. Pure.

They come after the look at the photo and before question 3, except advice about pose and eyes,
which takes landmarks and so comes after it. A doubt that is settled never comes back for the same
photo; all of it goes with the photo.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from bot.course import Course, forget, forget_strays
from bot.effects import Effect, Farewell
from bot.events import LookedCloser, PhotoChecked
from bot.policy import ANSWERS, Doubt
from bot.states import Checking, Doubting, Idle, Screening, Settled, Sitting, Turn, Visit


class Screener:
    """The moves about the photo's content."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def seen(self, sitting: Sitting, event: PhotoChecked) -> Sitting:
        """The sitting with its crop and what is left to be asked about it."""
        screening = Screening(
            doubts=event.doubts,
            fixes=event.fixes,
            unchecked=event.unchecked,
            may_leave=event.may_leave,
            plain=event.plain,
            plain_sha256=event.plain_sha256,
        )
        return replace(
            sitting,
            selfie=None,
            source=event.selfie,
            crop=event.crop,
            crop_sha256=event.crop_sha256,
            screening=screening,
        )

    def looked_closer(self, state: Visit | Idle, event: LookedCloser, at: datetime) -> Turn:
        """Pose and eyes were looked at: go on, or ask once whether to."""
        if not isinstance(state, Checking) or state.sitting.crop != event.crop:
            return Turn(state)
        sitting = state.sitting
        screening = replace(sitting.screening, looked_closer=True, doubts=event.doubts)
        return self._course.advance(replace(sitting, screening=screening), at)

    def answered(self, state: Doubting, verb: str, at: datetime) -> Turn:
        """What an answer leads to."""
        match verb:
            case "different":
                return self._course.another_photo(state, "ask-for-other-selfie")
            case "erase":
                return self._course.leave(state, Farewell.DECLINED)
            case _ if verb in ANSWERS[state.doubt]:
                sitting, effects = self._settle(state, verb, at)
                return self._course.advance(sitting, at, *effects)
            case _:
                return Turn(state)

    def _settle(
        self, state: Doubting, verb: str, at: datetime
    ) -> tuple[Sitting, tuple[Effect, ...]]:
        sitting, screening = state.sitting, state.sitting.screening
        left = tuple(doubt for doubt in screening.doubts if doubt is not state.doubt)
        settled = (*screening.settled, Settled(state.doubt, verb, at))
        screening = replace(screening, doubts=left, settled=settled)
        if state.doubt is not Doubt.WRITING or screening.plain is None:
            return replace(sitting, screening=screening), ()
        # Decided: one of the two crops goes at once.
        plain, plain_sha256 = screening.plain, screening.plain_sha256
        screening = replace(screening, plain=None, plain_sha256="")
        if verb != "keep":
            return replace(sitting, screening=screening), forget(plain)
        kept = replace(
            sitting, crop=plain, crop_sha256=plain_sha256, screening=screening, archives=()
        )
        return kept, forget(sitting.crop, *sitting.archives)

    def strays(self, state: Visit | Idle, event: PhotoChecked) -> Turn:
        """A check that nobody waits for any more: its crops are not left lying about."""
        crops = tuple(crop for crop in (event.crop, event.plain) if crop is not None)
        return Turn(state, forget_strays(state, crops))
