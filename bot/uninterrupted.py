"""Work that is seen to its end, also when whoever waits for it is cancelled.

Some work must not be left half way. A thread cannot be cancelled: the write goes on, and may land
after the erasure that cancelled its owner. A transaction that is cancelled leaves a connection
behind that holds the file's lock until it is garbage-collected. And a second cancellation must not
stop the first one's clean-up, or a process that holds a photo would be left to itself. So they are
waited for, and the cancellation is passed on afterwards. Only short work belongs here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def in_thread(
    work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run blocking `work` in a thread; when cancelled, wait for it, then raise."""
    loop = asyncio.get_running_loop()
    return await _outlast(loop.run_in_executor(None, lambda: work(*args, **kwargs)))


async def to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Await `work`; when cancelled, wait for it, then raise.

    It runs as a task of its own, which never outlives this call; a TaskGroup would pass the
    cancellation on to it.
    """
    return await _outlast(asyncio.get_running_loop().create_task(work))


async def _outlast(future: asyncio.Future[Result]) -> Result:
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return future.result()
    if not future.cancelled():
        # Retrieved, so that a failure is not reported as lost; the cancellation wins.
        future.exception()
    raise cancelled
