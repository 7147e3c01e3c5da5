"""Schedulers that each break one promise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from tests.fakes.memory import Entry, MemoryScheduler

Work = Callable[[str], Awaitable[datetime | None]]


class ForgetsBeforeTheStart(MemoryScheduler):
    async def run(self, work: Work) -> None:
        self._entries.clear()
        await super().run(work)


class DeafWhileRunning(MemoryScheduler):
    deaf = False

    async def put(self, effect_id: str, due: datetime, line: str) -> None:
        if not self.deaf:
            await super().put(effect_id, due, line)

    async def run(self, work: Work) -> None:
        self.deaf = True
        await super().run(work)


class CountsTwice(MemoryScheduler):
    count = 0

    async def put(self, effect_id: str, due: datetime, line: str) -> None:
        self.count += 1
        self._entries[f"{self.count}"] = Entry(effect_id, line, due)
        self._changed.set()

    async def _call(self, work: Work, entry: Entry) -> None:
        await super()._call(work, entry)
        self.drop([key for key, one in self._entries.items() if one is entry])


class LastInFirstOut(MemoryScheduler):
    async def put(self, effect_id: str, due: datetime, line: str) -> None:
        self._entries = {effect_id: Entry(effect_id, line, due), **self._entries}
        self._changed.set()


class OneLineForAll(MemoryScheduler):
    async def put(self, effect_id: str, due: datetime, line: str) -> None:
        await super().put(effect_id, due, "line")


class EverythingNeedsASlot(MemoryScheduler):
    async def put(self, effect_id: str, due: datetime, line: str) -> None:
        await super().put(effect_id, due, f"work/{line}")


class NoLines(MemoryScheduler):
    async def put(self, effect_id: str, due: datetime, line: str) -> None:
        await super().put(effect_id, due, effect_id)


class Hasty(MemoryScheduler):
    async def put(self, effect_id: str, due: datetime, line: str) -> None:
        await super().put(effect_id, datetime.now(UTC), line)


class CallsOnce(MemoryScheduler):
    async def run(self, work: Work) -> None:
        async def once(effect_id: str) -> None:
            await work(effect_id)

        await super().run(once)


class GivesUp(MemoryScheduler):
    async def run(self, work: Work) -> None:
        async def once(effect_id: str) -> datetime | None:
            (outcome,) = await asyncio.gather(work(effect_id), return_exceptions=True)
            return None if isinstance(outcome, BaseException) else outcome

        await super().run(once)


class NeverDone(MemoryScheduler):
    async def run(self, work: Work) -> None:
        before = dict(self._entries)
        try:
            await super().run(work)
        finally:
            self._entries = {**before, **self._entries}


class LeavesWorkBehind(MemoryScheduler):
    async def run(self, work: Work) -> None:
        async def call(effect_id: str) -> datetime | None:
            return await work(effect_id)

        async def let_go(effect_id: str) -> datetime | None:
            working = asyncio.get_running_loop().create_task(call(effect_id))
            try:
                return await asyncio.shield(working)
            except asyncio.CancelledError:
                working.cancel()
                raise

        await super().run(let_go)


class ForgetsWhatWasCancelled(MemoryScheduler):
    async def _call(self, work: Work, entry: Entry) -> None:
        try:
            await super()._call(work, entry)
        finally:
            self.drop([entry.effect_id])
