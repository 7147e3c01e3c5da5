"""The one transcript, in the web chat."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.e2e.living import files, living, visiting
from tests.e2e.pictures import selfie
from tests.e2e.transcript import visit
from tests.handlers.webpage import WebPage


class WebVisitor:
    """`Visitor` on a page."""

    def __init__(self, page: WebPage) -> None:
        self._page = page

    async def write(self, text: str) -> None:
        await self._page.say(text)

    async def tap(self, label: str) -> None:
        await self._page.tap(label)

    async def send_photo(self, photo: bytes) -> None:
        await self._page.offer(photo)

    async def sees(self, words: str) -> None:
        await self._page.until(lambda page: page.shows(words))

    async def files(self, words: str) -> Sequence[bytes]:
        return await files(self._page, words)

    async def receipt(self) -> bytes:
        await self._page.until(lambda page: page.goodbye is not None)
        assert self._page.goodbye
        return str(self._page.goodbye["receipt"]).encode()


async def test_the_whole_visit(tmp_path: Path, models: Path) -> None:
    async with living(tmp_path, models) as bot, visiting(bot.url) as page:
        body = await visit(WebVisitor(page), selfie())

    assert body["erased"]["web sessions"] == 1
