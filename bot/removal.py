"""After an erasure: a provider's word that its copy is gone too, passed on as a second message.

A hosted provider removes what it was sent by itself, about an hour later. Until it says so, or the
time for it has long passed, one owed effect keeps what is needed to ask and to tell: the provider's
ids and the address of the chat. With the message it goes as well.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.effects import ConfirmRemoval, Erase, Farewell
from bot.errors import PersonUnreachable, PlatformUnavailable, ProviderUnavailable
from bot.model import Remains, Trace
from bot.orders import Orders
from bot.ports import Clock, Journal, Owed, PlatformHandler
from bot.prompts import Prompts

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(minutes=10)
PATIENCE = timedelta(hours=1)
"""How long to go on asking after it should have been gone."""
LAST_TRY = timedelta(minutes=30)
"""How long to go on trying to tell."""


class Removal:
    """Carries a `ConfirmRemoval` out."""

    def __init__(
        self,
        *,
        orders: Orders,
        prompts: Prompts,
        handlers: Mapping[str, PlatformHandler],
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._orders = orders
        self._prompts = prompts
        self._handlers = handlers
        self._journal = journal
        self._clock = clock

    async def look(self, owed: Owed, effect: ConfirmRemoval) -> datetime | None:
        """Look once; when to look again, or None when it is over.

        Raises `PlatformUnavailable` to be called again.
        """
        removed, now = await self._removed(effect), self._clock.now()
        if not removed and now < effect.until:
            return now + LOOK_EVERY
        text_id = "removal-confirmed" if removed else "removal-unconfirmed"
        message = self._prompts.say(effect.language, text_id, receipt=effect.receipt)
        try:
            await self._handlers[owed.person.platform].say_goodbye(owed.person, message, None)
        except PersonUnreachable:
            log.info("a confirmation was not delivered: the person left")
        except PlatformUnavailable:
            if now < effect.until + LAST_TRY:
                raise
            log.warning("a confirmation was not delivered: the platform is away")
        await self._journal.settle(owed.id)
        return None

    async def _removed(self, effect: ConfirmRemoval) -> bool:
        try:
            return all([await self._orders.removed(ticket) for ticket in effect.tickets])
        except ProviderUnavailable as error:
            log.info("no word about a removal: %s", type(error).__name__)
            return False


def to_watch(effect: Erase, remains: tuple[Remains, ...], receipt: str) -> ConfirmRemoval | None:
    """What an erasure leads to, when a provider has yet to remove something."""
    until = [one.until for one in remains if one.trace is Trace.PROVIDER and one.until]
    if not until or effect.farewell is Farewell.LEFT:
        return None
    return ConfirmRemoval(receipt, effect.language, effect.tickets, max(until) + PATIENCE)
