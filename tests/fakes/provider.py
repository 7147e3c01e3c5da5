"""A provider that makes headshots of one colour and can be told to misbehave.

``on_start``, ``on_wait`` and ``on_removed`` are scripts: each call takes one entry, and an empty
script means that all goes well. An error is raised, an `asyncio.Event` is waited for (an event
that nobody sets is a provider that hangs, until the order is forgotten).
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TypeAlias

from PIL import Image

from bot.consent import ApprovedCrop
from bot.errors import OrderLost, ProviderError
from bot.model import Erased, Made, Order, Remains, Ticket, Trace
from bot.ports import Note, Progress

Misbehaviour: TypeAlias = ProviderError | asyncio.Event

FORMATS = {"linkedin": (1200, 1200), "resume": (1200, 1500), "bio": (1200, 1600)}


@cache
def plain_headshot(size: tuple[int, int], colour: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (colour, colour, 128)).save(out, "JPEG")
    return out.getvalue()


@dataclass
class FakeProvider:
    """Two instances that share ``orders`` are one provider before and after a restart."""

    name: str = "fake"
    sends_photo_to: str | None = None
    on_start: deque[Misbehaviour] = field(default_factory=deque)
    on_wait: deque[Misbehaviour] = field(default_factory=deque)
    on_removed: deque[Misbehaviour] = field(default_factory=deque)
    each: int = 0
    """Micro-dollars a headshot costs."""
    kept_until: datetime = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
    """When it removes what it was sent, if it sends photos anywhere."""
    gone: bool = False
    """Whether it has."""
    costs: dict[str, int] = field(default_factory=dict)
    """What was paid, by ticket."""
    orders: dict[str, Order] = field(default_factory=dict)
    """Started and neither made nor forgotten, by ticket."""
    started: list[Order] = field(default_factory=list)
    """Every order that was ever accepted: what a hosted provider would charge for."""
    waited: int = 0
    given: list[bytes] = field(default_factory=list)
    """The photo of each call to wait."""
    forgotten: list[Ticket] = field(default_factory=list)

    def price(self, order: Order) -> int:
        return order.variants * self.each

    def cost(self, ticket: Ticket) -> int:
        return self.costs.get(ticket.value, 0)

    async def start(self, order: Order) -> Ticket:
        await self._misbehave(self.on_start)
        self.started.append(order)
        value = f"{self.name}-{len(self.started)}"
        self.orders[value] = order
        return Ticket(self.name, value)

    async def wait(
        self, ticket: Ticket, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        self.waited += 1
        self.given.append(crop.jpeg)
        if ticket.value not in self.orders:
            raise OrderLost
        await progress("queued")
        await self._misbehave(self.on_wait, ticket)
        await progress("finishing")
        if ticket.value not in self.orders:
            raise OrderLost
        order = self.orders[ticket.value]
        self.costs[ticket.value] = self.price(order)
        if not await note(ticket):
            raise OrderLost
        colour = hashlib.sha256(crop.jpeg).digest()[0]
        return [
            Made(plain_headshot(size, colour), format_, order.look, by=self.name)
            for format_, size in FORMATS.items()
        ]

    async def forget(self, ticket: Ticket) -> Erased:
        self.forgotten.append(ticket)
        gone = self.orders.pop(ticket.value, None)
        there = self.sends_photo_to is not None and ticket.value in self.costs
        remains = (Remains(Trace.PROVIDER, self.kept_until),) if there else ()
        return Erased({"orders": 1} if gone else {}, remains)

    async def removed(self, ticket: Ticket) -> bool:
        await self._misbehave(self.on_removed)
        return ticket.value not in self.costs or self.gone

    async def _misbehave(self, script: deque[Misbehaviour], ticket: Ticket | None = None) -> None:
        if not script:
            return
        match script.popleft():
            case asyncio.Event() as gate:
                while not gate.is_set() and (ticket is None or ticket.value in self.orders):
                    await asyncio.sleep(0.005)
            case error:
                raise error
