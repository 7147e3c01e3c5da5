"""Orders at a hosted provider: what they may cost, who makes them in the end, and what is said."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import ProviderRefused, ProviderUnavailable
from bot.model import PhotoProblem
from bot.money import Cap, Caps
from bot.states import Idle, Making
from tests.core.hosted import EACH, HOSTED, hosted_house, orders
from tests.core.house import ANNA, House, until
from tests.fakes.provider import FakeProvider


@pytest.fixture
def house() -> House:
    return hosted_house()


@pytest.fixture
def local(house: House) -> FakeProvider:
    (local,) = house.more_providers
    assert isinstance(local, FakeProvider)
    return local


# --- who makes them ------------------------------------------------------------------------------


async def test_the_question_names_everybody_who_gets_the_picture(house: House) -> None:
    async with house.running():
        await house.agrees_up_to_the_crop()
        asked = house.open().text
        assert "Pictures (US)" in asked
        assert "Makers" in asked
        assert "our server" in asked


async def test_who_made_them_is_said(house: House, local: FakeProvider) -> None:
    async with house.running():
        await orders(house)
        await house.sees("Your 3 headshots")
        assert "AI made these from your picture, at Pictures." in house.open().text
        assert local.waited == 0


async def test_who_stays_here_is_not_sent_anywhere(house: House, local: FakeProvider) -> None:
    async with house.running():
        await orders(house, "here")
        await house.sees("Your 3 headshots")
        assert "nothing about your face" in house.open().text
        assert house.provider.waited == 0
        assert house.storage.purse.outlays == {}


async def test_when_it_fails_for_good_it_is_said(house: House) -> None:
    house.provider.on_wait.append(ProviderRefused(PhotoProblem.DECLINED))
    async with house.running():
        await orders(house)
        await house.sees("The automatic filter at Pictures didn't take this picture")
        assert house.provider.orders == {}


async def test_a_provider_that_was_taken_out_of_the_settings_is_not_missed(house: House) -> None:
    house.provider.on_wait.append(asyncio.Event())
    async with house.running():
        await orders(house)
        await until(lambda: house.provider.waited == 1)
    house.provider = FakeProvider("local")
    house.more_providers = ()
    async with house.running():
        await house.sees("Your 3 headshots")
        assert "Our own server made these (our server); Pictures was unavailable" in (
            house.open().text
        )


# --- what they cost ------------------------------------------------------------------------------


async def test_money_is_set_aside_before_and_settled_after(house: House) -> None:
    gate = asyncio.Event()
    house.provider.on_wait.append(gate)
    async with house.running():
        await orders(house)
        await until(lambda: house.provider.waited == 1)
        ((_, outlay),) = house.storage.purse.outlays.items()
        assert (outlay.micros, outlay.settled) == (4 * EACH, False)
        gate.set()
        await house.sees("Your 3 headshots")
        assert (outlay.micros, outlay.settled) == (4 * EACH, True)


async def test_what_failed_is_given_back(house: House) -> None:
    house.provider.on_wait.extend([ProviderUnavailable()] * 4)
    async with house.running():
        await orders(house)
        for _ in range(5):
            await house.time_passes(minutes=10)
        await house.sees("I couldn't make your headshots this time")
        ((_, outlay),) = house.storage.purse.outlays.items()
        assert (outlay.micros, outlay.settled) == (0, True)


@pytest.mark.parametrize("cap", Cap)
async def test_a_limit_sends_the_order_to_this_machine_and_says_so(
    house: House, local: FakeProvider, cap: Cap
) -> None:
    limits = {"order": 10**6, "person_day": 10**6, "workspace_day": 10**6, "day": 10**6}
    name = {"person": "person_day", "workspace": "workspace_day", "everybody": "day"}.get(cap, cap)
    house.storage.purse.caps = Caps(**{**limits, str(name): 4 * EACH - 1})
    async with house.running():
        await orders(house)
        await house.sees("Your 3 headshots")
        assert "what may be spent on Pictures is used up" in house.open().text
    assert house.provider.started == []
    assert local.waited == 1
    assert house.storage.purse.totals == {}


async def test_the_second_order_of_a_day_may_be_too_much(house: House) -> None:
    house.storage.purse.caps = Caps(order=500, person_day=500, workspace_day=500, day=500)
    async with house.running():
        await orders(house)
        await house.sees("Your 3 headshots")
        await house.taps("again")
        await house.sees("Pick another background")
        await house.taps("grey")
        await until(lambda: "used up" in house.open().text)


async def test_a_restart_neither_sets_aside_nor_pays_twice(house: House) -> None:
    house.provider.on_wait.append(asyncio.Event())
    async with house.running():
        await orders(house)
        await until(lambda: house.provider.waited == 1)
    async with house.running():
        await house.sees("Your 3 headshots")
    assert len(house.provider.started) == 1
    assert sum(house.storage.purse.totals.values()) == 4 * EACH


async def test_an_order_whose_picture_is_gone_is_stopped_there(house: House) -> None:
    house.provider.on_wait.append(ProviderUnavailable())
    async with house.running():
        await orders(house)
        await until(lambda: house.provider.waited == 1)
        house.storage.vault.kept.clear()
        await house.time_passes(seconds=10)
        await house.sees("I couldn't make your headshots this time")
    assert house.provider.orders == {}
    ((_, outlay),) = house.storage.purse.outlays.items()
    assert (outlay.micros, outlay.settled) == (0, True)


async def test_an_order_that_was_cancelled_is_forgotten_there_and_settled(house: House) -> None:
    async with house.running():
        await orders(house)
        await house.sees("Your 3 headshots")
        await house.taps("again")
        await house.sees("Pick another background")
        house.provider.on_wait.append(asyncio.Event())
        await house.taps("grey")
        await until(lambda: house.provider.waited == 2)
        await house.taps("cancel")
        await until(lambda: not house.provider.orders)
        await until(lambda: all(one.settled for one in house.storage.purse.outlays.values()))
        assert sum(house.storage.purse.totals.values()) == 4 * EACH, "it had not begun"


# --- when it takes long --------------------------------------------------------------------------


async def slow_order(house: House) -> None:
    await orders(house)
    await until(lambda: house.provider.waited == 1)
    await house.time_passes(seconds=HOSTED.slow_seconds)
    await house.sees("Pictures is taking longer than usual")


async def test_waiting_on_is_asked_about_again(house: House) -> None:
    gate = asyncio.Event()
    house.provider.on_wait.append(gate)
    async with house.running():
        await slow_order(house)
        first = house.open().question
        await house.taps("wait")
        await house.sees("All right. I'll send your headshots")
        await house.time_passes(seconds=HOSTED.slow_seconds)
        await until(lambda: house.open().question not in {first, ""})
        gate.set()
        await house.sees("Your 3 headshots")


async def test_an_impatient_person_gets_them_from_this_machine(
    house: House, local: FakeProvider
) -> None:
    house.provider.on_wait.append(asyncio.Event())
    async with house.running():
        await slow_order(house)
        await house.taps("instead")
        await house.sees("Your 3 headshots")
        assert "nothing about your face" in house.open().text
        assert house.provider.orders == {}, "it is stopped there"
        assert local.waited == 1
        await house.taps("again")
        await house.sees("Pick another background")
        await house.taps("grey")
        await until(lambda: house.provider.waited == 2)


async def test_giving_a_slow_order_up_erases(house: House) -> None:
    house.provider.on_wait.append(asyncio.Event())
    async with house.running():
        await slow_order(house)
        await house.taps("cancel")
        await until(lambda: house.chat.goodbyes != [])
        assert house.provider.orders == {}
        assert isinstance(await house.state(), Idle)


async def test_the_progress_message_still_cancels_a_slow_order(house: House) -> None:
    house.provider.on_wait.append(asyncio.Event())
    async with house.running():
        await orders(house)
        await until(lambda: house.provider.waited == 1)
        progress = house.open().question
        await house.time_passes(seconds=HOSTED.slow_seconds)
        await house.sees("Pictures is taking longer than usual")
        state = await house.state()
        assert isinstance(state, Making)
        assert house.open().question != progress
        await house.taps_on("cancel", progress)
        await until(lambda: house.chat.goodbyes != [])


async def test_nobody_is_asked_about_an_order_of_this_machine(
    house: House, local: FakeProvider
) -> None:
    local.on_wait.append(asyncio.Event())
    async with house.running():
        await orders(house, "here")
        await until(lambda: local.waited == 1)
        await house.time_passes(seconds=10 * HOSTED.slow_seconds)
        assert not any("longer than usual" in text for text in house.chat.texts(ANNA))
