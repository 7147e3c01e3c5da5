"""What several parts of the journal's file remove in the same way, inside their transactions.

Nothing that is removed here is gone from the disk before `Database.scrub`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import deliveries, effects, to_stamp, wakeups

DELIVERIES_KEPT: Final = timedelta(days=7)
"""Far longer than any platform repeats a delivery."""


async def drop_effects(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> int:
    """Remove effects and their wake-ups; how many effects there were."""
    ids = sa.select(effects.c.id).where(which)
    await connection.execute(sa.delete(wakeups).where(wakeups.c.effect_id.in_(ids)))
    gone = await connection.execute(sa.delete(effects).where(which))
    return gone.rowcount


async def drop_old_deliveries(connection: AsyncConnection, now: datetime) -> None:
    """Forget deliveries that no platform will repeat any more."""
    old = deliveries.c.seen_at < to_stamp(now - DELIVERIES_KEPT)
    await connection.execute(sa.delete(deliveries).where(old))
