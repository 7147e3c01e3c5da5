"""What several parts of the journal's file remove in the same way, inside their transactions.

Nothing that is removed here is gone from the disk before `Database.scrub`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import deliveries, effects, outlays, to_day, to_stamp, wakeups

DELIVERIES_KEPT: Final = timedelta(days=7)
"""Far longer than any platform repeats a delivery."""


async def drop_effects(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> int:
    """Remove effects and their wake-ups; how many effects there were."""
    ids = sa.select(effects.c.id).where(which)
    await connection.execute(sa.delete(wakeups).where(wakeups.c.effect_id.in_(ids)))
    gone = await connection.execute(sa.delete(effects).where(which))
    return gone.rowcount


async def drop_old(connection: AsyncConnection, now: datetime) -> None:
    """Forget whatever is only kept for a number of days."""
    await drop_old_deliveries(connection, now)
    await drop_old_outlays(connection, now)


async def drop_old_outlays(connection: AsyncConnection, now: datetime) -> None:
    """Forget who spent what before yesterday; the totals stay."""
    await connection.execute(sa.delete(outlays).where(outlays.c.day < to_day(now) - 1))


async def drop_old_deliveries(connection: AsyncConnection, now: datetime) -> None:
    """Forget deliveries that no platform will repeat any more."""
    old = deliveries.c.seen_at < to_stamp(now - DELIVERIES_KEPT)
    await connection.execute(sa.delete(deliveries).where(old))
