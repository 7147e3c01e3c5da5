"""How things stand with a person, for a platform that shows it apart from the chat."""

from __future__ import annotations

from bot.commands import STATUS
from bot.conversation import Conversation
from bot.model import Message, Person, Value, Workspace
from bot.ports import Clock, Journal
from bot.states import Confirming, Delivered, Erasing, Idle, Making, State
from bot.wording import DEFAULT
from bot.workspaces import Workspaces


class Briefing(Value, frozen=True):
    """What a start page says."""

    welcome: Message
    status: str
    privacy: str
    """The seven straight answers."""


class Census(Value, frozen=True):
    """How many of what there is in a workspace: numbers, never who."""

    people: int = 0
    conversations: int = 0
    making: int = 0
    headshots: int = 0


class Standing:
    """Reads, never changes anything."""

    def __init__(self, journal: Journal, workspaces: Workspaces, clock: Clock) -> None:
        self._journal = journal
        self._workspaces = workspaces
        self._clock = clock

    async def of(self, person: Person) -> Briefing:
        """What to tell that person now, under the terms of their workspace."""
        conversation = await self._workspaces.conversation_with(person)
        state = await self._journal.load(person)
        prompts = conversation.prompts
        return Briefing(
            welcome=prompts.welcome(DEFAULT),
            status=self._status(conversation, state),
            privacy=prompts.privacy_text(DEFAULT),
        )

    async def census(self, workspace: Workspace) -> Census:
        """Count what is held about the people of a workspace."""
        people = await self._workspaces.people(workspace)
        states = [await self._journal.load(person) for person in people]
        visits = [one.before if isinstance(one, Confirming) else one for one in states]
        sittings = [one.sitting for one in visits if not isinstance(one, Idle | Erasing)]
        batches = [batch for sitting in sittings for batch in sitting.batches]
        return Census(
            people=len(people),
            conversations=len(sittings),
            making=sum(isinstance(one, Making) for one in visits),
            headshots=sum(len(batch.headshots) for batch in batches),
        )

    def _status(self, conversation: Conversation, state: State) -> str:
        if isinstance(state, Confirming):
            state = state.before
        prompts = conversation.prompts
        if isinstance(state, Delivered):
            asked = prompts.of(state, self._clock.now())
            return asked.text if asked else ""
        if isinstance(state, Idle | Erasing):
            return prompts.text(DEFAULT, "status-idle")
        return prompts.text(state.sitting.language, STATUS[type(state)])
