"""Looks for records that have lost what they belong to, in both directions, and sweeps them.

A photo or a record whose key is gone should never exist: it means that an erasure has missed it.
A key that opens nothing is what a finished visit leaves behind. `workshot check` counts them and a
daily sweep removes them, along with what was said to somebody who never began a conversation and
with fingerprints of deliveries that are too old to be repeated. It leaves alone whose erasure is
under way, and excludes the writers it could race with: what is destroyed is looked at again inside
a transaction of the journal and inside the vault's lock of that person.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Value
from bot.ports import Clock
from storage.database import Database
from storage.keyring import KeyRing
from storage.removal import drop_effects, drop_old
from storage.tables import Erasure, effects, entries, people, register, sessions, to_stamp
from storage.vault import SealedVault

_OPENED: Final = (sessions, effects, entries, register)
"""What a key is kept for."""
_SEALED: Final = (*_OPENED, people)

ENTRIES_KEPT: Final = timedelta(hours=25)
"""How long what was said stays without a conversation: an hour longer than any of those lasts."""


class Orphans(Value, frozen=True):
    """How many of each were found."""

    photos_without_key: int = 0
    """Persons with a folder in the vault that nobody can open."""
    records_without_key: int = 0
    """Rows of the journal that nobody can open."""
    keys_without_records: int = 0
    """Persons with a key and nothing that it opens; a visit that ended idle leaves one."""
    entries_without_conversation: int = 0
    """Messages shown long ago to somebody who was only spoken to."""

    def __bool__(self) -> bool:
        """Whether something went wrong somewhere: data without a key, not a key without data."""
        return bool(self.photos_without_key or self.records_without_key)


class OrphanAudit:
    """Compares the key ring, the vault and the journal's file."""

    def __init__(
        self, database: Database, keyring: KeyRing, vault: SealedVault, clock: Clock
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._vault = vault
        self._clock = clock

    async def count(self) -> Orphans:
        """What a sweep would remove now. Changes nothing."""
        return await self._visit(remove=False)

    async def sweep(self) -> Orphans:
        """Remove all orphans, scrub, and say what there was.

        Raises `ErasureIncomplete` when something could not be removed or scrubbed; the next sweep
        makes up for it.
        """
        found = await self._visit(remove=True)
        await self._database.transact(lambda connection: drop_old(connection, self._clock.now()))
        await self._keyring.scrub()
        await self._database.scrub()
        return found

    async def _visit(self, *, remove: bool) -> Orphans:
        return Orphans(
            photos_without_key=await self._photos(remove=remove),
            records_without_key=await self._records(remove=remove),
            entries_without_conversation=await self._entries(remove=remove),
            # Last: what was removed before may have been all that a key opened.
            keys_without_records=await self._keys(remove=remove),
        )

    async def _photos(self, *, remove: bool) -> int:
        erasing = await self._database.transact(_erasing)
        # Folders first, keys second: a key is made before its folder, so none looks like an orphan.
        folders = await self._vault.tags()
        orphans = folders - await self._keyring.tags() - erasing
        if remove:
            for tag in orphans:
                await self._vault.remove_unreadable(tag)
        return len(orphans)

    async def _records(self, *, remove: bool) -> int:
        async def visit(connection: AsyncConnection) -> int:
            count = 0
            orphans = await _tags(connection, own=True) - await self._keyring.tags()
            orphans -= await _erasing(connection)
            for tag, table in product(orphans, _SEALED):
                which = sa.and_(table.c.tag == tag, table.c.house.is_(False))
                rows = sa.select(sa.func.count()).select_from(table).where(which)
                count += (await connection.execute(rows)).scalar_one()
                if remove and table is effects:
                    await drop_effects(connection, which)
                elif remove:
                    await connection.execute(sa.delete(table).where(which))
            return count

        return await self._database.transact(visit)

    async def _entries(self, *, remove: bool) -> int:
        async def visit(connection: AsyncConnection) -> int:
            count = 0
            keys = await self._keyring.tags()
            for tag in await self._spoken_to(connection):
                which = entries.c.tag == tag
                if tag not in keys:
                    # The others were counted as records without a key.
                    which = sa.and_(which, entries.c.house)
                rows = sa.select(sa.func.count()).select_from(entries).where(which)
                count += (await connection.execute(rows)).scalar_one()
                if remove:
                    await connection.execute(sa.delete(entries).where(which))
            return count

        return await self._database.transact(visit)

    async def _spoken_to(self, connection: AsyncConnection) -> set[str]:
        """Whoever has entries, all of them old, and neither a session nor an owed effect."""
        limit = to_stamp(self._clock.now() - ENTRIES_KEPT)
        old = (
            sa.select(entries.c.tag)
            .where(
                entries.c.tag.not_in(sa.select(sessions.c.tag)),
                entries.c.tag.not_in(sa.select(effects.c.tag)),
            )
            .group_by(entries.c.tag)
            .having(sa.func.max(entries.c.noted_at) < limit)
        )
        return set((await connection.execute(old)).scalars())

    async def _keys(self, *, remove: bool) -> int:
        async def using(connection: AsyncConnection) -> set[str]:
            return await _tags(connection) - await self._spoken_to(connection)

        used = await self._database.transact(using) | await self._vault.tags()
        orphans = sorted(await self._keyring.tags() - used)
        if not remove:
            return len(orphans)
        return sum([await self._destroy(tag) for tag in orphans])

    async def _destroy(self, tag: str) -> int:
        """Destroy a key unless it has come into use meanwhile."""

        async def destroy(connection: AsyncConnection) -> int:
            if tag in await _tags(connection) or tag in await self._vault.tags():
                return 0
            await connection.execute(sa.delete(people).where(people.c.tag == tag))
            return await self._keyring.destroy([tag])

        # The vault's lock first, the transaction second: the vault never waits inside one.
        async with self._vault.alone(tag):
            return await self._database.transact(destroy)


async def _erasing(connection: AsyncConnection) -> set[str]:
    """Whose erasure is under way: it removes, and counts for the receipt, what has lost its key."""
    ahead = sa.select(effects.c.tag).where(effects.c.erasure == Erasure.AHEAD)
    return set((await connection.execute(ahead)).scalars())


async def _tags(connection: AsyncConnection, *, own: bool = False) -> set[str]:
    """Whoever has a record in the journal's file; `own`: one sealed with their own key."""
    found: set[str] = set()
    for table in _SEALED if own else _OPENED:
        query = sa.select(table.c.tag).distinct()
        if own:
            query = query.where(table.c.house.is_(False))
        found.update((await connection.execute(query)).scalars())
    return found
