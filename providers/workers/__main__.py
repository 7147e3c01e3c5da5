"""Inside a worker: load the models once, then do one task at a time until told to stop.

Rules: bytes come and go through the two pipes only. No file can grow (RLIMIT_FSIZE 0), no core dump
can hold a photo, memory is capped. Whatever libraries print goes nowhere, because it could quote a
photo; the one exception is `faulthandler`, which names only source files and lines. When the bot
goes away, so does the worker, at once.

What these walls are not: a sandbox. Once the models are loaded an audit hook refuses Python code
that opens sockets, starts programs, changes files or loads libraries. It sees nothing of what
native code does, so it does not hold an attacker who runs code of their own through a hole in a
decoder: that code may do whatever the bot's own account may, within the limits above.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import importlib
import os
import queue
import resource
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, TypeAlias, cast

import msgspec

from bot.errors import ProviderRefused
from providers.workers import frames

OnStage: TypeAlias = Callable[[str], None]


class Procedure(Protocol):
    """How one kind of task is done: the encoded request in, a value msgspec can encode out."""

    def __call__(self, request: msgspec.Raw, on_stage: OnStage, /) -> object: ...


class TaskModule(Protocol):
    """What a module of tasks offers."""

    def open_tasks(self, models: Path, threads: int) -> Mapping[str, Procedure]: ...


class Pipes(NamedTuple):
    """The worker's own ends of the pipes, out of reach of libraries that print."""

    orders: BinaryIO
    reports: BinaryIO


def take_pipes() -> Pipes:
    """Move the pipes away from descriptors 0, 1 and 2; only crash traces keep the last one."""
    orders, reports, crashes = os.dup(0), os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    faulthandler.enable(file=crashes, all_threads=False)
    return Pipes(os.fdopen(orders, "rb"), os.fdopen(reports, "wb"))


_FORBIDDEN = (
    *("socket.", "subprocess.", "pty.", "ctypes.dl"),
    *("os.system", "os.fork", "os.exec", "os.posix_spawn", "os.kill"),
    *("os.truncate", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink"),
    *("os.chmod", "os.chown", "os.chflags", "os.utime", "os.setxattr", "os.removexattr"),
)
"""How the audit events begin that no task has any business with (the names are Python's)."""
_CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
"""Flags of `os.open` that anything but reading needs at least one of."""


def forbid_ways_out(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook, armed before the first photo comes: raises `PermissionError`.

    Python code neither talks to a network nor starts programs, changes files or loads libraries.
    Native code raises no audit events: see the module's docstring.
    """
    if event == "open":
        # (path, mode, flags); the flags are there whichever way a file is opened.
        _path, _mode, flags = arguments
        if not isinstance(flags, int) or flags & _CHANGES:
            raise PermissionError(event)
    elif event.startswith(_FORBIDDEN):
        raise PermissionError(event)


def set_limits(memory: int) -> None:
    """Cap private memory, forbid core dumps and files that grow (they can still be emptied).

    RLIMIT_DATA counts heap and private writable mappings, which is what pictures live in;
    RLIMIT_AS would also count the libraries' mapped code and reserved stacks. macOS does not
    enforce it.
    """
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def read_ahead(orders: BinaryIO) -> queue.SimpleQueue[frames.Order]:
    """Read in a thread of its own, so that the end of the pipe also ends a task under way."""
    waiting: queue.SimpleQueue[frames.Order] = queue.SimpleQueue()

    def read_all() -> None:
        try:
            while True:
                # No local name keeps the last photo alive while the next one is awaited.
                waiting.put(frames.read(orders))
        finally:
            os._exit(0)

    threading.Thread(target=read_all, daemon=True).start()
    return waiting


def carry_out(task: frames.Task, tasks: Mapping[str, Procedure], reports: BinaryIO) -> bool:
    """Do one task and report; False when this worker had better be replaced."""

    def on_stage(name: str) -> None:
        frames.write(reports, frames.Stage(name))

    try:
        answer = tasks[task.name](task.request, on_stage)
        report: frames.Report = frames.Done(msgspec.Raw(msgspec.msgpack.encode(answer)))
    except ProviderRefused as refused:
        report = frames.Refused(refused.problem)
    # The edge of this process (hence the blind except): whatever a photo provokes must fail this
    # task only, and the text of the exception could quote the photo, so only its class is told.
    except Exception as exc:  # noqa: BLE001
        report = frames.Failed(type(exc).__name__)
    frames.write(reports, report)
    return not isinstance(report, frames.Failed)


def memory_returner() -> Callable[[], None]:
    """What hands the memory of the last task back to the system; a worker at rest is small.

    Looked up before the walls are there, because loading a library is forbidden afterwards.
    """
    # glibc only; elsewhere the allocator decides.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)

    def give_back() -> None:
        gc.collect()
        if trim is not None:
            trim(0)

    return give_back


def main() -> None:
    """Live: start, get ready, serve."""
    pipes = take_pipes()
    waiting = read_ahead(pipes.orders)
    start = cast("frames.Start", waiting.get())
    try:
        # Below the bot in priority: on a small machine the event loop must still get its turn.
        os.nice(5)
        set_limits(start.memory)
        module = cast("TaskModule", importlib.import_module(start.tasks))
        tasks = module.open_tasks(Path(start.models), start.threads)
        give_back_memory = memory_returner()
        sys.addaudithook(forbid_ways_out)
    # The edge of this process: the bot tells the operator; no photo has been seen yet.
    except Exception as exc:  # noqa: BLE001
        frames.write(pipes.reports, frames.Failed(type(exc).__name__, str(exc)))
        return
    frames.write(pipes.reports, frames.Ready())
    # A call per task, so that nothing of a photo outlives it.
    while carry_out(cast("frames.Task", waiting.get()), tasks, pipes.reports):
        give_back_memory()


if __name__ == "__main__":
    main()
