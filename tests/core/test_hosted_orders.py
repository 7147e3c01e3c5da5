"""Orders at a hosted provider: what they may cost, who makes them in the end, and what is said."""

from __future__ import annotations

import asyncio
import json

import pytest
from msgspec.structs import replace

from bot.errors import ProviderRefused, ProviderUnavailable
from bot.model import PhotoProblem
from bot.money import Cap, Caps
from bot.states import Idle, Making
from bot.terms import Hosted
from tests.core.house import ANNA, TERMS, House, until
from tests.fakes.provider import FakeProvider

HOSTED = replace(
    TERMS,
    local_provider="local",
    host="our server",
    hosted=Hosted("hosted", "Pictures", "US", ("Makers",)),
)
EACH = 100


def hosted_house() -> House:
    house = House(
        terms=HOSTED,
        provider=FakeProvider("hosted", sends_photo_to="Pictures, Makers", each=EACH),
        more_providers=(FakeProvider("local"),),
    )
    house.provider.kept_until = house.clock.now().replace(hour=10, minute=30)
    return house


@pytest.fixture
def house() -> House:
    return hosted_house()


@pytest.fixture
def local(house: House) -> FakeProvider:
    (local,) = house.more_providers
    assert isinstance(local, FakeProvider)
    return local


async def orders(house: House, place: str = "hosted") -> None:
    await house.agrees_up_to_the_crop()
    await house.taps(place)
    await house.sees("Thanks")
    await house.taps("navy")


def last_words(house: House) -> list[str]:
    return [message.text for _, message, _ in house.chat.goodbyes]


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


# --- erasing -------------------------------------------------------------------------------------


async def test_the_receipt_says_what_the_provider_keeps_and_a_second_message_when_it_is_gone(
    house: House,
) -> None:
    async with house.running():
        await orders(house)
        await house.sees("Your 3 headshots")
        await house.writes("/delete now")
        await until(lambda: house.chat.goodbyes != [])
        ((_, message, receipt),) = house.chat.goodbyes
        assert "it removes the picture by itself by 10:30 UTC" in message.text
        assert receipt is not None
        signed = json.loads(receipt)["signed"]
        assert any("Pictures" in line for line in signed["remains"])
        (owed,) = await house.storage.journal.owed(ANNA)
        assert "ConfirmRemoval" in type(owed.effect).__name__

        await house.time_passes(minutes=30)
        assert len(house.chat.goodbyes) == 1, "not removed yet"
        house.provider.gone = True
        await house.time_passes(minutes=10)
        await until(lambda: len(house.chat.goodbyes) == 2)

    assert last_words(house)[1] == (
        f"Pictures has confirmed that the picture is removed. "
        f"Receipt {signed['receipt']} is complete."
    )
    assert await house.storage.journal.owed(ANNA) == []


async def test_a_provider_that_never_confirms_is_not_asked_for_ever(house: House) -> None:
    async with house.running():
        await orders(house)
        await house.sees("Your 3 headshots")
        await house.writes("/delete now")
        await until(lambda: house.chat.goodbyes != [])
        house.provider.on_removed.extend([ProviderUnavailable()] * 3)
        for _ in range(20):
            await house.time_passes(minutes=10)
        await until(lambda: len(house.chat.goodbyes) == 2)
    assert "hasn't confirmed that the picture is removed" in last_words(house)[1]
    assert await house.storage.journal.owed(ANNA) == []


async def test_somebody_who_comes_back_meanwhile_is_left_alone(house: House) -> None:
    async with house.running():
        await orders(house)
        await house.sees("Your 3 headshots")
        await house.writes("/delete now")
        await until(lambda: house.chat.goodbyes != [])
        await house.sends_selfie("another")
        await house.sees("1 of 3")
        house.provider.gone = True
        await house.time_passes(minutes=10)
        await until(lambda: len(house.chat.goodbyes) == 2)
        assert not isinstance(await house.state(), Idle)
        assert house.open().text.lstrip("*").startswith("1 of 3")


async def test_who_erases_again_before_the_word_has_come_is_told_in_the_new_receipt(
    house: House,
) -> None:
    async with house.running():
        await orders(house)
        await house.sees("Your 3 headshots")
        await house.writes("/delete now")
        await until(lambda: house.chat.goodbyes != [])
        await house.writes("hello")
        await house.writes("/delete now")
        await until(lambda: len(house.chat.goodbyes) == 2)
        assert "10:30 UTC" in last_words(house)[1]
        house.provider.gone = True
        await house.time_passes(minutes=10)
        await until(lambda: len(house.chat.goodbyes) == 3)
        await house.time_passes(hours=3)
    assert len(house.chat.goodbyes) == 3


async def test_erasing_while_it_runs_stops_it_there(house: House) -> None:
    house.provider.on_wait.append(asyncio.Event())
    async with house.running():
        await orders(house)
        await until(lambda: house.provider.waited == 1)
        await house.writes("/delete now")
        await until(lambda: house.chat.goodbyes != [])
    assert house.provider.orders == {}
    assert house.storage.purse.outlays == {}
    assert sum(house.storage.purse.totals.values()) == 4 * EACH, "totals keep what was set aside"


async def test_when_nothing_was_sent_the_receipt_says_so(house: House) -> None:
    async with house.running():
        await orders(house, "here")
        await house.sees("Your 3 headshots")
        await house.writes("/delete now")
        await until(lambda: house.chat.goodbyes != [])
    assert "Pictures has no picture of you from here now." in last_words(house)[0]
    assert await house.storage.journal.owed(ANNA) == []
