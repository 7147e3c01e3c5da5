"""Every error of the Bot API has a meaning; a lost answer is told from a lost request."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Awaitable, Callable

import pytest
from telegram import error as telegram_error
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.errors import (
    PersonUnreachable,
    PlatformError,
    PlatformRefused,
    PlatformUnavailable,
    SelfieGone,
)
from handlers.telegram import transport
from handlers.telegram.bot_api import (
    CERTAINLY_NOT_DONE,
    DOWNLOAD_LIMIT,
    MEANINGS,
    BotApi,
    MessageGone,
    Unchanged,
    meaning,
)
from tests.fakes.telegram_chats import Refusal
from tests.fakes.telegram_phone import Phone
from tests.fakes.telegram_server import TOKEN, FakeTelegram, Fault


def public_errors() -> list[type[TelegramError]]:
    found = [vars(module).values() for module in (telegram_error, transport)]
    return [
        one
        for values in found
        for one in values
        if inspect.isclass(one) and issubclass(one, TelegramError)
    ]


@pytest.mark.parametrize("kind", public_errors(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_library_has_a_meaning_of_its_own(kind: type[TelegramError]) -> None:
    assert kind in MEANINGS


def test_there_are_errors_to_look_at() -> None:
    assert {RetryAfter, TimedOut, BadRequest, transport.NotSent} <= set(public_errors())


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BadRequest("Message is not modified: specified new message content"), Unchanged),
        (BadRequest("Message to edit not found"), MessageGone),
        (BadRequest("Chat not found"), PersonUnreachable),
        (BadRequest("Can't parse entities"), PlatformRefused),
        (telegram_error.Forbidden("bot was blocked by the user"), PersonUnreachable),
        (TimedOut(), PlatformUnavailable),
        (NetworkError("x"), PlatformUnavailable),
        (transport.Flooded(7), PlatformUnavailable),
        (telegram_error.InvalidToken(), PlatformUnavailable),
    ],
    ids=str,
)
def test_an_error_means(error: TelegramError, expected: type[PlatformError]) -> None:
    assert type(meaning(error)) is expected


def test_a_meaning_repeats_nothing_that_telegram_said() -> None:
    assert str(meaning(BadRequest("Anna's text"))) == ""


def test_a_timeout_is_no_proof_that_nothing_happened() -> None:
    assert not isinstance(TimedOut(), CERTAINLY_NOT_DONE)
    assert not isinstance(NetworkError("Bad Gateway"), CERTAINLY_NOT_DONE)
    assert isinstance(transport.NotSent("x"), CERTAINLY_NOT_DONE)


async def failing(api: BotApi, call: Callable[[], Awaitable[object]]) -> TelegramError:
    """What a call raises."""
    try:
        with pytest.raises(TelegramError) as raised:
            await call()
    finally:
        await api.close()
    return raised.value


async def test_a_server_that_is_not_there_got_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        api = BotApi(TOKEN, f"http://127.0.0.1:{probe.getsockname()[1]}")
        assert isinstance(await failing(api, api.bot.get_me), transport.NotSent)


async def test_a_connection_that_breaks_off_may_have_done_its_work() -> None:
    server = FakeTelegram(faults=[Fault("getMe", cut=True)])
    async with server.running():
        api = BotApi(TOKEN, server.base)
        error = await failing(api, api.bot.get_me)
    assert not isinstance(error, CERTAINLY_NOT_DONE)


@pytest.mark.parametrize("code", [500, 502, 504])
async def test_a_server_in_trouble_may_have_done_its_work(code: int) -> None:
    server = FakeTelegram(faults=[Fault("getMe", Refusal(code, "x"))])
    async with server.running():
        api = BotApi(TOKEN, server.base)
        error = await failing(api, api.bot.get_me)
    assert not isinstance(error, CERTAINLY_NOT_DONE)
    assert isinstance(meaning(error), PlatformUnavailable)


async def test_no_error_and_no_log_line_names_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "handlers")
    api = BotApi(TOKEN, "http://127.0.0.1:9")
    error: BaseException | None = await failing(api, api.bot.get_me)
    while error is not None:
        assert TOKEN not in repr(error) + str(error)
        error = error.__cause__
    assert TOKEN not in caplog.text


async def test_a_file_larger_than_announced_is_not_read_to_the_end() -> None:
    server = FakeTelegram()
    async with server.running():
        file_id = await Phone(server).send_file(b"x" * (DOWNLOAD_LIMIT + 1), "a.jpg", "", size=9)
        api = BotApi(TOKEN, server.base)
        with pytest.raises(SelfieGone):
            await api.file(file_id)
        await api.close()


async def test_a_file_that_goes_between_two_requests_is_asked_for_again() -> None:
    server = FakeTelegram()
    async with server.running():
        file_id = await Phone(server).send_file(b"x", "a.jpg", "")
        server.faults.append(Fault("file", Refusal(404, "Not Found")))
        api = BotApi(TOKEN, server.base)
        with pytest.raises(PlatformUnavailable):
            await api.file(file_id)
        assert await api.file(file_id) == b"x"
        await api.close()
