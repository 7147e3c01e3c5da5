"""A hosted provider, and this machine when that is down. Satisfies `bot.ports.HeadshotProvider`.

It goes one way only: who agreed to a hosted provider has agreed that nobody else gets the picture,
and the renderer here is nobody else. Its tickets hold those of both, so that what was begun there
is stopped and forgotten there, whoever made the headshots in the end; `Made.by` says who did. What
the hosted provider refuses (`ProviderRefused`) is refused: nobody shops around for a laxer one.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from bot.consent import ApprovedCrop
from bot.errors import OrderLost, ProviderUnavailable
from bot.model import Erased, Made, Order, Ticket, Value
from bot.ports import HeadshotProvider, Note, Progress

log = logging.getLogger(__name__)

INSTEAD = "instead"
"""The stage that tells of the change."""


class Both(Value, frozen=True):
    """What a ticket holds."""

    order: Order
    there: Ticket | None = None
    here: Ticket | None = None


class Fallback:
    """The hosted one by name and by what it says; the local one when it comes to that."""

    def __init__(self, hosted: HeadshotProvider, local: HeadshotProvider) -> None:
        self._hosted = hosted
        self._local = local

    @property
    def name(self) -> str:
        return self._hosted.name

    @property
    def sends_photo_to(self) -> str | None:
        return self._hosted.sends_photo_to

    def price(self, order: Order) -> int:
        return self._hosted.price(order)

    def cost(self, ticket: Ticket) -> int:
        both = _read(ticket)
        return self._hosted.cost(both.there) if both and both.there else 0

    async def start(self, order: Order) -> Ticket:
        """Draw up a ticket: the hosted provider's, or this machine's while that one is down."""
        try:
            both = Both(order, there=await self._hosted.start(order))
        except ProviderUnavailable as error:
            log.warning("%s is not asked: %s", self.name, error)
            both = Both(order, here=await self._local.start(order))
        return self._ticket(both)

    async def wait(
        self, ticket: Ticket, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        """The headshots, by whoever could make them."""
        both = _read(ticket)
        if both is None:
            raise OrderLost("not a ticket of this provider")
        if both.here is None and both.there is not None:
            asked = both

            async def noted(grown: Ticket) -> bool:
                nonlocal both
                both = replace(asked, there=grown)
                return await note(self._ticket(both))

            try:
                return await self._hosted.wait(both.there, crop, progress, noted)
            except ProviderUnavailable as error:
                log.warning("%s made nothing, so this machine does: %s", self.name, error)
        await progress(INSTEAD)
        return await self._here(both, crop, progress, note)

    async def _here(
        self, both: Both, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        """Have them made on this machine."""
        here = both.here
        if here is None:
            here = await self._local.start(both.order)
            if not await note(self._ticket(replace(both, here=here))):
                raise OrderLost("nobody waits for it")

        async def onwards(stage: str) -> None:
            if stage != "queued":  # that would be a step back
                await progress(stage)

        async def noted(grown: Ticket) -> bool:
            return await note(self._ticket(replace(both, here=grown)))

        return await self._local.wait(here, crop, onwards, noted)

    async def forget(self, ticket: Ticket) -> Erased:
        """Both forget it; it counts once."""
        both = _read(ticket)
        if both is None:
            return Erased()
        here = await self._local.forget(both.here) if both.here is not None else Erased()
        there = await self._hosted.forget(both.there) if both.there is not None else Erased()
        counts = Counter(there.counts) | Counter(here.counts)
        return Erased(dict(counts), (*there.remains, *here.remains))

    async def removed(self, ticket: Ticket) -> bool:
        both = _read(ticket)
        return both is None or both.there is None or await self._hosted.removed(both.there)

    def _ticket(self, both: Both) -> Ticket:
        return Ticket(self.name, msgspec.json.encode(both).decode())


def _read(ticket: Ticket) -> Both | None:
    """What a ticket holds; None when it is none of ours."""
    try:
        return msgspec.json.decode(ticket.value, type=Both)
    except msgspec.DecodeError:
        return None
