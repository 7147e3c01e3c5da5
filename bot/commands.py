"""What a person can ask for at any time: help, status, privacy, their data, to stop, to erase.

Pure. Every command works in every state; those that change something say so.
"""

from __future__ import annotations

import json
from datetime import datetime

from msgspec.structs import replace

from bot import consent
from bot.course import Course, erase, erase_token
from bot.effects import Effect, Farewell, PackData, Say
from bot.model import Message
from bot.prompts import Prompts
from bot.reading import Command
from bot.states import (
    Checking,
    Choosing,
    Confirming,
    Consenting,
    Delivered,
    Doubting,
    Idle,
    Making,
    Turn,
    Visit,
    Waiting,
)
from bot.terms import Terms
from bot.wording import DEFAULT

STATUS = {
    Waiting: "status-waiting",
    Consenting: "status-consenting",
    Checking: "status-checking",
    Doubting: "status-consenting",
    Choosing: "status-choosing",
    Making: "status-making",
}


class Commands:
    """Answers commands in any state."""

    def __init__(self, course: Course, prompts: Prompts, terms: Terms) -> None:
        self._course = course
        self._prompts = prompts
        self._terms = terms

    def obey(self, command: Command, state: Visit | Idle, at: datetime) -> Turn:
        """Carry out a command."""
        language = DEFAULT if isinstance(state, Idle) else state.sitting.language
        match command:
            case Command.DELETE:
                return self._confirm(state, language, at)
            case Command.DELETE_NOW:
                return erase(Farewell.ASKED, language)
            case Command.PRIVACY:
                privacy = self._prompts.privacy(language, nobody=isinstance(state, Idle))
                return self._also(state, at, privacy)
            case Command.HELP:
                return self._also(state, at, self._prompts.say(language, "help"))
            case Command.LANGUAGE:
                name = self._prompts.text(language, "language-name")
                text = self._prompts.text(language, "language-only", name=name)
                return self._also(state, at, Message(text=text))
            case _:
                return (
                    self._when_idle(command, state)
                    if isinstance(state, Idle)
                    else self._during(command, state, at)
                )

    def _also(self, state: Visit | Idle, at: datetime, message: Message) -> Turn:
        """Say something, then show the open question again."""
        return Turn(state, (Say(message), *self.again(state, at)))

    def again(self, state: Visit | Idle | Confirming, at: datetime) -> tuple[Effect, ...]:
        """The open question once more; progress shows itself and is not a question."""
        prompt = None if isinstance(state, Making) else self._prompts.of(state, at)
        return (Say(prompt),) if prompt else ()

    def where(self, state: Visit, at: datetime) -> tuple[Effect, ...]:
        """Where we are: the open question, or a sentence when there is none."""
        return self.again(state, at) or self._status(state, at).effects

    def _confirm(self, state: Visit | Idle, language: str, at: datetime) -> Turn:
        effects: tuple[Effect, ...] = ()
        token = erase_token(at)
        if isinstance(state, Idle):
            _, reminder = self._course.begin(language, at)
            effects = (replace(reminder, about=token),)
        asking = Confirming(state, token, language)
        prompt = self._prompts.of(asking, at)
        return Turn(asking, (*effects, Say(prompt)) if prompt else effects)

    def _when_idle(self, command: Command, state: Idle) -> Turn:
        match command:
            case Command.START:
                message = self._prompts.welcome(DEFAULT)
            case Command.NEW:
                message = self._prompts.say(DEFAULT, "ask-for-selfie")
            case Command.MYDATA:
                message = self._prompts.say(DEFAULT, "mydata-nothing")
            case _:
                message = self._prompts.say(DEFAULT, "status-idle")
        return Turn(state, (Say(message),))

    def _during(self, command: Command, state: Visit, at: datetime) -> Turn:
        match command:
            case Command.NEW if state.sitting.crop or state.sitting.selfie:
                return self._course.another_photo(state, "ask-for-other-selfie")
            case Command.NEW:
                return Turn(state, (self._course.say(state.sitting, "ask-for-selfie"),))
            case Command.CANCEL:
                return self._course.leave(state, Farewell.DECLINED)
            case Command.STOP:
                return self._course.leave(state, Farewell.WITHDRAWN)
            case Command.MYDATA:
                turn = self.pack(state, at)
                packing = self._course.say(state.sitting, "mydata-packing")
                return Turn(turn.state, (packing, *turn.effects))
            case Command.STATUS:
                return self._status(state, at)
            case _:
                return self._reprise(state, at)

    def _reprise(self, state: Visit, at: datetime) -> Turn:
        if isinstance(state, Waiting):
            return Turn(state, (self._course.say(state.sitting, "ask-for-selfie"),))
        return self._status(state, at)

    def _status(self, state: Visit, at: datetime) -> Turn:
        if isinstance(state, Delivered):
            return Turn(state, self.again(state, at))
        said = self._course.say(state.sitting, STATUS[type(state)])
        return Turn(state, (said, *self.again(state, at)))

    def pack(self, state: Visit, at: datetime) -> Turn:
        """Have a copy of the data made."""
        sitting = state.sitting
        record = json.dumps(consent.record(sitting, self._terms, at), indent=2)
        shots = tuple(shot for batch in sitting.batches for shot in batch.all)
        return Turn(state, (PackData(record, sitting.crop, shots),))
