"""Erasing a person everywhere, and the receipt that says so.

The order matters: providers first (they need their tickets), then what handlers hold in memory
(from then on nothing new comes in), then the person's key (that alone makes every copy unreadable),
then the bytes, then the records.
What one pass has counted is written on the erase effect itself, so that a pass after a crash goes
on counting. Nothing here is said to be gone before every holder has returned.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot.acts import Acts
from bot.effects import Erase, Farewell
from bot.errors import (
    ErasureIncomplete,
    PersonUnreachable,
    PlatformUnavailable,
    ProviderUnavailable,
)
from bot.model import Person, Value
from bot.ports import AuditLog, Clock, Erasable, Journal, Owed, PlatformHandler
from bot.prompts import Prompts
from bot.receipt import Signer, receipt

log = logging.getLogger(__name__)

LAST_WORDS_TRIES = 5
"""How often last words are tried before an erasure counts as finished without them."""
SLOW_AFTER = 3
"""Attempts after which the person is told that a step is not finished."""


class Tally(Value, frozen=True):
    """What the attempts so far have done; written on the erase effect."""

    counts: dict[str, int] = msgspec.field(default_factory=dict)
    head: str = ""
    """Head of the audit chain once the erasure is in it."""


class Erasure:
    """Carries an `Erase` out."""

    def __init__(
        self,
        *,
        acts: Acts,
        prompts: Prompts,
        holders: Sequence[Erasable],
        handlers: Mapping[str, PlatformHandler],
        journal: Journal,
        audit: AuditLog,
        signer: Signer,
        clock: Clock,
    ) -> None:
        """`holders` in the order of erasing, see `bot.app.holders_of`."""
        self._acts = acts
        self._prompts = prompts
        self._holders = holders
        self._handlers = handlers
        self._journal = journal
        self._audit = audit
        self._signer = signer
        self._clock = clock

    async def erase(self, owed: Owed, effect: Erase) -> None:
        """Erase, say the last words, and settle.

        Raises `ErasureIncomplete`, `ProviderUnavailable` or `PlatformUnavailable`; calling it
        again goes on where it stopped.
        """
        away = await self._forget_orders(effect)
        # From the effect's random id, so that every attempt shows the same number.
        receipt_id = "DR-" + hashlib.sha256(owed.id.encode()).hexdigest()[:12].upper()
        tally = msgspec.json.decode(owed.note, type=Tally) if owed.note else Tally()
        counts = Counter(tally.counts)
        for holder in self._holders:
            try:
                counts.update((await holder.erase(owed.person)).counts)
            except ErasureIncomplete as error:
                counts.update(error.counts)
                raise
            finally:
                tally = replace(tally, counts=dict(counts))
                await self._journal.annotate(owed.id, msgspec.json.encode(tally).decode())
        if away is not None:
            raise away  # everything here is gone; theirs is tried again
        if not tally.head:
            tally = replace(tally, head=await self._audit.append("erased", receipt_id))
            await self._journal.annotate(owed.id, msgspec.json.encode(tally).decode())
        if effect.farewell is not Farewell.LEFT:
            await self._say_goodbye(owed, effect, receipt_id, tally)
        await self._journal.settle(owed.id)

    async def _forget_orders(self, effect: Erase) -> ProviderUnavailable | None:
        """Make providers forget; one that is away must not keep the rest from being erased."""
        away = None
        for ticket in effect.tickets:
            try:
                await self._acts.forget_order(ticket)
            except ProviderUnavailable as error:
                away = error
        return away

    async def _say_goodbye(self, owed: Owed, effect: Erase, receipt_id: str, tally: Tally) -> None:
        remains = [self._prompts.text(effect.language, "erased-remains")]
        body = receipt(receipt_id, self._clock.now(), tally.counts, remains, tally.head)
        message = self._prompts.goodbye(effect.language, effect.farewell, receipt_id, tally.counts)
        handler = self._handlers[owed.person.platform]
        try:
            await handler.say_goodbye(owed.person, message, self._signer.sign(body))
        except PersonUnreachable:
            log.info("last words not delivered: the person left")
        except PlatformUnavailable:
            if owed.attempt < LAST_WORDS_TRIES:
                raise
            log.warning("last words not delivered: the platform is away")

    async def say_slow(self, person: Person, effect: Erase, attempt: int) -> None:
        """Tell the person, once, that a step is not finished."""
        if attempt != SLOW_AFTER or effect.farewell is Farewell.LEFT:
            return
        message = self._prompts.say(effect.language, "erasing-slow")
        try:
            await self._handlers[person.platform].say_goodbye(person, message, None)
        except (PersonUnreachable, PlatformUnavailable):
            log.info("erasure is slow, and the person cannot be told")
