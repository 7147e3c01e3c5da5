"""Random texts that are good once, and only for a while; kept as keyed hashes."""

from __future__ import annotations

import secrets
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import Clock
from storage.database import Database
from storage.keyring import KeyRing
from storage.tables import passes, to_stamp


class SingleUse:
    """The `Passes` port on the journal's file."""

    def __init__(self, database: Database, keyring: KeyRing, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def issue(self, seconds: int) -> str:
        """A new pass; old ones that nobody redeemed are forgotten."""
        given, now = secrets.token_urlsafe(32), self._clock.now()
        until = to_stamp(now + timedelta(seconds=seconds))

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(sa.delete(passes).where(passes.c.until < to_stamp(now)))
            new = sa.insert(passes).values(digest=self._digest(given), until=until)
            await connection.execute(new)

        await self._database.transact(write)
        return given

    async def redeem(self, given: str) -> bool:
        """Whether the pass was good; it is not any more."""
        good = sa.and_(
            passes.c.digest == self._digest(given),
            passes.c.until >= to_stamp(self._clock.now()),
        )
        return await self._database.write(sa.delete(passes).where(good)) == 1

    def _digest(self, given: str) -> str:
        return self._keyring.name("", "pass", given)
