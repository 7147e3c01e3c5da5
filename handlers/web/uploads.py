"""Photos on their way in: a few at a time, each with a deadline, and only while one is wanted.

Rules: a photo is taken while the engine waits for it and nobody else hands it over. There are
`MAX_UPLOADS` at a time on the whole server, and each has `seconds` for all of its bytes, so neither
many uploads nor slow ones can keep the others out. One that is not wanted any more (the engine gave
up, the person was erased) is broken off at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientConnectionError, web

from bot.errors import SelfieGone
from handlers.web.bodies import read
from handlers.web.gate import refusal
from handlers.web.visitors import Visitor, Wanted

MAX_PHOTO = 25 * 1024 * 1024
MAX_UPLOADS = 8
RETRY_SECONDS = 2
"""What a page is told to wait for a free place."""
TOO_BIG = "This photo is larger than 25 MB. Please choose a smaller one."
TOO_SLOW = "Your photo took too long to arrive. Please try a smaller one or a faster connection."
NOT_NEEDED = "This photo is not needed now."


class Uploads:
    """All uploads of one server."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is the time that one photo may take."""
        self._seconds = seconds
        self._under_way = 0

    async def take(self, request: web.Request, visitor: Visitor, name: str) -> None:
        """Hand the photo in this request to whoever waits for it; raises a refusal."""
        wanted = visitor.wanted.get(name)
        if wanted is None or wanted.uploading or wanted.arrived.done():
            raise refusal(409, NOT_NEEDED)
        if self._under_way >= MAX_UPLOADS:
            raise refusal(503, "Many photos are arriving. Please wait.", retry_after=RETRY_SECONDS)
        photo = await self._read(request, visitor, name, wanted)
        if photo is None:
            wanted.settle(SelfieGone())
            raise refusal(413, TOO_BIG)
        wanted.settle(photo)

    async def _read(
        self, request: web.Request, visitor: Visitor, name: str, wanted: Wanted
    ) -> bytes | None:
        try:
            async with self._place(wanted), asyncio.timeout(self._seconds) as deadline:
                with wanted.ending(lambda: None if deadline.expired() else deadline.reschedule(0)):
                    return await read(request, MAX_PHOTO)
        except TimeoutError:
            if wanted.arrived.done():
                raise refusal(409, NOT_NEEDED) from None
            # Not asked for again here: the same line would be as slow. The engine tries later.
            raise refusal(408, TOO_SLOW) from None
        except (ConnectionError, ClientConnectionError):
            # Broken off: another tab, or the same one once more, may have it.
            if visitor.wanted.get(name) is wanted:
                visitor.push({"kind": "wanted", "photo": name})
            raise

    @asynccontextmanager
    async def _place(self, wanted: Wanted) -> AsyncIterator[None]:
        self._under_way += 1
        wanted.uploading = True
        try:
            yield
        finally:
            wanted.uploading = False
            self._under_way -= 1
