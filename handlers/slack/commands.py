"""Slash commands: the words of the conversation, typed anywhere.

Headshots are made in the direct message only. A command from a channel is answered there with one
sentence that nobody else sees; to erase works from everywhere. Answers go to the direct message.
"""

from __future__ import annotations

import hashlib
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.events import Wrote
from bot.model import Person
from bot.wording import DEFAULT, Wording
from handlers.slack.chat import SlackChat
from handlers.slack.entries import channel_of
from handlers.slack.installations import PLATFORM

COMMANDS = ("/headshot", "/headshot-delete", "/delete")
ERASING = "delete"


class Commands:
    """Answers commands."""

    def __init__(self, chat: SlackChat, wording: Wording) -> None:
        self._chat = chat
        self._wording = wording

    def add_to(self, app: AsyncApp) -> None:
        """Register them."""
        for command in COMMANDS:
            app.command(command)(self.typed)

    async def typed(self, ack: AsyncAck, body: dict[str, Any], command: dict[str, Any]) -> None:
        """Somebody typed a command."""
        person = Person(PLATFORM, str(command["team_id"]), str(command["user_id"]))
        text = meant(str(command["command"]), str(command.get("text") or ""))
        if not text.startswith(f"/{ERASING}") and command.get("channel_name") != "directmessage":
            await ack(self._wording.text(DEFAULT, "slack-only-in-private"))
            return
        told = f"{command.get('trigger_id')} {text}"
        number = "command-" + hashlib.sha256(told.encode()).hexdigest()[:32]
        await self._chat.deliver(person, number, Wrote(text))
        here = channel_of(await self._chat.sender.entries(person)) == command.get("channel_id")
        await (ack() if here else ack(self._wording.text(DEFAULT, "slack-answered-in-private")))


def meant(command: str, text: str) -> str:
    """The command of the conversation that a slash command stands for."""
    words = text.strip().lower().split()
    if command != "/headshot":
        return " ".join([f"/{ERASING}", *words[:1]])
    if not words:
        return "/start"
    return " ".join([f"/{words[0].lstrip('/')}", *words[1:2]])
