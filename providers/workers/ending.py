"""Clean-up that is seen to its end, however often whoever waits for it is cancelled.

An order is cancelled and a moment later its person erased: the second cancellation must not stop
the first one's clean-up, or a process that holds a photo would be left to itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await `work`; when cancelled, wait for it all the same, then raise the cancellation.

    What `work` raises is raised, unless there was a cancellation, which wins.
    """
    # A TaskGroup would pass the cancellation on to the work, which is what must not happen; no
    # task outlives this call.
    task = asyncio.get_running_loop().create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as exc:
            cancelled = exc
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        # Retrieved, so that a failure is not reported as lost.
        task.exception()
    raise cancelled
