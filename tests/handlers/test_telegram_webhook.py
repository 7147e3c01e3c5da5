"""Being called by Telegram: only with the secret, and 200 only when the update is on disk."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.events import Delivery, Wrote
from handlers.telegram.webhook import HEADER
from tests.fakes.telegram_chats import Refusal
from tests.fakes.telegram_phone import Phone, eventually
from tests.fakes.telegram_server import Fault
from tests.handlers.telegramworld import SECRET, Post, posting


async def call(post: Post, body: bytes, secret: str | None = SECRET) -> int:
    """What Telegram, or somebody else, is answered."""
    headers = {} if secret is None else {HEADER: secret}
    async with (
        aiohttp.ClientSession() as session,
        session.post(post.server.updates.webhook.url, data=body, headers=headers) as answer,
    ):
        assert await answer.read() == b""
        return answer.status


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET.lower(), "ü"])
async def test_without_the_secret_nobody_is_heard(
    secret: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    update = b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "x", '
    update += b'"chat": {"id": 9, "type": "private"}, "from": {"id": 9}}}'
    async with posting(webhook=True) as post, post.running():
        assert await call(post, update, secret) == 403
        assert post.heard.empty()
        assert await call(post, update) == 200
        assert (await post.hears()).event == Wrote("x")
    assert SECRET not in caplog.text


@pytest.mark.parametrize("body", [b"", b"not json", b"[1, 2]", b"null", b"{}", b"[" * 100_000])
async def test_what_makes_no_sense_is_answered_so_that_it_does_not_come_again(body: bytes) -> None:
    async with posting(webhook=True) as post, post.running():
        assert await call(post, body) == 200
        assert post.chat.intake.dead_letters == 1


async def test_the_answer_waits_until_the_update_is_taken() -> None:
    gate = asyncio.Event()

    async def slow(delivery: Delivery) -> None:
        await gate.wait()

    async with posting(webhook=True) as post, post.running(slow):
        await Phone(post.server).write("hello")
        await asyncio.sleep(0.1)
        assert post.server.updates.answers == []
        gate.set()
        await eventually(lambda: post.server.updates.answers or None, lambda: "no answer")
        assert post.server.updates.answers == [200]


async def test_what_could_not_be_taken_is_called_for_again() -> None:
    failures, heard = [OSError("disk")] * 2, list[object]()

    async def failing(delivery: Delivery) -> None:
        if failures:
            raise failures.pop()
        heard.append(delivery.event)

    async with posting(webhook=True) as post, post.running(failing):
        await Phone(post.server).write("hello")
        await post.settled()

        assert post.server.updates.answers == [500, 500, 200]
        assert heard == [Wrote("hello")]


async def test_before_anybody_listens_telegram_is_asked_to_come_again() -> None:
    async with posting(webhook=True) as post, post.running():
        post.chat.intake.close()
        assert await call(post, b'{"update_id": 1}') == 503


async def test_the_address_is_set_once_and_again_only_when_something_differs() -> None:
    async with posting(webhook=True) as post, post.running():
        assert post.server.updates.set_count == 1
        webhook = post.server.updates.webhook
        assert webhook.secret == SECRET
        assert SECRET not in webhook.url
        assert set(webhook.allowed) == {
            *("message", "edited_message", "callback_query", "my_chat_member")
        }
        assert post.chat.webhook
        await post.chat.webhook.settle()
        assert post.server.updates.set_count == 1
        webhook.max_connections = 1
        await post.chat.webhook.settle()
        assert post.server.updates.set_count == 2


async def test_a_changed_secret_changes_the_address() -> None:
    async with posting(webhook=True) as post:
        one = post.new_chat("https://bot.example.org").webhook
        other = post.new_chat("https://bot.example.org", secret="another").webhook
        assert one
        assert other
        assert one.url.partition("?")[0] == "https://bot.example.org/telegram/webhook"
        assert one.url.partition("?")[0] == other.url.partition("?")[0]
        assert one.url != other.url


async def test_telegram_being_away_at_the_start_is_waited_out_and_told() -> None:
    async with posting(webhook=True) as post:
        gate = asyncio.Event()
        post.server.faults += [Fault("getWebhookInfo", Refusal(502, "Bad Gateway"))]
        post.server.faults += [Fault("getWebhookInfo", cut=True, wait=gate)]
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(_until_called(post))
            await eventually(lambda: post.chat.health.trouble or None, lambda: "no trouble")
            assert post.chat.health.trouble == "Telegram could not be told our address yet"
            gate.set()
            await running


async def _until_called(post: Post) -> None:
    async with post.running():
        await Phone(post.server).write("hello")
        assert (await post.hears()).event == Wrote("hello")
        assert post.chat.health.trouble == ""
