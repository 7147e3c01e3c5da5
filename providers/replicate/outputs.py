"""Fetches finished pictures: from Replicate's own hosts only, without the token, within limits.

What comes is not trusted. Here its address, type and size are judged; whether it is a picture is
found out in a worker (`picture`), and whether it shows one face by the inspector.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from bot.errors import ProviderUnavailable

DELIVERY: Final = "replicate.delivery"
TYPES: Final = frozenset({"image/png", "image/jpeg", "image/webp"})
LARGEST: Final = 20_000_000
"""Bytes; a picture of one megapixel has two million at the most."""
PASSING: Final = frozenset({429, *range(500, 600)})
"""Answers that another try may change."""
SECONDS: Final = 60.0
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class BadOutput(ProviderUnavailable):
    """What was made cannot be used, and another try would not change that."""


class OutputAway(ProviderUnavailable):
    """It could not be fetched; it may be tried again."""


def is_ours(base_url: str) -> Callable[[str], bool]:
    """Whether an address is one that outputs of this API come from."""
    api = urlsplit(base_url)
    # A test server on this machine serves its outputs itself.
    own = (api.scheme, api.netloc) if api.hostname in LOOPBACK else None

    def judge(address: str) -> bool:
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if own == (parts.scheme, parts.netloc):
            return True
        named = host == DELIVERY or host.endswith("." + DELIVERY)
        return named and parts.scheme == "https" and port in {None, 443} and not parts.username

    return judge


class Outputs:
    """Downloads over one session, which is opened with the first."""

    def __init__(self, base_url: str, *, seconds: float = SECONDS, largest: int = LARGEST) -> None:
        self._is_ours = is_ours(base_url)
        self._timeout = aiohttp.ClientTimeout(total=seconds, connect=min(seconds, 10.0))
        self._largest = largest
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(self, address: str) -> bytes:
        """The bytes of a picture. Raises `BadOutput` or `OutputAway`."""
        if not self._is_ours(address):
            raise BadOutput("an output from a foreign host")
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._session.get(address, allow_redirects=False) as response:
                return await self._body(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OutputAway(type(error).__name__) from error

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        if response.status in PASSING:
            raise OutputAway(f"status {response.status}")
        if response.status != HTTPStatus.OK:
            raise BadOutput(f"status {response.status}")
        if response.content_type not in TYPES:
            raise BadOutput("an output that is no picture")
        body = bytearray()
        async for chunk in response.content.iter_chunked(65_536):
            body += chunk
            if len(body) > self._largest:
                raise BadOutput("an output that is too large")
        return bytes(body)
