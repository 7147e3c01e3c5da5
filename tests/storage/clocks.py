"""A clock that is right, until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class MovedClock:
    """Real time plus what it was moved by."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, **by: float) -> None:
        """Forwards by a `timedelta`."""
        self.ahead += timedelta(**by)
