"""What was said in a chat, sealed, in the order it was said.

Part of the journal's file and erased with it (`SealedJournal.erase`). The key of an entry is the
handler's own name for a message; it is found by a keyed hash and kept inside the seal.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Person, Value
from bot.ports import Clock
from storage.database import Database
from storage.keyring import KeyRing, Unreadable
from storage.sealing import sealing
from storage.tables import entries, to_stamp

log = logging.getLogger(__name__)


class Entry(Value, frozen=True):
    """What the sealed part of a row says."""

    key: str
    entry: bytes


_entries = msgspec.msgpack.Decoder(Entry)


class SealedLedger:
    """The `Ledger` port on the journal's file."""

    def __init__(self, database: Database, keyring: KeyRing, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def note(self, person: Person, key: str, entry: bytes) -> None:
        """Write or overwrite the entry of that key; overwriting keeps its place."""
        tag = self._keyring.tag(person)
        digest = self._keyring.name(tag, "entry", key)
        secret = msgspec.msgpack.encode(Entry(key, entry))

        async def write(connection: AsyncConnection) -> None:
            seal = await sealing(connection, self._keyring, tag)
            sealed = seal.key.seal(f"entry/{tag}/{digest}", secret)
            noted_at = to_stamp(self._clock.now())
            values = {"house": seal.house, "noted_at": noted_at, "sealed": sealed}
            row = insert(entries).values(tag=tag, digest=digest, **values)
            await connection.execute(
                row.on_conflict_do_update(index_elements=["tag", "digest"], set_=values)
            )

        await self._database.transact(write)

    async def entry(self, person: Person, key: str) -> bytes | None:
        """The entry of that key, if there is one that can still be opened."""
        tag = self._keyring.tag(person)
        digest = self._keyring.name(tag, "entry", key)
        return (await self._opened(tag, entries.c.digest == digest)).get(key)

    async def entries(self, person: Person) -> Mapping[str, bytes]:
        """All entries that can still be opened, oldest first."""
        return await self._opened(self._keyring.tag(person), sa.true())

    async def _opened(self, tag: str, which: sa.ColumnElement[bool]) -> dict[str, bytes]:
        query = sa.select(entries).filter_by(tag=tag).where(which).order_by(entries.c.place)
        rows = await self._database.rows(query)
        own = (await self._keyring.keys([tag])).get(tag)
        found: dict[str, bytes] = {}
        for row in rows:
            key = self._keyring.house if row.house else own
            if key is None:
                continue
            try:
                opened = _entries.decode(key.open(f"entry/{tag}/{row.digest}", row.sealed))
            except Unreadable as error:
                log.warning("an entry cannot be opened (%s)", type(error).__name__)
                continue
            found[opened.key] = opened.entry
        return found
