"""What a request may bring: its shape as JSON, how long it may be, how long it may take.

Rules: bodies are read in bounded pieces straight into memory, never through a form parser, which
would write a temporary file. Each has a limit in bytes and a deadline for the whole of it, so a
body that trickles in holds nothing open for long.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web

from handlers.web.gate import refusal

MAX_BODY = 64 * 1024
BODY_SECONDS = 15.0
PATIENCE_WITH_REFUSED = 5.0
"""Seconds to go on taking a body that was refused."""

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{8,64}\Z")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Token = Annotated[str, msgspec.Meta(max_length=200)]


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """The JSON of a request; anything unexpected is refused."""


class Open(Body):
    fresh: bool = False
    """The person has read the last words and starts again."""


class Say(Body):
    id: Id
    text: Text


class Reply(Body):
    id: Id
    verb: Token
    question: Token


class Selfie(Body):
    id: Id
    photo: Id
    size: Annotated[int, msgspec.Meta(ge=0)]
    type: Token = ""
    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""


class Missing(Body):
    photo: Id
    tab: Token


B = TypeVar("B", bound=Body)


async def read(request: web.Request, limit: int) -> bytes | None:
    """The body, or None when it is longer than `limit` bytes. The deadline is the caller's."""
    if (request.content_length or 0) > limit:
        return None
    body = bytearray()
    async for piece in request.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > limit:
            return None
    return bytes(body)


async def discard(request: web.Request) -> None:
    """Take the rest of a refused body: a browser that is still sending reads no answer."""
    try:
        async with asyncio.timeout(PATIENCE_WITH_REFUSED):
            async for _ in request.content.iter_any():
                pass
    except TimeoutError:
        return


async def read_json(request: web.Request, kind: type[B]) -> B:
    """The body as JSON of that shape; refuses anything else with a sentence."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await read(request, MAX_BODY)
        return msgspec.json.decode(body or b"", type=kind)
    except TimeoutError:
        raise refusal(408, "That took too long to arrive. Please try again.") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise refusal(400, "That could not be read. Please try again.") from None
