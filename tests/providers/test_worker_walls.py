"""The walls of a worker: what it inherits, what it may open, what its Python code may not do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from providers.workers.pool import WorkerPool
from providers.workers.worker import WorkFailed


def pool_of_one() -> WorkerPool:
    return WorkerPool(1, Path("models"), tasks="tests.providers.odd_tasks")


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    async with pool_of_one() as pool:
        yield pool


def open_files(pid: int) -> list[str]:
    return [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]


async def test_a_worker_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_KEY", "secret")
    async with pool_of_one() as pool:
        seen = await pool.run("surroundings", None, dict[str, str])
    assert "secret" not in seen.values()
    assert set(seen) <= {
        "PYTHONPATH",
        "LC_ALL",
        "MALLOC_MMAP_THRESHOLD_",
        "MALLOC_TRIM_THRESHOLD_",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
    }


async def test_a_photo_at_work_is_in_no_file(pool: WorkerPool) -> None:
    (pid,) = pool.pids
    opened: list[str] = []

    async def look(_stage: str) -> None:
        opened.extend(open_files(pid))

    with pytest.raises(WorkFailed, match="too long"):
        await pool.run("hang", b"a photo" * 100_000, str, on_stage=look, time_limit=0.5)
    assert opened
    assert not [name for name in opened if not name.startswith(("pipe:", "socket:", "/dev/null"))]


WAYS_OUT = (
    *("system", "fork", "forkpty", "exec", "posix_spawn", "popen", "pty", "dlopen", "dlsym"),
    *("kill", "os.open", "truncate", "unlink", "rename", "mkdir"),
)


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_python_code_in_a_worker_finds_no_way_out(pool: WorkerPool, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("as it was")
    for way in WAYS_OUT:
        with pytest.raises(WorkFailed, match="PermissionError in break_out"):
            await pool.run("break_out", (way, str(file)), str)
    assert names_in(tmp_path) == ["kept"]
    assert file.read_text() == "as it was"


@pytest.mark.parametrize("mode", ["w", "a", "r+", "rb+", "wb"])
async def test_a_worker_opens_no_file_but_to_read_it(
    pool: WorkerPool, tmp_path: Path, mode: str
) -> None:
    file = tmp_path / "kept"
    file.write_text("as it was")
    with pytest.raises(WorkFailed, match="PermissionError in open_for"):
        await pool.run("open_for", (str(file), mode), str)
    with pytest.raises(WorkFailed, match="PermissionError in open_for"):
        await pool.run("open_for", (str(tmp_path / "new"), "x"), str)
    assert file.read_text() == "as it was"
    assert not (tmp_path / "new").exists()
    assert await pool.run("open_for", (str(file), "rb"), str) == "opened"
