"""A provider that makes headshots of one colour and can be told to misbehave.

``on_start`` and ``on_wait`` are scripts: each call takes one entry, and an empty script means that
all goes well. An error is raised, an `asyncio.Event` is waited for (an event that nobody sets is a
provider that hangs, until the order is forgotten).
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from PIL import Image

from bot.errors import OrderLost, ProviderError
from bot.model import Erased, Made, Order, Ticket
from bot.ports import Progress

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
    orders: dict[str, tuple[Order, bytes]] = field(default_factory=dict)
    """Started and neither made nor forgotten, by ticket."""
    started: list[Order] = field(default_factory=list)
    """Every order that was ever accepted: what a hosted provider would charge for."""
    waited: int = 0
    forgotten: list[Ticket] = field(default_factory=list)

    async def start(self, order: Order, photo: bytes) -> Ticket:
        await self._misbehave(self.on_start)
        self.started.append(order)
        value = f"{self.name}-{len(self.started)}"
        self.orders[value] = order, photo
        return Ticket(self.name, value)

    async def wait(self, ticket: Ticket, progress: Progress) -> Sequence[Made]:
        self.waited += 1
        if ticket.value not in self.orders:
            raise OrderLost
        await progress("queued")
        await self._misbehave(self.on_wait, ticket)
        await progress("finishing")
        if ticket.value not in self.orders:
            raise OrderLost
        order, photo = self.orders[ticket.value]
        colour = hashlib.sha256(photo).digest()[0]
        return [
            Made(plain_headshot(size, colour), format_, order.look)
            for format_, size in FORMATS.items()
        ]

    async def forget(self, ticket: Ticket) -> Erased:
        self.forgotten.append(ticket)
        gone = self.orders.pop(ticket.value, None)
        return Erased({"orders": 1} if gone else {})

    async def _misbehave(self, script: deque[Misbehaviour], ticket: Ticket | None = None) -> None:
        if not script:
            return
        match script.popleft():
            case asyncio.Event() as gate:
                while not gate.is_set() and (ticket is None or ticket.value in self.orders):
                    await asyncio.sleep(0.005)
            case error:
                raise error
