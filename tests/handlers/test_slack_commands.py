"""Slash commands stand for the words of the conversation, and channels stay quiet."""

from __future__ import annotations

import pytest

from bot.events import Wrote
from bot.reading import Command
from handlers.slack.blocks import spelled
from handlers.slack.commands import COMMANDS, meant
from handlers.slack.manifest import manifest
from tests.contracts.handler import QUESTION, send
from tests.handlers.slackworld import SlackWorld, connected


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("/headshot", ""), "/start"),
        (("/headshot", "  Status "), "/status"),
        (("/headshot", "/privacy"), "/privacy"),
        (("/headshot", "delete now"), "/delete now"),
        (("/headshot-delete", ""), "/delete"),
        (("/headshot-delete", "now"), "/delete now"),
        (("/delete", ""), "/delete"),
        (("/delete", "now please"), "/delete now"),
    ],
)
def test_what_a_command_means(typed: tuple[str, str], words: str) -> None:
    assert meant(*typed) == words


@pytest.mark.parametrize("command", [c for c in Command if " " not in c.value])
def test_every_command_is_spelled_as_slack_knows_it_and_understood_again(command: Command) -> None:
    shown = spelled(f"Send /{command.value}, or **/{command.value}**.")

    assert shown == f"Send /headshot {command.value}, or **/headshot {command.value}**."
    assert meant("/headshot", command.value) == f"/{command.value}"


def test_addresses_are_no_commands() -> None:
    assert spelled("https://example.org/delete and me/start") == (
        "https://example.org/delete and me/start"
    )


def test_the_manifest_has_these_commands() -> None:
    told = {one["command"] for one in manifest()["features"]["slash_commands"]}

    assert told == set(COMMANDS)


async def test_in_the_direct_message_nothing_else_is_said() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await send(world, "key-1", QUESTION)
        await world.user.command("/headshot", "status")
        assert (await world.heard()).event == Wrote("/status")
        assert world.user.ephemeral == []


async def test_in_a_channel_it_says_that_it_works_in_private() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await world.user.command("/headshot", "start", channel="C0CHANNEL")
        assert await world.nothing_heard()
        assert world.user.ephemeral[0].startswith("I only work in private")
        assert scene.slack.messages["C0CHANNEL"] == []


@pytest.mark.parametrize("command", ["/delete", "/headshot-delete"])
async def test_to_erase_works_from_anywhere(command: str) -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await world.user.command(command, "", channel="C0CHANNEL")
        assert (await world.heard()).event == Wrote("/delete")
        assert world.user.ephemeral == ["I've answered you in our direct message, under Apps."]


async def test_the_same_command_delivered_twice_counts_once() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await world.user.command("/headshot", "status")
        first = await world.heard()
        await world.repeat()
        assert (await world.heard()).id == first.id
