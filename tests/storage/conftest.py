"""A storage on a fresh folder, the same folder opened again, and a clock that can be moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from storage.house import Storage, StorageConfig, open_storage
from tests.storage.clocks import MovedClock

MASTER_KEY = bytes(range(32))


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def config(tmp_path: Path) -> StorageConfig:
    return StorageConfig(
        data_dir=tmp_path / "data",
        master_key=MASTER_KEY,
        first_pause=timedelta(milliseconds=1),
    )


@pytest_asyncio.fixture
async def storage(config: StorageConfig, clock: MovedClock) -> AsyncIterator[Storage]:
    async with open_storage(config, clock) as opened:
        yield opened
