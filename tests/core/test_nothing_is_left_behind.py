"""What came to nothing leaves nothing: no order at a provider, no blob, no late check."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import pytest

from bot.errors import ErasureIncomplete, ProviderRefused, ProviderUnavailable
from bot.model import Erased, Person, PhotoProblem, Ticket
from bot.states import Choosing, Delivered, Idle, Waiting
from tests.core.house import ANNA, House, until
from tests.fakes.provider import FakeProvider


@dataclass
class Away(FakeProvider):
    """A provider that cannot be reached when it should forget."""

    away: int = 0

    async def forget(self, ticket: Ticket) -> Erased:
        if self.away:
            self.away -= 1
            raise ProviderUnavailable
        return await FakeProvider.forget(self, ticket)


class HalfWay:
    """A holder that lets go of something and then cannot prove it, once."""

    holds = "A trace, in the memory of a test."

    def __init__(self) -> None:
        self.tries = 0

    async def erase(self, person: Person) -> Erased:
        self.tries += 1
        if self.tries == 1:
            raise ErasureIncomplete(counts={"traces": 3})
        return Erased()


@pytest.fixture
def house() -> House:
    return House(provider=Away())


async def test_a_refused_order_is_forgotten_by_its_provider(house: House) -> None:
    house.provider.on_wait.append(ProviderRefused(PhotoProblem.TURNED_AWAY))
    async with house.running():
        await house.orders()
        await house.sees("Your face is turned too far")

    assert isinstance(await house.state(), Waiting)
    assert house.provider.orders == {}


async def test_an_order_that_is_given_up_is_forgotten_by_its_provider(house: House) -> None:
    house.provider.on_wait.extend([ProviderUnavailable()] * 4)
    async with house.running():
        await house.orders()
        for _ in range(50):
            await house.time_passes(minutes=5)
            if isinstance(await house.state(), Choosing):
                break

    assert house.provider.orders == {}


async def test_a_cancelled_order_does_not_run_again_while_its_provider_is_away(
    house: House,
) -> None:
    assert isinstance(house.provider, Away)
    async with house.running():
        await house.gets_headshots()
        house.provider.on_wait.append(asyncio.Event())
        await house.taps("again")
        await house.sees("Pick another background")
        await house.taps("white")
        await until(lambda: house.provider.waited == 2)
        house.provider.away = 3
        await house.writes("cancel")
        for _ in range(10):
            await house.time_passes(minutes=6)

        assert house.provider.waited == 2
        assert house.provider.orders == {}, "and it was forgotten once its provider was back"
        assert isinstance(await house.state(), Delivered)


async def test_stopping_while_a_photo_is_checked_stops_the_check(house: House) -> None:
    gate = asyncio.Event()
    async with house.running():
        await house.gets_headshots()
        house.chat.on_fetch.append(gate)
        await house.sends_selfie("second")
        await house.writes("yes")
        await until(lambda: len(house.chat.fetched) == 2)
        await house.writes("/stop")
        await house.sees("You've withdrawn your consent")
        gate.set()
        await house.time_passes(seconds=5)

        assert house.inspector.inspected == 1, "the second photo was not looked at"
        effects = [type(owed.effect).__name__ for owed in await house.storage.journal.owed(ANNA)]
        assert set(effects) == {"Remind"}


async def test_blobs_of_a_check_that_was_cut_off_are_dropped(house: House) -> None:
    house.chat.on_fetch.append(asyncio.Event())
    async with house.running():
        await house.sends_selfie("first")
        await house.writes("yes")
        await house.writes("yes")
        await until(lambda: len(house.chat.fetched) == 1)
    # As if it had stored the crop, and was killed before it could say so.
    (check,) = [
        owed
        for owed in await house.storage.journal.owed(ANNA)
        if type(owed.effect).__name__ == "CheckPhoto"
    ]
    await house.storage.vault.put(ANNA, f"crop-{check.id}", b"a crop")
    house.chat.photos.clear()

    async with house.running():
        await house.sees("I couldn't get the photo")

    assert house.storage.vault.kept == {}


async def test_a_provider_that_is_away_does_not_keep_the_rest_from_being_erased(
    house: House,
) -> None:
    assert isinstance(house.provider, Away)
    house.provider.on_wait.append(asyncio.Event())
    async with house.running():
        await house.orders()
        await until(lambda: house.provider.waited == 1)
        house.provider.away = 2
        await house.writes("/delete now")
        await until(lambda: house.storage.vault.kept == {})
        assert house.chat.goodbyes == [], "not before the provider has forgotten as well"

        for _ in range(10):
            await house.time_passes(minutes=6)
            if house.chat.goodbyes:
                break

    assert house.provider.orders == {}
    receipt = house.chat.goodbyes[-1][2]
    assert receipt
    assert json.loads(receipt)["signed"]["erased"]["photos"] == 1


async def test_what_a_failed_attempt_has_erased_is_in_the_receipt(house: House) -> None:
    house.more_holders = (HalfWay(),)
    async with house.running():
        await house.gets_headshots()
        await house.writes("/delete now")
        for _ in range(10):
            await house.time_passes(minutes=6)
            if house.chat.goodbyes:
                break

    receipt = house.chat.goodbyes[-1][2]
    assert receipt
    assert json.loads(receipt)["signed"]["erased"]["traces"] == 3


async def test_what_was_on_its_way_during_an_erasure_starts_nothing(house: House) -> None:
    gate = asyncio.Event()
    house.chat.on_goodbye.append(gate)
    async with house.running(), asyncio.TaskGroup() as tasks:
        await house.gets_headshots()
        await house.writes("/delete now")
        await until(lambda: not house.chat.on_goodbye)
        late = tasks.create_task(house.sends_selfie("late"))
        await asyncio.sleep(0.05)
        assert not late.done(), "it waits for its turn"
        gate.set()
        await late

        assert isinstance(await house.state(), Idle)
        assert await house.storage.journal.owed(ANNA) == []
