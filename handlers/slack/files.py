"""Pictures and files out: uploaded, shared into the direct message, and seen to be there.

Slack takes a file in two steps and shows it some time later, without saying under which timestamp
(https://docs.slack.dev/messaging/working-with-files). So each step is separate here, for the
caller to write down, and the last one asks until the file is in the chat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import PlatformUnavailable, SelfieGone
from handlers.slack.config import SlackConfig
from handlers.slack.web_api import Clients, asking

MOST_ALT = 1000
"""Characters of an alternative text."""
PAUSES = (0.2, 0.3, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0, 5.0)
"""Seconds between looks at whether a file is shared; together less than a quarter of a minute."""
OK = 200


class Outgoing(NamedTuple):
    """A file to hand over."""

    name: str
    alt: str
    content: bytes


class Shared(NamedTuple):
    """Where files are shown."""

    channel: str
    ts: str


class Uploads:
    """Hands files over."""

    def __init__(self, clients: Clients, config: SlackConfig) -> None:
        self._clients = clients
        self._config = config
        self.pauses: Sequence[float] = PAUSES

    async def upload(self, client: AsyncWebClient, files: Sequence[Outgoing]) -> tuple[str, ...]:
        """The first step: the bytes. Returns ids; nobody sees the files yet."""
        return tuple([await self._upload(client, one) for one in files])

    async def _upload(self, client: AsyncWebClient, file: Outgoing) -> str:
        with asking():
            place = await client.files_getUploadURLExternal(
                filename=file.name, length=len(file.content), alt_txt=file.alt[:MOST_ALT]
            )
        url = str(place["upload_url"])
        if not self._config.may_have_files(url):
            raise PlatformUnavailable("an upload address that is not Slack's")
        with asking():
            async with self._clients.session.post(
                url, data=file.content, allow_redirects=False
            ) as response:
                if response.status != OK:
                    raise PlatformUnavailable(f"upload: {response.status}")
        return str(place["file_id"])

    async def complete(
        self, client: AsyncWebClient, person: str, channel: str, ids: Sequence[str]
    ) -> None:
        """The other step: into the chat, some time soon."""
        files: list[dict[str, str | None]] = [{"id": one} for one in ids]
        to: dict[str, Any] = {"channel_id": channel} if channel else {"channels": [person]}
        with asking():
            await client.files_completeUploadExternal(files=files, **to)

    async def shown(self, client: AsyncWebClient, file: str) -> Shared | None:
        """Wait until a file is in the chat; None when it is not there after a good while."""
        for pause in self.pauses:
            try:
                with asking():
                    found = await client.files_info(file=file)
            except SelfieGone:
                found = None  # not known yet, or not any more
            there = _place_in(found.get("file") or {}) if found else None
            if there is not None:
                return there
            await asyncio.sleep(pause)
        return None


def _place_in(file: Mapping[str, Any]) -> Shared | None:
    for channels in (file.get("shares") or {}).values():
        for channel, messages in channels.items():
            for message in messages:
                return Shared(str(channel), str(message["ts"]))
    return None
