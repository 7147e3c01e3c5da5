"""Headshots made on this machine: the provider's contract, and what forgetting means here."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.errors import OrderLost, ProviderError, ProviderRefused, ProviderUnavailable
from bot.model import Erased, Order, PhotoProblem, Ticket
from bot.ports import HeadshotProvider, Progress
from providers.local.provider import LocalRenderer
from providers.workers.pool import WorkerPool
from tests.contracts.provider import ORDER, SIZES, STAGES, ProviderContract, Stages
from tests.providers import portraits


@pytest.fixture
async def pool(models: Path) -> AsyncIterator[WorkerPool]:
    async with WorkerPool(1, models) as pool:
        yield pool


@pytest.fixture
def provider(pool: WorkerPool) -> LocalRenderer:
    return LocalRenderer(pool)


@pytest.fixture
def photo() -> bytes:
    return portraits.jpeg(portraits.portrait(900, 1200))


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


class TestLocalRenderer(ProviderContract):
    @pytest.fixture
    def reopened(self, pool: WorkerPool) -> HeadshotProvider:
        return LocalRenderer(pool)


async def test_it_tells_every_stage(provider: LocalRenderer, photo: bytes) -> None:
    stages = Stages()
    await provider.wait(await provider.start(ORDER, photo), stages)
    assert tuple(stages.seen) == STAGES


def holders_of(photo: bytes) -> int:
    """How many hold these very bytes, besides whoever asks."""
    gc.collect()
    return sys.getrefcount(photo)


async def outcome(provider: LocalRenderer, ticket: Ticket, progress: Progress) -> ProviderError:
    """How `wait` fails, without the traceback, whose frames hold the photo."""
    try:
        await provider.wait(ticket, progress)
    except ProviderError as exc:
        return exc.with_traceback(None)
    raise AssertionError("it went well")


async def test_a_refused_photo_is_dropped_at_once(provider: LocalRenderer) -> None:
    wall = portraits.jpeg(np.full((900, 700, 3), 200, np.uint8))
    before = holders_of(wall)
    ticket = await provider.start(ORDER, wall)
    assert holders_of(wall) > before
    refusal = await outcome(provider, ticket, Stages())
    assert isinstance(refusal, ProviderRefused)
    assert refusal.problem is PhotoProblem.NO_FACE
    assert holders_of(wall) == before
    assert isinstance(await outcome(provider, ticket, Stages()), OrderLost)
    assert await provider.forget(ticket) == Erased()


async def test_a_photo_is_dropped_when_whoever_waits_fails(
    provider: LocalRenderer, photo: bytes
) -> None:
    async def fall_over(stage: str) -> None:
        if stage == "reading":
            raise LookupError

    ticket = await provider.start(ORDER, photo)
    with pytest.raises(LookupError):
        await provider.wait(ticket, fall_over)
    assert await provider.forget(ticket) == Erased()


async def test_forgetting_kills_the_worker_that_has_the_photo(
    pool: WorkerPool, provider: LocalRenderer, photo: bytes
) -> None:
    ticket = await provider.start(ORDER, photo)
    before = pool.pids

    async def forget(stage: str) -> None:
        if stage == "reading":
            group.create_task(check())

    async def check() -> None:
        assert await provider.forget(ticket) == Erased({"orders": 1})
        assert not before & pool.pids
        assert not any(alive(pid) for pid in before)

    async with asyncio.TaskGroup() as group:
        with pytest.raises(OrderLost):
            await provider.wait(ticket, forget)
    assert await provider.forget(ticket) == Erased()


async def test_an_order_outlives_a_dead_worker(
    pool: WorkerPool, provider: LocalRenderer, photo: bytes
) -> None:
    ticket = await provider.start(ORDER, photo)

    async def sabotage(stage: str) -> None:
        if stage == "cutting":
            for pid in pool.pids:
                os.kill(pid, signal.SIGKILL)

    with pytest.raises(ProviderUnavailable):
        await provider.wait(ticket, sabotage)
    assert await provider.wait(ticket, Stages())


async def test_an_order_that_nobody_asks_about_is_dropped(pool: WorkerPool, photo: bytes) -> None:
    provider = LocalRenderer(pool, kept_seconds=0)
    ticket = await provider.start(ORDER, photo)
    await asyncio.sleep(0.01)
    assert await provider.forget(ticket) == Erased()


async def test_what_was_handed_over_is_no_longer_held(
    provider: LocalRenderer, photo: bytes
) -> None:
    ticket = await provider.start(ORDER, photo)
    await provider.wait(ticket, Stages())
    with pytest.raises(OrderLost):
        await provider.wait(ticket, Stages())
    assert await provider.forget(ticket) == Erased()


async def test_every_painted_look_has_a_swatch(provider: LocalRenderer) -> None:
    swatches = await provider.swatches()
    assert (*swatches, "own") == provider.looks
    for swatch in swatches.values():
        with Image.open(io.BytesIO(swatch)) as picture:
            assert picture.format == "JPEG"


async def test_the_look_that_was_asked_for_is_used(provider: LocalRenderer, photo: bytes) -> None:
    ticket = await provider.start(Order("order-9", look="own"), photo)
    headshots = await provider.wait(ticket, Stages())
    assert {made.format for made in headshots if made.look == "own"} == set(SIZES)


async def test_nothing_goes_to_anyone(provider: LocalRenderer) -> None:
    assert provider.name == "local"
    assert provider.sends_photo_to is None
    with pytest.raises(OrderLost):
        await provider.wait(Ticket("replicate", "abc"), Stages())
