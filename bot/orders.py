"""How an order is carried out and stopped, and how money and tickets are kept count of.

The order of things is what keeps it from being paid twice or lost: money is set aside, the ticket
is drawn up and written on the effect, and only then does a provider begin; whatever it then learns
it writes there as well. A limit that was reached sends the order to this machine, and the person is
told. What it has cost is settled when it ends, however it ends.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot.consent import ApprovedCrop, approve
from bot.effects import CancelOrder, ConfirmRemoval, MakeHeadshots
from bot.errors import NotApproved, OrderLost, PhotoGone, PlatformError, ProviderRefused
from bot.events import HeadshotsMade, MakingFailed
from bot.finishing import Finishing
from bot.model import Erased, Made, Order, Person, Ticket, Value
from bot.money import Cap
from bot.ports import HeadshotProvider, Journal, Owed, PhotoVault, PlatformHandler, Purse
from bot.prompts import Prompts

log = logging.getLogger(__name__)


class Noted(Value, frozen=True):
    """What is written on the effect of an order."""

    ticket: Ticket
    cap: Cap | None = None
    """The limit because of which it is not made where it was ordered."""


class Orders:
    """Has orders carried out by the providers there are."""

    def __init__(
        self,
        *,
        prompts: Prompts,
        handlers: Mapping[str, PlatformHandler],
        providers: Mapping[str, HeadshotProvider],
        local: str,
        finishing: Finishing,
        vault: PhotoVault,
        journal: Journal,
        purse: Purse,
    ) -> None:
        """`local` names the provider that costs nothing and sends nothing anywhere."""
        self._prompts = prompts
        self._handlers = handlers
        self._providers = providers
        self._local = local
        self._finishing = finishing
        self._vault = vault
        self._journal = journal
        self._purse = purse

    async def make(self, owed: Owed, effect: MakeHeadshots) -> HeadshotsMade | MakingFailed:
        """The headshots in the vault, or why there are none.

        Raises `ProviderUnavailable` when it may go well the next time.
        """
        order = effect.order
        await self.show_progress(owed.person, effect, "queued")
        try:
            crop = approve(effect.crop_sha256, await self._vault.get(effect.crop))
            noted = noted_on(owed) or await self._start(owed, effect)
            try:
                made, noted = await self._wait(owed, effect, noted, crop)
            except OrderLost:  # as after an update that does not know the ticket any more
                noted = await self._start(owed, effect)
                made, noted = await self._wait(owed, effect, noted, crop)
        except ProviderRefused as refused:
            await self.let_go(owed, order)
            return MakingFailed(order.id, refused.problem)
        except (PhotoGone, NotApproved):
            await self.let_go(owed, order)
            return MakingFailed(order.id)
        except OrderLost:  # nobody waits for it any more
            return MakingFailed(order.id)
        finished = await self._finishing.keep(
            owed.person, order.id, crop.jpeg, made, likeness=effect.likeness
        )
        await self.close(owed.person, order.id, noted.ticket)
        return replace(finished, by=made[0].by, cap=noted.cap)

    async def _start(self, owed: Owed, effect: MakeHeadshots) -> Noted:
        """Set money aside, draw a ticket up and write it down; nothing has begun."""
        provider = self._providers.get(effect.provider) or self._providers[self._local]
        price = provider.price(effect.order)
        cap = await self._purse.reserve(owed.person, effect.order.id, price) if price else None
        if cap is not None:
            log.warning("a cost limit was reached (%s): made here instead", cap.value)
            provider = self._providers[self._local]
        noted = Noted(await provider.start(effect.order), cap)
        if not await self._write(owed, noted):
            raise PhotoGone("no longer owed")
        return noted

    async def _wait(
        self, owed: Owed, effect: MakeHeadshots, noted: Noted, crop: ApprovedCrop
    ) -> tuple[Sequence[Made], Noted]:
        """What was made, and the newest ticket."""
        newest = noted

        async def progress(stage: str) -> None:
            await self.show_progress(owed.person, effect, stage)

        async def note(grown: Ticket) -> bool:
            nonlocal newest
            newest = replace(newest, ticket=grown)
            return await self._write(owed, newest)

        provider = self._providers.get(noted.ticket.provider)
        if provider is None:
            raise OrderLost("its provider is not connected any more")
        return await provider.wait(noted.ticket, crop, progress, note), newest

    async def _write(self, owed: Owed, noted: Noted) -> bool:
        return await self._journal.annotate(owed.id, msgspec.json.encode(noted).decode())

    async def show_progress(self, person: Person, effect: MakeHeadshots, stage: str) -> None:
        """Tell how far an order is; may be lost, so it never fails."""
        message = self._prompts.progress_of(effect, stage)
        try:
            await self._handlers[person.platform].send(person, effect.slot, message, ())
        except PlatformError as error:
            log.info("progress dropped: %s", type(error).__name__)

    # --- ending -------------------------------------------------------------------------------

    async def let_go(self, owed: Owed, order: Order) -> None:
        """Stop an order that comes to nothing. Raises `ProviderUnavailable`."""
        noted = noted_on(await self.as_noted(owed))
        await self.close(owed.person, order.id, noted.ticket if noted else None)

    async def close(self, person: Person, order: str, ticket: Ticket | None) -> None:
        """Have the provider forget it, and settle what it cost. Raises `ProviderUnavailable`.

        Without a ticket nothing has begun. What was set aside for a provider that is not connected
        any more counts in full, as nobody can say.
        """
        if ticket is None:
            await self._purse.settle(person, order, 0, None)
            return
        erased = await self.forget(ticket)
        provider = self._providers.get(ticket.provider)
        if provider is not None:
            remains = ticket if erased.remains else None
            await self._purse.settle(person, order, provider.cost(ticket), remains)

    async def forget(self, ticket: Ticket) -> Erased:
        """Make a provider forget an order. Raises `ProviderUnavailable`."""
        provider = self._providers.get(ticket.provider)
        return Erased() if provider is None else await provider.forget(ticket)

    async def removed(self, ticket: Ticket) -> bool:
        """Whether nobody else has what was sent any more. Raises `ProviderUnavailable`."""
        provider = self._providers.get(ticket.provider)
        return provider is not None and await provider.removed(ticket)

    async def tickets(self, person: Person) -> tuple[Ticket, ...]:
        """Of every order that a provider may still have something of."""
        found: list[Ticket] = []
        for owed in await self._journal.owed(person):
            if isinstance(owed.effect, ConfirmRemoval):
                found += owed.effect.tickets
            elif (noted := noted_on(owed)) is not None:
                found.append(noted.ticket)
        return (*found, *await self._purse.tickets(person))

    async def as_noted(self, owed: Owed) -> Owed:
        """The effect with what was written down since this attempt began."""
        now = await self._journal.owed(owed.person)
        return next((one for one in now if one.id == owed.id), owed)


def noted_on(owed: Owed) -> Noted | None:
    """What an earlier attempt at an order wrote down."""
    if not owed.note or not isinstance(owed.effect, MakeHeadshots | CancelOrder):
        return None
    try:
        return msgspec.json.decode(owed.note, type=Noted)
    except msgspec.ValidationError:
        return None  # another version wrote it
