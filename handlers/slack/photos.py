"""A photo of theirs in: from Slack's own file host only, straight into memory.

Rules: the token goes to that host and never along a redirect. What comes must be a picture by its
type and must not begin like a page: with a scope missing Slack answers 200 with HTML
(https://docs.slack.dev/messaging/working-with-files). No more is read than a photo may have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import PlatformUnavailable, SelfieGone
from bot.photo import MAX_BYTES
from handlers.slack.config import SlackConfig
from handlers.slack.web_api import LIMITED, Clients, asking, retry_after

HEIC = frozenset({"image/heic", "image/heif"})
RENDITIONS = ("thumb_1024", "thumb_960", "thumb_800", "thumb_720")
"""JPEGs that Slack makes of what browsers cannot show, the largest first."""
GONE = frozenset({"tombstone", "hidden_by_limit"})
"""Modes of a file that is not there any more."""
OK, NOT_FOUND = 200, frozenset({404, 410})


class Photos:
    """Fetches photos."""

    def __init__(self, clients: Clients, config: SlackConfig) -> None:
        self._clients = clients
        self._config = config

    async def fetch(self, client: AsyncWebClient, file: str) -> bytes:
        """The bytes; one more than allowed when there are too many.

        Raises `SelfieGone` or `PlatformUnavailable`.
        """
        if not file.isalnum():
            raise SelfieGone("no file of Slack's")
        with asking():
            found = (await client.files_info(file=file)).get("file") or {}
        if found.get("mode") in GONE:
            raise SelfieGone("removed")
        url = address_of(found)
        if not self._config.may_have_files(url):
            raise SelfieGone("kept somewhere else")
        with asking():
            async with self._clients.session.get(
                url, headers={"Authorization": f"Bearer {client.token}"}, allow_redirects=False
            ) as response:
                _check(response)
                return await _read(response)


def address_of(file: Mapping[str, Any]) -> str:
    """Where a file lies; of a HEIC photo the JPEG that Slack made of it, if there is one."""
    if file.get("mimetype") in HEIC:
        for name in RENDITIONS:
            if file.get(name):
                return str(file[name])
    return str(file.get("url_private_download") or file.get("url_private") or "")


def _check(response: aiohttp.ClientResponse) -> None:
    if response.status in NOT_FOUND:
        raise SelfieGone("not found")
    if response.status == LIMITED:
        raise PlatformUnavailable("ratelimited", retry_after=retry_after(response.headers))
    if response.status != OK or response.content_type == "text/html":
        # A redirect leads to a sign-in page: the token may not read files.
        raise PlatformUnavailable(f"a photo cannot be fetched: {response.status}", retry_after=60)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > MAX_BYTES:
            return bytes(body[: MAX_BYTES + 1])
    if body[:64].lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise PlatformUnavailable("a page came instead of a photo", retry_after=60)
    return bytes(body)
