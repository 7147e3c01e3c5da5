"""The engine: load, step, commit, act; once, in order, and again after trouble."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.errors import (
    PersonUnreachable,
    PlatformRefused,
    PlatformUnavailable,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from bot.events import Delivery, Wrote
from bot.model import Findings, Person, PhotoProblem
from bot.states import Choosing, Delivered, Idle, Making, Waiting
from tests.core.house import ANNA, JPEG, House, until

BEN = Person("chat", "", "ben")


@pytest.fixture
def house() -> House:
    return House()


async def test_a_selfie_becomes_headshots(house: House) -> None:
    async with house.running():
        await house.gets_headshots()

    assert isinstance(await house.state(), Delivered)
    assert len(house.provider.started) == 1
    assert house.provider.orders == {}, "the provider was told to forget the order"


async def test_nothing_is_fetched_before_the_second_answer(house: House) -> None:
    async with house.running():
        await house.sends_selfie()
        await house.sees("1 of 3")
        await house.taps("yes")
        await house.sees("2 of 3")
        assert house.chat.fetched == []

        await house.taps("yes")
        await house.sees("3 of 3")
        assert len(house.chat.fetched) == 1


async def test_what_is_shown_is_what_the_provider_gets(house: House) -> None:
    gate = asyncio.Event()
    house.provider.on_wait.append(gate)
    async with house.running():
        await house.agrees_up_to_the_crop()
        (shown,) = house.chat.pictures[-1]
        await house.taps("here")
        await house.sees("Thanks")
        await house.taps("grey")
        await until(lambda: bool(house.provider.given))
        (given,) = house.provider.given
        gate.set()
        await house.sees("Your 3 headshots")

    assert given == shown
    assert given != JPEG + b"selfie of anna"


async def test_a_delivery_counts_once(house: House) -> None:
    async with house.running() as engine:
        await house.sends_selfie()
        await house.sees("1 of 3")
        again = Delivery("chat:again", ANNA, Wrote("yes"))
        await engine.receive(again)
        await engine.receive(again)
        await house.sees("2 of 3")

    assert not any("3 of 3" in text for text in house.chat.texts(ANNA))


async def test_people_do_not_wait_for_each_other(house: House) -> None:
    house.chat.on_fetch.append(asyncio.Event())
    async with house.running():
        await house.sends_selfie("anna's")
        await house.writes("yes")
        await house.writes("yes")
        await until(lambda: bool(house.chat.fetched))

        await house.gets_headshots(BEN)


async def test_speech_stays_in_order_when_a_message_is_delayed(house: House) -> None:
    house.chat.on_send.append(PlatformUnavailable(retry_after=1))
    async with house.running():
        await house.writes("hello")
        await house.writes("/status")
        await until(lambda: not house.chat.on_send)
        await house.time_passes(seconds=0.1)
        assert house.chat.log == [], "the second message does not overtake the first"

        await house.time_passes(seconds=2)
        await until(lambda: len(house.chat.log) == 2)

    assert house.chat.log[0][1].text.startswith("Hi, I'm WorkShot")


async def test_what_the_platform_refuses_is_not_tried_again_and_holds_nothing_up(
    house: House,
) -> None:
    house.chat.on_send.append(PlatformRefused())
    async with house.running():
        await house.writes("/help")
        await house.writes("/start")
        await house.sees("Hi, I'm")

        assert not any(text.startswith("Send me a selfie") for text in house.chat.texts(ANNA))
        assert not house.chat.on_send


async def test_headshots_reach_a_person_after_a_platform_was_away_for_hours(house: House) -> None:
    async with house.running():
        await house.orders()
        house.chat.on_send.extend([PlatformUnavailable()] * 60)
        for _ in range(60):
            await house.time_passes(minutes=5)
            if any(text.startswith("**Your 3 headshots") for text in house.chat.texts(ANNA)):
                break

        await house.sees("Your 3 headshots")


async def test_trouble_is_tried_again_and_then_told(house: House) -> None:
    house.provider.on_start.extend([ProviderUnavailable()] * 4)
    async with house.running():
        await house.orders()
        for _ in range(50):
            await house.time_passes(minutes=5)
            if isinstance(await house.state(), Choosing):
                break
        await house.sees("I couldn't make your headshots")

    assert house.provider.started == []


async def test_the_text_of_an_unforeseen_error_is_not_logged(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house.provider.on_start.append(ProviderError("anna@example.org said so"))
    async with house.running():
        await house.orders()
        await until(lambda: not house.provider.on_start)
        await house.time_passes(seconds=5)
        await house.sees("Your 3 headshots")

    assert "ProviderError" in caplog.text
    assert "anna@example.org" not in caplog.text


async def test_a_provider_that_recovers_is_not_paid_twice(house: House) -> None:
    house.provider.on_wait.append(ProviderUnavailable(retry_after=1))
    async with house.running():
        await house.orders()
        await until(lambda: not house.provider.on_wait)
        await house.time_passes(seconds=5)
        await house.sees("Your 3 headshots")

    assert len(house.provider.started) == 1, "the second attempt went on with the same ticket"


async def test_a_photo_that_the_provider_refuses_leads_to_a_tip(house: House) -> None:
    house.provider.on_wait.append(ProviderRefused(PhotoProblem.TURNED_AWAY))
    async with house.running():
        await house.orders()
        await house.sees("Your face is turned too far")

    assert isinstance(await house.state(), Waiting)


async def test_an_unusable_photo_leads_to_a_tip_and_is_not_kept(house: House) -> None:
    house.inspector.script.append(Findings(problem=PhotoProblem.BLURRED))
    async with house.running():
        await house.sends_selfie()
        await house.writes("yes")
        await house.writes("yes")
        await house.sees("The photo is blurred")

    assert house.inspector.minimised == 0
    assert isinstance(await house.state(), Waiting)


async def test_a_photo_that_the_platform_lost_is_asked_for_again(house: House) -> None:
    async with house.running():
        await house.sends_selfie("lost")
        del house.chat.photos["lost"]
        await house.writes("yes")
        await house.writes("yes")
        await house.sees("I couldn't get the photo")


async def test_whoever_blocks_the_bot_is_erased_in_silence(house: House) -> None:
    house.chat.on_send.append(PersonUnreachable())
    async with house.running():
        await house.sends_selfie()
        await until(lambda: house.storage.audit.entries != [])

    assert isinstance(await house.state(), Idle)
    assert house.chat.goodbyes == []


async def test_cancelling_stops_the_order_and_makes_the_provider_forget(house: House) -> None:
    async with house.running():
        await house.gets_headshots()
        house.provider.on_wait.append(asyncio.Event())
        await house.taps("again")
        await house.sees("Pick another background")
        await house.taps("white")
        await until(lambda: house.provider.waited == 2)
        await house.writes("cancel")
        await house.sees("Stopped. I've let go of the photo")
        await until(lambda: house.provider.orders == {})
        await until(lambda: "Stopped." in house.chat.texts(ANNA))

    assert isinstance(await house.state(), Delivered)


async def test_headshots_go_when_their_time_is_up(house: House) -> None:
    async with house.running():
        await house.gets_headshots()
        await house.time_passes(hours=1, minutes=1)
        await house.sees("I've erased the picture I worked from")
        await house.time_passes(hours=23)
        await until(lambda: house.chat.goodbyes != [])

    assert house.chat.goodbyes[0][1].text.startswith("As promised")
    assert isinstance(await house.state(), Idle)


async def test_a_restart_takes_up_what_was_under_way(house: House) -> None:
    house.provider.on_wait.append(asyncio.Event())
    async with house.running():
        await house.orders()
        await until(lambda: house.provider.waited == 1)
    assert isinstance(await house.state(), Making)

    async with house.running():
        await house.sees("Your 3 headshots")

    assert len(house.provider.started) == 1, "it went on with the ticket it had"


async def test_an_order_that_a_restarted_provider_lost_is_started_again(house: House) -> None:
    house.provider.on_wait.append(asyncio.Event())
    async with house.running():
        await house.orders()
        await until(lambda: house.provider.waited == 1)
    house.provider.orders.clear()

    async with house.running():
        await house.sees("Your 3 headshots")

    assert len(house.provider.started) == 2


async def test_a_copy_of_the_data_holds_what_is_held(house: House) -> None:
    async with house.running():
        await house.gets_headshots()
        await house.writes("/mydata")
        await house.sees("Here is a copy")

    (archive,) = house.chat.pictures[-1]
    assert archive.startswith(b"PK")
    for name in (b"consent-record.json", b"exact-picture.jpg", b"headshots/", b"what-is-kept.txt"):
        assert name in archive
