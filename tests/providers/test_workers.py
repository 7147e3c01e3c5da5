"""The worker pool: whatever happens inside a worker fails one task and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import msgspec
import pytest

from bot.errors import ProviderRefused, SettingsError
from bot.model import PhotoProblem
from bot.photo import MAX_BYTES
from providers.workers import frames
from providers.workers.pool import Busy, PoolClosed, WorkerPool
from providers.workers.worker import WorkFailed
from tests.guards.event_loop import LoopWatch

ODD = "tests.providers.odd_tasks"
MODELS = Path("models")


def pool_of(
    size: int, *, memory: int = 2**30, queue: int = 8, recycle_after: int = 100
) -> WorkerPool:
    return WorkerPool(
        size,
        MODELS,
        memory_limit_bytes=memory,
        queue_limit=queue,
        time_limit=30,
        recycle_after=recycle_after,
        tasks=ODD,
    )


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    async with pool_of(1) as pool:
        yield pool


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


class Stages:
    """Collects stages; `first` is set as soon as there is one."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.first = asyncio.Event()

    async def __call__(self, stage: str) -> None:
        self.seen.append(stage)
        self.first.set()


async def test_a_large_photo_goes_there_and_back_unchanged(pool: WorkerPool) -> None:
    photo = os.urandom(5_000_000)
    assert await pool.run("echo", photo, bytes) == photo


async def test_the_loop_is_never_held_up(pool: WorkerPool, never_blocks: LoopWatch) -> None:
    """Not by the largest photo, and not by a worker that dies and is replaced."""
    photo = os.urandom(MAX_BYTES)
    never_blocks.reset()
    await pool.run("echo", photo, bytes)
    with pytest.raises(WorkFailed):
        await pool.run("leave", None, str)
    await pool.run("echo", photo, bytes)


async def test_stages_are_told_in_order(pool: WorkerPool) -> None:
    stages = Stages()
    assert await pool.run("staged", None, str, on_stage=stages) == "finished"
    assert stages.seen == ["reading", "cutting"]


async def test_workers_are_kept_from_task_to_task(pool: WorkerPool) -> None:
    assert await pool.run("who", None, int) == await pool.run("who", None, int)
    assert pool.pids == {await pool.run("who", None, int)}


async def test_a_worker_is_recycled_after_so_many_tasks() -> None:
    async with pool_of(1, recycle_after=2) as pool:
        first, second, third = [await pool.run("who", None, int) for _ in range(3)]
        assert first == second != third
        assert not alive(first)


async def test_a_refusal_leaves_the_worker_in_place(pool: WorkerPool) -> None:
    before = pool.pids
    with pytest.raises(ProviderRefused) as refusal:
        await pool.run("refuse", None, str)
    assert refusal.value.problem is PhotoProblem.NO_FACE
    assert pool.pids == before


@pytest.mark.parametrize(
    ("task", "request_", "how"),
    [
        ("err", "a face at 3,4", "LookupError in err"),
        ("devour_memory", None, "MemoryError in devour_memory"),
        ("crash", None, "a worker died: SIGSEGV .+:[0-9]+ string_at"),
        ("leave", None, "a worker died: exit 3"),
        ("talk_nonsense", b"\xff" * 64, "garbage"),
        ("talk_nonsense", frames.HEADER.pack(3) + b"abc", "garbage"),
        ("talk_nonsense", frames.HEADER.pack(2**31), "garbage"),
        ("talk_nonsense", bytes(frames.pack(frames.Ready())), "something odd"),
        ("mistyped", None, "garbage"),
        ("unheard_of", None, "KeyError"),
        ("write_file", None, "FileNotFoundError|OSError"),
        ("call_home", None, "PermissionError"),
    ],
)
async def test_trouble_fails_one_task_and_replaces_the_worker(
    pool: WorkerPool, task: str, request_: object, how: str
) -> None:
    (before,) = pool.pids
    with pytest.raises(WorkFailed, match=how) as failure:
        await pool.run(task, request_, str)
    assert "face" not in str(failure.value)
    assert not alive(before)
    assert await pool.run("echo", "still here", str) == "still here"


