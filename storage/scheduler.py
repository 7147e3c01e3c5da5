"""Wake-ups on a table: "call work(effect_id) at least once, soon after it is due".

Rules:

- A line runs one entry at a time, in order of `put`; its head holds it up, also when due later.
- An entry leaves the table only when its work is done. What other queues write down as a lease is
  here a set in memory: the file lock proves that there is no other process, so whatever a killed
  process was running is simply due again at the next start.
- Slots limit the long work only (photos, orders, archives). Everything else is short and starts
  as soon as it is due, so that no amount of waiting work can hold up an erasure or a timer.
- No polling: it sleeps until the earliest head is due, or something changes. (At most a minute,
  so that a machine that was suspended or had its clock set does not oversleep.)
- Work that raises is called again after pauses that grow to five minutes; only the class name of
  the error is logged. A database that cannot be written is not survived: `run` raises, and whoever
  supervises the process starts it again.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.effects import CheckPhoto, MakeHeadshots, PackData
from bot.ports import Clock
from storage.database import Database
from storage.tables import from_stamp, to_stamp, wakeups

log = logging.getLogger(__name__)

Work = Callable[[str], Awaitable[datetime | None]]

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=5)
LONGEST_SLEEP: Final = timedelta(minutes=1)


LONG_LINES: Final = tuple(
    f"{lane}/" for lane in sorted({CheckPhoto.lane, MakeHeadshots.lane, PackData.lane})
)
"""How the names of lines begin that share the slots."""


class Wakeup(NamedTuple):
    """An entry that may run now."""

    effect_id: str
    line: str
    failures: int


class WakeQueue:
    """The `Scheduler` port on the journal's file."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        slots: int = 8,
        first_pause: timedelta = FIRST_PAUSE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._slots = slots
        self._first_pause = first_pause
        self._running: set[str] = set()
        """The lines that are running."""
        self._changed = asyncio.Event()

    async def put(self, effect_id: str, due: datetime, line: str) -> None:
        """Have `work(effect_id)` called at `due` or soon after. The same id twice counts once."""
        entry = insert(wakeups).values(
            effect_id=effect_id, line=line, due=to_stamp(due), failures=0
        )
        if await self._database.write(entry.on_conflict_do_nothing()):
            self._changed.set()

    def wake(self) -> None:
        """Look at the clock again now (it was set, or a test moved it)."""
        self._changed.set()

    async def run(self, work: Work) -> None:
        """Call `work` until cancelled; then wait for what was cancelled with it."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._changed.clear()
                ready, next_due = await self._look()
                for wakeup in ready:
                    self._running.add(wakeup.line)
                    group.create_task(self._call(work, wakeup))
                await self._sleep(next_due)

    async def _look(self) -> tuple[Sequence[Wakeup], datetime | None]:
        """What can start now, and when the next head is due after that."""
        now = to_stamp(self._clock.now())
        earlier = wakeups.alias("earlier")
        is_head = ~sa.exists().where(
            earlier.c.line == wakeups.c.line, earlier.c.place < wakeups.c.place
        )
        is_long = sa.or_(*(wakeups.c.line.startswith(begin) for begin in LONG_LINES))
        due = (
            sa.select(wakeups.c.effect_id, wakeups.c.line, wakeups.c.failures)
            .where(wakeups.c.due <= now, is_head)
            .order_by(wakeups.c.due, wakeups.c.place)
        )
        short = due.where(~is_long)
        # As many rows as slots: at most the running lines among them have to be passed over.
        long = due.where(is_long).limit(self._slots)
        later = (
            sa.select(wakeups.c.due)
            .where(wakeups.c.due > now, is_head)
            .order_by(wakeups.c.due)
            .limit(1)
        )

        async def look(connection: AsyncConnection) -> tuple[list[Wakeup], int | None]:
            rows = [*await connection.execute(short), *await connection.execute(long)]
            return [Wakeup(*row) for row in rows], (await connection.execute(later)).scalar()

        heads, stamp = await self._database.transact(look)
        return self._startable(heads), None if stamp is None else from_stamp(stamp)

    def _startable(self, heads: Sequence[Wakeup]) -> list[Wakeup]:
        """Those whose line is not running and, where they are long, for which there is a slot."""
        free = self._slots - sum(line.startswith(LONG_LINES) for line in self._running)
        resting = [head for head in heads if head.line not in self._running]
        short = [head for head in resting if not head.line.startswith(LONG_LINES)]
        long = [head for head in resting if head.line.startswith(LONG_LINES)]
        return [*short, *long[:free]]

    async def _sleep(self, until: datetime | None) -> None:
        seconds = LONGEST_SLEEP.total_seconds()
        if until is not None:
            seconds = min(seconds, max(0.0, (until - self._clock.now()).total_seconds()))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    async def _call(self, work: Work, wakeup: Wakeup) -> None:
        try:
            again, failures = await self._attempt(work, wakeup)
            which = wakeups.c.effect_id == wakeup.effect_id
            if again is None:
                await self._database.write(sa.delete(wakeups).where(which))
            else:
                later = {"due": to_stamp(again), "failures": failures}
                await self._database.write(sa.update(wakeups).where(which).values(later))
        finally:
            self._running.discard(wakeup.line)
            self._changed.set()

    async def _attempt(self, work: Work, wakeup: Wakeup) -> tuple[datetime | None, int]:
        """When to call again and how often it has failed in a row."""
        # Errors come back as values: whatever an adapter raises, the effect stays owed. So does a
        # CancelledError that is the work's own. Cancelling this queue cancels the work, waits for
        # it and raises here.
        (outcome,) = await asyncio.gather(work(wakeup.effect_id), return_exceptions=True)
        if not isinstance(outcome, BaseException):
            return outcome, 0
        failures = wakeup.failures + 1
        log.warning(
            "effect %s failed (%s), try %d", wakeup.effect_id, type(outcome).__name__, failures
        )
        return self._clock.now() + pause_after(failures, self._first_pause), failures


def pause_after(failures: int, first: timedelta = FIRST_PAUSE) -> timedelta:
    """How long to wait after so many failures in a row: doubling, up to `LONGEST_PAUSE`.

    Give or take a quarter, so that what failed together does not come back together.
    """
    doublings = min(failures - 1, 16)
    pause = min(LONGEST_PAUSE, first * (1 << doublings))
    # Nothing secret depends on this randomness.
    return pause * random.uniform(0.75, 1.25)  # noqa: S311
