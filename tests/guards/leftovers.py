"""A test leaves nothing running: no asyncio task, no child process.

What outlives a test acts on the next one, or shows that the product loses track of its own work.
Something that is just ending gets a moment to do so. Fixtures of a wider scope may keep processes:
they exist before the test starts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

MOMENT = 1.0
"""Seconds that something which is ending may take."""
# Python's own: they stay for the whole run by design, and end with it.
EXPECTED = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


async def tasks_left(before: set[asyncio.Task[object]], moment: float) -> list[str]:
    """Names of the tasks begun since `before` that do not end within `moment` seconds."""
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(left, timeout=moment)
    return sorted(getattr(task.get_coro(), "__qualname__", repr(task)) for task in left)


def children() -> set[int]:
    """Ids of our running child processes; none where there is no /proc (then only CI looks)."""
    lists = Path("/proc/self/task").glob("*/children")
    return {int(pid) for ids in lists for pid in _children_of(ids) if _is_running(pid)}


def _children_of(ids: Path) -> list[str]:
    try:
        return ids.read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        # The thread has ended since it was listed.
        return []


def _is_running(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return False
    return state != "Z" and not any(name in command for name in EXPECTED)


def children_left(before: set[int], moment: float) -> list[int]:
    """Ids of the child processes begun since `before` that do not end within `moment` seconds."""
    deadline = time.monotonic() + moment
    while (left := children() - before) and time.monotonic() < deadline:
        time.sleep(0.02)
    return sorted(left)


@pytest_asyncio.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fails an async test that leaves a task behind."""
    before = asyncio.all_tasks()
    yield
    if left := await tasks_left(before, MOMENT):
        pytest.fail(f"tasks left running: {left}", pytrace=False)


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set up before the fixtures of the test, so that it looks after they have cleaned up."""
    before = children()
    if pytest_asyncio.is_async_test(request.node):
        request.getfixturevalue("no_task_left")
    yield
    if left := children_left(before, MOMENT):
        pytest.fail(f"child processes left running: {left}", pytrace=False)
