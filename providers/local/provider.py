"""Headshots made on this machine, in a worker. Satisfies `bot.ports.HeadshotProvider`.

Nothing is paid and nothing is kept: a ticket says all there is to an order, so a restart just
begins it again, and the photo is here only while a worker has it. The work is done while somebody
waits for it; when they stop, or the order is forgotten, the worker is killed. What is over (made,
refused, failed for good, forgotten) is remembered while this process lives, and not made again.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from bot.consent import ApprovedCrop
from bot.errors import OrderLost, ProviderUnavailable
from bot.model import Erased, Made, Order, Ticket
from bot.ports import Note, Progress
from providers.local.task import Render
from providers.workers.pool import WorkerPool

LOOKS = ("grey", "white", "navy", "warm", "charcoal", "office", "own")
"""Backdrops, in the order in which they are offered."""
REMEMBERED = 10_000
"""Orders that are over and told from unknown ones."""


class Drawn(msgspec.Struct, frozen=True):
    """What a ticket says."""

    id: str
    look: str
    closer: bool = False


@dataclass(slots=True)
class _Work:
    """An order that somebody waits for."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a worker has the photo."""
    stop: asyncio.Timeout | None = None
    """Ends the work when it is brought forward; set while there is work."""


class LocalRenderer:
    """Makes headshots in the workers of a pool."""

    name = "local"
    sends_photo_to: str | None = None
    looks = LOOKS

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._work: dict[str, _Work] = {}
        self._over: dict[str, None] = {}
        self._swatches: Mapping[str, bytes] = {}

    def price(self, order: Order) -> int:
        """Nothing."""
        return 0

    def cost(self, ticket: Ticket) -> int:
        """Nothing."""
        return 0

    async def start(self, order: Order) -> Ticket:
        """Draw up a ticket; the work begins with `wait`."""
        drawn = Drawn(uuid.uuid4().hex, order.look, order.closer)
        return Ticket(self.name, msgspec.json.encode(drawn).decode())

    async def wait(
        self, ticket: Ticket, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        """Make the headshots.

        Raises `OrderLost` when the order is unknown, already made or refused, or forgotten
        meanwhile; `ProviderRefused`; `ProviderUnavailable` when it may go well the next time.
        Cancelling stops the work, and the order can be waited for again.
        """
        drawn = self._known(ticket)
        await progress("queued")
        work = self._work.setdefault(drawn.id, _Work())
        try:
            async with work.turn:
                self._known(ticket)
                request = Render(crop.jpeg, drawn.look, drawn.closer)
                made = await self._until_stopped(work, request, progress)
                # Forgotten in the last moment: what was made is dropped too.
                self._known(ticket)
        except (ProviderUnavailable, asyncio.CancelledError):
            raise
        except BaseException:
            self._end(drawn)
            raise
        finally:
            if not work.turn.locked():
                self._work.pop(drawn.id, None)
        self._end(drawn)
        return made

    async def forget(self, ticket: Ticket) -> Erased:
        """End the order; when this returns no worker has its photo any more."""
        try:
            drawn = self._known(ticket)
        except OrderLost:
            return Erased()
        self._end(drawn)
        work = self._work.get(drawn.id)
        if work is None:
            return Erased({"orders": 1})
        if work.stop is not None:
            work.stop.reschedule(asyncio.get_running_loop().time())
        async with work.turn:
            return Erased({"orders": 1})

    async def removed(self, ticket: Ticket) -> bool:
        """Nobody else has had anything."""
        return True

    async def swatches(self) -> Mapping[str, bytes]:
        """A small JPEG of each painted backdrop (``own`` has none), by look.

        Raises `ProviderUnavailable`.
        """
        if not self._swatches:
            self._swatches = await self._pool.run("swatches", None, dict[str, bytes])
        return self._swatches

    async def _until_stopped(self, work: _Work, request: Render, progress: Progress) -> list[Made]:
        """Have it rendered. Raises `OrderLost` when `forget` stops it."""
        stop = asyncio.timeout(None)
        try:
            async with stop:
                work.stop = stop
                return await self._pool.run("render", request, list[Made], on_stage=progress)
        except TimeoutError:
            if stop.expired():
                raise OrderLost from None
            raise
        finally:
            work.stop = None

    def _known(self, ticket: Ticket) -> Drawn:
        """What the ticket says. Raises `OrderLost`."""
        try:
            drawn = msgspec.json.decode(ticket.value, type=Drawn)
        except msgspec.DecodeError as error:
            raise OrderLost from error
        if ticket.provider != self.name or drawn.id in self._over:
            raise OrderLost
        return drawn

    def _end(self, drawn: Drawn) -> None:
        self._over[drawn.id] = None
        while len(self._over) > REMEMBERED:
            del self._over[next(iter(self._over))]
