"""What the wake-ups on disk promise beyond the contract: restarts, slots, pauses, order."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Person
from storage.house import Storage, StorageConfig, open_storage
from storage.scheduler import WakeQueue, pause_after
from tests.contracts.journal import ERASE, commit, say
from tests.contracts.scheduler import Calls
from tests.storage.clocks import MovedClock

ANNA = Person("web", "", "anna")
DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


async def run_until(
    scheduler: WakeQueue,
    work: Callable[[str], Awaitable[datetime | None]],
    calls: Calls,
    count: int,
) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = group.create_task(scheduler.run(work))
        await calls.until(count)
        running.cancel()


async def test_wake_ups_outlive_a_restart_in_order(
    config: StorageConfig, clock: MovedClock
) -> None:
    async with open_storage(config, clock) as storage:
        for effect_id in ("c", "a", "b"):
            await storage.scheduler.put(effect_id, now(), "line")
    async with open_storage(config, clock) as storage:
        await storage.scheduler.put("b", now(), "line")
        await storage.scheduler.put("d", now(), "line")
        calls = Calls()
        await run_until(storage.scheduler, calls, calls, 4)
    assert calls.seen == ["c", "a", "b", "d"]


async def test_moving_the_clock_and_waking_it_calls_what_is_due(
    storage: Storage, clock: MovedClock
) -> None:
    await storage.scheduler.put("tomorrow", now() + DAY, "line")
    calls = Calls()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = group.create_task(storage.scheduler.run(calls))
        await asyncio.sleep(0.05)
        assert calls.seen == []
        clock.ahead = DAY
        storage.scheduler.wake()
        await calls.until(1)
        running.cancel()


async def test_no_more_run_at_a_time_than_there_are_slots(
    config: StorageConfig, clock: MovedClock
) -> None:
    few = StorageConfig(data_dir=config.data_dir, master_key=config.master_key, slots=2)
    async with open_storage(few, clock) as storage:
        for number in range(7):
            await storage.scheduler.put(f"{number}", now(), f"work/{number}")
        calls = Calls()
        await run_until(storage.scheduler, calls, calls, 7)
    assert calls.most == 2
    assert calls.seen == [f"{number}" for number in range(7)]


async def test_a_full_house_still_starts_the_next_when_one_is_done(
    config: StorageConfig, clock: MovedClock
) -> None:
    single = StorageConfig(data_dir=config.data_dir, master_key=config.master_key, slots=1)
    async with open_storage(single, clock) as storage:
        await storage.scheduler.put("long", now(), "work/anna")
        await storage.scheduler.put("behind", now(), "work/anna")
        await storage.scheduler.put("other", now(), "pack/boris")
        calls = Calls()
        await run_until(storage.scheduler, calls, calls, 3)
    assert sorted(calls.seen) == ["behind", "long", "other"]
    assert calls.most == 1


def test_pauses_double_up_to_a_limit() -> None:
    for failures, seconds in [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (1000, 300)]:
        pauses = [pause_after(failures).total_seconds() for _ in range(20)]
        assert all(seconds * 0.75 <= pause <= seconds * 1.25 for pause in pauses)
        assert len(set(pauses)) > 1


async def test_failures_are_counted_across_a_restart(
    config: StorageConfig, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(effect_id: str) -> datetime | None:
        await calls(effect_id)
        raise ValueError

    async with open_storage(config, clock) as storage:
        await storage.scheduler.put("a", now(), "line")
        calls = Calls()
        await run_until(storage.scheduler, fail, calls, 3)
    async with open_storage(config, clock) as storage:
        calls = Calls()
        await run_until(storage.scheduler, fail, calls, 3)
    assert "try 4" in caplog.text


async def test_only_the_class_of_an_error_is_logged(
    storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    calls = Calls()

    async def fail(effect_id: str) -> datetime | None:
        await calls(effect_id)
        if len(calls.seen) == 1:
            raise ValueError("secret text")
        return None

    await storage.scheduler.put("a", now(), "line")
    with caplog.at_level(logging.DEBUG, logger="storage"):
        await run_until(storage.scheduler, fail, calls, 2)
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


async def test_what_is_over_does_not_hold_up_its_line(storage: Storage) -> None:
    (paused,) = await commit(storage.journal, ANNA, "web:1", say("a"))
    await storage.scheduler.put(paused.id, now() + DAY, paused.line)
    (behind,) = await commit(storage.journal, ANNA, "web:2", say("b"))
    await storage.scheduler.put(behind.id, behind.due, behind.line)
    calls = Calls()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = group.create_task(storage.scheduler.run(calls))
        await asyncio.sleep(0.02)
        await storage.journal.settle(paused.id)
        await calls.until(1)
        running.cancel()
    assert calls.seen == [behind.id]


async def test_an_erasure_takes_the_wake_ups_of_what_it_drops(storage: Storage) -> None:
    owed = await commit(storage.journal, ANNA, "web:1", say("a"), say("b"))
    for one in owed:
        await storage.scheduler.put(one.id, one.due, one.line)
    (erase,) = await commit(storage.journal, ANNA, "web:2", ERASE)
    await storage.scheduler.put(erase.id, erase.due, erase.line)
    calls = Calls()
    await run_until(storage.scheduler, calls, calls, 1)
    assert calls.seen == [erase.id]


async def test_a_database_that_cannot_be_written_is_not_survived(
    storage: Storage, config: StorageConfig
) -> None:
    async def break_it(effect_id: str) -> None:
        with sqlite3.connect(config.journal_path) as connection:
            connection.execute("DROP TABLE wakeups")
        connection.close()

    await storage.scheduler.put("a", now(), "line")
    with pytest.raises(ExceptionGroup):
        await storage.scheduler.run(break_it)
