"""Somebody in a workspace: their hands on a phone, and what they see there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

from tests.fakes.slack.delivery import Line
from tests.fakes.slack.files import File
from tests.fakes.slack.server import FakeSlack, Team

Payload: TypeAlias = dict[str, Any]
PATIENCE = 60.0


class SlackUser:
    """One person in one workspace."""

    def __init__(self, slack: FakeSlack, team: Team, user: str, line: Line) -> None:
        self.slack = slack
        self.team = team
        self.user = user
        self.line = line
        self.ephemeral: list[str] = []
        """Answers that only this person saw, where a command was typed."""
        self.errors: dict[str, str] = {}
        """What the last dialog complained about."""
        self.last_file: File | None = None

    @property
    def channel(self) -> str:
        return self.slack.direct(self.user)

    # --- hands ------------------------------------------------------------------------------

    async def event(self, event: Payload, **more: object) -> None:
        """Something happens in the workspace."""
        payload = {
            "type": "event_callback",
            "team_id": self.team.id,
            "api_app_id": self.team.app,
            "event_id": self.slack.new_id("Ev"),
            "event_time": int(float(self.slack.new_ts())),
            "authorizations": [{"team_id": self.team.id, "user_id": self.team.bot_user}],
            "event": event,
            **more,
        }
        await self.line.deliver("events_api", payload)

    def _message(self, message: Payload) -> Payload:
        return message | {"channel": self.channel, "channel_type": "im"}

    async def write(self, text: str) -> Payload:
        """Type a text; what begins with a slash is a command, as Slack has it."""
        if text.startswith("/"):
            command, _, rest = text.partition(" ")
            await self.command(command, rest)
            return {}
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        message = self.slack.add(self.team.id, self.channel, {"user": self.user, "text": escaped})
        await self.event(self._message(message))
        return message

    async def send_photo(
        self, photo: bytes, name: str = "CANARYPHOTO.jpg", mimetype: str = "image/jpeg"
    ) -> Payload:
        """Send one photo."""
        self.last_file = self.slack.files.add(self.team.id, self.user, name, photo, mimetype)
        return await self.send_files(self.last_file)

    async def send_files(self, *files: File) -> Payload:
        """Send files in one message."""
        message = self.slack.add(
            self.team.id,
            self.channel,
            {"user": self.user, "text": "", "subtype": "file_share"}
            | {"files": [one.id for one in files]},
        )
        described = [self.slack.files.described(one) for one in files]
        await self.event(self._message(message | {"files": described}))
        return message

    async def command(self, command: str, text: str = "", channel: str = "") -> None:
        """Type a slash command."""
        here = channel or self.channel
        payload = {
            "command": command,
            "text": text,
            "team_id": self.team.id,
            "user_id": self.user,
            "user_name": "CANARYNAME",
            "channel_id": here,
            "channel_name": "directmessage" if here.startswith("D") else "general",
            "trigger_id": self.slack.new_id("trigger"),
            "api_app_id": self.team.app,
            "response_url": f"{self.slack.base}/response/CANARYRESPONSE",
        }
        answer = await self.line.deliver("slash_commands", payload)
        if answer.get("text"):
            self.ephemeral.append(str(answer["text"]))

    async def tap(self, label: str) -> None:
        """Tap the newest button with that label; waits for it."""

        def newest() -> tuple[Payload, Payload] | None:
            for message in reversed(self.ours()):
                for button in buttons(message):
                    if button["text"]["text"] == label:
                        return message, button
            return None

        await self.until(lambda: newest() is not None, label)
        found = newest()
        assert found
        await self.press(*found)

    async def press(self, message: Payload, button: Payload) -> None:
        """Tap a button, open or not."""
        container = {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": self.channel,
        }
        await self._act(button, {"container": container, "message": message})

    async def press_home(self, action: str) -> None:
        """Tap a button of the Home tab."""
        view = self.home
        button = next(
            one
            for block in view["blocks"]
            for one in block.get("elements", ())
            if one.get("action_id") == action
        )
        await self._act(button, {"container": {"type": "view"}, "view": view})

    async def _act(self, button: Payload, more: Payload) -> None:
        action = button | {"action_ts": self.slack.new_ts(), "block_id": "choices"}
        payload = {
            "type": "block_actions",
            "user": {"id": self.user, "team_id": self.team.id, "name": "CANARYNAME"},
            "team": {"id": self.team.id},
            "api_app_id": self.team.app,
            "trigger_id": self.slack.new_id("trigger"),
            "actions": [action],
            "response_url": f"{self.slack.base}/response/CANARYRESPONSE",
            **more,
        }
        await self.line.deliver("interactive", payload)

    async def submit(self, callback: str, values: Payload) -> None:
        """Hand a dialog in."""
        payload = {
            "type": "view_submission",
            "user": {"id": self.user, "team_id": self.team.id},
            "team": {"id": self.team.id},
            "api_app_id": self.team.app,
            "trigger_id": self.slack.new_id("trigger"),
            "view": {"callback_id": callback, "type": "modal", "id": "V1"}
            | {"state": {"values": values}},
        }
        answer = await self.line.deliver("interactive", payload)
        self.errors = answer.get("errors", {})

    async def open_tab(self, tab: str) -> None:
        """Look at one of the app's tabs."""
        opened = {"type": "app_home_opened", "user": self.user, "channel": self.channel}
        await self.event(opened | {"tab": tab})

    async def delete_file(self, file: File) -> None:
        """Delete one's own file; Slack does not say whose it was."""
        self.slack.files.remove(file)
        await self.event({"type": "file_deleted", "file_id": file.id})

    async def delete_message(self, message: Payload) -> None:
        """Delete one's own message."""
        self.slack.messages[self.channel].remove(message)
        files = [{"id": one} for one in message.get("files", ())]
        await self.event(
            {
                "type": "message",
                "subtype": "message_deleted",
                "channel": self.channel,
                "channel_type": "im",
                "previous_message": message | {"files": files},
            }
        )

    # --- eyes -------------------------------------------------------------------------------

    @property
    def home(self) -> Payload:
        """The Home tab."""
        return self.slack.homes.get((self.team.id, self.user), {"blocks": []})

    def ours(self) -> list[Payload]:
        """The bot's messages that are shown."""
        here = self.slack.messages[self.channel]
        return [one for one in here if one.get("bot_id") and one["team"] == self.team.id]

    def texts(self) -> list[str]:
        """What they say."""
        return [text_of(one) for one in self.ours()]

    def files_of(self, message: Payload) -> list[File]:
        """The files that a message shows."""
        kept = self.slack.files.kept
        return [kept[one] for one in message.get("files", ()) if one in kept]

    async def until(self, done: Callable[[], bool], what: str) -> None:
        """Wait for something to be seen."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not done():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{what!r} not in {self.texts()}") from None

    async def sees(self, words: str) -> None:
        """Wait until a message contains these words."""
        await self.until(lambda: any(words in text for text in self.texts()), words)


def buttons(message: Payload) -> list[Payload]:
    """The buttons of a message."""
    blocks = message.get("blocks", ())
    elements = [one for block in blocks for one in block.get("elements", ())]
    return [one for one in elements if one.get("type") == "button"]


def text_of(message: Payload) -> str:
    """What a message or view says, without its buttons, as it is displayed."""
    parts = []
    for block in message.get("blocks", ()):
        if "text" in block:
            parts.append(block["text"]["text"])
        if block.get("type") == "context":
            parts += [one["text"] for one in block["elements"]]
    text = "\n\n".join(parts) or str(message.get("text", ""))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
