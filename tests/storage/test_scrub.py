"""A scrub leaves nothing of what was deleted, where secure_delete and a checkpoint alone do."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import open_database
from storage.tables import person_keys

PERSONS = 20
ANY_ROW = sa.text(
    "DELETE FROM person_keys"
    " WHERE rowid = (SELECT rowid FROM person_keys WHERE rowid >= :from LIMIT 1)"
)


def canary(person: int) -> str:
    return f"canary{person:02d}"


def files_with(folder: Path, needle: str) -> list[str]:
    return [path.name for path in folder.iterdir() if needle.encode() in path.read_bytes()]


async def fill(connection: AsyncConnection, seed: int) -> None:
    """Write and delete in random order and sizes, so that SQLite moves cells between pages."""
    # A test's luck of the draw, not a secret.
    luck = random.Random(seed)  # noqa: S311
    for number in range(1500):
        mark = canary(luck.randrange(PERSONS))
        tag = f"{luck.random()}".ljust(luck.randint(20, 200), "x") + mark
        wrapped = mark.encode() * luck.randint(5, 100)
        await connection.execute(sa.insert(person_keys).values(tag=tag, wrapped=wrapped))
        if number % 2 == 0:
            await connection.execute(ANY_ROW, {"from": luck.randint(1, number + 1)})


async def test_no_copy_of_a_deleted_row_is_left_between_the_others(tmp_path: Path) -> None:
    async with open_database(tmp_path / "a.db", "keys") as database:
        await database.transact(lambda connection: fill(connection, 0))
        for person in range(0, PERSONS, 4):
            assert files_with(tmp_path, canary(person))
            mine = person_keys.c.tag.like(f"%{canary(person)}")
            assert await database.write(sa.delete(person_keys).where(mine)) > 1
            await database.scrub()
            assert files_with(tmp_path, canary(person)) == []
            assert (tmp_path / "a.db-wal").stat().st_size == 0
        assert files_with(tmp_path, canary(1))


async def test_a_kill_before_the_scrub_is_made_up_for_at_the_next_start(tmp_path: Path) -> None:
    living, killed = tmp_path / "living", tmp_path / "killed"
    async with open_database(living / "a.db", "keys") as database:
        await database.transact(lambda connection: fill(connection, 0))
        for person in range(0, PERSONS, 4):
            mine = person_keys.c.tag.like(f"%{canary(person)}")
            await database.write(sa.delete(person_keys).where(mine))
        # What lies on the disk now is what a kill at this moment leaves behind.
        shutil.copytree(living, killed)
    assert files_with(killed, canary(0))
    async with open_database(killed / "a.db", "keys"):
        left = [one for one in range(0, PERSONS, 4) if files_with(killed, canary(one))]
        assert left == []
