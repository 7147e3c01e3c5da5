"""Brings a database file to the shape of `storage.tables`, at every start, in this process.

Two sets: ``journal`` and ``keys``, a folder each, a revision per file. There is no ``env.py`` and
no ini file: the file to upgrade is passed in. Revisions run on a connection of their own with
foreign keys off, because alembic rebuilds tables and an ON DELETE CASCADE would then silently
delete all child rows; afterwards the keys are checked. All of it is one transaction.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, event

from bot.errors import SettingsError

_FOLDER = Path(__file__).parent


def scripts(name: str) -> ScriptDirectory:
    """The revisions of one set."""
    folder = _FOLDER / name
    return ScriptDirectory(folder, version_locations=[folder])


def upgrade(path: Path, name: str) -> None:
    """Upgrade the file to the newest revision. Blocking; the caller holds the file's lock.

    Raises `SettingsError` when the file was written by a newer version or breaks a foreign key.
    """
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    event.listen(engine, "connect", _unbind)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            directory = scripts(name)
            _refuse_newer(connection, directory, path.name)
            _run(connection, directory)
            if connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise SettingsError(f"{path.name} breaks a foreign key after its migration")
    finally:
        engine.dispose()


def _refuse_newer(connection: Connection, directory: ScriptDirectory, file_name: str) -> None:
    known = {script.revision for script in directory.walk_revisions()}
    if not known.issuperset(MigrationContext.configure(connection).get_current_heads()):
        raise SettingsError(f"{file_name} was written by a newer version of this bot")


def _run(connection: Connection, directory: ScriptDirectory) -> None:
    def to_head(revision: tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
        # alembic's own type for the revision it hands over is narrower than what it accepts.
        return directory._upgrade_revs("head", revision)  # type: ignore[arg-type]

    with EnvironmentContext(Config(), directory, fn=to_head) as environment:
        environment.configure(connection=connection, transactional_ddl=True, render_as_batch=True)
        environment.run_migrations()


def _unbind(connection: sqlite3.Connection, _entry: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
