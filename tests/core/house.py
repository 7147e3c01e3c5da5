"""A bot with everything outside faked, and a person who talks to it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.absent import Connected
from bot.acts import Acts
from bot.conversation import Conversation
from bot.engine import Engine
from bot.erasure import Erasure
from bot.events import Delivery, Event, Replied, SelfieSent, Wrote
from bot.finishing import Finishing
from bot.model import Message, Person, SelfieRef
from bot.orders import Orders
from bot.ports import Erasable, HeadshotProvider
from bot.receipt import Signer
from bot.removal import Removal
from bot.states import State
from bot.tally import Tally
from bot.terms import Terms
from bot.workspaces import Workspaces
from tests.core.play import WORDING
from tests.fakes.chat import FakeChat
from tests.fakes.clock import HandClock
from tests.fakes.inspector import FakeInspector
from tests.fakes.judge import FakeJudge
from tests.fakes.labeller import FakeLabeller
from tests.fakes.memory import MemoryStorage
from tests.fakes.painter import FakePainter
from tests.fakes.provider import FakeProvider, plain_headshot

ANNA = Person("chat", "", "anna")
JPEG = plain_headshot((64, 64), 100)
"""A photo; what is appended to it makes it somebody's."""
TERMS = Terms(looks=("grey", "white", "navy"), local_provider="fake")
MASTER = bytes(range(32))


@dataclass
class House:
    """What outlives a restart, and the fakes outside."""

    clock: HandClock = field(default_factory=HandClock)
    chat: FakeChat = field(default_factory=FakeChat)
    provider: FakeProvider = field(default_factory=FakeProvider)
    inspector: FakeInspector = field(default_factory=FakeInspector)
    labeller: FakeLabeller = field(default_factory=FakeLabeller)
    judge: FakeJudge = field(default_factory=FakeJudge)
    painter: FakePainter = field(default_factory=FakePainter)
    tally: Tally = field(default_factory=Tally)
    storage: MemoryStorage = field(init=False)
    workspaces: Workspaces = field(init=False)
    connected: bool = True
    """Whether the chat is still in the settings."""
    terms: Terms = TERMS
    more_providers: tuple[HeadshotProvider, ...] = ()
    more_holders: tuple[Erasable, ...] = ()
    ids: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.storage = MemoryStorage(self.clock)
        self.workspaces = self._new_workspaces()

    def _new_workspaces(self) -> Workspaces:
        return Workspaces(self.storage.register, self.storage.audit, WORDING, self.terms)

    def engine(self) -> Engine:
        """A new engine on the same storage, as after a restart."""
        self.workspaces = self._new_workspaces()
        conversation, signer = Conversation(WORDING, self.terms), Signer(MASTER)
        holders = (*self.storage.holders, self.chat, *self.more_holders)
        handlers = Connected({"chat": self.chat} if self.connected else {})
        finishing = Finishing(
            judge=self.judge,
            labeller=self.labeller,
            painter=self.painter,
            vault=self.storage.vault,
            tally=self.tally,
        )
        orders = Orders(
            prompts=conversation.prompts,
            handlers=handlers,
            providers={one.name: one for one in (self.provider, *self.more_providers)},
            local=self.terms.local_provider,
            finishing=finishing,
            vault=self.storage.vault,
            journal=self.storage.journal,
            purse=self.storage.purse,
        )
        acts = Acts(
            handlers=handlers,
            orders=orders,
            inspector=self.inspector,
            finishing=finishing,
            vault=self.storage.vault,
            ledger=self.storage.ledger,
            signer=signer,
            holders=holders,
        )
        erasure = Erasure(
            orders=orders,
            prompts=conversation.prompts,
            holders=holders,
            handlers=handlers,
            journal=self.storage.journal,
            audit=self.storage.audit,
            signer=signer,
            clock=self.clock,
        )
        return Engine(
            conversation_with=self.workspaces.conversation_with,
            journal=self.storage.journal,
            scheduler=self.storage.scheduler,
            acts=acts,
            erasure=erasure,
            removal=Removal(
                orders=orders,
                prompts=conversation.prompts,
                handlers=handlers,
                journal=self.storage.journal,
                clock=self.clock,
            ),
            handlers=handlers,
            clock=self.clock,
        )

    @asynccontextmanager
    async def running(self, *, listening: bool = True) -> AsyncIterator[Engine]:
        """An engine that runs while the block lasts; `listening` to the chat, or to nobody."""
        engine = self.engine()
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(engine.run())
            if listening:
                await until(lambda: self.chat.receive is not None)
            try:
                yield engine
            finally:
                task.cancel()

    async def time_passes(self, **by: float) -> None:
        """Move the clock, and let what is due happen."""
        self.clock.move(**by)
        self.storage.scheduler.wake()
        await asyncio.sleep(0.01)

    # --- what a person does -------------------------------------------------------------------

    async def happens(self, event: Event, person: Person = ANNA) -> None:
        assert self.chat.receive
        await self.chat.receive(Delivery(f"chat:{next(self.ids)}", person, event))

    async def writes(self, text: str, person: Person = ANNA) -> None:
        await self.happens(Wrote(text), person)

    async def sends_selfie(self, name: str = "one", person: Person = ANNA) -> None:
        self.chat.photos[name] = JPEG + name.encode()
        await self.happens(SelfieSent(SelfieRef(name)), person)

    async def taps(self, verb: str, person: Person = ANNA) -> None:
        await self.taps_on(verb, self.open(person).question, person)

    async def taps_on(self, verb: str, question: str, person: Person = ANNA) -> None:
        await self.happens(Replied(verb, question), person)

    # --- what a person sees -------------------------------------------------------------------

    def open(self, person: Person = ANNA) -> Message:
        """The newest message with choices."""
        return next(
            message
            for whose, message in reversed(self.chat.log)
            if whose == person and message.choices
        )

    async def sees(self, beginning: str, person: Person = ANNA) -> None:
        """Wait until some message on the screen begins like that."""

        def shown() -> bool:
            texts = self.chat.texts(person)
            return any(text.lstrip("*").startswith(beginning) for text in texts)

        await until(shown, lambda: f"{beginning!r} not in {self.chat.texts(person)}")

    async def state(self, person: Person = ANNA) -> State:
        return await self.storage.journal.load(person)

    # --- whole stretches of a conversation ----------------------------------------------------

    async def agrees_up_to_the_crop(self, person: Person = ANNA) -> None:
        await self.sends_selfie(f"selfie of {person.user}", person)
        await self.sees("1 of 3", person)
        await self.taps("yes", person)
        await self.sees("2 of 3", person)
        await self.taps("yes", person)
        await self.sees("3 of 3", person)

    async def orders(self, person: Person = ANNA) -> None:
        await self.agrees_up_to_the_crop(person)
        await self.taps("here", person)
        await self.sees("Thanks", person)
        await self.taps("navy", person)

    async def gets_headshots(self, person: Person = ANNA) -> None:
        await self.orders(person)
        await self.sees("Your 3 headshots", person)


async def until(done: Callable[[], bool], why: Callable[[], str] = lambda: "it never came") -> None:
    """Wait for something that is about to happen; fails after a generous while."""
    for _ in range(1000):
        if done():
            return
        await asyncio.sleep(0.005)
    raise AssertionError(why())
