"""Keeps people from waiting for a provider that is down.

Closed: everything goes. After `FAULTS` faults of the provider in a row it opens: for a while nobody
is sent there. Then it lets one order through, half open; that order's first result decides. A fault
that only the operator can mend opens it at once, for longer. Only faults of the provider are told
to it: never what a person or a photo caused. It is kept in memory; a restart tries again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Clock

FAULTS: Final = 5
PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=10)
LOCKED_PAUSE: Final = timedelta(minutes=10)

log = logging.getLogger(__name__)


class Breaker:
    """One provider's."""

    def __init__(self, clock: Clock, *, faults: int = FAULTS) -> None:
        self._clock = clock
        self._allowed = faults
        self._faults = 0
        self._pause = PAUSE
        self._opened_until: datetime | None = None
        self._probing = False
        """Half open, and somebody is on the way."""

    @property
    def is_open(self) -> bool:
        """Whether orders are turned away now."""
        return self._opened_until is not None and self._clock.now() < self._opened_until

    @property
    def seconds_left(self) -> float:
        """Until it lets somebody through."""
        if self._opened_until is None:
            return 0.0
        return max(0.0, (self._opened_until - self._clock.now()).total_seconds())

    def admit(self) -> bool:
        """Whether an order may go there. When half open the first one may, and the others wait."""
        if self.is_open:
            return False
        if self._opened_until is not None:
            # Should this one never tell (it was cancelled), another may go after the same pause.
            self._opened_until = self._clock.now() + self._pause
            self._probing = True
        return True

    def succeeded(self) -> None:
        """The provider did what it should."""
        if self._opened_until is not None:
            log.warning("the provider is back")
        self._faults, self._pause = 0, PAUSE
        self._opened_until, self._probing = None, False

    def failed(self) -> None:
        """A fault of the provider."""
        self._faults += 1
        if self._probing:
            self._pause = min(LONGEST_PAUSE, self._pause * 2)
            self._open(self._pause)
        elif self._faults >= self._allowed and self._opened_until is None:
            log.warning("the provider is down: %d faults in a row", self._faults)
            self._open(self._pause)

    def locked(self) -> None:
        """The provider turns us away until somebody acts."""
        self._open(LOCKED_PAUSE)

    def _open(self, pause: timedelta) -> None:
        self._opened_until = self._clock.now() + pause
        self._probing = False
