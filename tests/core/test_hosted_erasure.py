"""Erasing what was sent to a hosted provider: what the receipt says, and the word that follows."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.errors import ProviderUnavailable
from bot.states import Idle
from tests.core.hosted import EACH, hosted_house, orders
from tests.core.house import ANNA, House, until


@pytest.fixture
def house() -> House:
    return hosted_house()


def last_words(house: House) -> list[str]:
    return [message.text for _, message, _ in house.chat.goodbyes]


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
