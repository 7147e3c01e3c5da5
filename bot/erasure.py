"""Erasing a person everywhere, and the receipt that says so.

The order matters: providers first (they need their tickets), then what handlers hold in memory
(from then on nothing new comes in), then the person's key (that alone makes every copy unreadable),
then the bytes, then the records, and last what the platform itself keeps of the chat: it may be
away, and nothing here waits for it.
What one pass has counted is written on the erase effect itself, so that a pass after a crash goes
on counting. Nothing here is said to be gone before every holder has returned.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.effects import Erase, Farewell
from bot.errors import (
    ErasureIncomplete,
    PersonUnreachable,
    PlatformError,
    PlatformRefused,
    PlatformUnavailable,
    ProviderUnavailable,
)
from bot.model import Erased, Person, Remains, Trace, Value
from bot.orders import Orders
from bot.ports import AuditLog, Clock, Erasable, Journal, Owed, PlatformHandler
from bot.prompts import Prompts
from bot.receipt import Signer, receipt
from bot.removal import to_watch

log = logging.getLogger(__name__)

PLATFORM_TRIES = 12
"""Attempts, in which the platform is asked for its part: clearing the chat, the last words. With
growing pauses that is about twenty minutes; then the erasure counts as finished without it."""
SLOW_AFTER = 3
"""Attempts after which the person is told that a step is not finished."""


class Tally(Value, frozen=True):
    """What the attempts so far have done; written on the erase effect."""

    counts: dict[str, int] = msgspec.field(default_factory=dict)
    remains: tuple[Remains, ...] = ()
    belongings: bytes | None = None
    """What the platform keeps of the chat; None: not asked yet."""
    cleared: bool = False
    """The platform has done its part."""
    head: str = ""
    """Head of the audit chain once the erasure is in it."""


class Account:
    """The tally of one erasure, written down with every change."""

    def __init__(self, journal: Journal, owed: Owed) -> None:
        self._journal = journal
        self._owed = owed.id
        self.tally = msgspec.json.decode(owed.note, type=Tally) if owed.note else Tally()

    async def add(self, erased: Erased, **more: Any) -> None:
        """Count what was erased; what remains is told once, as it was seen last."""
        counts = Counter(self.tally.counts)
        counts.update(erased.counts)
        remains = {one.trace: one for one in (*self.tally.remains, *erased.remains)}
        await self.write(counts=dict(counts), remains=tuple(remains.values()), **more)

    # The keyword arguments are fields of `Tally`.
    async def write(self, **changes: Any) -> None:
        """Change fields of the tally."""
        self.tally = replace(self.tally, **changes)
        await self._journal.annotate(self._owed, msgspec.json.encode(self.tally).decode())


class Erasure:
    """Carries an `Erase` out."""

    def __init__(
        self,
        *,
        orders: Orders,
        prompts: Prompts,
        holders: Sequence[Erasable],
        handlers: Mapping[str, PlatformHandler],
        journal: Journal,
        audit: AuditLog,
        signer: Signer,
        clock: Clock,
    ) -> None:
        """`holders` in the order of erasing, see `bot.app.running.holders_of`."""
        self._orders = orders
        self._prompts = prompts
        self._holders = holders
        self._handlers = handlers
        self._journal = journal
        self._audit = audit
        self._signer = signer
        self._clock = clock

    async def erase(self, owed: Owed, effect: Erase) -> Owed | None:
        """Erase, have the platform do its part, say the last words, and settle.

        What is owed after that is returned: to tell when a provider has removed its copy too.

        Raises `ErasureIncomplete`, `ProviderUnavailable` or `PlatformUnavailable`; calling it
        again goes on where it stopped.
        """
        account = Account(self._journal, owed)
        if account.tally.belongings is None and effect.farewell is not Farewell.LEFT:
            handler = self._handlers[owed.person.platform]
            await account.write(belongings=await handler.belongings(owed.person))
        away = await self._forget_orders(account, effect)
        for holder in self._holders:
            try:
                await account.add(await holder.erase(owed.person))
            except ErasureIncomplete as error:
                await account.add(Erased(error.counts))
                raise
        if away is not None:
            raise away  # everything here is gone; theirs is tried again
        # From the effect's random id, so that every attempt shows the same number.
        receipt_id = "DR-" + hashlib.sha256(owed.id.encode()).hexdigest()[:12].upper()
        if not account.tally.head:
            await account.write(head=await self._audit.append("erased", receipt_id))
        if effect.farewell is not Farewell.LEFT:
            await self._clear(account, owed)
            await self._say_goodbye(owed, effect, receipt_id, account.tally)
        watched = to_watch(effect, account.tally.remains, receipt_id)
        if watched is not None:
            return await self._journal.follow(owed, watched)
        await self._journal.settle(owed.id)
        return None

    async def _forget_orders(self, account: Account, effect: Erase) -> ProviderUnavailable | None:
        """Make providers forget; one that is away must not keep the rest from being erased."""
        away = None
        for ticket in effect.tickets:
            try:
                await account.add(await self._orders.forget(ticket))
            except ProviderUnavailable as error:
                away = error
        return away

    async def _clear(self, account: Account, owed: Owed) -> None:
        """Have the platform remove what it keeps of the chat."""
        belongings = account.tally.belongings
        if not belongings or account.tally.cleared:
            return
        handler = self._handlers[owed.person.platform]
        try:
            cleared = await handler.clear(owed.person, belongings)
        except (PersonUnreachable, PlatformRefused) as error:
            log.info("a chat was not cleared: %s", type(error).__name__)
            cleared = Erased(remains=(Remains(Trace.CHAT),))
        except PlatformUnavailable:
            if owed.attempt < PLATFORM_TRIES:
                raise
            log.warning("a chat was not cleared: the platform is away")
            cleared = Erased(remains=(Remains(Trace.CHAT),))
        await account.add(cleared, cleared=True)

    async def _say_goodbye(self, owed: Owed, effect: Erase, receipt_id: str, tally: Tally) -> None:
        remains = self._prompts.remains(effect.language, tally.remains)
        body = receipt(receipt_id, self._clock.now(), tally.counts, remains, tally.head)
        message = self._prompts.goodbye(
            effect.language, effect.farewell, receipt_id, Erased(tally.counts, tally.remains)
        )
        handler = self._handlers[owed.person.platform]
        try:
            await handler.say_goodbye(owed.person, message, self._signer.sign(body))
        except PersonUnreachable:
            log.info("last words not delivered: the person left")
        except PlatformRefused:
            log.warning("last words not delivered: the platform refuses them")
        except PlatformUnavailable:
            if owed.attempt < PLATFORM_TRIES:
                raise
            log.warning("last words not delivered: the platform is away")

    async def say_slow(self, person: Person, effect: Erase, attempt: int) -> None:
        """Tell the person, once, that a step is not finished."""
        if attempt != SLOW_AFTER or effect.farewell is Farewell.LEFT:
            return
        message = self._prompts.say(effect.language, "erasing-slow")
        try:
            await self._handlers[person.platform].say_goodbye(person, message, None)
        except PlatformError:
            log.info("erasure is slow, and the person cannot be told")
