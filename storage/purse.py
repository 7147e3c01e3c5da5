"""What hosted providers cost, and who may still spend how much today.

`spending` has a total per day and workspace and nothing about people; it stays. `outlays` has a row
per order, found by keyed hashes, so that one person's day can be limited and an order is never
counted twice; the row goes with the person (`SealedJournal.erase`) or two days later, and the total
keeps its amount. A ticket is sealed with the person's key and kept only as long as its provider may
have something. What is set aside counts as spent until it is settled.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Person, Ticket
from bot.money import Cap, Caps
from bot.ports import Clock
from storage.database import Database
from storage.keyring import KeyRing, Unreadable
from storage.removal import drop_old_outlays
from storage.sealing import sealing
from storage.tables import outlays, spending, to_day

log = logging.getLogger(__name__)

Place: TypeAlias = dict[str, int | str]


class SealedPurse:
    """The `Purse` port on the journal's file."""

    def __init__(self, database: Database, keyring: KeyRing, clock: Clock, caps: Caps) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._caps = caps

    async def reserve(self, person: Person, order: str, micros: int) -> Cap | None:
        """Set money aside, in one transaction with looking at the limits."""
        tag = self._keyring.tag(person)
        digest = self._keyring.name(tag, "outlay", order)
        now = self._clock.now()
        today = to_day(now)
        place: Place = {
            "day": today,
            "platform": person.platform,
            "workspace": person.workspace,
        }

        async def write(connection: AsyncConnection) -> Cap | None:
            await drop_old_outlays(connection, now)
            there = sa.select(outlays.c.digest).filter_by(digest=digest)
            if (await connection.execute(there)).first() is not None:
                return None
            cap = self._caps.reached(
                micros,
                person=await _sum(connection, outlays, {"tag": tag, "day": today}),
                workspace=await _sum(connection, spending, place),
                everybody=await _sum(connection, spending, {"day": today}),
            )
            if cap is None:
                row = {"digest": digest, "tag": tag, "micros": micros, "settled": False}
                await connection.execute(sa.insert(outlays).values(row | place))
                await _add(connection, place, orders=1, micros=micros)
            return cap

        return await self._database.transact(write)

    async def settle(self, person: Person, order: str, micros: int, ticket: Ticket | None) -> None:
        """Put the real cost in place of what was set aside; the first time counts."""
        tag = self._keyring.tag(person)
        digest = self._keyring.name(tag, "outlay", order)

        async def write(connection: AsyncConnection) -> None:
            query = sa.select(outlays).filter_by(digest=digest, settled=False)
            row = (await connection.execute(query)).first()
            if row is None:
                return
            place: Place = {
                "day": row.day,
                "platform": row.platform,
                "workspace": row.workspace,
            }
            await _add(connection, place, orders=0, micros=micros - row.micros)
            sealed = None
            if ticket is not None:
                seal = await sealing(connection, self._keyring, tag)
                # Sealed with the house key only while an erasure is under way, which drops it.
                sealed = seal.key.seal(f"outlay/{tag}/{digest}", msgspec.json.encode(ticket))
            settled = sa.update(outlays).filter_by(digest=digest)
            await connection.execute(settled.values(micros=micros, settled=True, sealed=sealed))

        await self._database.transact(write)

    async def tickets(self, person: Person) -> Sequence[Ticket]:
        """The tickets that can still be opened."""
        tag = self._keyring.tag(person)
        query = sa.select(outlays.c.digest, outlays.c.sealed).where(
            outlays.c.tag == tag, outlays.c.sealed.is_not(None)
        )
        rows = await self._database.rows(query)
        key = (await self._keyring.keys([tag])).get(tag)
        found = []
        for digest, sealed in rows:
            if key is None:
                continue
            try:
                opened = key.open(f"outlay/{tag}/{digest}", sealed)
            except Unreadable as error:
                log.warning("a ticket cannot be opened (%s)", type(error).__name__)
                continue
            found.append(msgspec.json.decode(opened, type=Ticket))
        return found


async def _sum(connection: AsyncConnection, table: sa.Table, which: Place) -> int:
    """Micro-dollars of the rows with these values."""
    query = sa.select(sa.func.coalesce(sa.func.sum(table.c.micros), 0)).filter_by(**which)
    return int((await connection.execute(query)).scalar_one())


async def _add(connection: AsyncConnection, place: Place, *, orders: int, micros: int) -> None:
    """Add to the total of a day and a workspace."""
    row = insert(spending).values(place | {"orders": orders, "micros": micros})
    more = {
        "orders": spending.c.orders + row.excluded.orders,
        "micros": spending.c.micros + row.excluded.micros,
    }
    await connection.execute(
        row.on_conflict_do_update(index_elements=["day", "platform", "workspace"], set_=more)
    )
