"""What every order at Replicate needs: the API, the downloads, a breaker, a clock, and patience."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.ports import Clock
from providers.breaker import Breaker
from providers.replicate.client import Api
from providers.replicate.outputs import Outputs

Finisher = Callable[[bytes, str], Awaitable[bytes | None]]
"""A downloaded picture and its format to a headshot, or None when it cannot be used."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between one thing and the next."""

    first_poll: float = 1.0
    longest_poll: float = 3.0
    look: float = 2.0
    """Before each search for what may have begun."""
    looks: int = 3
    """How many searches must come to nothing before it counts as not begun."""
    retry: float = 1.0
    """Before the first repetition of what was not accepted."""
    grace: float = 20.0
    """How long Replicate may take to stop what is past its deadline."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every order needs."""

    api: Api
    outputs: Outputs
    finish: Finisher
    breaker: Breaker
    clock: Clock
    slots: asyncio.Semaphore
    pace: Pace
