"""What hosted providers have cost, read beside a running bot: totals, and nobody in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from bot.errors import SettingsError
from storage.tables import from_day


class Total(NamedTuple):
    """One day of one workspace."""

    day: date
    platform: str
    workspace: str
    """Empty where a platform has none."""
    orders: int
    micros: int


def totals(journal: Path) -> Sequence[Total]:
    """Newest first; read only, without the lock that the bot holds. Raises `SettingsError`."""
    if not journal.exists():
        return []
    try:
        address = f"file:{quote(str(journal))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
            rows = connection.execute(
                "SELECT day, platform, workspace, orders, micros FROM spending"
                " ORDER BY day DESC, platform, workspace"
            ).fetchall()
    except sqlite3.Error as error:
        raise SettingsError(f"{journal.name}: cannot be read; start the bot once") from error
    return [Total(from_day(day), *rest) for day, *rest in rows]
