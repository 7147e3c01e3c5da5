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
from tests.contracts.provider import ORDER, SIZES, Notes, ProviderContract, Stages, approved
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
    await provider.wait(await provider.start(ORDER), approved(photo), stages, Notes())
    assert stages.seen == ["queued", "reading", "cutting", "lighting", "finishing"]


def holders_of(photo: bytes) -> int:
    """How many hold these very bytes, besides whoever asks."""
    gc.collect()
    return sys.getrefcount(photo)


async def outcome(
    provider: LocalRenderer, ticket: Ticket, photo: bytes, progress: Progress
) -> ProviderError:
    """How `wait` fails, without the traceback, whose frames hold the photo."""
    try:
        await provider.wait(ticket, approved(photo), progress, Notes())
    except ProviderError as exc:
        return exc.with_traceback(None)
    raise AssertionError("it went well")


async def test_a_refused_photo_is_dropped_at_once(provider: LocalRenderer) -> None:
    wall = portraits.jpeg(np.full((900, 700, 3), 200, np.uint8))
    before = holders_of(wall)
    ticket = await provider.start(ORDER)
    refusal = await outcome(provider, ticket, wall, Stages())
    assert isinstance(refusal, ProviderRefused)
    assert refusal.problem is PhotoProblem.NO_FACE
    assert holders_of(wall) == before
    assert isinstance(await outcome(provider, ticket, wall, Stages()), OrderLost)
    assert await provider.forget(ticket) == Erased()


async def test_a_photo_is_dropped_when_whoever_waits_fails(
    provider: LocalRenderer, photo: bytes
) -> None:
    async def fall_over(stage: str) -> None:
        if stage == "reading":
            raise LookupError

    ticket = await provider.start(ORDER)
    with pytest.raises(LookupError):
        await provider.wait(ticket, approved(photo), fall_over, Notes())
    assert await provider.forget(ticket) == Erased()


async def test_forgetting_kills_the_worker_that_has_the_photo(
    pool: WorkerPool, provider: LocalRenderer, photo: bytes
) -> None:
    ticket = await provider.start(ORDER)
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
            await provider.wait(ticket, approved(photo), forget, Notes())
    assert await provider.forget(ticket) == Erased()


async def test_an_order_outlives_a_dead_worker(
    pool: WorkerPool, provider: LocalRenderer, photo: bytes
) -> None:
    ticket = await provider.start(ORDER)

    async def sabotage(stage: str) -> None:
        if stage == "cutting":
            for pid in pool.pids:
                os.kill(pid, signal.SIGKILL)

    with pytest.raises(ProviderUnavailable):
        await provider.wait(ticket, approved(photo), sabotage, Notes())
    assert await provider.wait(ticket, approved(photo), Stages(), Notes())


async def test_an_order_that_was_drawn_up_holds_no_photo(
    provider: LocalRenderer, photo: bytes
) -> None:
    before = holders_of(photo)
    ticket = await provider.start(ORDER)
    assert holders_of(photo) == before
    assert await provider.forget(ticket) == Erased({"orders": 1})


async def test_what_was_handed_over_is_no_longer_held(
    provider: LocalRenderer, photo: bytes
) -> None:
    ticket = await provider.start(ORDER)
    await provider.wait(ticket, approved(photo), Stages(), Notes())
    with pytest.raises(OrderLost):
        await provider.wait(ticket, approved(photo), Stages(), Notes())
    assert await provider.forget(ticket) == Erased()


async def test_every_painted_look_has_a_swatch(provider: LocalRenderer) -> None:
    swatches = await provider.swatches()
    assert (*swatches, "own") == provider.looks
    for swatch in swatches.values():
        with Image.open(io.BytesIO(swatch)) as picture:
            assert picture.format == "JPEG"


async def test_the_look_that_was_asked_for_is_used(provider: LocalRenderer, photo: bytes) -> None:
    ticket = await provider.start(Order("order-9", look="own"))
    headshots = await provider.wait(ticket, approved(photo), Stages(), Notes())
    assert {made.format for made in headshots if made.look == "own"} == set(SIZES)


async def test_nothing_goes_to_anyone(provider: LocalRenderer, photo: bytes) -> None:
    assert provider.name == "local"
    assert provider.sends_photo_to is None
    with pytest.raises(OrderLost):
        await provider.wait(Ticket("replicate", "abc"), approved(photo), Stages(), Notes())
