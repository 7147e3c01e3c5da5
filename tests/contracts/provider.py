"""What every `HeadshotProvider` must do; adapters and fakes subclass `ProviderContract`.

A subclass gives three fixtures: ``provider``, ``photo`` (one it can work with) and ``reopened``
(the same provider after a restart of the bot).
"""

from __future__ import annotations

import asyncio
import hashlib
import io

import pytest
from PIL import Image

from bot.consent import ApprovedCrop, approve
from bot.errors import OrderLost, ProviderError
from bot.model import Made, Order, Ticket
from bot.ports import HeadshotProvider

STAGES = (
    *("queued", "sending", "making", "instead", "reading", "cutting", "lighting", "finishing"),
)
SIZES = {"linkedin": (1200, 1200), "resume": (1200, 1500), "bio": (1200, 1600)}
ORDER = Order("order-1", look="grey")


class Stages:
    """A progress callback that remembers; `first` is set by the first stage."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.first = asyncio.Event()

    async def __call__(self, stage: str) -> None:
        self.seen.append(stage)
        self.first.set()


def approved(photo: bytes) -> ApprovedCrop:
    """The photo as if its person had been shown it and agreed."""
    return approve(hashlib.sha256(photo).hexdigest(), photo)


class Notes:
    """Tickets as they are written down; `wanted` is what the one who writes them is told."""

    def __init__(self, *, wanted: bool = True) -> None:
        self.seen: list[Ticket] = []
        self.wanted = wanted

    async def __call__(self, ticket: Ticket) -> bool:
        self.seen.append(ticket)
        return self.wanted


def check_headshot(made: Made) -> None:
    with Image.open(io.BytesIO(made.photo)) as picture:
        assert picture.format == "JPEG"
        assert picture.size == SIZES[made.format]
        assert picture.mode == "RGB"
        assert not picture.getexif()
        assert not {"xmp", "comment", "photoshop"} & picture.info.keys()


class ProviderContract:
    """Subclass me as ``class TestMine(ProviderContract)`` and give the fixtures."""

    async def test_an_order_comes_back_as_headshots(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER)
        made = await provider.wait(ticket, approved(photo), Stages(), Notes())
        assert made
        assert len({one.format for one in made} & SIZES.keys()) == len(SIZES)
        for one in made:
            check_headshot(one)
            assert one.look

    async def test_a_ticket_names_its_provider(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER)
        assert provider.name
        assert ticket.provider == provider.name
        assert ticket.value

    async def test_two_orders_have_two_tickets(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        first = await provider.start(ORDER)
        second = await provider.start(Order("order-2", look="navy"))
        assert first != second

    async def test_progress_goes_forward_through_known_stages(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        stages = Stages()
        await provider.wait(await provider.start(ORDER), approved(photo), stages, Notes())
        assert stages.seen
        order = [STAGES.index(stage) for stage in stages.seen]
        assert order == sorted(order)

    async def test_forgetting_counts_once_and_is_safe_twice(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER)
        assert sum((await provider.forget(ticket)).counts.values()) > 0
        assert sum((await provider.forget(ticket)).counts.values()) == 0

    async def test_a_forgotten_order_is_lost(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER)
        await provider.forget(ticket)
        with pytest.raises(OrderLost):
            await provider.wait(ticket, approved(photo), Stages(), Notes())

    async def test_forgetting_one_order_leaves_the_other(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        first = await provider.start(ORDER)
        second = await provider.start(Order("order-2", look="grey"))
        await provider.forget(first)
        assert await provider.wait(second, approved(photo), Stages(), Notes())

    async def test_an_unknown_ticket_is_lost_and_can_be_forgotten(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        unknown = Ticket(provider.name, "0" * 26)
        with pytest.raises(OrderLost):
            await provider.wait(unknown, approved(photo), Stages(), Notes())
        assert sum((await provider.forget(unknown)).counts.values()) == 0

    async def test_after_a_restart_an_order_goes_on_or_is_lost(
        self, provider: HeadshotProvider, photo: bytes, reopened: HeadshotProvider
    ) -> None:
        ticket = await provider.start(ORDER)
        try:
            made = await reopened.wait(ticket, approved(photo), Stages(), Notes())
        except OrderLost:
            return
        assert made

    async def test_forgetting_stops_an_order_that_runs(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER)
        stages = Stages()
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(_outcome(provider, ticket, photo, stages))
            await stages.first.wait()
            await provider.forget(ticket)
        # It may have been finished a moment before it was told to stop.
        assert waiting.result() is None or isinstance(waiting.result(), ProviderError)
        with pytest.raises(OrderLost):
            await provider.wait(ticket, approved(photo), Stages(), Notes())

    async def test_waiting_can_be_cancelled_and_the_order_then_forgotten(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER)
        stages = Stages()
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(_outcome(provider, ticket, photo, stages))
            await stages.first.wait()
            waiting.cancel()
        await provider.forget(ticket)
        assert sum((await provider.forget(ticket)).counts.values()) == 0

    async def test_the_newest_ticket_is_as_good_as_the_first(
        self, provider: HeadshotProvider, photo: bytes, reopened: HeadshotProvider
    ) -> None:
        ticket, notes = await provider.start(ORDER), Notes()
        await provider.wait(ticket, approved(photo), Stages(), notes)
        for newest in notes.seen[-1:]:
            assert newest.provider == provider.name
            assert await reopened.wait(newest, approved(photo), Stages(), Notes())

    async def test_it_never_costs_more_than_was_set_aside(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket, notes = await provider.start(ORDER), Notes()
        assert provider.cost(ticket) == 0
        await provider.wait(ticket, approved(photo), Stages(), notes)
        assert all(0 <= provider.cost(one) <= provider.price(ORDER) for one in notes.seen)

    async def test_nothing_is_sent_anywhere_before_somebody_waits(
        self, provider: HeadshotProvider
    ) -> None:
        ticket = await provider.start(ORDER)
        assert (await provider.forget(ticket)).remains == ()
        assert await provider.removed(ticket)

    async def test_what_somebody_else_keeps_is_said(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket, notes = await provider.start(ORDER), Notes()
        made = await provider.wait(ticket, approved(photo), Stages(), notes)
        erased = await provider.forget(notes.seen[-1] if notes.seen else ticket)
        sent = provider.sends_photo_to is not None and made[0].by == provider.name
        assert bool(erased.remains) == sent


async def _outcome(
    provider: HeadshotProvider, ticket: Ticket, photo: bytes, stages: Stages
) -> ProviderError | None:
    try:
        await provider.wait(ticket, approved(photo), stages, Notes())
    except ProviderError as exc:
        return exc
    return None
