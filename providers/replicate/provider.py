"""Headshots made by a model at Replicate. Satisfies `bot.ports.HeadshotProvider`.

What leaves this machine is the crop that the person saw, byte for byte, and a text that is the same
for everybody; never who it is. A ticket (`slip`) is drawn up before anything is sent, grows with
every step, and is enough to go on after a restart. `forget` stops what runs at Replicate; what was
sent stays there for about an hour, says so, and `removed` tells when it is gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.consent import ApprovedCrop
from bot.errors import OrderLost, ProviderRefused, ProviderUnavailable
from bot.inspecting import Inspector
from bot.model import Erased, Made, Order, PhotoProblem, Remains, Ticket, Trace
from bot.ports import Note, Progress
from bot.uninterrupted import to_the_end
from providers.replicate import slip as slips
from providers.replicate.beginning import SKEW
from providers.replicate.catalogue import Model
from providers.replicate.client import Unknown
from providers.replicate.making import Making
from providers.replicate.record import Record, Unwanted
from providers.replicate.slip import NAME, Piece, Slip, State
from providers.replicate.task import Finish
from providers.replicate.tools import Tools
from providers.workers.pool import WorkerPool

log = logging.getLogger(__name__)

REMEMBERED = 10_000
"""How many forgotten orders are told from unknown ones."""


class _Run:
    """An order that somebody waits for."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.over = asyncio.Event()
        self.stop = asyncio.timeout(None)
        """Ends it when it is brought forward."""


class Replicate:
    """Makes headshots by one model of the catalogue."""

    name = NAME

    def __init__(self, tools: Tools, model: Model, *, sends_photo_to: str) -> None:
        """`sends_photo_to`: everybody who gets the picture, as consent names them."""
        self._tools = tools
        self._model = model
        self.sends_photo_to: str | None = sends_photo_to
        self._runs: dict[str, _Run] = {}
        self._newest: dict[str, Slip] = {}
        """Slips that are not forgotten: newer than a ticket that was written down too late."""
        self._forgotten: dict[str, None] = {}

    def price(self, order: Order) -> int:
        """Micro-dollars to set aside."""
        return slips.price(order, self._model)

    def cost(self, ticket: Ticket) -> int:
        """Micro-dollars, at the most."""
        try:
            return slips.read(ticket).cost
        except OrderLost:
            return 0

    async def start(self, order: Order) -> Ticket:
        """Draw up a ticket; nothing is sent.

        Raises `ProviderUnavailable` while Replicate is known to be down.
        """
        if not self._tools.breaker.admit():
            raise ProviderUnavailable("known to be down")
        return slips.draw_up(order, self._model).ticket

    async def wait(
        self, ticket: Ticket, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        """Have the headshots made, or go on where the ticket stands.

        Raises `OrderLost` when it was forgotten or nobody wants it, `ProviderRefused` when
        Replicate's moderation does not take the picture, `ProviderUnavailable` when nothing came
        of it. Cancelling leaves the predictions running, for `forget` or another `wait`.
        """
        slip = slips.read(ticket)
        if slip.attempt in self._forgotten:
            raise OrderLost
        run = _Run(Record(self._newest.get(slip.attempt, slip), note))
        self._runs[slip.attempt] = run
        try:
            async with run.stop:
                return await Making(self._tools, run.record, crop.jpeg, progress).make()
        except TimeoutError:
            if run.stop.expired():
                raise OrderLost from None
            raise
        except Unwanted:
            await to_the_end(self._stop_all(run.record.slip))
            raise
        finally:
            self._newest[slip.attempt] = run.record.slip
            if self._runs.get(slip.attempt) is run:
                del self._runs[slip.attempt]
            run.over.set()

    async def forget(self, ticket: Ticket) -> Erased:
        """Stop it at Replicate. Safe twice, and for unknown tickets.

        What was sent is there for a while all the same: that is in `Erased.remains`. Raises
        `ProviderUnavailable` as long as something may run that could not be stopped.
        """
        try:
            slip = slips.read(ticket)
        except OrderLost:
            return Erased()
        run = self._runs.get(slip.attempt)
        if run is not None:
            run.stop.reschedule(asyncio.get_running_loop().time())
            await run.over.wait()
        slip = self._newest.get(slip.attempt, slip)
        await to_the_end(self._stop_all(slip))
        self._newest.pop(slip.attempt, None)
        until = slip.kept_until
        remains = (Remains(Trace.PROVIDER, until),) if until and until > self._now else ()
        return Erased({} if self._was_forgotten(slip.attempt) else {"orders": 1}, remains)

    async def removed(self, ticket: Ticket) -> bool:
        """Whether Replicate says that what was sent is gone. Raises `ProviderUnavailable`."""
        try:
            slip = slips.read(ticket)
        except OrderLost:
            return True
        if any(piece.unaccounted for piece in slip.pieces):
            return False
        for prediction in (one for piece in slip.pieces for one in piece.predictions):
            try:
                if not (await self._tools.api.get(prediction)).removed:
                    return False
            except Unknown:
                continue
        return True

    # --- stopping -----------------------------------------------------------------------------

    @property
    def _now(self) -> datetime:
        return self._tools.clock.now()

    def _was_forgotten(self, attempt: str) -> bool:
        """Whether it was before; from now on it is."""
        before = attempt in self._forgotten
        self._forgotten[attempt] = None
        while len(self._forgotten) > REMEMBERED:
            del self._forgotten[next(iter(self._forgotten))]
        return before

    async def _stop_all(self, slip: Slip) -> None:
        """Cancel whatever may run. Raises `ProviderUnavailable`; the next call goes on."""
        running = [piece for piece in slip.pieces if self._may_run(piece)]
        ids = [piece.prediction for piece in running if piece.state is State.CREATED]
        lost = [piece for piece in running if piece.state is State.INTENDED]
        ids += await self._find(lost)
        for prediction in ids:
            try:
                await self._tools.api.cancel(prediction)
            except Unknown:
                continue

    def _may_run(self, piece: Piece) -> bool:
        """Whether it can be running: Replicate itself stops what is past its deadline."""
        if piece.at is None or piece.state not in {State.INTENDED, State.CREATED}:
            return False
        limit = timedelta(seconds=piece.deadline + self._tools.pace.grace)
        return self._now - piece.at <= limit + SKEW

    async def _find(self, pieces: Sequence[Piece]) -> list[str]:
        """Ids of predictions that may have been created without our knowing."""
        wanted = {piece.seed: piece.at for piece in pieces if piece.seeded and piece.at}
        if not wanted:
            return []
        found = await self._tools.api.find(wanted.keys(), min(wanted.values()) - SKEW)
        return [each.id for predictions in found.values() for each in predictions]


class Finishing:
    """Makes a headshot of what was downloaded, and throws away what does not show one person."""

    def __init__(self, pool: WorkerPool, inspector: Inspector) -> None:
        self._pool = pool
        self._inspector = inspector

    async def __call__(self, picture: bytes, format_: str) -> bytes | None:
        """Raises `ProviderUnavailable` when no worker could do it."""
        try:
            headshot = await self._pool.run("finish", Finish(picture, format_), bytes)
        except ProviderRefused as refused:
            log.warning("what was made is no usable picture: %s", refused.problem.value)
            return None
        found = await self._inspector.inspect(headshot)
        if found.problem is PhotoProblem.NO_FACE or found.people > 1:
            log.warning("what was made does not show one person")
            return None
        return headshot
