"""A clock that stands still until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class HandClock:
    """Time in UTC, moved by hand."""

    def __init__(self, at: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)) -> None:
        self._now = at

    def now(self) -> datetime:
        return self._now

    def move(self, **by: float) -> None:
        """Forwards by a `timedelta`."""
        self._now += timedelta(**by)
