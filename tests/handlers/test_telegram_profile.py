"""The bot's profile is set once, and ``workshot check`` says what is the matter."""

from __future__ import annotations

import pytest

from bot.model import Diagnosis
from handlers.telegram import diagnose
from tests.fakes.telegram_chats import Refusal
from tests.fakes.telegram_phone import eventually
from tests.fakes.telegram_server import TOKEN, FakeTelegram, Fault
from tests.handlers.telegramworld import INTRODUCTION, posting

SETTING = ("setMyCommands", "setMyDescription", "setMyShortDescription", "setChatMenuButton")
COMMANDS = ["start", "help", "new", "status", "cancel", "privacy", "mydata", "language"]


async def test_the_profile_is_set_at_the_first_start_and_not_again() -> None:
    async with posting() as post:
        told = post.server.methods.profile
        for _ in range(2):
            async with post.running():
                await eventually(lambda: told["menu"] == "commands" or None, lambda: "not set")
                await eventually(
                    lambda: post.server.count("getChatMenuButton") or None, lambda: "not looked at"
                )
            assert [post.server.count(name) for name in SETTING] == [1, 1, 1, 1]

    commands = told["commands"]
    assert isinstance(commands, list)
    assert [one["command"] for one in commands] == [*COMMANDS, "stop", "delete"]
    assert told["description"] == INTRODUCTION.description
    assert told["about"] == INTRODUCTION.about


async def test_only_what_differs_is_set() -> None:
    async with posting() as post:
        async with post.running():
            profile = post.server.methods.profile
            await eventually(lambda: profile["menu"] == "commands" or None, lambda: "not set")
        profile["about"] = "something else"
        async with post.running():
            await eventually(
                lambda: profile["about"] == INTRODUCTION.about or None, lambda: "not set"
            )

    assert [post.server.count(name) for name in SETTING] == [1, 1, 2, 1]


# --- workshot check -----------------------------------------------------------------------------


async def check(
    server: FakeTelegram, token: str = TOKEN, public_url: str = "", *, webhook: bool = False
) -> list[Diagnosis]:
    told = await diagnose(token, server.base, INTRODUCTION, public_url=public_url, webhook=webhook)
    assert all(one.line.startswith("Telegram: ") for one in told)
    assert not any(token in one.line for one in told)
    return list(told)


async def test_a_good_token_is_said_to_be_good() -> None:
    server = FakeTelegram()
    async with server.running():
        told = await check(server)

    assert [one.good for one in told] == [True] * 3
    assert told[0].line == "Telegram: the token is good: it is @shots_bot"
    assert "long polling" in told[1].line
    assert told[2].line.endswith("set when the bot starts")
    assert not any(name.startswith("set") for name, _ in server.calls), "nothing was changed"


async def test_a_bad_token_is_told_with_what_to_do() -> None:
    server = FakeTelegram()
    async with server.running():
        told = await check(server, "123:wrong")

    (one,) = told
    assert not one.good
    assert "copy it anew from @BotFather" in one.line


async def test_a_server_that_cannot_be_reached_is_told_by_its_address() -> None:
    server = FakeTelegram()
    async with server.running():
        pass
    (one,) = await check(server)

    assert not one.good
    assert f"cannot reach {server.base} (NotSent)" in one.line


@pytest.mark.parametrize(
    ("set_to", "expected", "good"),
    [
        ("", "is set to https://bot.example.org/telegram/webhook when the bot starts", True),
        ("https://old.example.org/", "when the bot starts", True),
        ("https://bot.example.org/telegram/webhook?mark=1", "Telegram calls https://bot", True),
    ],
)
async def test_the_webhook_is_looked_at(set_to: str, expected: str, good: bool) -> None:
    server = FakeTelegram()
    server.updates.webhook.url = set_to
    async with server.running():
        told = await check(server, public_url="https://bot.example.org", webhook=True)

    assert expected in told[1].line
    assert told[1].good is good


async def test_a_webhook_that_cannot_be_called_is_told_in_telegrams_words() -> None:
    server = FakeTelegram()
    server.updates.webhook.url = "https://bot.example.org/telegram/webhook?mark=1"
    server.updates.last_error = "Connection refused"
    async with server.running():
        told = await check(server, public_url="https://bot.example.org", webhook=True)

    assert "Telegram could not call us lately: Connection refused" in told[2].line
    assert not told[2].good


async def test_a_profile_as_it_should_be_is_said_to_be() -> None:
    async with posting() as post:
        async with post.running():
            profile = post.server.methods.profile
            await eventually(lambda: profile["menu"] == "commands" or None, lambda: "not set")
        told = await check(post.server)

    assert told[2].line == "Telegram: 10 commands, description and menu are set"


async def test_a_fault_on_the_way_is_told() -> None:
    server = FakeTelegram(faults=[Fault("getWebhookInfo", Refusal(500, "Internal"))])
    async with server.running():
        (one,) = await check(server)

    assert not one.good
