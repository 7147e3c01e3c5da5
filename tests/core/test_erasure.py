"""Erasing: from any state, also in the middle of work, and only then the last words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from bot.errors import ErasureIncomplete, PlatformUnavailable
from bot.events import PersonLeft
from bot.model import Erased, Person
from bot.receipt import Signer, verify
from bot.states import Idle
from tests.core.house import ANNA, MASTER, House, until

BEN = Person("chat", "", "ben")
Stretch = Callable[[House], Awaitable[None]]


class Stubborn:
    """A holder that cannot let go at first."""

    def __init__(self, fails: int) -> None:
        self._fails = fails

    @property
    def holds(self) -> str:
        return "A trace, in the memory of a test."

    async def erase(self, person: Person) -> Erased:
        self._fails -= 1
        if self._fails >= 0:
            raise ErasureIncomplete
        return Erased({"traces": 1})


@pytest.fixture
def house() -> House:
    return House()


async def _greeted(house: House) -> None:
    await house.writes("hello")


async def _asked(house: House) -> None:
    await house.sends_selfie()
    await house.sees("1 of 3")


async def _checking(house: House) -> None:
    house.chat.on_fetch.append(asyncio.Event())
    await house.sends_selfie()
    await house.writes("yes")
    await house.writes("yes")
    await until(lambda: house.chat.fetched != [])


async def _shown(house: House) -> None:
    await house.agrees_up_to_the_crop()


async def _starting(house: House) -> None:
    house.provider.on_start.append(asyncio.Event())
    await house.orders()
    await until(lambda: not house.provider.on_start)


async def _making(house: House) -> None:
    house.provider.on_wait.append(asyncio.Event())
    await house.orders()
    await until(lambda: house.provider.waited == 1)


async def _delivered(house: House) -> None:
    await house.gets_headshots()


@pytest.mark.parametrize(
    "stretch", [_greeted, _asked, _checking, _shown, _starting, _making, _delivered]
)
async def test_delete_erases_from_anywhere(house: House, stretch: Stretch) -> None:
    async with house.running():
        await stretch(house)
        await house.writes("/delete")
        await house.sees("Erase everything I hold")
        await house.taps("erase-yes")
        await until(lambda: house.chat.goodbyes != [])

        assert isinstance(await house.state(), Idle)
        assert await house.storage.journal.owed(ANNA) == []
        assert house.provider.orders == {}
        assert house.storage.vault.kept == {}
        assert house.chat.texts(ANNA) == []
        ((_, message, receipt),) = house.chat.goodbyes
        assert message.text.startswith("**Erased.**")
        assert receipt
        body = verify(receipt, Signer(MASTER).public_key)
        assert body["receipt"] in message.text


async def test_only_the_person_who_asked_is_erased(house: House) -> None:
    async with house.running():
        await house.gets_headshots(BEN)
        await house.gets_headshots()
        kept = house.chat.texts(BEN)
        await house.writes("/delete now")
        await until(lambda: house.chat.goodbyes != [])

        assert house.chat.texts(BEN) == kept
        await house.writes("/status", BEN)
        await house.sees("Your headshots are ready", BEN)


async def test_a_receipt_counts_what_went_also_over_several_attempts(house: House) -> None:
    house.more_holders = (Stubborn(fails=2),)
    async with house.running():
        await house.gets_headshots()
        await house.writes("/delete now")
        for _ in range(50):
            await house.time_passes(minutes=5)
            if house.chat.goodbyes:
                break

    (_, message, receipt) = house.chat.goodbyes[-1]
    assert receipt
    erased = json.loads(receipt)["signed"]["erased"]
    assert erased["photos"] == 4, "one crop and three headshots, counted by the first attempt"
    assert erased["traces"] == 1
    assert len(house.storage.audit.entries) == 1
    assert message.text.startswith("**Erased.**")


async def test_nothing_is_called_gone_while_something_is_there(house: House) -> None:
    house.more_holders = (Stubborn(fails=10_000),)
    async with house.running():
        await house.gets_headshots()
        await house.writes("/delete now")
        for _ in range(30):
            await house.time_passes(minutes=5)

    said = [message.text for _, message, _ in house.chat.goodbyes]
    assert len(said) == 1, "it is said once"
    assert said[0].startswith("I've stopped using your data, but one step isn't finished")


async def test_an_erasure_goes_on_after_a_restart(house: House) -> None:
    house.chat.on_goodbye.append(asyncio.Event())
    async with house.running():
        await house.gets_headshots()
        await house.writes("/delete now")
        await until(lambda: not house.chat.on_goodbye)
    assert house.chat.goodbyes == []

    async with house.running():
        await until(lambda: house.chat.goodbyes != [])

    receipt = house.chat.goodbyes[0][2]
    assert receipt
    assert json.loads(receipt)["signed"]["erased"]["photos"] == 4


async def test_last_words_that_cannot_be_delivered_end_after_some_tries(house: House) -> None:
    house.chat.on_goodbye.extend([PlatformUnavailable()] * 50)
    async with house.running():
        await house.gets_headshots()
        await house.writes("/delete now")
        for _ in range(50):
            await house.time_passes(minutes=5)
            if not await house.storage.journal.owed(ANNA):
                break

        assert await house.storage.journal.owed(ANNA) == []


async def test_the_answer_no_erases_and_says_so_kindly(house: House) -> None:
    async with house.running():
        await house.sends_selfie()
        await house.sees("1 of 3")
        await house.taps("no")
        await until(lambda: house.chat.goodbyes != [])

    assert house.chat.goodbyes[0][1].text.startswith("Then I can't use it, and I've erased")
    assert house.chat.fetched == []


async def test_the_platform_is_cleared_after_everything_of_ours_is_gone(house: House) -> None:
    gate = asyncio.Event()
    house.chat.on_clear.append(gate)
    async with house.running():
        await house.gets_headshots()
        await house.writes("/delete now")
        await until(lambda: not house.chat.on_clear)
        assert house.storage.vault.kept == {}
        assert house.chat.platform != []
        gate.set()
        await until(lambda: house.chat.goodbyes != [])

    receipt = house.chat.goodbyes[0][2]
    assert receipt
    assert house.chat.platform == []
    assert json.loads(receipt)["signed"]["erased"]["chat messages"] > 5


async def test_a_restart_between_ours_and_theirs_still_clears_the_platform(house: House) -> None:
    house.chat.on_clear.append(asyncio.Event())
    async with house.running():
        await house.gets_headshots()
        await house.writes("/delete now")
        await until(lambda: not house.chat.on_clear)
    assert house.chat.platform != []

    async with house.running():
        await until(lambda: house.chat.goodbyes != [])

    assert house.chat.platform == []


async def test_a_platform_that_stays_away_is_said_to_remain(house: House) -> None:
    house.chat.on_clear.extend([PlatformUnavailable()] * 50)
    async with house.running():
        await house.gets_headshots()
        await house.writes("/delete now")
        for _ in range(50):
            await house.time_passes(minutes=5)
            if any(receipt for _, _, receipt in house.chat.goodbyes):
                break

    _, message, receipt = house.chat.goodbyes[-1]
    assert receipt
    sentence = "Also the messages in this chat: the service that runs it didn't answer."
    assert sentence in message.text
    assert any(sentence in line for line in json.loads(receipt)["signed"]["remains"])


async def test_who_left_is_erased_without_a_word_to_the_platform(house: House) -> None:
    async with house.running():
        await house.gets_headshots()
        said = list(house.chat.platform)
        await house.happens(PersonLeft())
        await until(lambda: house.chat.texts(ANNA) == [])
        await until(lambda: house.storage.vault.kept == {})

    assert house.chat.platform == said
    assert house.chat.goodbyes == []


async def test_who_is_on_a_platform_that_was_taken_out_is_erased_all_the_same(
    house: House,
) -> None:
    async with house.running():
        await house.gets_headshots()
    house.connected = False
    async with house.running(listening=False):
        for _ in range(50):
            await house.time_passes(hours=1)
            if house.storage.vault.kept == {} and not await house.storage.journal.owed(ANNA):
                break

        assert house.storage.vault.kept == {}
        assert isinstance(await house.state(), Idle)
