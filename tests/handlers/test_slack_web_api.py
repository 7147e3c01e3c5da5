"""How Slack fails, and what that is to us."""

from __future__ import annotations

import asyncio
import inspect
import logging

import aiohttp
import pytest
from slack_sdk import errors
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import PersonUnreachable, PlatformRefused, PlatformUnavailable, SelfieGone
from handlers.slack.web_api import (
    FILE_GONE,
    OPERATOR,
    PERSON_GONE,
    REFUSED,
    TOKEN_VOID,
    ThrownOut,
    asking,
    ours,
    quiet,
)
from tests.fakes.slack.server import LIMITED, Fault
from tests.handlers.slackworld import SlackWorld, connected

PUBLIC = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, Exception) and kind.__module__ == errors.__name__
]


def answered(error: str) -> SlackApiError:
    # The SDK does not say what its constructor takes.
    return SlackApiError("CANARY", {"ok": False, "error": error})  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("kind", PUBLIC, ids=lambda kind: kind.__name__)
def test_every_exception_of_the_sdk_is_one_of_ours(kind: type[Exception]) -> None:
    raised = kind.__new__(kind) if kind is not SlackApiError else answered("anything")

    assert isinstance(raised, SlackClientError)
    assert isinstance(ours(raised), PlatformUnavailable)


@pytest.mark.parametrize(
    "raised",
    [aiohttp.ClientConnectionError(), aiohttp.ServerTimeoutError(), TimeoutError(), OSError()],
    ids=lambda raised: type(raised).__name__,
)
def test_a_broken_connection_is_tried_again(raised: Exception) -> None:
    with pytest.raises(PlatformUnavailable), asking():
        raise raised


@pytest.mark.parametrize("error", sorted(PERSON_GONE))
def test_somebody_who_is_gone_is_unreachable(error: str) -> None:
    assert isinstance(ours(answered(error)), PersonUnreachable)


@pytest.mark.parametrize("error", sorted(TOKEN_VOID))
def test_a_void_token_means_that_we_were_thrown_out(error: str) -> None:
    assert isinstance(ours(answered(error)), ThrownOut)


@pytest.mark.parametrize("error", sorted(FILE_GONE))
def test_a_file_that_is_gone_is_gone(error: str) -> None:
    assert isinstance(ours(answered(error)), SelfieGone)


@pytest.mark.parametrize("error", sorted(REFUSED))
def test_what_would_be_refused_again_is_not_asked_again(error: str) -> None:
    assert isinstance(ours(answered(error)), PlatformRefused)


@pytest.mark.parametrize("error", sorted(OPERATOR))
def test_what_the_operator_must_mend_waits_and_erases_nobody(error: str) -> None:
    fault = ours(answered(error))

    assert isinstance(fault, PlatformUnavailable)
    assert fault.retry_after


def test_nothing_that_slack_said_is_in_our_fault_but_its_name_for_it() -> None:
    assert str(ours(answered("fatal_error"))) == "fatal_error"
    assert "CANARY" not in repr(ours(answered("fatal_error")))


def test_the_log_of_the_sdk_says_no_more_than_what_failed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    quiet.info("token CANARY")
    quiet.warning("the answer was CANARY")
    quiet.error("failed: CANARY", exc_info=ValueError("CANARY"))

    assert "CANARY" not in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.ERROR]


async def test_a_short_limit_is_waited_out_and_a_long_one_is_not() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        client = await scene.chat.installations.client(world.person)
        scene.slack.faults["auth.test"].append(Fault(429, "{}", {"Retry-After": "0"}))
        assert (await client.auth_test())["ok"]

        scene.slack.faults["auth.test"].append(LIMITED)
        async with asyncio.timeout(3):
            with pytest.raises(PlatformUnavailable) as raised, asking():
                await client.auth_test()
        assert raised.value.retry_after == 7


@pytest.mark.parametrize("body", ["", "<html>Gateway</html>", '{"ok": false}', "[1]", "nonsense"])
async def test_an_answer_that_is_none_is_tried_again_later(body: str) -> None:
    async with connected(socket=False) as scene:
        client = await scene.chat.installations.client(SlackWorld(scene).person, once=True)
        scene.slack.faults["auth.test"].append(Fault(502, body))
        with pytest.raises(PlatformUnavailable), asking():
            await client.auth_test()
