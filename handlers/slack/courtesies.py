"""What is done after an answer, and may be lost: the Home tab, buttons taken off, a greeting.

Nothing that matters hangs on a courtesy, so one that fails is left out, whatever the fault; only
the name of the fault is logged. A few are done at a time: a workspace that is slow or limited must
not hold up the others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

log = logging.getLogger(__name__)

MOST = 1000
"""How many may wait; beyond it they are left out."""
HANDS = 8
"""How many are done at a time."""

Courtesy: TypeAlias = Callable[[], Awaitable[None]]


class Courtesies:
    """A queue of them."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Courtesy] = asyncio.Queue(MOST)

    def later(self, courtesy: Courtesy) -> None:
        """Do it soon, if it can be done."""
        if not self._waiting.full():
            self._waiting.put_nowait(courtesy)

    async def run(self) -> None:
        """Do them until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(HANDS):
                tasks.create_task(self._work())

    async def _work(self) -> None:
        while True:
            courtesy = await self._waiting.get()
            try:
                await courtesy()
            # See the module's text.
            except Exception as error:  # noqa: BLE001
                log.info("a courtesy was left out: %s", type(error).__name__)
