"""`workshot check` says which token, scope or address is wrong, in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.slack import SlackConfig, diagnose
from tests.fakes.slack import FakeSlack, Team

APP = "xapp-1"
OVER_HTTP = SlackConfig(
    client_id="1.1",
    client_secret="CANARY",
    signing_secret="CANARY",
    public_url="https://bot.example.org",
)
NEEDED = ("client_id", "client_secret", "signing_secret", "public_url")


@pytest.mark.parametrize("missing", NEEDED)
async def test_what_is_missing_is_named(missing: str) -> None:
    # The names are those of text fields.
    (found,) = await diagnose(replace(OVER_HTTP, **{missing: ""}))  # type: ignore[arg-type]

    names = {"public_url": "PUBLIC_URL"}
    assert not found.good
    assert names.get(missing, f"SLACK_{missing.upper()}") in found.line
    assert "CANARY" not in found.line


async def test_over_http_it_says_what_slack_must_call() -> None:
    lines = [one.line for one in await diagnose(OVER_HTTP)]

    assert any("https://bot.example.org/slack/install" in line for line in lines)
    assert any("https://bot.example.org/slack/events" in line for line in lines)


async def test_an_app_token_alone_is_not_enough() -> None:
    (found,) = await diagnose(SlackConfig(app_token=APP))
    assert (found.good, "SLACK_BOT_TOKEN" in found.line) == (False, True)


async def lines_of(team: Team, bot_token: str, app_token: str) -> list[tuple[bool, str]]:
    slack = FakeSlack(team)
    async with slack.serving() as api:
        found = await diagnose(SlackConfig(api=api, app_token=app_token, bot_token=bot_token))
    return [(one.good, one.line) for one in found]


async def test_two_good_tokens_are_fine() -> None:
    team = Team("T1", app_token=APP)
    assert [good for good, _ in await lines_of(team, team.token, APP)] == [True, True]


async def test_tokens_that_were_mixed_up_are_named() -> None:
    team = Team("T1", app_token=APP)
    (first, said), (second, also) = await lines_of(team, APP, team.token)

    assert (first, second) == (False, False)
    assert said.startswith("SLACK_BOT_TOKEN: is not one of Slack's")
    assert also.startswith("SLACK_APP_TOKEN: is not one of Slack's")
    assert team.token not in said + also


async def test_a_missing_scope_is_named() -> None:
    team = Team("T1", app_token=APP, scopes=("chat:write", "commands", "im:history"))
    (good, said), _ = await lines_of(team, team.token, APP)

    assert not good
    assert "files:read, files:write" in said


async def test_a_slack_that_does_not_answer_is_told() -> None:
    config = SlackConfig(api="http://127.0.0.1:9/api", app_token=APP, bot_token="xoxb-1")
    assert [one.good for one in await diagnose(config)] == [False, False]
