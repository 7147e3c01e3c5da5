"""The judge's side of the pipe: verdicts come back, and nobody's headshot passes unseen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import ProviderUnavailable
from bot.model import Fault, Made
from providers.judge import OnDeviceJudge
from providers.workers.pool import WorkerPool
from tests.providers.portraits import astronaut, jpeg

PHOTO = jpeg(astronaut(1280))


@pytest.fixture
async def pool(models: Path) -> AsyncIterator[WorkerPool]:
    async with WorkerPool(1, models) as pool:
        yield pool


async def test_every_headshot_gets_its_own_verdict(pool: WorkerPool) -> None:
    good, bad = Made(PHOTO, "linkedin", "grey"), Made(b"nothing", "resume", "grey")

    verdicts = await OnDeviceJudge(pool).judge(PHOTO, [good, bad, good], likeness=False)

    assert [one.faults for one in verdicts] == [(), (Fault.NO_FACE,), ()]


async def test_what_a_model_signed_does_not_travel_to_the_worker(pool: WorkerPool) -> None:
    """It would only be more of what comes from outside; and a gigabyte would not fit."""
    heavy = Made(PHOTO, "linkedin", "grey", origin=bytes(200_000_000))

    (verdict,) = await OnDeviceJudge(pool).judge(PHOTO, [heavy], likeness=False)
    assert verdict.passed


async def test_without_a_worker_nothing_passes(models: Path) -> None:
    closed = WorkerPool(1, models)

    with pytest.raises(ProviderUnavailable):
        await OnDeviceJudge(closed).judge(PHOTO, [Made(PHOTO, "linkedin", "grey")], likeness=False)
