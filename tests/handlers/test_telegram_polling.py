"""Asking for news: nothing is confirmed before it is taken, and trouble is waited out and told."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import ErasureIncomplete
from bot.events import Delivery, Wrote
from bot.model import Message
from tests.fakes.telegram_chats import Refusal
from tests.fakes.telegram_phone import ANNA, BEN, Phone, eventually
from tests.fakes.telegram_server import Fault, flood
from tests.handlers.telegramworld import PERSON, Post, posting


async def healthy(post: Post) -> None:
    await eventually(lambda: None if post.chat.health.trouble else True, lambda: "still in trouble")


async def test_an_update_is_not_confirmed_before_it_is_taken() -> None:
    gate = asyncio.Event()

    async def slow(delivery: Delivery) -> None:
        await gate.wait()

    async with posting() as post, post.running(slow):
        phone = Phone(post.server)
        await phone.write("one")
        number = phone.last["update_id"]
        await Phone(post.server, BEN).write("two")
        polls = len(post.server.updates.offsets)
        await eventually(
            lambda: True if len(post.server.updates.offsets) > polls + 2 else None,
            lambda: "nobody polls meanwhile",
        )
        assert max(post.server.updates.offsets) <= number
        gate.set()
        await eventually(
            lambda: True if max(post.server.updates.offsets) == number + 2 else None,
            lambda: "never confirmed",
        )


async def test_what_was_not_taken_is_taken_by_the_next_start() -> None:
    async def never(delivery: Delivery) -> None:
        await asyncio.get_running_loop().create_future()

    async with posting() as post:
        async with post.running(never):
            await Phone(post.server).write("one")
            await eventually(
                lambda: True if len(post.server.updates.offsets) > 2 else None, lambda: "no poll"
            )
        async with post.running():
            assert (await post.hears()).event == Wrote("one")


async def test_an_update_that_fails_is_tried_again_in_its_place() -> None:
    failures, heard = [ErasureIncomplete("busy"), OSError("disk")], list[object]()

    async def failing(delivery: Delivery) -> None:
        if failures:
            raise failures.pop()
        heard.append(delivery.event)

    async with posting() as post, post.running(failing):
        phone = Phone(post.server)
        await phone.write("one")
        await phone.write("two")
        await eventually(lambda: True if len(heard) == 2 else None, lambda: str(heard))

    assert heard == [Wrote("one"), Wrote("two")]


async def test_an_update_that_can_never_be_taken_blocks_nobody_for_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard: list[object] = []

    async def poisoned(delivery: Delivery) -> None:
        if delivery.event == Wrote("poison"):
            raise LookupError("poison")
        heard.append(delivery.event)

    async with posting() as post, post.running(poisoned):
        phone = Phone(post.server)
        await phone.write("poison")
        await Phone(post.server, BEN).write("hello")
        await post.settled()
        await phone.write("fine again")
        await eventually(lambda: True if len(heard) == 2 else None, lambda: str(heard))

        assert heard == [Wrote("hello"), Wrote("fine again")]
        assert post.chat.intake.dead_letters == 1
    assert "poison" not in caplog.text


async def test_telegram_being_away_at_the_start_is_waited_out() -> None:
    async with posting() as post:
        away = Refusal(502, "Bad Gateway")
        for method in ("getUpdates", "getMyCommands"):
            post.server.faults += [Fault(method, away), Fault(method, cut=True)] * 3
        async with post.running():
            await Phone(post.server).write("hello")
            assert (await post.hears()).event == Wrote("hello")
            await eventually(lambda: post.server.methods.profile["commands"] or None, lambda: "")
            assert post.chat.health.trouble == ""


async def test_another_poller_is_told_and_waited_out() -> None:
    async with posting() as post:
        conflict = Refusal(409, "Conflict: terminated by other getUpdates request")
        gate = asyncio.Event()
        post.server.faults += [Fault("getUpdates", conflict)] * 2
        post.server.faults.append(Fault("getUpdates", conflict, wait=gate))
        async with post.running():
            await eventually(lambda: post.chat.health.trouble or None, lambda: "no trouble")
            assert "another program uses this bot's token" in post.chat.health.trouble
            assert not post.chat.health.stalled
            gate.set()
            await healthy(post)
            await Phone(post.server).write("hello")
            assert (await post.hears()).event == Wrote("hello")


async def test_a_webhook_of_earlier_days_is_taken_back() -> None:
    async with posting() as post:
        post.server.updates.webhook.url = "https://old.example.org/hook"
        async with post.running():
            await eventually(
                lambda: None if post.server.updates.webhook.url else True, lambda: "still set"
            )
            await Phone(post.server).write("hello")
            assert (await post.hears()).event == Wrote("hello")


async def test_a_token_that_is_not_accepted_is_told_without_naming_it() -> None:
    async with posting() as post:
        gate = asyncio.Event()
        refused = Refusal(401, "Unauthorized")
        post.server.faults += [Fault("getUpdates", refused)]
        post.server.faults += [Fault("getUpdates", refused, wait=gate)]
        async with post.running():
            await eventually(lambda: post.chat.health.trouble or None, lambda: "no trouble")
            assert post.chat.health.trouble == "Telegram does not accept TELEGRAM_BOT_TOKEN"
            gate.set()


async def test_being_asked_to_wait_for_news_is_obeyed() -> None:
    async with posting() as post:
        post.server.faults.append(flood("getUpdates", 1))
        async with post.running():
            began = asyncio.get_running_loop().time()
            await Phone(post.server).write("hello")
            await post.hears()
            assert asyncio.get_running_loop().time() - began >= 0.9


async def test_a_long_poll_takes_no_connection_from_an_answer() -> None:
    async with posting() as post, post.running():
        Phone(post.server, ANNA)
        await asyncio.gather(
            *(post.chat.send(PERSON, f"k{n}", Message(f"Number {n}."), ()) for n in range(50))
        )
        assert post.server.count("sendMessage") == 50
