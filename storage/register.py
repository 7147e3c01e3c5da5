"""What is kept about workspaces, and who is in them.

A workspace's records are sealed with a key of its own, which lies in the key ring beside the
persons' and is destroyed with it: its token cannot be read from any copy afterwards. Who is in a
workspace is a row per person, sealed with the person's key and found by a keyed hash of the
workspace; it is written with the person's turns and removed with their records (`storage.journal`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Erased, Person, Value, Workspace
from storage.database import Database
from storage.keyring import KeyRing, Unreadable
from storage.sealing import Sealing
from storage.tables import people, register

log = logging.getLogger(__name__)


class Record(Value, frozen=True):
    """What the sealed part of a workspace's row says."""

    workspace: Workspace
    record: bytes


_records = msgspec.msgpack.Decoder(Record)
_persons = msgspec.msgpack.Decoder(Person)
_encode = msgspec.msgpack.encode


class SealedRegister:
    """The `Register` port on the journal's file."""

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        self._database = database
        self._keyring = keyring

    async def note(self, workspace: Workspace, name: str, record: bytes) -> None:
        """Write or overwrite the record of that name."""
        tag, digest = self._names(workspace, name)

        async def write(connection: AsyncConnection) -> None:
            key = await self._keyring.key_or_new(tag)
            sealed = key.seal(f"register/{tag}/{digest}", _encode(Record(workspace, record)))
            row = insert(register).values(tag=tag, digest=digest, house=False, sealed=sealed)
            values = {"sealed": sealed}
            await connection.execute(
                row.on_conflict_do_update(index_elements=["tag", "digest"], set_=values)
            )

        await self._database.transact(write)

    async def read(self, workspace: Workspace, name: str) -> bytes | None:
        """The record of that name, if there is one that can be opened."""
        tag, digest = self._names(workspace, name)
        for found in await self._open(sa.select(register).filter_by(tag=tag, digest=digest)):
            return found.record
        return None

    async def drop(self, workspace: Workspace, name: str) -> None:
        """Remove the record of that name. Safe twice. Raises `ErasureIncomplete`."""
        tag, digest = self._names(workspace, name)
        await self._database.write(sa.delete(register).filter_by(tag=tag, digest=digest))
        await self._database.scrub()

    async def all(self, platform: str) -> Sequence[Workspace]:
        """Every workspace of a platform that has a record, each once."""
        found = (record.workspace for record in await self._open(sa.select(register)))
        return tuple(dict.fromkeys(one for one in found if one.platform == platform))

    async def people(self, workspace: Workspace) -> Sequence[Person]:
        """Everybody in it about whom the journal holds something."""
        tag = self._keyring.workspace_tag(workspace)
        rows = await self._database.rows(sa.select(people).filter_by(workspace=tag))
        keys = await self._keyring.keys({row.tag for row in rows})
        found = []
        for row in rows:
            try:
                if row.tag in keys:
                    opened = keys[row.tag].open(f"person/{row.tag}", row.sealed)
                    found.append(_persons.decode(opened))
            except Unreadable as error:
                log.warning("a person cannot be opened (%s)", type(error).__name__)
        return found

    async def erase(self, workspace: Workspace) -> Erased:
        """Destroy the workspace's key and remove its records. Raises `ErasureIncomplete`."""
        tag = self._keyring.workspace_tag(workspace)
        await self._keyring.destroy([tag])
        count = await self._database.write(sa.delete(register).filter_by(tag=tag))
        erased = {"workspace records": count} if count else {}
        await self._keyring.scrub()
        await self._database.scrub(erased=erased)
        return Erased(erased)

    def _names(self, workspace: Workspace, name: str) -> tuple[str, str]:
        tag = self._keyring.workspace_tag(workspace)
        return tag, self._keyring.name(tag, "register", name)

    async def _open(self, query: sa.Select[tuple[object, ...]]) -> list[Record]:
        rows = await self._database.rows(query)
        keys = await self._keyring.keys({row.tag for row in rows})
        found = []
        for row in rows:
            try:
                if row.tag in keys:
                    about = f"register/{row.tag}/{row.digest}"
                    found.append(_records.decode(keys[row.tag].open(about, row.sealed)))
            except Unreadable as error:
                log.warning("a workspace cannot be opened (%s)", type(error).__name__)
        return found


async def enrol(
    connection: AsyncConnection, keyring: KeyRing, tag: str, person: Person, seal: Sealing
) -> None:
    """Write down, once, which workspace a person is in."""
    workspace = keyring.workspace_tag(Workspace(person.platform, person.workspace))
    sealed = seal.key.seal(f"person/{tag}", _encode(person))
    row = insert(people).values(tag=tag, workspace=workspace, house=seal.house, sealed=sealed)
    # Overwritten: a row that an older key had sealed must not hide somebody who came back.
    values = {"sealed": sealed, "house": seal.house}
    await connection.execute(row.on_conflict_do_update(index_elements=["tag"], set_=values))
