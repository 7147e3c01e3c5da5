"""The fake provider keeps the provider's contract, and the contract catches those who do not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from bot.consent import ApprovedCrop
from bot.errors import OrderLost, ProviderRefused, ProviderUnavailable
from bot.model import Erased, Made, Order, PhotoProblem, Ticket
from bot.ports import HeadshotProvider, Note, Progress
from tests.contracts.provider import ORDER, Notes, ProviderContract, Stages, approved
from tests.fakes.provider import FakeProvider

PHOTO = b"a crop"


class TestFakeProvider(ProviderContract):
    @pytest.fixture
    def provider(self) -> HeadshotProvider:
        return FakeProvider()

    @pytest.fixture
    def photo(self) -> bytes:
        return PHOTO

    @pytest.fixture
    def reopened(self, provider: FakeProvider) -> HeadshotProvider:
        return FakeProvider(orders=provider.orders)

    async def test_it_misbehaves_as_told_and_then_behaves(self) -> None:
        provider = FakeProvider()
        provider.on_start.append(ProviderUnavailable(retry_after=3))
        provider.on_wait.append(ProviderRefused(PhotoProblem.NO_FACE))
        with pytest.raises(ProviderUnavailable):
            await provider.start(ORDER)
        assert provider.started == []
        ticket = await provider.start(ORDER)
        with pytest.raises(ProviderRefused):
            await provider.wait(ticket, approved(PHOTO), Stages(), Notes())
        assert await provider.wait(ticket, approved(PHOTO), Stages(), Notes())
        assert provider.started == [ORDER]

    async def test_one_that_hangs_is_freed_by_forgetting(self) -> None:
        provider = FakeProvider(on_wait=FakeProvider().on_wait)
        provider.on_wait.append(asyncio.Event())
        ticket = await provider.start(ORDER)
        stages = Stages()
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(_is_lost(provider, ticket, stages))
            await stages.first.wait()
            await provider.forget(ticket)
        assert waiting.result()


async def _is_lost(provider: HeadshotProvider, ticket: Ticket, stages: Stages) -> bool:
    try:
        await provider.wait(ticket, approved(PHOTO), stages, Notes())
    except OrderLost:
        return True
    return False


@dataclass
class MakesNothing(FakeProvider):
    async def wait(
        self, ticket: Ticket, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        await super().wait(ticket, crop, progress, note)
        return []


@dataclass
class NamesAnother(FakeProvider):
    async def start(self, order: Order) -> Ticket:
        return Ticket("another", (await super().start(order)).value)


@dataclass
class OneTicketForAll(FakeProvider):
    async def start(self, order: Order) -> Ticket:
        await super().start(order)
        return Ticket(self.name, "same")


@dataclass
class GoesBackwards(FakeProvider):
    async def wait(
        self, ticket: Ticket, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        made = await super().wait(ticket, crop, progress, note)
        await progress("queued")
        return made


@dataclass
class InventsStages(FakeProvider):
    async def wait(
        self, ticket: Ticket, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        await progress("contemplating")
        return await super().wait(ticket, crop, progress, note)


@dataclass
class CountsTwice(FakeProvider):
    async def forget(self, ticket: Ticket) -> Erased:
        await super().forget(ticket)
        return Erased({"orders": 1})


@dataclass
class RemembersForever(FakeProvider):
    async def forget(self, ticket: Ticket) -> Erased:
        return Erased({"orders": int(ticket not in self.forgotten)})


@dataclass
class ForgetsEverything(FakeProvider):
    async def forget(self, ticket: Ticket) -> Erased:
        self.orders.clear()
        return Erased({"orders": 1})


@dataclass
class HandsOutText(FakeProvider):
    async def wait(
        self, ticket: Ticket, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        made = await super().wait(ticket, crop, progress, note)
        return [Made(one.photo + b"\xff\xfe", "poster", one.look) for one in made]


@dataclass
class WritesRubbish(FakeProvider):
    async def wait(
        self, ticket: Ticket, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        made = await super().wait(ticket, crop, progress, note)
        await note(Ticket("another", "rubbish"))
        return made


@dataclass
class Overcharges(FakeProvider):
    def cost(self, ticket: Ticket) -> int:
        return super().cost(ticket) + (ticket.value in self.costs)


@dataclass
class SendsAtOnce(FakeProvider):
    sends_photo_to: str | None = "somebody"

    async def start(self, order: Order) -> Ticket:
        ticket = await super().start(order)
        self.costs[ticket.value] = 0
        return ticket


@dataclass
class KeepsQuiet(FakeProvider):
    sends_photo_to: str | None = "somebody"

    async def forget(self, ticket: Ticket) -> Erased:
        return Erased((await super().forget(ticket)).counts)


@pytest.mark.parametrize(
    ("broken", "caught_by"),
    [
        (MakesNothing, "test_an_order_comes_back_as_headshots"),
        (HandsOutText, "test_an_order_comes_back_as_headshots"),
        (NamesAnother, "test_a_ticket_names_its_provider"),
        (OneTicketForAll, "test_two_orders_have_two_tickets"),
        (GoesBackwards, "test_progress_goes_forward_through_known_stages"),
        (InventsStages, "test_progress_goes_forward_through_known_stages"),
        (CountsTwice, "test_forgetting_counts_once_and_is_safe_twice"),
        (RemembersForever, "test_a_forgotten_order_is_lost"),
        (ForgetsEverything, "test_forgetting_one_order_leaves_the_other"),
        (CountsTwice, "test_an_unknown_ticket_is_lost_and_can_be_forgotten"),
        (MakesNothing, "test_after_a_restart_an_order_goes_on_or_is_lost"),
        (RemembersForever, "test_forgetting_stops_an_order_that_runs"),
        (WritesRubbish, "test_the_newest_ticket_is_as_good_as_the_first"),
        (Overcharges, "test_it_never_costs_more_than_was_set_aside"),
        (SendsAtOnce, "test_nothing_is_sent_anywhere_before_somebody_waits"),
        (KeepsQuiet, "test_what_somebody_else_keeps_is_said"),
        (CountsTwice, "test_waiting_can_be_cancelled_and_the_order_then_forgotten"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_the_contract_catches(broken: type[FakeProvider], caught_by: str) -> None:
    """Each test of the contract fails for at least one provider that breaks its promise."""
    provider = broken()
    known = {"provider": provider, "photo": PHOTO, "reopened": broken(orders=provider.orders)}
    test = getattr(ProviderContract(), caught_by)
    wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    # pytest.fail.Exception is what an unmet `pytest.raises` raises; OrderLost an order not kept.
    with pytest.raises((AssertionError, pytest.fail.Exception, OrderLost, ValueError)):
        await test(**{name: known[name] for name in wanted})
