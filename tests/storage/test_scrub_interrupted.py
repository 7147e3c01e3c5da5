"""What keeps a scrub from its end: another process that reads, as a backup does, or a full disk.

What was deleted before is counted all the same, a start goes on, and the next scrub makes up for
it.
"""

from __future__ import annotations

import logging
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import ErasureIncomplete
from bot.model import Person
from storage.database import open_database
from storage.journal import SealedJournal
from storage.keyring import open_keyring
from storage.ledger import SealedLedger
from storage.tables import person_keys
from tests.contracts.journal import ERASE, commit, say
from tests.storage.clocks import MovedClock

ANNA = Person("web", "", "anna")
MASTER_KEY = bytes(range(32))


@contextmanager
def reading(path: Path, table: str) -> Iterator[None]:
    """Somebody has read the table and keeps the transaction open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        # The names are those of the tests below.
        connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
        yield


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow beyond a page meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_key_that_is_destroyed_but_not_scrubbed_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    async with open_database(path, "keys", scrub_tries=1) as database:
        keyring = await open_keyring(database, MASTER_KEY)
        await keyring.key_or_new(keyring.tag(ANNA))
        with reading(path, "person_keys"):
            with pytest.raises(ErasureIncomplete) as first:
                await keyring.erase(ANNA)
            with pytest.raises(ErasureIncomplete) as second:
                await keyring.erase(ANNA)
        assert first.value.counts == {"keys": 1}
        assert second.value.counts == {}
        assert (await keyring.erase(ANNA)).counts == {}


async def test_records_that_are_dropped_but_not_scrubbed_are_counted(
    tmp_path: Path, clock: MovedClock
) -> None:
    path = tmp_path / "journal.db"
    async with (
        open_database(path, "journal", scrub_tries=1) as database,
        open_database(tmp_path / "keys.db", "keys") as keys,
    ):
        keyring = await open_keyring(keys, MASTER_KEY)
        journal = SealedJournal(database, keyring, clock, freed=lambda: None)
        await SealedLedger(database, keyring, clock).note(ANNA, "key", b"entry")
        await commit(journal, ANNA, "web:1", say("a"))
        (owed,) = await commit(journal, ANNA, "web:2", ERASE)
        with reading(path, "effects"), pytest.raises(ErasureIncomplete) as raised:
            await journal.erase(ANNA)
        assert raised.value.counts == {"conversations": 1, "messages": 1, "deliveries": 2}
        assert (await journal.erase(ANNA)).counts == {}
        assert [left.id for left in await journal.owed()] == [owed.id]


async def test_a_full_disk_leaves_the_erasure_incomplete(tmp_path: Path) -> None:
    async with open_database(tmp_path / "keys.db", "keys", scrub_tries=1) as database:
        new = {"tag": "tag", "wrapped": bytes(100_000)}
        await database.write(sa.insert(person_keys).values(new))
        await database.scrub()
        with full_disk(), pytest.raises(ErasureIncomplete) as raised:
            await database.scrub(erased={"keys": 1})
        assert isinstance(raised.value.__cause__, sqlite3.OperationalError)
        assert raised.value.counts == {"keys": 1}
        await database.scrub()
        assert len(await database.rows(sa.select(person_keys))) == 1


async def test_a_start_does_not_wait_for_a_reader_and_the_next_scrub_makes_up_for_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "keys.db"
    canary = b"canary of a key" * 20
    async with open_database(path, "keys") as database:
        await database.write(sa.insert(person_keys).values(tag="tag", wrapped=canary))
    with closing(sqlite3.connect(path, isolation_level=None)) as killed:
        killed.execute("PRAGMA secure_delete=OFF")
        killed.execute("DELETE FROM person_keys")
        with reading(path, "person_keys"):
            async with open_database(path, "keys", scrub_tries=1) as database:
                assert await database.rows(sa.select(person_keys)) == []
                assert canary in path.read_bytes()
    assert "ErasureIncomplete at the start" in caplog.text
    assert caplog.records[0].levelno == logging.WARNING
    async with open_database(path, "keys", scrub_tries=1):
        assert canary not in path.read_bytes()
