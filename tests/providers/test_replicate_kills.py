"""``kill -9`` while an order is created, polled and downloaded: never paid twice, never lost."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.states import Delivered
from storage.costs import totals
from storage.house import open_storage
from tests.fakes.replicate_script import ENDLESS, Outcome
from tests.fakes.replicate_server import FakeReplicate
from tests.providers.hosted import HASTE
from tests.providers.nursery import RealClock, config_of, person_of

ROOT = Path(__file__).parents[2]
ORDERS = 15
CREATING, POLLING, FETCHING = "POST /v1/models", "GET /v1/predictions/", "GET /files/"
KILLS = ((CREATING,), (CREATING, POLLING), (POLLING,), (FETCHING,))
"""What it is doing when it is killed, four times for each order, 60 times in all. What was created
before the first kill is not created again, so the second may have to strike while it is polled."""


class Nursery:
    """Forks bots and kills them."""

    def __init__(self, process: asyncio.subprocess.Process, server: FakeReplicate) -> None:
        self._process = process
        self._server = server

    async def fork(self, order: int) -> int:
        """A bot that works on an order; its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n".encode())
        return int((await self._line()).removeprefix("pid "))

    async def kill_during(self, doing: tuple[str, ...], order: int, after: float) -> None:
        """Fork one and kill it a moment after it has begun to do one of these."""
        already = len(self._server.requests)
        pid = await self.fork(order)
        async with asyncio.timeout(30):
            while not any(r.startswith(doing) for r in self._server.requests[already:]):
                await asyncio.sleep(0.001)
        await asyncio.sleep(after)
        os.kill(pid, signal.SIGKILL)
        while exists(pid):
            await asyncio.sleep(0.001)

    async def delivers(self, order: int) -> None:
        await self.fork(order)
        assert await self._line() == "delivered"

    async def _line(self) -> str:
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            return (await self._process.stdout.readline()).decode().strip()


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@asynccontextmanager
async def nursery(folder: Path, server: FakeReplicate) -> AsyncIterator[Nursery]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.providers.nursery", str(folder), server.url),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Nursery(process, server)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def test_kills_neither_lose_an_order_nor_pay_for_it_twice(tmp_path: Path) -> None:
    # Seeded, so that a failure can be looked at again; where it strikes is random all the same.
    dice = random.Random(4)  # noqa: S311
    server = FakeReplicate(latency=0.004, page=100)
    async with server.serving(), nursery(tmp_path, server) as bots:
        for order in range(ORDERS):
            for doing in KILLS:
                server.every(Outcome(polls=1 if FETCHING in doing else ENDLESS))
                await bots.kill_during(doing, order, dice.uniform(0, 0.03))
            await bots.delivers(order)
            assert len(server.predictions) == 4 * (order + 1)
    assert all(len(made) == 1 for made in server.by_seed().values())
    assert not any(one.cancelled for one in server.predictions.values())
    await everything_is_delivered_and_accounted_for(tmp_path)


async def everything_is_delivered_and_accounted_for(folder: Path) -> None:
    async with open_storage(config_of(folder), RealClock()) as storage:
        for order in range(ORDERS):
            state = await storage.journal.load(person_of(order))
            assert isinstance(state, Delivered)
            ((batch),) = state.sitting.batches
            assert len(batch.headshots) == 4
            for headshot in batch.headshots:
                assert await storage.vault.get(headshot.photo)
        ((_, _, _, orders, micros),) = totals(config_of(folder).journal_path)
    assert orders == ORDERS
    assert micros == ORDERS * 4 * 90_000
    assert HASTE.looks > 1, "one look at the list would prove little"
