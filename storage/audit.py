"""A hash chain of what was done, without a person in it.

Each entry's head is SHA-256 over the previous head and the entry, so an entry cannot be changed or
taken out without changing every head after it; heads leave this machine in signed receipts, which
anchors the chain. `about` must be an id that means nothing to anyone (an effect's, a receipt's).
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import Clock
from storage.database import Database
from storage.tables import audit, to_stamp

START: Final = "0" * 64
"""The head of an empty chain."""


class Chain(NamedTuple):
    """What a verification found."""

    entries: int
    head: str
    """Head of the last entry that is sound."""
    broken_at: int | None
    """Number of the first entry that does not fit, from 1; None when all do."""


class AuditChain:
    """The `AuditLog` port on the journal's file."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def append(self, what: str, about: str) -> str:
        """Add an entry and return its head (hex SHA-256).

        The same `what` and `about` again, as after a crash, return the head of the entry that is
        there and add none.
        """
        at = to_stamp(self._clock.now())
        last = sa.select(audit.c.head).order_by(audit.c.place.desc()).limit(1)

        same = sa.select(audit.c.head).filter_by(what=what, about=about).limit(1)

        async def write(connection: AsyncConnection) -> str:
            there: str | None = (await connection.execute(same)).scalar()
            if there is not None:
                return there
            previous: str = (await connection.execute(last)).scalar() or START
            head = link(previous, at, what, about)
            entry = sa.insert(audit).values(at=at, what=what, about=about, head=head)
            await connection.execute(entry)
            return head

        return await self._database.transact(write)

    async def export(self) -> bytes:
        """The whole chain as JSON lines, in order; `link` says how to check it."""
        rows = await self._database.rows(sa.select(audit).order_by(audit.c.place))
        lines = [{"at": r.at, "what": r.what, "about": r.about, "head": r.head} for r in rows]
        return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)

    async def verify(self) -> Chain:
        """Recompute the whole chain."""
        rows = await self._database.rows(sa.select(audit).order_by(audit.c.place))
        head = START
        for number, row in enumerate(rows, start=1):
            expected = link(head, row.at, row.what, row.about)
            if row.head != expected:
                return Chain(len(rows), head, broken_at=number)
            head = expected
        return Chain(len(rows), head, broken_at=None)


def link(previous: str, at: int, what: str, about: str) -> str:
    """The head after an entry: SHA-256 of the canonical JSON array of these four (hex)."""
    return hashlib.sha256(msgspec.json.encode([previous, at, what, about])).hexdigest()