async def test_what_a_library_prints_neither_breaks_nor_leaks(
    pool: WorkerPool, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await pool.run("print_photo", b"a face" * 50_000, int) == 600_000
    assert "face" not in "".join(capfd.readouterr())


async def test_a_worker_killed_in_the_middle_of_a_task_is_replaced(pool: WorkerPool) -> None:
    (pid,) = pool.pids

    async def kill(_stage: str) -> None:
        os.kill(pid, signal.SIGKILL)

    with pytest.raises(WorkFailed, match="SIGKILL"):
        await pool.run("hang", None, str, on_stage=kill)
    assert await pool.run("echo", "still here", str) == "still here"
    assert pid not in pool.pids


async def test_a_worker_that_died_idle_costs_nobody_a_task(pool: WorkerPool) -> None:
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    while alive(pid):
        await asyncio.sleep(0.01)
    # The loop hears of it a moment after the system does.
    await asyncio.sleep(0.1)
    assert await pool.run("echo", "still here", str) == "still here"


async def test_a_task_that_takes_too_long_is_killed(pool: WorkerPool) -> None:
    (pid,) = pool.pids
    with pytest.raises(WorkFailed, match="too long"):
        await pool.run("hang", None, str, time_limit=0.05)
    assert not alive(pid)


async def test_a_timeout_of_the_caller_is_not_mistaken_for_ours(pool: WorkerPool) -> None:
    async def give_up(_stage: str) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await pool.run("hang", None, str, on_stage=give_up)
    assert await pool.run("echo", "still here", str) == "still here"


async def test_cancelling_kills_the_worker_before_it_returns(pool: WorkerPool) -> None:
    (pid,) = pool.pids
    stages = Stages()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(pool.run("hang", None, str, on_stage=stages))
        await stages.first.wait()
        task.cancel()
    assert task.cancelled()
    assert not alive(pid)
    assert await pool.run("echo", "still here", str) == "still here"


@pytest.mark.parametrize("times", [2, 3])
async def test_cancelling_again_does_not_stop_the_clean_up(pool: WorkerPool, times: int) -> None:
    """An order is cancelled, then its person erased: each cancels what is under way."""
    for _ in range(3):
        (pid,) = pool.pids
        stages = Stages()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(pool.run("hang", None, str, on_stage=stages))
            await stages.first.wait()
            for _ in range(times):
                task.cancel()
                await asyncio.sleep(0)
        assert task.cancelled()
        assert not alive(pid)
        assert len(pool.pids) == 1
        assert pool.busy == 0
    assert await pool.run("echo", "still here", str) == "still here"


async def test_cancelling_in_line_leaves_the_line_in_order(pool: WorkerPool) -> None:
    stages = Stages()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(pool.run("hang", None, str, on_stage=stages))
        await stages.first.wait()
        gone = group.create_task(pool.run("echo", "gone", str))
        next_ = group.create_task(pool.run("echo", "next", str))
        await asyncio.sleep(0)
        gone.cancel()
        running.cancel()
    assert gone.cancelled()
    assert next_.result() == "next"


async def test_the_line_is_bounded_and_says_when_to_come_back() -> None:
    async with pool_of(1, queue=1) as pool:
        stages = Stages()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(pool.run("hang", None, str, on_stage=stages))
            await stages.first.wait()
            waiting = group.create_task(pool.run("echo", "next", str))
            await asyncio.sleep(0)
            with pytest.raises(Busy) as busy:
                await pool.run("echo", "one too many", str)
            running.cancel()
        assert busy.value.retry_after is not None
        assert busy.value.retry_after >= 1
        assert waiting.result() == "next"


async def test_two_workers_work_at_the_same_time() -> None:
    async with pool_of(2) as pool, asyncio.TaskGroup() as group:
        first, second = Stages(), Stages()
        running = [
            group.create_task(pool.run("hang", None, str, on_stage=stages))
            for stages in (first, second)
        ]
        await first.first.wait()
        await second.first.wait()
        for task in running:
            task.cancel()


async def test_closing_fails_what_runs_and_waits_and_leaves_no_process() -> None:
    async with asyncio.TaskGroup() as group:
        async with pool_of(2) as pool:
            pids = pool.pids
            stages = [Stages(), Stages()]
            running = [
                group.create_task(failure(pool.run("hang", None, str, on_stage=each)))
                for each in stages
            ]
            for each in stages:
                await each.first.wait()
            waiting = group.create_task(failure(pool.run("echo", "", str)))
            await asyncio.sleep(0)
        assert not any(alive(pid) for pid in pids)
        assert not pool.pids
    assert [type(task.result()) for task in running] == [WorkFailed, WorkFailed]
    assert isinstance(waiting.result(), PoolClosed)
    with pytest.raises(PoolClosed):
        await pool.run("echo", "", str)


async def failure(running: Awaitable[str]) -> Exception:
    """The exception with which a run ends."""
    try:
        await running
    except (WorkFailed, PoolClosed) as exc:
        return exc
    raise AssertionError("it went well")


async def test_missing_models_stop_the_start_with_a_clear_sentence(tmp_path: Path) -> None:
    pool = WorkerPool(2, tmp_path / "missing", tasks=ODD)
    with pytest.raises(SettingsError, match="run make models"):
        await pool.__aenter__()
    assert not pool.pids


async def test_a_worker_leaves_when_the_bot_is_killed() -> None:
    """The worker of a bot that dies without closing sees its pipe end, even while it works."""
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "providers.workers"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(Path.cwd())},
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(frames.pack(frames.Start(ODD, "models", 2**30, 1)))
    assert await frames.receive(worker.stdout) == frames.Ready()
    worker.stdin.write(frames.pack(frames.Task("hang", msgspec.Raw(msgspec.msgpack.encode(None)))))
    assert await frames.receive(worker.stdout) == frames.Stage("hanging")
    worker.stdin.close()
    assert await worker.wait() == 0
