"""Headshots made on this machine, in a worker. Satisfies `bot.ports.HeadshotProvider`.

Nothing is paid, so nothing is durable: an order and its photo live in memory until the headshots
are made, the photo is refused or the work fails for good, the order is forgotten, or its time is
up, whatever comes first. From then on, and after a restart, its ticket is lost; who still wants the
headshots starts the order again. What may go well the next time (`ProviderUnavailable`), and a
`wait` that is cancelled, keep both. The work is done while somebody waits for it; when they stop,
the worker is killed.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import OrderLost, ProviderUnavailable
from bot.model import Erased, Made, Order, Ticket
from bot.ports import Progress
from providers.local.task import Render
from providers.workers.pool import WorkerPool

LOOKS = ("grey", "white", "navy", "warm", "charcoal", "office", "own")
"""Backdrops, in the order in which they are offered."""
KEPT_SECONDS = 3600.0
"""An order and its photo are dropped after so long, as the crop in the vault is."""


@dataclass(slots=True)
class _Started:
    """An order that can still be made."""

    order: Order
    photo: bytes
    work: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a worker has the photo."""
    stop: asyncio.Timeout | None = None
    """Ends the work when it is brought forward; set while there is work."""


class LocalRenderer:
    """Makes headshots in the workers of a pool."""

    name = "local"
    sends_photo_to: str | None = None
    looks = LOOKS

    def __init__(self, pool: WorkerPool, *, kept_seconds: float = KEPT_SECONDS) -> None:
        self._pool = pool
        self._kept_seconds = kept_seconds
        self._orders: dict[str, _Started] = {}
        self._swatches: Mapping[str, bytes] = {}

    async def start(self, order: Order, photo: bytes) -> Ticket:
        """Take the order in; the work begins with `wait`."""
        ticket = Ticket(self.name, uuid.uuid4().hex)
        self._orders[ticket.value] = _Started(order, photo)
        loop = asyncio.get_running_loop()
        loop.call_later(self._kept_seconds, self._orders.pop, ticket.value, None)
        return ticket

    async def wait(self, ticket: Ticket, progress: Progress) -> Sequence[Made]:
        """Make the headshots.

        Raises `OrderLost` when the order is unknown, already made or refused, or forgotten
        meanwhile; `ProviderRefused`; `ProviderUnavailable` when it may go well the next time.
        Cancelling stops the work but keeps the order. However else the work ends, the order and
        its photo are dropped at once.
        """
        started = self._known(ticket)
        await progress("queued")
        async with started.work:
            self._known(ticket)
            try:
                made = await self._until_stopped(started, progress)
            except (ProviderUnavailable, asyncio.CancelledError):
                raise
            except BaseException:
                self._orders.pop(ticket.value, None)
                raise
            # Forgotten in the last moment: what was made is dropped too.
            self._known(ticket)
            del self._orders[ticket.value]
            return made

    async def forget(self, ticket: Ticket) -> Erased:
        """Drop the order and its photo; when this returns no worker has it any more."""
        started = self._orders.pop(ticket.value, None)
        if started is None:
            return Erased()
        if started.stop is not None:
            started.stop.reschedule(asyncio.get_running_loop().time())
        async with started.work:
            return Erased({"orders": 1})

    async def swatches(self) -> Mapping[str, bytes]:
        """A small JPEG of each painted backdrop (``own`` has none), by look.

        Raises `ProviderUnavailable`.
        """
        if not self._swatches:
            self._swatches = await self._pool.run("swatches", None, dict[str, bytes])
        return self._swatches

    async def _until_stopped(self, started: _Started, progress: Progress) -> list[Made]:
        """Have it rendered. Raises `OrderLost` when `forget` stops it."""
        request = Render(started.photo, started.order.look)
        stop = asyncio.timeout(None)
        try:
            async with stop:
                started.stop = stop
                return await self._pool.run("render", request, list[Made], on_stage=progress)
        except TimeoutError:
            if stop.expired():
                raise OrderLost from None
            raise
        finally:
            started.stop = None

    def _known(self, ticket: Ticket) -> _Started:
        started = self._orders.get(ticket.value)
        if started is None:
            raise OrderLost
        return started
