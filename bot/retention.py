"""What happens when the time is up: photo, headshots, unfinished conversation, archive.

Pure. A timer names what it was set for; one whose subject is gone or replaced does nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.course import Course, erase, forget
from bot.effects import Effect, Farewell, ForgetPhotos, Remind, Say
from bot.events import TimeIsUp, Timer
from bot.model import PhotoId
from bot.states import Delivered, Idle, Making, Sitting, Turn, Visit
from bot.terms import Terms
from bot.wording import DEFAULT

NOBODY = "nobody"
"""What the timer of somebody without a record was set for."""
GRACE = timedelta(minutes=10)
"""How long a conversation that is in the middle of an order is left alone before looking again."""


class Retention:
    """Keeps the promises about time."""

    def __init__(self, course: Course, terms: Terms) -> None:
        self._course = course
        self._terms = terms

    def due(self, state: Visit | Idle, event: TimeIsUp, at: datetime) -> Turn:
        """A timer has come due."""
        if event.timer is Timer.ARCHIVE:
            return Turn(state, (ForgetPhotos((PhotoId(event.about),)),))
        if isinstance(state, Idle):
            return self._nobody(state, event)
        match event.timer:
            case Timer.PHOTO:
                return self._photo(state, event.about)
            case Timer.HEADSHOTS:
                return self._headshots(state, event.about)
            case _:
                return self._conversation(state, event.about, at)

    def also_nobody(self, before: Visit | Idle, turn: Turn, at: datetime) -> Turn:
        """Who was only spoken to has no record, but what was said lies in the chat: it goes too."""
        spoken = any(isinstance(effect, Say) for effect in turn.effects)
        if not (isinstance(before, Idle) and isinstance(turn.state, Idle) and spoken):
            return turn
        due = at + timedelta(seconds=self._terms.conversation_seconds)
        return Turn(turn.state, (*turn.effects, Remind(Timer.CONVERSATION, NOBODY, due)))

    def _nobody(self, state: Idle, event: TimeIsUp) -> Turn:
        # Also a conversation whose record cannot be read any more: its timer is all that is left.
        if event.timer is Timer.CONVERSATION:
            return erase(Farewell.CONVERSATION_EXPIRED, DEFAULT)
        return Turn(state)

    def _photo(self, state: Visit, about: str) -> Turn:
        if about not in {crop.value for crop in state.sitting.crops}:
            return Turn(state)
        return self._course.another_photo(state, "photo-expired")

    def _headshots(self, state: Visit, about: str) -> Turn:
        sitting = state.sitting
        old = [batch for batch in sitting.batches if batch.order == about]
        if not old:
            return Turn(state)
        kept = tuple(batch for batch in sitting.batches if batch.order != about)
        bare = replace(sitting, batches=kept, archives=())
        if not kept and (isinstance(state, Delivered) or _at_rest(bare)):
            return erase(Farewell.HEADSHOTS_EXPIRED, sitting.language)
        said: tuple[Effect, ...] = (self._course.say(bare, "headshots-expired-some"),)
        gone = (shot.photo for shot in old[0].all)
        effects = (*forget(*gone, *sitting.archives), *said)
        after = replace(state, sitting=bare)
        return Turn(self._course.rest(bare) if _at_rest(bare) else after, effects)

    def _conversation(self, state: Visit, about: str, at: datetime) -> Turn:
        sitting = state.sitting
        if sitting.began.isoformat() != about:
            return Turn(state)
        due = max([sitting.expires(self._terms), *(batch.until for batch in sitting.batches)])
        if isinstance(state, Making):
            due = max(due, at + GRACE)
        if due <= at:
            # Both timers may be due at once; whichever comes first, the words must be true.
            finished = bool(sitting.batches)
            why = Farewell.HEADSHOTS_EXPIRED if finished else Farewell.CONVERSATION_EXPIRED
            return erase(why, sitting.language)
        return Turn(state, (Remind(Timer.CONVERSATION, about, due),))


def _at_rest(sitting: Sitting) -> bool:
    return sitting.crop is None and sitting.selfie is None
