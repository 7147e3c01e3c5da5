"""The life of a selfie: from a state and an event to the next state and what is now owed.

    Idle --selfie--> Consenting 1,2 --> Checking --> Doubting --> Consenting 3,4 --> Choosing
                                                                                        |
      Idle <-- Erasing <-- Confirming <--/delete, from anywhere-- Delivered <-- Making <+

Rules: no clock, no random, no I/O. `at` is when the event happened; everything else comes in the
event. Every pair of state and event returns a `Turn`; nothing raises. What to ask next is never
remembered but computed: `Course.advance` asks the first thing still open, so an answer that a
changed promise made outdated is simply asked again. `bot.screening` asks about what is in the
photo, `bot.commands` answers what can be asked at any time, `bot.outcomes` takes up what came of
what was owed, `bot.retention` keeps the promises about time, `bot.patience` asks about a slow
order, `bot.prompts` finds the words.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from bot import reading
from bot.again import next_wish
from bot.commands import Commands
from bot.course import Course, erase, erase_token
from bot.effects import Again, CountAgain, Farewell, Say
from bot.events import (
    BadgeAdded,
    DataPacked,
    Dismissed,
    Event,
    HeadshotsMade,
    LookedCloser,
    MakingFailed,
    PersonLeft,
    PhotoChecked,
    PhotoRejected,
    Replied,
    SelfieLost,
    SelfieSent,
    SelfieUnfit,
    SelfieWithdrawn,
    TimeIsUp,
    Timer,
    Wrote,
)
from bot.model import Choice, Message, SelfieRef
from bot.outcomes import Outcomes
from bot.patience import Patience
from bot.prompts import PRIVACY, WELCOME, Prompts
from bot.reading import Command
from bot.retention import Retention
from bot.screening import Screener
from bot.states import (
    Checking,
    Choosing,
    Confirming,
    Consenting,
    Delivered,
    Doubting,
    Erasing,
    Idle,
    Making,
    Question,
    Sitting,
    State,
    Turn,
    Visit,
    Wish,
)
from bot.terms import Terms
from bot.wording import DEFAULT, Wording

__all__ = ["Conversation", "Idle", "State", "Turn"]


HINTS = {Making: "still-making", Checking: "status-checking"}
"""What to say to a text that means nothing, where the usual hint would not fit."""


class Conversation:
    """The pure core, under the terms of one installation."""

    def __init__(self, wording: Wording, terms: Terms) -> None:
        self.prompts = Prompts(wording, terms)
        self._wording = wording
        self._terms = terms
        self._course = Course(self.prompts, terms)
        self._commands = Commands(self._course, self.prompts, terms)
        self._retention = Retention(self._course, terms)
        self._screener = Screener(self._course)
        self._patience = Patience(self._course, self.prompts)
        self._outcomes = Outcomes(self._course, self._commands, self.prompts, terms)

    def step(self, state: State, event: Event, at: datetime) -> Turn:
        """What an event leads to."""
        if isinstance(event, TimeIsUp) and event.timer is Timer.OUTDATED:
            return erase(Farewell.CONVERSATION_EXPIRED, DEFAULT)
        if isinstance(state, Erasing):
            return Turn(state)
        if isinstance(state, Confirming):
            return self._confirming(state, event, at)
        return self._retention.also_nobody(state, self._visit(state, event, at), at)

    def _visit(self, state: Visit | Idle, event: Event, at: datetime) -> Turn:
        match event:
            case Wrote() | Replied() | SelfieSent() | SelfieUnfit() | SelfieWithdrawn():
                return self._did(_touch(state, at), event, at)
            case PersonLeft() | Dismissed():
                why = Farewell.LEFT if isinstance(event, PersonLeft) else Farewell.DISMISSED
                return erase(why, _language(state))
            case TimeIsUp(timer=Timer.SLOW):
                return self._patience.due(state, event, at)
            case TimeIsUp():
                return self._retention.due(state, event, at)
            case DataPacked() | BadgeAdded():
                return self._outcomes.copied(state, event, at)
            case PhotoChecked() | PhotoRejected() | SelfieLost() | LookedCloser():
                return self._outcomes.checked(state, event, at)
            case HeadshotsMade() | MakingFailed():
                return self._outcomes.made(state, event, at)

    # --- what the person does ---------------------------------------------------------------

    def _did(
        self,
        state: Visit | Idle,
        event: Wrote | Replied | SelfieSent | SelfieUnfit | SelfieWithdrawn,
        at: datetime,
    ) -> Turn:
        match event:
            case Wrote(text):
                return self._wrote(state, text, at)
            case Replied(verb, question):
                return self._replied(state, verb, question, at)
            case SelfieSent():
                return self._selfie(state, event, at)
            case SelfieUnfit():
                return self._unfit(state, event, at)
            case SelfieWithdrawn(selfie):
                return self._withdrawn(state, selfie)

    def _withdrawn(self, state: Visit | Idle, selfie: SelfieRef) -> Turn:
        """Let go of what was made of a photo that is not to be there any more."""
        if isinstance(state, Idle) or selfie not in {state.sitting.selfie, state.sitting.source}:
            return Turn(state)
        return self._course.another_photo(state, "selfie-withdrawn")

    def _wrote(self, state: Visit | Idle, text: str, at: datetime) -> Turn:
        language = _language(state)
        prompt = self.prompts.of(state, at)
        asked = reading.command(text, self._wording, language)
        verb = None
        if prompt and not text.lstrip().startswith("/"):
            verb = reading.choice(text, prompt.choices, self._wording, language)
        if prompt and verb:
            return self._replied(state, verb, prompt.question, at)
        if asked:
            return self._commands.obey(asked, state, at)
        if isinstance(state, Consenting | Doubting) and self._outdated(state, prompt):
            return self._ask_anew(state, at)
        hint = HINTS.get(type(state), "not-understood" if prompt else "idle-hint")
        return Turn(
            state, (Say(self.prompts.say(language, hint)), *self._commands.again(state, at))
        )

    def _replied(self, state: Visit | Idle, verb: str, question: str, at: datetime) -> Turn:
        if question in {WELCOME, PRIVACY}:
            return self._standing(state, verb, at)
        if isinstance(state, Idle):
            return Turn(state, (Say(self.prompts.say(DEFAULT, "status-idle")),))
        if question and question == state.sitting.answered:
            return Turn(state)  # the second half of a double click
        prompt = self.prompts.of(state, at)
        if isinstance(state, Consenting | Doubting) and self._outdated(state, prompt):
            return self._ask_anew(state, at)
        prompt = self.prompts.asked(state, question, at)
        if not prompt or verb not in _verbs(prompt.choices):
            changed = self._course.say(state.sitting, "changed")
            return Turn(state, (changed, *self._commands.where(state, at)))
        # A question that stays open, such as what to do with the headshots, gets a new token.
        serial = state.sitting.serial + 1
        sitting = replace(state.sitting, answered=question, serial=serial)
        return self._answer(replace(state, sitting=sitting), verb, at)

    def _outdated(self, state: Consenting | Doubting, prompt: Message | None) -> bool:
        """Whether the question would now be another one than the one that was shown."""
        return state.shown != self._course.fingerprint(prompt)

    def _ask_anew(self, state: Consenting | Doubting, at: datetime) -> Turn:
        return self._course.advance(state.sitting, at, self._course.say(state.sitting, "changed"))

    def _standing(self, state: Visit | Idle, verb: str, at: datetime) -> Turn:
        match verb:
            case "privacy":
                return self._commands.obey(Command.PRIVACY, state, at)
            case "delete":
                return self._commands.obey(Command.DELETE, state, at)
            case _:
                # An old button: it may begin something, but must not let go of a photo.
                begin = Command.NEW if isinstance(state, Idle) else Command.START
                return self._commands.obey(begin, state, at)

    def _answer(self, state: Visit, verb: str, at: datetime) -> Turn:
        match state:
            case Consenting():
                return self._consented(state, verb, at)
            case Doubting():
                return self._screener.answered(state, verb, at)
            case Choosing(sitting):
                return self._course.advance(replace(sitting, look=verb), at)
            case Making():
                return self._patience.answer(state, verb, at)
            case Delivered(sitting):
                return self._afterwards(sitting, verb, at)
            case _:
                return Turn(state)

    def _consented(self, state: Consenting, verb: str, at: datetime) -> Turn:
        match state.question, verb:
            case Question.SELF, "no":
                return self._course.leave(state, Farewell.NOT_THEIRS)
            case Question.PURPOSE, "no":
                return self._course.leave(state, Farewell.NOT_PROFESSIONAL)
            case Question.WHERE, "erase":
                return self._course.leave(state, Farewell.DECLINED)
            case Question.WHERE, "different":
                return self._course.another_photo(state, "ask-for-other-selfie")
            case _:
                return self._course.advance(self._course.record_answer(state, verb, at), at)

    def _afterwards(self, sitting: Sitting, verb: str, at: datetime) -> Turn:
        state = Delivered(sitting)
        match verb:
            case "different":
                return self._course.another_photo(state, "ask-for-other-selfie")
            case "again":
                return self._course.advance(replace(sitting, look="", wish=Wish()), at)
            case Again.NOT_ME | Again.CLOSER:
                return self._once_more(sitting, Again(verb), at)
            case "badge":
                return self._course.add_badge(sitting)
            case "done":
                bare, effects = self._course.let_go(sitting)
                return Turn(Delivered(bare), (*effects, self._course.say(bare, "done-said")))
            case _:
                return self._commands.obey(Command.DELETE, state, at)

    def _caption(self, state: Visit | Idle, text: str) -> Command | None:
        """The command that a caption is, unless it says no more than the photo does."""
        asked = reading.command(text, self._wording, _language(state)) if text else None
        return None if asked in {Command.START, Command.NEW} else asked

    def _unfit(self, state: Visit | Idle, event: SelfieUnfit, at: datetime) -> Turn:
        asked = self._caption(state, event.text)
        if asked:
            return self._commands.obey(asked, state, at)
        why = self.prompts.say(
            _language(state), f"photo-{event.problem.value}", limit=event.limit_mb
        )
        return Turn(state, (Say(why), *self._commands.again(state, at)))

    def _once_more(self, sitting: Sitting, why: Again, at: datetime) -> Turn:
        """It is not them, or not enough: the same look once more, closer to the photo."""
        wish = next_wish(sitting, why)
        if wish is None or not sitting.look:
            said = self._course.say(sitting, "again-exhausted")
            state = Delivered(sitting)
            return Turn(state, (CountAgain(why), said, *self._commands.again(state, at)))
        where = "again-here" if wish.here else "again-there"
        said = self._course.say(sitting, where)
        return self._course.advance(replace(sitting, wish=wish), at, CountAgain(why), said)

    def _selfie(self, state: Visit | Idle, event: SelfieSent, at: datetime) -> Turn:
        asked = self._caption(state, event.text)
        if asked:
            return self._commands.obey(asked, state, at)
        barred = self._course.barred(None, at)
        if barred:
            return Turn(state, (Say(self.prompts.say(_language(state), barred)),))
        several = self.prompts.say(_language(state), "photo-one-of-several")
        first = (Say(several),) if event.more else ()
        if isinstance(state, Idle):
            sitting, reminder = self._course.begin(DEFAULT, at)
            sitting = replace(sitting, selfie=event.selfie)
            return self._course.advance(sitting, at, reminder, *first)
        if isinstance(state, Making | Checking):
            return Turn(state, (self._course.say(state.sitting, "photo-while-busy"),))
        had_one = state.sitting.selfie or state.sitting.crop
        bare, effects = self._course.let_go(state.sitting)
        said = (self._course.say(bare, "photo-replaced"),) if had_one and not first else first
        return self._course.advance(replace(bare, selfie=event.selfie), at, *effects, *said)

    def _confirming(self, state: Confirming, event: Event, at: datetime) -> Turn:
        """One tap away from erasing; whatever else happens goes on behind the question."""
        before = state.before
        verb = self._confirmation(state, event, at)
        if verb == "erase-yes":
            return erase(Farewell.ASKED, state.language)
        if verb == "erase-keep":
            kept = Say(self.prompts.say(state.language, "kept"))
            if not isinstance(before, Idle):
                before = replace(before, sitting=replace(before.sitting, answered=state.token))
            turn = Turn(before, (kept, *self._commands.again(before, at)))
            return self._retention.also_nobody(before, turn, at)
        if isinstance(before, Idle) and isinstance(event, TimeIsUp) and event.about == state.token:
            return erase(Farewell.CONVERSATION_EXPIRED, state.language)
        turn = self._retention.also_nobody(before, self._visit(before, event, at), at)
        theirs = isinstance(event, Wrote | Replied | SelfieSent | SelfieUnfit)
        if theirs or isinstance(turn.state, Erasing):
            return turn
        if isinstance(turn.state, Confirming):
            return turn
        state, effects = replace(state, before=turn.state), turn.effects
        if any(isinstance(effect, Say) and effect.message.choices for effect in effects):
            # What is asked last is what a typed "yes" answers: ask about erasing once more.
            state = replace(state, token=erase_token(at))
            effects = (*effects, *self._commands.again(state, at))
        return Turn(state, effects)

    def _confirmation(self, state: Confirming, event: Event, at: datetime) -> str | None:
        if isinstance(event, Replied) and event.question == state.token:
            return event.verb
        prompt = self.prompts.of(state, at)
        if isinstance(event, Wrote) and prompt and not event.text.lstrip().startswith("/"):
            return reading.choice(event.text, prompt.choices, self._wording, state.language)
        return None


def _language(state: Visit | Idle) -> str:
    return DEFAULT if isinstance(state, Idle) else state.sitting.language


def _verbs(choices: tuple[Choice, ...]) -> frozenset[str]:
    return frozenset(choice.verb for choice in choices)


def _touch(state: Visit | Idle, at: datetime) -> Visit | Idle:
    """The person did something: an unfinished conversation is given up later."""
    if isinstance(state, Idle):
        return state
    return replace(state, sitting=replace(state.sitting, touched=at))
