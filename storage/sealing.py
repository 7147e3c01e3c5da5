"""Which key seals a record of the journal's file.

Normally the person's own. While an erasure is ahead of that person (`Erasure.AHEAD`) it is the
house key: the person's key may be destroyed at any moment, and sealing with it would bring a new
one to life in the middle of the erasure. Such records last seconds: `Journal.erase` drops them.
"""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.keyring import Key, KeyRing
from storage.tables import Erasure, effects


class Sealing(NamedTuple):
    """A key, and whether it is the house's."""

    key: Key
    house: bool


async def sealing(connection: AsyncConnection, keyring: KeyRing, tag: str) -> Sealing:
    """The key for new records of that person, as this transaction sees it."""
    ahead = sa.select(effects.c.id).filter_by(tag=tag, erasure=Erasure.AHEAD).limit(1)
    if (await connection.execute(ahead)).first() is not None:
        return Sealing(keyring.house, house=True)
    return Sealing(await keyring.key_or_new(tag), house=False)


async def opening(keyring: KeyRing, tag: str, *, house: bool) -> Key:
    """The key that opens a record. Raises `KeyGone`."""
    return keyring.house if house else await keyring.key(tag)
