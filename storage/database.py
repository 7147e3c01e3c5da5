"""One SQLite file, one connection, one process.

Why it is set up like this (each point was measured):

- *One connection.* With a pool of several, SQLite's unfair busy handler makes writers wait for
  seconds. So: never open a second connection inside a transaction, never await the outside world
  inside one; `pool_timeout` makes such a mistake loud.
- *BEGIN IMMEDIATE*, so that what a transaction has read still holds when it writes.
- *synchronous FULL*: what was acknowledged survives a power cut.
- *secure_delete ON is not enough*: moving cells between pages leaves copies in unallocated space,
  and the write-ahead log keeps old pages. `scrub` is what makes deleted bytes go away.
- *A file lock* proves that this process is the only one; what a killed process was doing is void
  the moment the next one opens the file.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import aiosqlite
from sqlalchemy import Connection, Executable, Row, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import ErasureIncomplete, SettingsError
from bot.uninterrupted import in_thread, to_the_end

log = logging.getLogger(__name__)

PRAGMAS: Final = {
    "journal_mode": "wal",
    "synchronous": 2,
    "busy_timeout": 10_000,
    "foreign_keys": 1,
    "secure_delete": 1,
    "temp_store": 2,
}
"""Each is set on every connection and read back; 2 is FULL and MEMORY."""

SCRUB_BUSY_MS: Final = 200
"""How long one checkpoint waits for a reader (a backup, a shell) of another process."""

Result = TypeVar("Result")

_URL = re.compile(r"sqlite(\+aiosqlite)?:///(?P<path>[^?#]+)")


class Database:
    """A migrated SQLite file, open. Made by `open_database`."""

    def __init__(self, engine: AsyncEngine, *, scrub_tries: int = 20) -> None:
        self._engine = engine
        self._scrub_tries = scrub_tries

    async def transact(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        """Run `work` in one transaction: committed when it returns, rolled back when it raises.

        A cancellation waits for its end: then it may have been committed.
        """

        async def whole() -> Result:
            async with self._engine.begin() as connection:
                return await work(connection)

        return await to_the_end(whole())

    async def rows(self, statement: Executable) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows of one statement, in a transaction of its own."""

        async def read(connection: AsyncConnection) -> Sequence[Row[*tuple[Any, ...]]]:
            return (await connection.execute(statement)).all()

        return await self.transact(read)

    async def write(self, statement: Executable) -> int:
        """How many rows one statement wrote, in a transaction of its own."""

        async def write(connection: AsyncConnection) -> int:
            return (await connection.execute(statement)).rowcount

        return await self.transact(write)

    async def scrub(self, *, erased: dict[str, int] | None = None) -> None:
        """Make what was deleted disappear from the file and its write-ahead log.

        Checkpoint, VACUUM (rewrites the file without its unallocated space), checkpoint. Costs
        some 10 ms per MB. Raises `ErasureIncomplete` while another process keeps reading, or when
        the file cannot be rewritten; it carries `erased`, what the caller has deleted before.
        """
        try:
            whole = await self._checkpoint()
            if whole:
                await to_the_end(self._vacuum())
                whole = await self._checkpoint()
        except sqlite3.OperationalError as error:
            raise ErasureIncomplete("the file cannot be rewritten now", counts=erased) from error
        if not whole:
            raise ErasureIncomplete("another process is reading the file", counts=erased)

    async def _checkpoint(self) -> bool:
        """Empty the write-ahead log, patiently; False when a reader stayed in the way."""
        for _ in range(self._scrub_tries):
            # The connection is given back between tries, so that turns do not wait for a reader.
            if await to_the_end(self._truncate()):
                return True
            await asyncio.sleep(SCRUB_BUSY_MS / 1000)
        return False

    async def _truncate(self) -> bool:
        """Empty the write-ahead log; False when a reader is in the way."""
        async with self._driver() as driver:
            await _rows(driver, f"PRAGMA busy_timeout={SCRUB_BUSY_MS}")
            try:
                ((busy, _, _),) = await _rows(driver, "PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                await _rows(driver, f"PRAGMA busy_timeout={PRAGMAS['busy_timeout']}")
        return not busy

    async def _vacuum(self) -> None:
        async with self._driver() as driver:
            await _rows(driver, "VACUUM")

    @asynccontextmanager
    async def _driver(self) -> AsyncIterator[aiosqlite.Connection]:
        """The connection below SQLAlchemy, outside a transaction."""
        async with self._engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            if not isinstance(driver, aiosqlite.Connection):
                raise TypeError(f"expected aiosqlite, got {type(driver).__name__}")
            yield driver


@asynccontextmanager
async def open_database(
    path: Path, migrations: str, *, scrub_tries: int = 20
) -> AsyncIterator[Database]:
    """Lock, create, migrate, scrub and open the file; close and unlock it at the end.

    `migrations` names a set in `storage.migrations`. Raises `SettingsError`: another process has
    the file, it was written by a newer version, or this SQLite cannot erase. What a killed
    process deleted is scrubbed here, or by the next scrub when another process (a backup) reads
    the file just now.
    """
    async with only_process(path):
        await in_thread(_prepare, path, migrations)
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{path}", pool_size=1, max_overflow=0, pool_timeout=30
        )
        event.listen(engine.sync_engine, "connect", _set_pragmas)
        event.listen(engine.sync_engine, "begin", _begin_immediate)
        try:
            database = Database(engine, scrub_tries=scrub_tries)
            try:
                await database.scrub()
            except ErasureIncomplete as error:
                log.warning("%s at the start; the next scrub makes up for it", type(error).__name__)
            yield database
        finally:
            await engine.dispose()


def sqlite_path(url: str) -> Path:
    """The file of a SQLite URL (``sqlite+aiosqlite:////absolute`` or ``sqlite:///relative``)."""
    found = _URL.fullmatch(url)
    if found is None or ":memory:" in url:
        raise SettingsError(
            "the database URL must be sqlite+aiosqlite:///path/to/file: "
            "other databases are not supported by this version"
        )
    return Path(found["path"])


@asynccontextmanager
async def only_process(path: Path) -> AsyncIterator[None]:
    """Hold ``<path>.lock``; the kernel releases it when this process ends, however it ends."""
    lock = await in_thread(_lock, path)
    try:
        yield
    finally:
        os.close(lock)


def _lock(path: Path) -> int:
    private_folder(path.parent)
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise SettingsError(
            f"{path.name} is in use: the bot already runs with this data folder"
        ) from error
    return lock


def private_folder(path: Path) -> None:
    """Create the folder, or close an existing one to everyone else (0700)."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def _prepare(path: Path, migrations: str) -> None:
    # SQLite gives -wal and -shm the mode of the file itself, so the file must exist privately.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)
    # Imported late: alembic costs most of a second, and only a start needs it.
    from storage.migrations import upgrade  # noqa: PLC0415

    upgrade(path, migrations)


def _set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions on its own: `_begin_immediate` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for name, wanted in PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}={wanted}")
            cursor.fetchall()
            cursor.execute(f"PRAGMA {name}")
            if cursor.fetchall() != [(wanted,)]:
                raise SettingsError(f"this SQLite refuses {name}={wanted}, which erasure needs")
    finally:
        cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _rows(driver: aiosqlite.Connection, statement: str) -> list[tuple[int, ...]]:
    # Every row is fetched: an unfinished PRAGMA makes VACUUM fail.
    async with driver.execute(statement) as cursor:
        return [tuple(row) for row in await cursor.fetchall()]
