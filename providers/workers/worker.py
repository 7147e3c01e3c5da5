"""One worker process as the bot sees it.

A worker is fit until something odd happens: only an answer or a refusal leaves it fit, anything
else (its death, an unexpected exception, garbage, our own impatience) means it is killed and
replaced. Its environment is built from nothing, so it inherits no secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self, TypeAlias, cast

import msgspec

from bot.errors import ProviderRefused, ProviderUnavailable
from providers.workers import frames

OnStage: TypeAlias = Callable[[str], Awaitable[None]]

CODE = Path(__file__).parents[2]
"""The folder that holds the package `providers`."""
ENVIRONMENT = {
    "PYTHONPATH": str(CODE),
    "LC_ALL": "C.UTF-8",
    # Keep freed pictures for the next ones while a task runs: giving each back to the system at
    # once made rendering three times slower. The worker gives all back after each task.
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    # One worker per core: numpy's own threads would only fight.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
START_SECONDS = 60.0
"""How long loading the models may take on a busy machine."""
_CRASHED_AT = re.compile(rb'File "[^"]*?([^"/]+)", line (\d+) in (\w+)')


class WorkFailed(ProviderUnavailable):
    """A task came to nothing although its photo may be fine: the worker died, hung or erred."""


class StartFailed(WorkFailed):
    """A worker could not load what it needs; the text is for whoever runs the bot."""


class Worker:
    """A process that does one task at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process
        # Both are there because `spawn` asks for pipes.
        self._orders = cast("asyncio.StreamWriter", process.stdin)
        self._reports = cast("asyncio.StreamReader", process.stdout)
        self._ready = False
        self._fit = True
        self.finished = 0
        """Tasks that this worker has answered."""

    @classmethod
    async def spawn(cls, start: frames.Start) -> Self:
        """Start the process; it loads its models while we do other things."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-B", "-m", "providers.workers"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=2**20,
            env=ENVIRONMENT,
            cwd="/",
            # Ctrl-C in a terminal is for the bot alone, which then closes its workers.
            start_new_session=True,
        )
        worker = cls(process)
        worker._orders.write(frames.pack(start))
        return worker

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def fit(self) -> bool:
        """Can be given a task."""
        ended = self._process.returncode is not None or self._reports.at_eof()
        return self._fit and not ended

    async def get_ready(self) -> None:
        """Wait until the models are loaded. Raises `StartFailed`."""
        if self._ready:
            return
        self._fit = False
        try:
            async with asyncio.timeout(START_SECONDS):
                report = await self._receive()
        except (TimeoutError, WorkFailed) as exc:
            raise StartFailed("a worker did not start") from exc
        if isinstance(report, frames.Failed):
            raise StartFailed(f"a worker did not start: {report.kind}: {report.text}")
        self._ready = self._fit = True

    async def carry_out(self, task: frames.Task, on_stage: OnStage) -> msgspec.Raw:
        """The task's answer. Raises `WorkFailed` or `ProviderRefused`."""
        self._fit = False
        with contextlib.suppress(ConnectionError):  # it died: receiving tells how
            await frames.send(self._orders, frames.pack(task))
        while True:
            match await self._receive():
                case frames.Stage(name):
                    await on_stage(name)
                case frames.Done(answer):
                    self._stay_fit()
                    return answer
                case frames.Refused(problem):
                    self._stay_fit()
                    raise ProviderRefused(problem)
                case frames.Failed(kind):
                    raise WorkFailed(f"{kind} in {task.name}")
                case frames.Ready():
                    raise WorkFailed(f"a worker said something odd in {task.name}")

    def kill(self) -> None:
        """At once; nothing in a worker is worth a farewell."""
        self._fit = False
        if self._process.returncode is None:
            # Not `Process.kill`: that polls first and so may steal the exit status from asyncio.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def gone(self) -> bytes:
        """Kill and wait until the process and its pipes are no more; what it said as it crashed."""
        self.kill()
        self._orders.close()
        _, crash = await self._process.communicate()
        return crash

    def _stay_fit(self) -> None:
        self._fit = True
        self.finished += 1

    async def _receive(self) -> frames.Report:
        try:
            return await frames.receive(self._reports)
        except frames.Garbled as exc:
            raise WorkFailed("a worker sent garbage") from exc
        except (asyncio.IncompleteReadError, ConnectionError) as exc:
            raise WorkFailed(f"a worker died: {await self._cause()}") from exc

    async def _cause(self) -> str:
        """Signal or exit code and source line; never anything of a photo."""
        crash = _CRASHED_AT.search(await self.gone())
        code = self._process.returncode or 0
        cause = signal.Signals(-code).name if code < 0 else f"exit {code}"
        where = b"%s:%s %s" % crash.groups() if crash else b""
        return f"{cause} {where.decode(errors='replace')}".rstrip()
