"""What the bot itself adds to an order at Replicate, the time of Replicate excluded.

The provider's own code, a worker and the storage on disk, at a fake Replicate on this machine whose
predictions are done when they are first asked for. What the fake itself needs for its answers is
measured apart. On a real run up to three seconds pass between the end of a prediction and the next
look at it.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from bot.model import Order, Person, Ticket
from bot.states import Idle, Turn
from providers.inspector import OnDeviceInspector
from providers.replicate.provider import Finishing
from providers.workers.pool import WorkerPool
from storage.house import StorageConfig, open_storage
from tests.contracts.provider import approved
from tests.e2e.test_hosted import headshot
from tests.fakes.purse import ENOUGH
from tests.fakes.replicate_script import Outcome
from tests.fakes.replicate_server import FakeReplicate
from tests.providers.hosted import PHOTO, Hosted
from tests.providers.nursery import RealClock

RUNS = 7
PERSON = Person("bench", "", "somebody")


async def _quietly(_stage: str) -> None:
    """Nobody watches."""


async def run() -> None:
    """Print medians in milliseconds."""
    server = FakeReplicate(draw=headshot, default=Outcome(polls=0))
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        config = StorageConfig(data_dir=Path(folder), master_key=bytes(32), caps=ENOUGH)
        async with (
            open_storage(config, RealClock()) as storage,
            WorkerPool(1, Path("models")) as pool,
            server.serving(),
        ):
            finish = Finishing(pool, OnDeviceInspector(pool))
            hosted = Hosted(server, RealClock(), finish=finish)
            await storage.journal.commit(PERSON, "1", Turn(Idle()))

            async def note(ticket: Ticket) -> bool:
                await storage.ledger.note(PERSON, "ticket", ticket.value.encode())
                return True

            for number in range(RUNS):
                order = Order(f"order {number}", "grey")
                began = time.perf_counter()
                await storage.purse.reserve(PERSON, order.id, hosted.provider.price(order))
                ticket = await hosted.provider.start(order)
                made = await hosted.provider.wait(ticket, approved(PHOTO), _quietly, note)
                await hosted.provider.forget(ticket)
                times.append(time.perf_counter() - began)
                if len(made) != order.variants:
                    raise RuntimeError("a headshot is missing")
            await hosted.close()
            answers = await _answers(server)
    print("\nfour headshots at Replicate, its own time excluded (ms, medians)")
    print(f"  limits, tickets, four pictures finished and checked       {_ms(times):8.0f}")
    print(f"  of which the fake's answers, one after the other          {answers * 1000:8.0f}")


async def _answers(server: FakeReplicate) -> float:
    """Seconds that the fake takes for what one order asks of it."""
    ids = list(server.predictions)[:4]
    times = []
    async with aiohttp.ClientSession() as session:
        for _ in range(RUNS):
            began = time.perf_counter()
            for one in ids:
                async with session.get(f"{server.url}/files/{one}/out.png") as answer:
                    await answer.read()
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def _ms(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000
