"""What comes in over HTTP: only what Slack signed, only what is meant for us, and only once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

import aiohttp
import pytest

from bot.events import Delivery, Wrote
from bot.model import Person
from tests.fakes.slack import Team
from tests.fakes.slack.delivery import SECRET, signed
from tests.fakes.slack.people import SlackUser
from tests.handlers.slackworld import Scene, SlackWorld, connected

MESSAGE = {
    "type": "message",
    "channel": "D1",
    "channel_type": "im",
    "user": "U0CANARYANNA",
    "text": "hello CANARYTEXT",
    "ts": "1.0",
}
HELLO = {
    "type": "event_callback",
    "team_id": "T0CANARY1",
    "event_id": "EvCANARY",
    "event_time": 1,
    "event": MESSAGE,
}


async def post(scene: Scene, body: str | bytes, headers: dict[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{scene.url}/slack/events",
            data=body,
            headers={"Content-Type": "application/json", **headers},
        ) as response,
    ):
        await response.read()
        return response.status


BODY = json.dumps(HELLO)
STAMP = "X-Slack-Request-Timestamp"
FORGED: dict[str, Callable[[], dict[str, str]]] = {
    "no headers": dict,
    "no signature": lambda: {STAMP: str(int(time.time()))},
    "no number": lambda: signed(SECRET, BODY) | {STAMP: "soon"},
    "no digits of ours": lambda: signed(SECRET, BODY) | {STAMP: "\u0663"},
    "a huge number": lambda: signed(SECRET, BODY) | {STAMP: "9" * 400},
    "below zero": lambda: signed(SECRET, BODY) | {STAMP: "-1"},
    "another secret": lambda: signed("another", BODY),
    "another body": lambda: signed(SECRET, BODY + " "),
    "six minutes old": lambda: signed(SECRET, BODY, time.time() - 360),
    "six minutes early": lambda: signed(SECRET, BODY, time.time() + 360),
}


@pytest.mark.parametrize("kind", FORGED)
async def test_what_slack_did_not_sign_is_refused_and_nothing_of_it_is_logged(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(socket=False) as scene:
        caplog.set_level("DEBUG")
        assert await post(scene, BODY, FORGED[kind]()) == 401
        assert scene.heard.empty()
    assert "CANARY" not in caplog.text


async def test_bytes_that_are_no_text_are_refused() -> None:
    async with connected(socket=False) as scene:
        assert await post(scene, b"\xff\xfe\x00", signed(SECRET, "")) == 401


async def test_what_slack_signed_is_taken_whatever_it_is_and_nothing_of_it_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    oddities = [
        HELLO | {"event": {"type": "reaction_added", "user": "U1", "item": "CANARY"}},
        HELLO | {"event": MESSAGE | {"subtype": "channel_join"}},
        {"type": "app_rate_limited", "team_id": "T0CANARY1", "minute_rate_limited": 1},
        {"type": "url_verification", "challenge": "CANARY"},
    ]
    async with connected(socket=False) as scene:
        caplog.set_level("DEBUG")
        for oddity in oddities:
            body = json.dumps(oddity)
            assert await post(scene, body, signed(SECRET, body)) == 200, oddity
        assert scene.heard.empty()
    assert "CANARY" not in "".join(r.getMessage() for r in caplog.records if r.name != "asyncio")


async def test_a_workspace_that_we_do_not_know_is_not_heard() -> None:
    async with connected(socket=False) as scene:
        body = json.dumps(HELLO | {"team_id": "T0STRANGE"})
        await post(scene, body, signed(SECRET, body))
        assert scene.heard.empty()
        assert scene.slack.calls == []


async def test_no_request_costs_a_call_to_find_out_who_we_are() -> None:
    async with connected(socket=False) as scene:
        user = scene.person("U0CANARYANNA")
        for text in ("one", "two", "three"):
            await user.write(text)
        assert scene.slack.calls == []


async def test_what_was_not_committed_is_sent_again_and_counts_once() -> None:
    taken: list[Delivery] = []
    troubles = [RuntimeError("CANARY"), RuntimeError("CANARY")]

    async def receive(delivery: Delivery) -> None:
        if troubles:
            raise troubles.pop()
        taken.append(delivery)

    async with connected(socket=False, receive=receive) as scene:
        await scene.person("U0CANARYANNA").write("hello")
    assert [one.event for one in taken] == [Wrote("hello")]


async def test_slack_is_told_only_after_the_commit() -> None:
    committed = asyncio.Event()

    async def receive(delivery: Delivery) -> None:
        await asyncio.sleep(0.1)
        committed.set()

    async with connected(socket=False, receive=receive) as scene:
        await scene.person("U0CANARYANNA").write("hello")
        assert committed.is_set()


async def test_nobody_is_told_that_it_was_taken_before_the_bot_runs() -> None:
    scene = Scene(socket=False)
    async with scene.slack.serving() as api, scene._served(api) as scene.url:
        body = json.dumps(HELLO)
        assert await post(scene, body, signed(SECRET, body)) == 500
        await scene.chat.clients.close()


async def test_a_retry_is_known_by_its_id_and_not_by_its_header() -> None:
    async with connected(socket=False) as scene:
        body = json.dumps(HELLO)
        headers = signed(SECRET, body) | {"X-Slack-Retry-Num": "2"}
        assert await post(scene, body, headers) == 200
        assert (await scene.hears()).id == "slack:T0CANARY1:EvCANARY"


async def test_two_workspaces_are_two_worlds() -> None:
    async with connected(socket=False) as scene:
        other = Team("T0CANARY2")
        await scene.install(other)
        here, there = scene.person("U0CANARYANNA"), scene.person("U0CANARYANNA", other)
        await here.write("hello")
        await there.write("hello")
        first, second = await scene.hears(), await scene.hears()
        assert first.person == Person("slack", "T0CANARY1", "U0CANARYANNA")
        assert second.person == Person("slack", "T0CANARY2", "U0CANARYANNA")
        assert first.id != second.id


async def test_text_arrives_as_it_was_typed() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await world.write("1 < 2 & 3 > 2 &lt;")
        assert (await world.heard()).event == Wrote("1 < 2 & 3 > 2 &lt;")


async def test_a_button_that_is_none_of_ours_does_nothing() -> None:
    async with connected(socket=False) as scene:
        user: SlackUser = scene.person("U0CANARYANNA")
        for value in ("", "{}", '{"v": 1}', "nonsense", "[]"):
            button = {"type": "button", "action_id": "choice:0", "value": value}
            await user.press({"ts": "1.0"}, button | {"text": {"text": "Yes"}})
        other = {"type": "button", "action_id": "somebody-elses", "value": "x"}
        await user.press({"ts": "1.0"}, other | {"text": {"text": "Yes"}})
        assert scene.heard.empty()
