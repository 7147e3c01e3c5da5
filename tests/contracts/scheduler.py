"""What every `Scheduler` must do; subclass `SchedulerContract` and give the fixture ``scheduler``.

Times are real here. The tests wait for what has to happen and compare orders and moments; how
quickly it happens is not measured.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.ports import Scheduler

SOON = timedelta(milliseconds=60)


def now() -> datetime:
    return datetime.now(UTC)


class Calls:
    """Work that remembers its calls and can be waited for."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.moments: list[datetime] = []
        self.running = 0
        self.most = 0
        """Most calls at a time."""
        self._news = asyncio.Condition()

    async def __call__(self, effect_id: str) -> datetime | None:
        self.running += 1
        self.most = max(self.most, self.running)
        self.seen.append(effect_id)
        self.moments.append(now())
        async with self._news:
            self._news.notify_all()
        # Gives everything else that may run a chance to run at the same time.
        await asyncio.sleep(0.005)
        self.running -= 1
        return None

    async def until(self, count: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: len(self.seen) >= count)


class SchedulerContract:
    """Subclass me as ``class TestMine(SchedulerContract)``."""

    patience = 10.0
    """Seconds after which waiting in vain is a failure."""

    @pytest.fixture
    def scheduler(self) -> Scheduler:
        raise NotImplementedError

    @asynccontextmanager
    async def running(
        self, scheduler: Scheduler, work: Callable[[str], Awaitable[datetime | None]]
    ) -> AsyncIterator[None]:
        """The scheduler at work; cancelled, and waited for, at the end."""
        async with asyncio.timeout(self.patience), asyncio.TaskGroup() as group:
            task = group.create_task(scheduler.run(work))
            try:
                yield
            finally:
                task.cancel()

    async def finish(self, scheduler: Scheduler, calls: Calls, count: int) -> None:
        """Run until `count` calls, and until all that was put on ``line`` before is done."""
        async with self.running(scheduler, calls):
            await calls.until(count)
            await scheduler.put("the end", now(), "line")
            await calls.until(count + 1)

    async def test_what_was_put_before_the_start_is_called(self, scheduler: Scheduler) -> None:
        await scheduler.put("a", now(), "line")
        calls = Calls()
        await self.finish(scheduler, calls, 1)
        assert calls.seen[0] == "a"

    async def test_what_is_put_meanwhile_is_called(self, scheduler: Scheduler) -> None:
        calls = Calls()
        async with self.running(scheduler, calls):
            await scheduler.put("a", now(), "line")
            await calls.until(1)
            await scheduler.put("b", now(), "line")
            await calls.until(2)
        assert calls.seen == ["a", "b"]

    async def test_the_same_id_counts_once(self, scheduler: Scheduler) -> None:
        await scheduler.put("a", now(), "line")
        await scheduler.put("a", now(), "line")
        await scheduler.put("b", now(), "line")
        calls = Calls()
        await self.finish(scheduler, calls, 2)
        assert calls.seen == ["a", "b", "the end"]

    async def test_a_line_runs_one_at_a_time_in_order(self, scheduler: Scheduler) -> None:
        ids = [f"effect {number}" for number in (5, 3, 9, 1)]
        for effect_id in ids:
            await scheduler.put(effect_id, now(), "line")
        calls = Calls()
        async with self.running(scheduler, calls):
            await calls.until(4)
        assert calls.seen == ids
        assert calls.most == 1

    async def test_lines_run_side_by_side(self, scheduler: Scheduler) -> None:
        meeting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        arrived: list[str] = []

        async def meet(effect_id: str) -> None:
            arrived.append(effect_id)
            if len(arrived) == 2:
                meeting.set_result(None)
            await asyncio.shield(meeting)

        await scheduler.put("a", now(), "one line")
        await scheduler.put("b", now(), "another line")
        async with self.running(scheduler, meet):
            await asyncio.shield(meeting)
        assert sorted(arrived) == ["a", "b"]

    async def test_nothing_is_called_before_it_is_due(self, scheduler: Scheduler) -> None:
        due = now() + SOON
        await scheduler.put("a", due, "line")
        calls = Calls()
        async with self.running(scheduler, calls):
            await calls.until(1)
        assert calls.moments[0] >= due

    async def test_waiting_work_does_not_hold_up_what_is_short(self, scheduler: Scheduler) -> None:
        short = ("erase", "timer", "forget", "cancel", "speech")
        calls = Calls()

        async def hang(effect_id: str) -> datetime | None:
            if effect_id in short:
                return await calls(effect_id)
            await asyncio.Event().wait()
            return None

        for number in range(40):
            lane = "pack" if number % 2 else "work"
            await scheduler.put(f"{number}", now() - SOON, f"{lane}/{number}")
        async with self.running(scheduler, hang):
            for lane in short:
                await scheduler.put(lane, now(), f"{lane}/anna")
            await calls.until(len(short))
        assert sorted(calls.seen) == sorted(short)

    async def test_what_is_due_first_does_not_wait_for_another_line(
        self, scheduler: Scheduler
    ) -> None:
        await scheduler.put("tomorrow", now() + timedelta(days=1), "one line")
        await scheduler.put("today", now(), "another line")
        calls = Calls()
        async with self.running(scheduler, calls):
            await calls.until(1)
        assert calls.seen == ["today"]

    async def test_a_line_waits_for_its_head(self, scheduler: Scheduler) -> None:
        await scheduler.put("head", now() + SOON, "line")
        await scheduler.put("second", now(), "line")
        calls = Calls()
        async with self.running(scheduler, calls):
            await calls.until(2)
        assert calls.seen == ["head", "second"]

    async def test_work_can_ask_to_be_called_again(self, scheduler: Scheduler) -> None:
        calls = Calls()
        due: list[datetime] = []

        async def again(effect_id: str) -> datetime | None:
            await calls(effect_id)
            if calls.seen.count("a") > 1 or effect_id != "a":
                return None
            due.append(now() + SOON)
            return due[0]

        await scheduler.put("a", now(), "line")
        await scheduler.put("b", now(), "line")
        async with self.running(scheduler, again):
            await calls.until(3)
        assert calls.seen == ["a", "a", "b"]
        assert calls.moments[1] >= due[0]

    async def test_work_that_raises_is_called_again(self, scheduler: Scheduler) -> None:
        calls = Calls()

        async def stumble(effect_id: str) -> datetime | None:
            await calls(effect_id)
            if len(calls.seen) == 1:
                raise ValueError
            return None

        await scheduler.put("a", now(), "line")
        await scheduler.put("b", now(), "line")
        async with self.running(scheduler, stumble):
            await calls.until(3)
        assert calls.seen == ["a", "a", "b"]

    async def test_work_that_was_cancelled_from_outside_is_called_again(
        self, scheduler: Scheduler
    ) -> None:
        calls = Calls()

        async def stopped(effect_id: str) -> datetime | None:
            await calls(effect_id)
            if len(calls.seen) == 1:
                raise asyncio.CancelledError
            return None

        await scheduler.put("a", now(), "line")
        async with self.running(scheduler, stopped):
            await calls.until(2)
        assert calls.seen == ["a", "a"]

    async def test_what_is_done_is_not_called_by_the_next_run(self, scheduler: Scheduler) -> None:
        await scheduler.put("a", now(), "line")
        await self.finish(scheduler, Calls(), 1)
        await scheduler.put("b", now(), "line")
        calls = Calls()
        await self.finish(scheduler, calls, 1)
        assert "a" not in calls.seen

    async def test_cancelling_waits_for_the_work_it_cancels(self, scheduler: Scheduler) -> None:
        started, ended = asyncio.Event(), asyncio.Event()

        async def linger(effect_id: str) -> None:
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.02)
                ended.set()

        await scheduler.put("a", now(), "line")
        async with self.running(scheduler, linger):
            await started.wait()
        assert ended.is_set()

    async def test_what_was_cancelled_is_called_by_the_next_run(self, scheduler: Scheduler) -> None:
        started = asyncio.Event()

        async def hang(effect_id: str) -> None:
            started.set()
            await asyncio.Event().wait()

        await scheduler.put("a", now(), "line")
        async with self.running(scheduler, hang):
            await started.wait()
        calls = Calls()
        async with self.running(scheduler, calls):
            await calls.until(1)
        assert calls.seen == ["a"]
