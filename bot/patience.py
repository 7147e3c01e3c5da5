"""An order at a hosted provider that takes long: wait on, have it made here, or give it up.

Pure. Nothing is decided for the person: the order goes on behind the question, and its result
answers the question as well.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from bot.course import Course
from bot.effects import Farewell, Say
from bot.events import TimeIsUp
from bot.prompts import Prompts
from bot.states import Idle, Making, Turn, Visit


class Patience:
    """Asks, and takes the answer."""

    def __init__(self, course: Course, prompts: Prompts) -> None:
        self._course = course
        self._prompts = prompts

    def due(self, state: Visit | Idle, event: TimeIsUp, at: datetime) -> Turn:
        """The order has taken long."""
        if not isinstance(state, Making) or state.order != event.about or state.here:
            return Turn(state)
        serial = state.sitting.serial + 1
        asking = replace(state, sitting=replace(state.sitting, serial=serial), slow=serial)
        prompt = self._prompts.of(asking, at)
        return Turn(asking, (Say(prompt),) if prompt else ())

    def answer(self, state: Making, verb: str, at: datetime) -> Turn:
        """What the person wants to be done about it."""
        match verb:
            case "wait":
                on = self._course.say(state.sitting, "slow-patient")
                timer = self._course.slow_timer(state.order, at)
                return Turn(replace(state, slow=0), (on, timer))
            case "instead":
                return self._course.make_here(state, at)
            case _:
                return self._course.leave(state, Farewell.DECLINED)
