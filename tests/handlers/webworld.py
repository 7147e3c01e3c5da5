"""The web chat, served on a real socket, with a person in front of it.

`served` gives tests a `Site` to open pages on; `WebWorld` is what `HandlerContract` asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.events import Delivery
from bot.model import Attachment, Choice, Message, Person, SelfieRef
from bot.ports import PlatformHandler, Receive
from handlers.server import build_app, serving
from handlers.web import WebChat, add_routes
from handlers.web.gate import person_of
from tests.contracts.handler import Shown
from tests.fakes.clock import HandClock
from tests.fakes.memory import MemoryLedger, MemoryVault
from tests.handlers.webpage import Refused, WebPage

PRIVACY = "**Straight answers** (<1>)\n\n**1. Why?**\nTo make headshots & nothing else."
WELCOME = Message(
    "Hi, I'm WorkShot. I'm an automated AI service, not a person.\n\n"
    "Send me one selfie and I'll make 4 professional headshots that still look like you. "
    "They're for LinkedIn, a resume, a business profile or a company bio.\n\n"
    "First I'll ask 3 short questions. Your photo goes nowhere until you answer.",
    choices=(Choice("start", "Start"), Choice("privacy", "How my photo is used")),
    question="welcome",
)
GRACE = 0.2
"""Seconds; see `WebChat`."""
SWATCHES = {"grey": b"\xff\xd8 grey", "navy": b"\xff\xd8 navy"}


async def always_ready() -> bool:
    return True


class Site:
    """A running web chat, and what it was given."""

    def __init__(
        self,
        kind: type[WebChat] = WebChat,
        public_url: str | None = None,
        swatches: Mapping[str, bytes] = SWATCHES,
        *,
        patience: float = 5.0,
        upload_seconds: float = 60.0,
    ) -> None:
        self.ledger = MemoryLedger()
        self.vault = MemoryVault()
        self.clock = HandClock()
        self.chat = kind(
            self.ledger,
            self.vault,
            swatches,
            self.clock,
            welcome=WELCOME,
            privacy_text=lambda language: f"{PRIVACY}\n\nin {language}",
            public_url=public_url,
            local=True,
            patience=patience,
            grace=GRACE,
            upload_seconds=upload_seconds,
        )
        self.heard: asyncio.Queue[Delivery] = asyncio.Queue()
        self.base = ""
        self._tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def running(self, receive: Receive | None = None, port: int = 0) -> AsyncIterator[None]:
        """Serve; deliveries land in `heard` unless there is somebody to receive them."""
        app = build_app(always_ready)
        add_routes(app, self.chat)
        async with serving(app, "127.0.0.1", port) as bound, asyncio.TaskGroup() as tasks:
            self.base = f"http://127.0.0.1:{bound}"
            run = tasks.create_task(self.chat.run(receive or self.heard.put))
            self._tasks = [run]
            await asyncio.sleep(0)
            try:
                yield
            finally:
                run.cancel()

    async def stop(self) -> None:
        """Cancel `run` and wait for it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[WebPage]:
        """A new browser (cookie jar of its own) with the page open but not listening."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            page = WebPage(session, self.base)
            await page.open()
            yield page

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[WebPage]:
        """A new browser whose page is open and listening."""
        async with self.browser() as page, listening(page):
            yield page

    async def hears(self) -> Delivery:
        """The next delivery."""
        async with asyncio.timeout(10):
            return await self.heard.get()


@asynccontextmanager
async def listening(page: WebPage) -> AsyncIterator[None]:
    """Read the page's stream in the background."""
    async with asyncio.TaskGroup() as tasks:
        live = tasks.create_task(page.live())
        try:
            await page.until(lambda p: p.events)
            yield
        finally:
            live.cancel()


def person_at(page: WebPage) -> Person:
    """The person whom the server takes this browser for."""
    (cookie,) = [c for c in page.session.cookie_jar if c.key == "workshot"]
    return person_of(cookie.value)


class WebWorld:
    """`tests.contracts.handler.World` for the web chat."""

    def __init__(self, site: Site, page: WebPage) -> None:
        self._site = site
        self._page = page
        self.person = person_at(page)

    @property
    def handler(self) -> PlatformHandler:
        return self._site.chat

    async def heard(self) -> Delivery:
        return await self._site.hears()

    async def nothing_heard(self) -> bool:
        # A request is answered after its delivery was taken, so there is nothing to wait for.
        return self._site.heard.empty()

    async def write(self, text: str) -> None:
        await self._page.say(text)

    async def tap(self, label: str) -> None:
        await self._page.until(lambda page: any(label in str(e) for e in page.entries.values()))
        await self._page.tap(label)

    async def send_photo(self, photo: bytes) -> None:
        await self._page.offer(photo)

    async def repeat(self) -> None:
        await self._page.post(*self._page.last)

    async def echo(self) -> None:
        for body in (b"", b"{}", b'{"id": 1}', b"[" * 500):
            with pytest.raises(Refused, match=r"^400 "):
                await self._page.post("/chat/say", body)

    async def attach(self, photo: bytes, name: str) -> Attachment:
        kept = await self._site.vault.put(self.person, name, photo)
        return Attachment(kept, name, "image/jpeg", "A picture.")

    async def shown(self) -> Shown:
        await self._page.open()
        if self._page.goodbye:
            receipt = self._page.goodbye["receipt"]
            files = (receipt.encode(),) if receipt else ()
            return Shown((self._page.goodbye["message"]["text"],), (), files)
        snapshot = await self._page.look()
        if snapshot["kind"] == "ending":
            return Shown()
        ours = [entry for entry in snapshot["entries"] if entry["from"] == "ours"]
        urls = [file["url"] for entry in ours for file in entry["attachments"]]
        return Shown(
            tuple(entry["text"] for entry in ours),
            tuple(choice["label"] for entry in ours for choice in entry["choices"]),
            tuple([(await self._page.get(url))[1] for url in urls]),
        )

    async def lose_photo(self) -> None:
        self._page.photos.clear()

    async def ask_for_patience(self) -> None:
        # The web's way of asking for patience: nobody has the page open.
        await self._page.offer(b"photo")
        name = self._page.last[1]["photo"]
        self._site.chat.visitors.close_tabs()
        await self._site.chat.fetch_selfie(self.person, SelfieRef(name))

    async def leave(self) -> None:
        await self._site.chat.erase(self.person)

    async def stop(self) -> None:
        await self._site.stop()

    async def open_connections(self) -> int:
        async with asyncio.timeout(10):
            visitor = self._site.chat.visitors.of(self.person)
            while visitor.tabs:
                await asyncio.sleep(0.01)
        return len(visitor.tabs)
