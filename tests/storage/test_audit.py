"""A chain of entries: whole after a restart, and broken visibly by whoever touches it."""

from __future__ import annotations

import sqlite3

import pytest

from storage.audit import START, link
from storage.house import Storage, StorageConfig, open_storage
from tests.storage.clocks import MovedClock


async def test_a_chain_outlives_a_restart_and_is_whole(
    config: StorageConfig, clock: MovedClock
) -> None:
    async with open_storage(config, clock) as storage:
        assert (await storage.audit.verify()).head == START
        await storage.audit.append("erased", "DR-1")
    async with open_storage(config, clock) as storage:
        head = await storage.audit.append("erased", "DR-2")
        assert await storage.audit.verify() == (2, head, None)


async def test_an_entry_from_before_a_restart_is_not_added_again(
    config: StorageConfig, clock: MovedClock
) -> None:
    async with open_storage(config, clock) as storage:
        first = await storage.audit.append("erased", "DR-1")
        last = await storage.audit.append("erased", "DR-2")
    async with open_storage(config, clock) as storage:
        assert await storage.audit.append("erased", "DR-1") == first
        assert await storage.audit.verify() == (2, last, None)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE audit SET about = 'DR-9' WHERE place = 2", 2),
        ("UPDATE audit SET what = 'began' WHERE place = 1", 1),
        ("UPDATE audit SET at = at + 1 WHERE place = 3", 3),
        ("UPDATE audit SET head = (SELECT head FROM audit WHERE place = 1) WHERE place = 3", 3),
        ("DELETE FROM audit WHERE place = 2", 2),
        ("DELETE FROM audit WHERE place = 1", 1),
    ],
)
async def test_tampering_is_found(
    config: StorageConfig, clock: MovedClock, tampering: str, broken_at: int
) -> None:
    async with open_storage(config, clock) as storage:
        for number in range(4):
            await storage.audit.append("erased", f"DR-{number}")
    with sqlite3.connect(config.journal_path) as connection:
        connection.execute(tampering)
    connection.close()
    async with open_storage(config, clock) as storage:
        assert (await storage.audit.verify()).broken_at == broken_at


async def test_a_chain_cut_at_its_end_does_not_show_the_head_that_was_signed(
    storage: Storage, config: StorageConfig
) -> None:
    await storage.audit.append("erased", "DR-1")
    signed = await storage.audit.append("erased", "DR-2")
    with sqlite3.connect(config.journal_path) as connection:
        connection.execute("DELETE FROM audit WHERE place = 2")
    connection.close()
    found = await storage.audit.verify()
    assert (found.entries, found.broken_at) == (1, None)
    assert found.head != signed


def test_entries_that_look_alike_have_different_heads() -> None:
    heads = {link(START, 1, "a", "bc"), link(START, 1, "ab", "c"), link(START, 11, "a", "bc")}
    assert len(heads) == 3
