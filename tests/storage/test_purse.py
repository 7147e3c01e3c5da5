"""What hosted providers cost: the contract on disk and in memory, and a reader beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.errors import SettingsError
from bot.model import Person
from bot.ports import Purse
from storage.costs import totals
from storage.house import Storage, StorageConfig, open_storage
from tests.contracts.purse import ANNA, BERT, CAPS, DORA, TICKET, PurseContract
from tests.fakes.memory import MemoryStorage
from tests.storage.clocks import MovedClock


@pytest_asyncio.fixture
async def storage(config: StorageConfig, clock: MovedClock) -> AsyncIterator[Storage]:
    async with open_storage(replace(config, caps=CAPS), clock) as opened:
        yield opened


class TestPurse(PurseContract):
    @pytest.fixture
    def purse(self, storage: Storage) -> Purse:
        return storage.purse

    @pytest.fixture
    def erase(self, storage: Storage) -> Callable[[Person], Awaitable[object]]:
        return storage.journal.erase


class TestMemoryPurse(PurseContract):
    @pytest.fixture
    def memory(self, clock: MovedClock) -> MemoryStorage:
        memory = MemoryStorage(clock)
        memory.purse.caps = CAPS
        return memory

    @pytest.fixture
    def purse(self, memory: MemoryStorage) -> Purse:
        return memory.purse

    @pytest.fixture
    def erase(self, memory: MemoryStorage) -> Callable[[Person], Awaitable[object]]:
        return memory.journal.erase


async def test_totals_can_be_read_beside_a_running_bot(
    storage: Storage, config: StorageConfig, clock: MovedClock
) -> None:
    await storage.purse.reserve(ANNA, "1", 300)
    await storage.purse.settle(ANNA, "1", 250, TICKET)
    await storage.purse.reserve(BERT, "1", 100)
    clock.move(days=1)
    await storage.purse.reserve(DORA, "1", 7)

    newer, older = totals(config.journal_path)

    assert newer[1:] == ("chat", "W2", 1, 7)
    assert older[1:] == ("chat", "W1", 2, 350)
    assert newer.day > older.day


async def test_totals_outlive_people_and_days_and_say_nothing_of_them(
    storage: Storage, config: StorageConfig, clock: MovedClock
) -> None:
    await storage.purse.reserve(ANNA, "1", 300)
    await storage.purse.settle(ANNA, "1", 300, TICKET)
    await storage.purse.reserve(BERT, "1", 100)
    await storage.journal.erase(ANNA)
    clock.move(days=3)
    await storage.orphans.sweep()

    assert [total.micros for total in totals(config.journal_path)] == [400]
    raw = b"".join(path.read_bytes() for path in config.data_dir.rglob("*.db*"))
    assert TICKET.value.encode() not in raw
    assert b"anna" not in raw


def test_without_a_file_nothing_was_spent(tmp_path: Path) -> None:
    assert totals(tmp_path / "journal.db") == []


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "journal.db"
    broken.write_bytes(b"not a database" * 100)
    with pytest.raises(SettingsError, match="cannot be read"):
        totals(broken)


async def test_a_ticket_goes_with_the_key_of_its_person(storage: Storage) -> None:
    await storage.purse.reserve(ANNA, "1", 300)
    await storage.purse.settle(ANNA, "1", 300, TICKET)
    await storage.keyring.erase(ANNA)
    assert await storage.purse.tickets(ANNA) == []
