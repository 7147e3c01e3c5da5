"""HTTP to the Bot API, for python-telegram-bot, over aiohttp.

Why not the library's own: its client logs whole addresses, and an address holds the token; it reads
a download to the end however long it is; and it does not tell a request that never left from one
whose answer was lost. The difference matters: only the first may be made again without thinking.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

CONNECT_SECONDS = 10.0
CHUNK = 64 * 1024
# What the library passes for a timeout that the caller left open; its type is private.
_Timeout = Any


class NotSent(NetworkError):
    """The request never reached the Bot API."""


class Flooded(TelegramError):
    """The Bot API wants us to wait. The library's own `RetryAfter` is about to change its type."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many requests")
        self.seconds = seconds


class TooLarge(TelegramError):
    """A download is larger than was allowed."""


class Transport(BaseRequest):
    """Requests of one bot, over a pool of connections of its own."""

    def __init__(self, *, connections: int, read_seconds: float, upload_seconds: float) -> None:
        self._connections = connections
        self._read_seconds = read_seconds
        self._upload_seconds = upload_seconds
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    @property
    def read_timeout(self) -> float:
        return self._read_seconds

    async def initialize(self) -> None:
        """Nothing to do: the pool is opened by the first request."""

    async def shutdown(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()

    # The library's signature.
    async def do_request(  # noqa: PLR0917
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: _Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: _Timeout = BaseRequest.DEFAULT_NONE,
        connect_timeout: _Timeout = BaseRequest.DEFAULT_NONE,
        pool_timeout: _Timeout = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One request. Raises `NotSent`, `TimedOut`, `Flooded` or `NetworkError`."""
        seconds = self._read_seconds if read_timeout is self.DEFAULT_NONE else read_timeout
        if request_data is not None and request_data.contains_files:
            seconds = self._upload_seconds
        try:
            async with self._open().request(
                method,
                url,
                data=_body(request_data),
                timeout=_patience(seconds),
                allow_redirects=False,  # the address is a secret
            ) as response:
                status, answer = response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(type(error).__name__) from error
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from error
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Flooded(_seconds_to_wait(answer))
        return status, answer

    async def download(self, url: str, limit: int) -> bytes:
        """A file, read no further than `limit` bytes.

        Raises `TooLarge`, `FileNotFoundError`, or what a request raises.
        """
        found = bytearray()
        try:
            patience = _patience(self._read_seconds)
            async with self._open().get(url, timeout=patience, allow_redirects=False) as response:
                if response.status == HTTPStatus.NOT_FOUND:
                    raise FileNotFoundError
                if response.status != HTTPStatus.OK:
                    raise NetworkError(f"status {response.status}")
                async for piece in response.content.iter_chunked(CHUNK):
                    found += piece
                    if len(found) > limit:
                        raise TooLarge("a file")
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from error
        return bytes(found)

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the library does it, but without writing what it cannot read into the log."""
        try:
            read = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise NetworkError("not JSON") from error
        if not isinstance(read, dict):
            raise NetworkError("not an answer")
        return read

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise NotSent("closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )
        return self._session


def _patience(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=seconds + CONNECT_SECONDS,
        connect=CONNECT_SECONDS,
        sock_connect=CONNECT_SECONDS,
        sock_read=seconds,
    )


def _body(request_data: RequestData | None) -> aiohttp.FormData | None:
    if request_data is None:
        return None
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form


def _seconds_to_wait(answer: bytes) -> float:
    """What the answer asks for; a minute when it does not say."""
    try:
        return max(1.0, float(json.loads(answer)["parameters"]["retry_after"]))
    except (ValueError, KeyError, TypeError):
        return 60.0
