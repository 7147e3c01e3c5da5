"""A provider at a fake Replicate, with a pace that tests can bear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.errors import OrderLost, ProviderRefused, ProviderUnavailable
from bot.model import Made, Order, Ticket
from bot.ports import Clock
from providers.breaker import Breaker
from providers.replicate import catalogue, picture, slip
from providers.replicate.client import Api
from providers.replicate.outputs import Outputs
from providers.replicate.provider import Replicate
from providers.replicate.slip import State
from providers.replicate.tools import Finisher, Pace, Tools
from tests.contracts.provider import ORDER, Notes, Stages, approved
from tests.fakes.clock import HandClock
from tests.fakes.provider import plain_headshot
from tests.fakes.replicate_server import TOKEN, FakeReplicate

HASTE = Pace(first_poll=0.002, longest_poll=0.01, look=0.005, looks=3, retry=0.001, grace=20.0)
PHOTO = plain_headshot((600, 800), 90)
ONE = Order("one", "grey", variants=1)
SENDS_TO = "Replicate, Black Forest Labs"


async def finish(made: bytes, format_: str) -> bytes | None:
    """As in a worker, but here: these pictures are of one colour and of our own making."""
    try:
        return picture.finish(made, format_)
    except ProviderRefused:
        return None


@dataclass
class Hosted:
    """One bot's side; another one on the same server is the bot after a restart."""

    server: FakeReplicate
    clock: Clock = field(default_factory=HandClock)
    model: str = catalogue.DEFAULT
    seconds: float = 5.0
    finish: Finisher = finish
    provider: Replicate = field(init=False)
    tools: Tools = field(init=False)

    def __post_init__(self) -> None:
        self.tools = Tools(
            api=Api(TOKEN, self.server.url, seconds=self.seconds),
            outputs=Outputs(self.server.url, seconds=self.seconds),
            finish=self.finish,
            breaker=Breaker(self.clock),
            clock=self.clock,
            slots=asyncio.Semaphore(8),
            pace=HASTE,
        )
        self.provider = Replicate(self.tools, catalogue.load()[self.model], sends_photo_to=SENDS_TO)

    async def close(self) -> None:
        await self.tools.outputs.close()
        await self.tools.api.close()


@asynccontextmanager
async def at(
    server: FakeReplicate, clock: Clock | None = None, **more: object
) -> AsyncIterator[Hosted]:
    """A provider while the block lasts."""
    # The fields of the dataclass check themselves.
    hosted = Hosted(server, clock or HandClock(), **more)  # type: ignore[arg-type]
    try:
        yield hosted
    finally:
        await hosted.close()


class Run:
    """One order from the ticket to the end."""

    def __init__(self, hosted: Hosted, notes: Notes | None = None) -> None:
        self.hosted = hosted
        self.notes = notes or Notes()
        self.stages = Stages()

    async def make(self, order: Order = ORDER) -> list[Made]:
        ticket = await self.hosted.provider.start(order)
        self.notes.seen.append(ticket)
        return await self.wait(ticket)

    async def wait(self, ticket: Ticket) -> list[Made]:
        made = await self.hosted.provider.wait(ticket, approved(PHOTO), self.stages, self.notes)
        return list(made)

    @property
    def newest(self) -> Ticket:
        return self.notes.seen[-1]

    @property
    def cost(self) -> int:
        return self.hosted.provider.cost(self.newest)

    @property
    def states(self) -> list[State]:
        return [piece.state for piece in slip.read(self.newest).pieces]


async def outcome_of(making: object) -> Exception | None:
    try:
        # Whatever can be awaited.
        await making  # type: ignore[misc]
    except (ProviderUnavailable, ProviderRefused, OrderLost) as error:
        return error
    return None
