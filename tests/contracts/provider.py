"""What every `HeadshotProvider` must do; adapters and fakes subclass `ProviderContract`.

A subclass gives three fixtures: ``provider``, ``photo`` (one it can work with) and ``reopened``
(the same provider after a restart of the bot).
"""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from bot.errors import OrderLost, ProviderError
from bot.model import Made, Order, Ticket
from bot.ports import HeadshotProvider

STAGES = ("queued", "reading", "cutting", "lighting", "finishing")
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
        ticket = await provider.start(ORDER, photo)
        made = await provider.wait(ticket, Stages())
        assert made
        assert len({one.format for one in made} & SIZES.keys()) == len(SIZES)
        for one in made:
            check_headshot(one)
            assert one.look

    async def test_a_ticket_names_its_provider(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER, photo)
        assert provider.name
        assert ticket.provider == provider.name
        assert ticket.value

    async def test_two_orders_have_two_tickets(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        first = await provider.start(ORDER, photo)
        second = await provider.start(Order("order-2", look="navy"), photo)
        assert first != second

    async def test_progress_goes_forward_through_known_stages(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        stages = Stages()
        await provider.wait(await provider.start(ORDER, photo), stages)
        assert stages.seen
        order = [STAGES.index(stage) for stage in stages.seen]
        assert order == sorted(order)

    async def test_forgetting_counts_once_and_is_safe_twice(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER, photo)
        assert sum((await provider.forget(ticket)).counts.values()) > 0
        assert sum((await provider.forget(ticket)).counts.values()) == 0

    async def test_a_forgotten_order_is_lost(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER, photo)
        await provider.forget(ticket)
        with pytest.raises(OrderLost):
            await provider.wait(ticket, Stages())

    async def test_forgetting_one_order_leaves_the_other(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        first = await provider.start(ORDER, photo)
        second = await provider.start(Order("order-2", look="grey"), photo)
        await provider.forget(first)
        assert await provider.wait(second, Stages())

    async def test_an_unknown_ticket_is_lost_and_can_be_forgotten(
        self, provider: HeadshotProvider
    ) -> None:
        unknown = Ticket(provider.name, "0" * 26)
        with pytest.raises(OrderLost):
            await provider.wait(unknown, Stages())
        assert sum((await provider.forget(unknown)).counts.values()) == 0

    async def test_after_a_restart_an_order_goes_on_or_is_lost(
        self, provider: HeadshotProvider, photo: bytes, reopened: HeadshotProvider
    ) -> None:
        ticket = await provider.start(ORDER, photo)
        try:
            made = await reopened.wait(ticket, Stages())
        except OrderLost:
            return
        assert made

    async def test_forgetting_stops_an_order_that_runs(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER, photo)
        stages = Stages()
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(_outcome(provider, ticket, stages))
            await stages.first.wait()
            await provider.forget(ticket)
        # It may have been finished a moment before it was told to stop.
        assert waiting.result() is None or isinstance(waiting.result(), ProviderError)
        with pytest.raises(OrderLost):
            await provider.wait(ticket, Stages())

    async def test_waiting_can_be_cancelled_and_the_order_then_forgotten(
        self, provider: HeadshotProvider, photo: bytes
    ) -> None:
        ticket = await provider.start(ORDER, photo)
        stages = Stages()
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(_outcome(provider, ticket, stages))
            await stages.first.wait()
            waiting.cancel()
        await provider.forget(ticket)
        assert sum((await provider.forget(ticket)).counts.values()) == 0


async def _outcome(
    provider: HeadshotProvider, ticket: Ticket, stages: Stages
) -> ProviderError | None:
    try:
        await provider.wait(ticket, stages)
    except ProviderError as exc:
        return exc
    return None
