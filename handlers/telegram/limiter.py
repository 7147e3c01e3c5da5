"""How fast we talk: a pace per chat, one for all chats, and silence where Telegram asked for it.

Rules: a chat that was told to wait holds up nobody else, and is not asked before its time is up. A
short wait is slept through; a long one is raised, so that the engine comes back instead of keeping
a task. What can be dropped (progress) never waits and never takes the last place: results and
answers go first. Telegram's real limits are not published; these are the ones its FAQ names, with
some room left: about one message a second to one chat, in short bursts more, thirty to all chats.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from enum import IntEnum
from typing import Any

from telegram.error import TelegramError
from telegram.ext import BaseRateLimiter

from handlers.telegram.transport import Flooded

LONGEST_NAP = 20.0
"""Seconds that a request may be slept through; longer waits are raised."""
FORGET_AFTER = 60.0
"""Seconds after which a chat that was not written to is not remembered."""


class Priority(IntEnum):
    """What goes first."""

    NEEDED = 0
    """Somebody waits for it."""
    DROPPABLE = 1
    """Progress: better dropped than late."""


class Dropped(TelegramError):
    """There was no place for something that can be dropped."""


class Pace:
    """So many a second, and `burst` of them at once after a rest."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._interval = 1 / per_second
        self._room = burst * self._interval
        self.spent_until = 0.0
        """When everything that was sent so far will have been paid for, in loop time."""

    def wait(self, now: float, cost: float = 1.0) -> float:
        """Seconds until there is a place."""
        ahead = max(self.spent_until, now) + cost * self._interval
        return max(0.0, ahead - self._room - now)

    def is_half_free(self, now: float) -> bool:
        return self.spent_until - now <= self._room / 2

    def take(self, now: float, cost: float = 1.0) -> None:
        """Take a place, now or later."""
        self.spent_until = max(self.spent_until, now) + cost * self._interval


class ChatLimiter(BaseRateLimiter[Priority]):
    """Paces everything that an `ExtBot` sends; `rate_limit_args` is the `Priority`."""

    def __init__(
        self,
        *,
        per_chat: float = 1.0,
        chat_burst: float = 20.0,
        overall: float = 25.0,
        overall_burst: float = 25.0,
    ) -> None:
        """Messages a second, and how many at once after a rest."""
        self._per_chat = per_chat
        self._chat_burst = chat_burst
        self._all = Pace(overall, overall_burst)
        self._chats: dict[int | str, Pace] = {}
        self._silent_until: dict[int | str, float] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to stop."""

    def forget(self, chat: int) -> bool:
        """Drop what is remembered of a chat, but for a silence that is still to be kept."""
        return self._chats.pop(chat, None) is not None

    # The library's signature; it gives neither the arguments nor the answer a type.
    async def process_request(  # noqa: PLR0917
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Priority | None,
    ) -> Any:
        """Wait for a place and make the request; `Flooded` or `Dropped` when there is none."""
        chat = data.get("chat_id", endpoint)
        await self._place(chat, _cost(endpoint, data), rate_limit_args or Priority.NEEDED)
        try:
            return await callback(*args, **kwargs)
        except Flooded as flooded:
            self._silent_until[chat] = asyncio.get_running_loop().time() + flooded.seconds
            raise

    async def _place(self, chat: int | str, cost: float, priority: Priority) -> None:
        now = asyncio.get_running_loop().time()
        self._tidy(now)
        own = self._chats.setdefault(chat, Pace(self._per_chat, max(self._chat_burst, cost)))
        silence = self._silent_until.get(chat, now) - now
        wait = max(silence, own.wait(now, cost), self._all.wait(now))
        if priority is Priority.DROPPABLE and (wait > 0 or not self._all.is_half_free(now)):
            raise Dropped("no place")
        if wait > LONGEST_NAP or silence > 0:
            raise Flooded(wait)
        own.take(now, cost)
        self._all.take(now)
        if wait > 0:
            await asyncio.sleep(wait)

    def _tidy(self, now: float) -> None:
        """Forget chats that are at rest: a chat's number is a person's."""
        self._silent_until = {k: until for k, until in self._silent_until.items() if until > now}
        idle = [key for key, pace in self._chats.items() if pace.spent_until + FORGET_AFTER < now]
        for key in idle:
            del self._chats[key]


def _cost(endpoint: str, data: dict[str, Any]) -> float:
    """In messages, for a chat's pace: the limit is on what is sent, less on what is changed."""
    if endpoint == "sendMediaGroup":
        return float(len(data["media"]))
    if endpoint == "sendChatAction":
        return 0.0
    return 0.25 if endpoint.startswith("editMessage") else 1.0
