"""The fake Bot API says no where the real one does, so that what passes here would pass there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from telegram import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    MessageEntity,
)
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError
from telegram.ext import ExtBot

from handlers.telegram.bot_api import BotApi
from handlers.telegram.limiter import Priority
from tests.contracts.handler import PHOTO
from tests.fakes.telegram_phone import ANNA, Phone
from tests.fakes.telegram_server import TOKEN, FakeTelegram

Call = Callable[[ExtBot[Priority]], Awaitable[object]]


@pytest_asyncio.fixture
async def api() -> AsyncIterator[BotApi]:
    server = FakeTelegram()
    async with server.running():
        Phone(server)
        made = BotApi(TOKEN, server.base)
        yield made
        await made.close()


def buttons(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data=data)]])


def photo(caption: str = "") -> InputMediaPhoto:
    return InputMediaPhoto(PHOTO, caption=caption)


FORBIDDEN: dict[str, Call] = {
    "a button with 65 bytes": lambda bot: bot.send_message(
        ANNA, "x", reply_markup=buttons("é" * 33)
    ),
    "a text of 4097 units": lambda bot: bot.send_message(ANNA, "😀" * 2048 + "x"),
    "an empty text": lambda bot: bot.send_message(ANNA, "  "),
    "an entity beyond the text": lambda bot: bot.send_message(
        ANNA, "abc", entities=[MessageEntity("bold", 1, 3)]
    ),
    "a caption of 1025": lambda bot: bot.send_document(ANNA, b"x", caption="x" * 1025),
    "an album of one": lambda bot: bot.send_media_group(ANNA, [photo()]),
    "an album of eleven": lambda bot: bot.send_media_group(ANNA, [photo()] * 11),
    "a mixed album": lambda bot: bot.send_media_group(ANNA, [photo(), InputMediaDocument(b"x")]),
    "a photo that is none": lambda bot: bot.send_media_group(
        ANNA, [photo(), InputMediaPhoto(b"text")]
    ),
    "an unknown chat": lambda bot: bot.send_message(1, "x"),
    "an unknown message": lambda bot: bot.edit_message_text("x", ANNA, 1),
    "an unknown file": lambda bot: bot.get_file("nothing"),
    "an unknown tap": lambda bot: bot.answer_callback_query("nothing"),
    "a hundred and one at once": lambda bot: bot.delete_messages(ANNA, list(range(1, 102))),
    "a command in capitals": lambda bot: bot.set_my_commands([BotCommand("START", "x")]),
    "a description of 513": lambda bot: bot.set_my_description("x" * 513),
    "an address without TLS": lambda bot: bot.set_webhook("http://example.org/hook"),
    "a secret with spaces": lambda bot: bot.set_webhook("https://e.org", secret_token="a b"),
    "an unknown parameter": lambda bot: bot.send_message(ANNA, "x", api_kwargs={"nothing": 1}),
}


@pytest.mark.parametrize("what", FORBIDDEN)
async def test_it_does_not_take(api: BotApi, what: str) -> None:
    with pytest.raises(BadRequest):
        await FORBIDDEN[what](api.bot)


ALLOWED: dict[str, Call] = {
    "a button with 64 bytes": lambda bot: bot.send_message(
        ANNA, "x", reply_markup=buttons("é" * 32)
    ),
    "a text of 4096 units": lambda bot: bot.send_message(ANNA, "😀" * 2048),
    "a caption of 1024": lambda bot: bot.send_document(ANNA, b"x", caption="x" * 1024),
    "an album of two": lambda bot: bot.send_media_group(ANNA, [photo(), photo("x")]),
    "a hundred at once, none of them there": lambda bot: bot.delete_messages(
        ANNA, list(range(1, 101))
    ),
}


@pytest.mark.parametrize("what", ALLOWED)
async def test_it_takes(api: BotApi, what: str) -> None:
    assert await ALLOWED[what](api.bot)


async def test_a_message_is_only_changed_when_something_changes(api: BotApi) -> None:
    sent = await api.bot.send_message(ANNA, "x", reply_markup=buttons("v1:yes:q"))
    with pytest.raises(BadRequest, match="not modified"):
        await api.bot.edit_message_text(
            "x", ANNA, sent.message_id, reply_markup=buttons("v1:yes:q")
        )
    assert await api.bot.edit_message_text("x", ANNA, sent.message_id)


async def test_a_message_of_two_days_stays() -> None:
    now = [1_700_000_000.0]
    server = FakeTelegram(lambda: now[0])
    async with server.running():
        Phone(server)
        api = BotApi(TOKEN, server.base)
        sent = await api.bot.send_message(ANNA, "x")
        now[0] += 48 * 3600
        with pytest.raises(BadRequest, match="can't be deleted"):
            await api.bot.delete_message(ANNA, sent.message_id)
        await api.close()


async def test_only_one_may_poll(api: BotApi) -> None:
    other = BotApi(TOKEN, api.bot.base_url.partition("/bot")[0])
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(api.updates(0, 1, ()))
        await asyncio.sleep(0.2)
        with pytest.raises(Conflict):
            await other.updates(0, 0, ())
        await other.close()
        assert await waiting == []


async def test_only_the_token_opens_it_and_blocked_is_blocked(api: BotApi) -> None:
    base = api.bot.base_url.partition("/bot")[0]
    other = BotApi("1:wrong", base)
    errors: list[type[TelegramError]] = []
    for bot in (other.bot, api.bot):
        try:
            await bot.get_me()
        except TelegramError as error:
            errors.append(type(error))
    await other.close()
    assert errors == [InvalidToken]


async def test_who_blocked_the_bot_is_not_reached() -> None:
    server = FakeTelegram()
    async with server.running():
        Phone(server).block()
        api = BotApi(TOKEN, server.base)
        with pytest.raises(Forbidden):
            await api.bot.send_message(ANNA, "x")
        await api.close()
