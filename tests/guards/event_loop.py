"""Whether the event loop is ever kept busy: one person's photo must not hold up everybody.

Two ways to hold up the loop, two measures, neither of which depends on what else this machine is
doing. Work: the selector tells how much processor time the loop's thread used between two waits,
during which nobody else is served. Waiting: BlockBuster raises when product code sleeps, reads a
file or uses a blocking socket on the loop.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
import pytest_asyncio
from blockbuster import blockbuster_ctx

PRODUCT = ["bot", "handlers", "providers", "storage"]
LIMIT_MS = 50.0


class LoopWatch(selectors.DefaultSelector):
    """A selector that notes how long the loop worked between two waits."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_ms = 0.0
        """Most processor time, in milliseconds, that the loop spent without serving anybody."""
        self._woke = time.thread_time()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.note()
        try:
            return super().select(timeout)
        finally:
            self._woke = time.thread_time()

    def note(self) -> None:
        """Take the step that the loop is in into account."""
        self.longest_ms = max(self.longest_ms, (time.thread_time() - self._woke) * 1000)

    def reset(self) -> None:
        """Forget what was measured, for instance the start of the bot."""
        self.longest_ms = 0.0
        self._woke = time.thread_time()


class WatchedLoop(asyncio.SelectorEventLoop):
    """The loop of every async test."""

    def __init__(self) -> None:
        self.watch = LoopWatch()
        super().__init__(self.watch)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"watched": WatchedLoop}


@pytest_asyncio.fixture
async def loop_watch() -> LoopWatch:
    """Measures the loop of this test from here on; the log names the slow steps."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, WatchedLoop)
    loop.slow_callback_duration = LIMIT_MS / 1000
    loop.watch.reset()
    return loop.watch


@contextmanager
def never_blocking(watch: LoopWatch) -> Iterator[None]:
    """Fails when the product keeps the loop busy, or waits on it, inside the ``with``.

    For a bot that the test itself starts (task groups must end in the task that began them, and
    the halves of an async fixture are two tasks): begin it afterwards. Reading settings, templates
    and migrations may block, for nobody is served yet.
    """
    watch.reset()
    with blockbuster_ctx(scanned_modules=PRODUCT):
        yield
    watch.note()
    if watch.longest_ms > LIMIT_MS:
        pytest.fail(f"the loop was busy for {watch.longest_ms:.0f} ms", pytrace=False)


@pytest_asyncio.fixture
async def never_blocks(loop_watch: LoopWatch) -> AsyncIterator[LoopWatch]:
    """`never_blocking` for the whole test; name it after the fixtures that start things."""
    with never_blocking(loop_watch):
        yield loop_watch
