"""One private SQLite file: how it is opened, locked, migrated, scrubbed and refused."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import ErasureIncomplete, SettingsError
from storage import tables
from storage.database import PRAGMAS, open_database, sqlite_path
from storage.house import Storage, StorageConfig, open_storage
from storage.migrations import upgrade
from tests.storage.clocks import MovedClock


def is_in_a_file(folder: Path, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in folder.iterdir())


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("pragma", PRAGMAS)
async def test_every_connection_has_its_pragmas(tmp_path: Path, pragma: str) -> None:
    async with open_database(tmp_path / "a.db", "keys") as database:
        assert await database.rows(sa.text(f"PRAGMA {pragma}")) == [(PRAGMAS[pragma],)]


async def test_a_transaction_that_raises_leaves_nothing(tmp_path: Path) -> None:
    new = sa.insert(tables.person_keys).values(tag="tag", wrapped=b"")

    async def fail(connection: AsyncConnection) -> None:
        await connection.execute(new)
        raise ValueError("changed its mind")

    async with open_database(tmp_path / "a.db", "keys") as database:
        with pytest.raises(ValueError, match="changed its mind"):
            await database.transact(fail)
        assert await database.rows(sa.select(tables.person_keys)) == []


async def test_only_one_process_may_have_the_file(tmp_path: Path) -> None:
    async with open_database(tmp_path / "a.db", "keys"):
        with pytest.raises(SettingsError, match="already runs"):
            async with open_database(tmp_path / "a.db", "keys"):
                pass
    async with open_database(tmp_path / "a.db", "keys"):
        pass


async def test_files_are_closed_to_others(storage: Storage, config: StorageConfig) -> None:
    await storage.audit.append("began", "")
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (config.data_dir, *config.data_dir.rglob("*"))
    }
    assert modes.keys() >= {"data", "photos", "journal.db", "journal.db-wal", "keys.db"}
    assert {mode & 0o077 for mode in modes.values()} == {0}


async def test_what_others_create_meanwhile_is_closed_too(
    storage: Storage, config: StorageConfig
) -> None:
    await storage.vault.tags()
    created = config.data_dir / "created"
    created.touch()
    assert stat.S_IMODE(created.stat().st_mode) == 0o600


async def test_an_open_folder_is_closed(tmp_path: Path, clock: MovedClock) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    (folder / "journal.db").touch(mode=0o644)
    async with open_storage(StorageConfig(data_dir=folder, master_key=bytes(32)), clock):
        pass
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "journal.db").stat().st_mode) == 0o600


async def test_a_reader_makes_the_scrub_incomplete_and_its_end_completes_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.db"
    canary = b"canary of a key" * 20
    which = tables.person_keys.c.tag == "tag"
    async with open_database(path, "keys", scrub_tries=1) as database:
        await database.write(sa.insert(tables.person_keys).values(tag="tag", wrapped=canary))
        reader = sqlite3.connect(path, isolation_level=None)
        try:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM person_keys").fetchall()
            await database.write(sa.delete(tables.person_keys).where(which))
            with pytest.raises(ErasureIncomplete):
                await database.scrub()
        finally:
            reader.close()
        assert is_in_a_file(tmp_path, canary)
        await database.scrub()
        assert not is_in_a_file(tmp_path, canary)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://localhost/bot",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "sqlite:///file.db?mode=ro",
        "journal.db",
    ],
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="sqlite"):
        sqlite_path(url)


def test_sqlite_files_are_taken() -> None:
    assert sqlite_path("sqlite+aiosqlite:////var/lib/a.db") == Path("/var/lib/a.db")
    assert sqlite_path("sqlite:///data/a.db") == Path("data/a.db")


@pytest.mark.parametrize(("name", "metadata"), [("journal", tables.journal), ("keys", tables.keys)])
def test_the_migrations_make_the_tables(tmp_path: Path, name: str, metadata: sa.MetaData) -> None:
    upgrade(tmp_path / "a.db", name)
    upgrade(tmp_path / "a.db", name)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    upgrade(tmp_path / "a.db", "keys")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'keys_9999'")
    connection.close()
    with pytest.raises(SettingsError, match="newer version"):
        upgrade(tmp_path / "a.db", "keys")


def test_a_file_with_a_broken_foreign_key_is_refused(tmp_path: Path) -> None:
    upgrade(tmp_path / "a.db", "keys")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE child (parent INTEGER REFERENCES parent (id))")
        connection.execute("INSERT INTO child VALUES (1)")
    connection.close()
    with pytest.raises(SettingsError, match="foreign key"):
        upgrade(tmp_path / "a.db", "keys")


@pytest.mark.parametrize(
    "config",
    [
        StorageConfig(data_dir=Path("x"), master_key=b"", blob_url="s3://bucket"),
        StorageConfig(data_dir=Path("x"), master_key=b"", database_url="postgresql://host/db"),
        StorageConfig(data_dir=Path("x"), master_key=b"", keys_database_url="mysql://host/db"),
        StorageConfig(
            data_dir=Path("x"), master_key=b"", keys_database_url="sqlite:///x/journal.db"
        ),
    ],
    ids=["blobs", "journal", "keys", "the same file"],
)
async def test_settings_for_other_stores_are_refused(
    config: StorageConfig, clock: MovedClock
) -> None:
    with pytest.raises(SettingsError):
        async with open_storage(config, clock):
            pass


async def test_stores_can_be_elsewhere(tmp_path: Path, clock: MovedClock) -> None:
    config = StorageConfig(
        data_dir=tmp_path / "data",
        master_key=bytes(32),
        database_url=f"sqlite+aiosqlite:///{tmp_path}/a/journal.db",
        keys_database_url=f"sqlite:///{tmp_path}/b/keys.db",
        blob_url=f"file://{tmp_path}/c%20d",
    )
    async with open_storage(config, clock):
        pass
    assert names_in(tmp_path) == {"data", "a", "b", "c d"}


async def test_a_short_master_key_is_refused(tmp_path: Path, clock: MovedClock) -> None:
    with pytest.raises(SettingsError, match="32 bytes"):
        async with open_storage(StorageConfig(data_dir=tmp_path, master_key=b"short"), clock):
            pass


def test_the_configuration_does_not_show_the_key(config: StorageConfig) -> None:
    assert repr(config.master_key) not in repr(config)
    assert "master_key" not in repr(config)
