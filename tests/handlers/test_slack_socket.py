"""The socket: what it does when Slack goes away, and what can be seen of it from outside."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import PlatformUnavailable
from bot.events import Delivery, Wrote
from bot.model import Message
from tests.contracts.handler import send
from tests.handlers.slackworld import Scene, SlackWorld, connected


async def until_connected(scene: Scene) -> None:
    async with asyncio.timeout(20):
        while not scene.slack.sockets:
            await asyncio.sleep(0.02)


async def test_a_socket_that_slack_closes_is_opened_again() -> None:
    async with connected(socket=True) as scene:
        await scene.slack.sockets[0].close()
        await until_connected(scene)
        world = SlackWorld(scene)
        await world.write("hello")
        assert (await world.heard()).event == Wrote("hello")


async def test_slack_asks_for_another_socket_and_gets_it() -> None:
    async with connected(socket=True) as scene:
        first = scene.slack.sockets[0]
        await first.send_json({"type": "disconnect", "reason": "refresh_requested"})
        async with asyncio.timeout(20):
            while not scene.slack.sockets or scene.slack.sockets[-1] is first:
                await asyncio.sleep(0.02)
        world = SlackWorld(scene)
        await world.write("hello")
        assert (await world.heard()).event == Wrote("hello")


async def test_what_was_not_committed_is_not_acknowledged_and_comes_again() -> None:
    taken: list[Delivery] = []
    troubles = [RuntimeError("CANARY")]

    async def receive(delivery: Delivery) -> None:
        if troubles:
            raise troubles.pop()
        taken.append(delivery)

    async with connected(socket=True, receive=receive) as scene:
        await scene.person("U0CANARYANNA").write("hello")
        assert [one.event for one in taken] == [Wrote("hello")]
        assert len(scene.slack.acknowledged) == 1


async def test_a_bot_token_that_slack_refuses_is_told_and_waited_for() -> None:
    scene = Scene(socket=True)
    scene.slack.revoked.add(scene.team.token)
    async with scene.running():
        async with asyncio.timeout(10):
            while not scene.chat.health.trouble:
                await asyncio.sleep(0.02)
        assert scene.chat.health.trouble == "Slack does not take the bot token (invalid_auth)"
        assert not scene.chat.health.stalled
        scene.slack.revoked.clear()
        await until_connected(scene)
        assert scene.chat.health.trouble == ""


async def test_garbage_on_the_socket_is_survived() -> None:
    async with connected(socket=True) as scene:
        for garbage in ("", "nonsense", "{", "[]", '{"type": "events_api"}', '{"envelope_id": 1}'):
            await scene.slack.sockets[-1].send_str(garbage)
        world = SlackWorld(scene)
        await world.write("hello")
        assert (await world.heard()).event == Wrote("hello")


async def test_nobody_is_taken_for_gone_before_we_know_where_we_are() -> None:
    """What was owed at the last stop is tried at once, and must not erase whom it was for."""
    scene = Scene(socket=True)
    scene.slack.revoked.add(scene.team.token)
    async with scene.running():
        world = SlackWorld(scene)
        with pytest.raises(PlatformUnavailable):
            await send(world, "key-1", Message("Are you still there?"))
        with pytest.raises(PlatformUnavailable):
            await world.handler.clear(world.person, b"{}")
