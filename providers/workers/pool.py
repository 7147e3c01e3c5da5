"""A fixed number of workers, one task at a time each, with a bounded queue in front.

Rules: no background tasks. Whoever calls `run` waits in line, uses a worker, and cleans up after
it: when the task does not end well (the caller is cancelled, time is up, the worker dies), the
worker is killed, awaited and replaced before `run` returns, however often it is cancelled
meanwhile: afterwards nothing of the photo is left in any process. The replacement then loads its
models.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from bot.errors import ProviderUnavailable, SettingsError
from bot.uninterrupted import to_the_end
from providers.workers import frames
from providers.workers.worker import OnStage, StartFailed, Worker, WorkFailed

A = TypeVar("A")

MEMORY_LIMIT = 1536 * 2**20
"""Bytes of private memory of one worker."""
DEFAULT_TASKS = "providers.tasks"

log = logging.getLogger(__name__)


class Busy(ProviderUnavailable):
    """Too many are waiting already; try again after `retry_after` seconds."""


class PoolClosed(ProviderUnavailable):
    """The bot is stopping."""


async def _in_silence(_stage: str) -> None:
    """For callers that do not follow the stages."""


class WorkerPool:
    """Runs tasks by name in worker processes; an async context manager."""

    def __init__(
        self,
        size: int,
        models_folder: Path,
        *,
        memory_limit_bytes: int = MEMORY_LIMIT,
        queue_limit: int = 32,
        time_limit: float = 60.0,
        recycle_after: int = 100,
        tasks: str = DEFAULT_TASKS,
    ) -> None:
        cores = os.cpu_count() or 1
        self._start = frames.Start(
            tasks=tasks,
            models=str(models_folder.absolute()),
            memory=memory_limit_bytes,
            threads=max(1, cores // size),
        )
        self._size = size
        self._queue_limit = queue_limit
        self._time_limit = time_limit
        self._recycle_after = recycle_after
        self._slots = asyncio.Semaphore(size)
        self._waiting = 0
        self._pace = 1.0
        """Seconds a task takes, as of late."""
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._open = False

    async def __aenter__(self) -> Self:
        """Start all workers. Raises `SettingsError` when they cannot load what they need."""
        self._open = True
        try:
            for _ in range(self._size):
                self._idle.append(await self._spawn())
            for worker in self._idle:
                await worker.get_ready()
        except StartFailed as exc:
            await self._close()
            raise SettingsError(str(exc)) from exc
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._close()

    @property
    def pids(self) -> frozenset[int]:
        """Process ids of the workers."""
        return frozenset(worker.pid for worker in self._all)

    @property
    def busy(self) -> int:
        """How many workers are at work."""
        return len(self._all) - len(self._idle)

    async def run(
        self,
        name: str,
        request: object,
        answer: type[A],
        *,
        on_stage: OnStage = _in_silence,
        time_limit: float | None = None,
    ) -> A:
        """Have the task `name` done; cancelling kills the worker that does it.

        Time in line does not count towards `time_limit` (seconds), time in `on_stage` does.
        Raises `Busy`, `WorkFailed`, `PoolClosed`, or `ProviderRefused` when the photo will not do.
        """
        task = frames.Task(name, msgspec.Raw(msgspec.msgpack.encode(request)))
        async with self._turn(), self._borrowed() as worker:
            await worker.get_ready()
            clock = asyncio.get_running_loop().time
            began = clock()
            limit = asyncio.timeout(time_limit or self._time_limit)
            try:
                async with limit:
                    raw = await worker.carry_out(task, on_stage)
                made = msgspec.msgpack.decode(raw, type=answer)
            except TimeoutError as exc:
                if limit.expired():
                    raise WorkFailed(f"{name} took too long") from exc
                raise
            except msgspec.DecodeError as exc:
                worker.kill()
                raise WorkFailed("a worker sent garbage") from exc
            self._pace += 0.2 * (clock() - began - self._pace)
            return made

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait in line, first come first served. Raises `Busy` when the line is too long."""
        if not self._open:
            raise PoolClosed
        if self._slots.locked() and self._waiting >= self._queue_limit:
            seconds = math.ceil(self._pace * self._waiting / self._size)
            raise Busy("all workers are busy", retry_after=max(1, seconds))
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[Worker]:
        """A fit worker, which is put back or replaced whatever happens."""
        worker = await self._take()
        try:
            yield worker
        except WorkFailed as exc:
            log.warning("worker %d replaced: %s", worker.pid, exc)
            raise
        finally:
            if worker.fit and worker.finished < self._recycle_after and self._open:
                self._idle.append(worker)
            else:
                await to_the_end(self._replace(worker))

    async def _take(self) -> Worker:
        if not self._open:
            raise PoolClosed
        while self._idle:
            worker = self._idle.pop()
            if worker.fit:
                return worker
            # It died while idle (the system ran out of memory, say): nobody's task is lost.
            await to_the_end(self._dismiss(worker))
        return await self._spawn()

    async def _replace(self, worker: Worker) -> None:
        await self._dismiss(worker)
        if self._open:
            # When the system has no process left now, `_take` tries again.
            with contextlib.suppress(StartFailed):
                self._idle.append(await self._spawn())

    async def _spawn(self) -> Worker:
        try:
            worker = await Worker.spawn(self._start)
        except OSError as exc:
            raise StartFailed(f"a worker did not start: {type(exc).__name__}") from exc
        self._all.add(worker)
        return worker

    async def _dismiss(self, worker: Worker) -> None:
        await worker.gone()
        self._all.discard(worker)

    async def _close(self) -> None:
        """Kill every worker; whoever still waits for one gets `WorkFailed` or `PoolClosed`."""
        self._open = False
        self._idle.clear()
        for worker in self._all:
            worker.kill()
        # Callers of `run` clean up after themselves; only then may their workers be touched.
        for _ in range(self._size):
            await self._slots.acquire()
        for worker in tuple(self._all):
            await self._dismiss(worker)
