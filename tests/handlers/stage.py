"""A browser in front of the web chat with the stand-in engine behind it, and a person's hands."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from bot.events import Replied
from handlers.web import WebChat
from tests.e2e.browser import browser
from tests.fakes.memory import MemoryLedger, MemoryVault
from tests.handlers.standin import StandIn, selfie, swatches
from tests.handlers.webworld import Site

QUIET = 450
"""Milliseconds in which a fresh choice takes no click (see `DOUBLE_CLICK` in `log.js`)."""


class Stage:
    """One tab, and everything behind it."""

    def __init__(self, site: Site, engine: StandIn, page: Page) -> None:
        self.site = site
        self.engine = engine
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if "Content Security Policy" in message.text
                else None
            ),
        )

    def button(self, label: str) -> Locator:
        return self.page.get_by_role("button", name=label, exact=True).last

    async def tap(self, label: str) -> None:
        """Tap a choice as soon as it can be tapped."""
        await self.button(label).wait_for()
        await self.page.wait_for_timeout(QUIET)
        await self.button(label).click()

    async def choose(self, content: bytes | None = None, name: str = "me.jpg") -> None:
        """Choose a photo through the file dialog."""
        kind = "image/jpeg" if name.endswith(".jpg") else "text/plain"
        photo = selfie() if content is None else content
        file = FilePayload(name=name, mimeType=kind, buffer=photo)
        await self.page.set_input_files("#file", files=[file])

    async def give(self, event: str, photo: bytes | None = None, size: int = 0) -> None:
        """Drop or paste a photo (or one of `size` empty bytes), as the browser tells the page."""
        content = selfie() if photo is None else photo
        await self.page.evaluate(
            """([kind, content, size]) => {
                const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
                const data = new DataTransfer();
                const parts = [size ? new Uint8Array(size) : bytes];
                data.items.add(new File(parts, "me.jpg", { type: "image/jpeg" }));
                const more = { bubbles: true, cancelable: true };
                if (kind === "paste") more.clipboardData = data; else more.dataTransfer = data;
                const Kind = kind === "paste" ? ClipboardEvent : DragEvent;
                document.body.dispatchEvent(new Kind(kind, more));
            }""",
            [event, base64.b64encode(content).decode(), size],
        )

    async def write(self, text: str) -> None:
        await self.page.get_by_role("textbox", name="Message").fill(text)
        await self.page.keyboard.press("Enter")

    async def sees(self, text: str) -> None:
        await expect(self.page.get_by_role("log")).to_contain_text(text)

    async def visit(self) -> None:
        """Everything from the photo to the headshots."""
        await self.choose()
        for label in ("Yes, it's me and I'm 18+", "Yes, only as me", "Use this picture"):
            await self.tap(label)
        await self.tap("Deep navy")
        await self.sees("Your 4 headshots are ready.")

    async def kept_photos(self) -> int:
        """How many photos this browser keeps for the page."""
        return int(
            await self.page.evaluate(
                """() => new Promise((resolve) => {
                    const opening = indexedDB.open("workshot");
                    opening.onsuccess = () => {
                        const store = opening.result.transaction("photos").objectStore("photos");
                        store.count().onsuccess = ({ target }) => resolve(target.result);
                    };
                })"""
            )
        )

    async def kept_bytes(self) -> bytes:
        """What lies in this browser's database for the page, one photo after the other."""
        numbers = await self.page.evaluate(
            """() => new Promise((resolve) => {
                const opening = indexedDB.open("workshot");
                opening.onsuccess = () => {
                    const store = opening.result.transaction("photos").objectStore("photos");
                    store.getAll().onsuccess = ({ target }) =>
                        resolve(target.result.flatMap(({ sealed }) => [...new Uint8Array(sealed)]));
                };
            })"""
        )
        return bytes(numbers)

    def taps(self) -> list[str]:
        """Verbs of the taps that counted."""
        return [d.event.verb for d in self.engine.seen if isinstance(d.event, Replied)]


class Theatre:
    """The server and the engine; stages are opened on it."""

    def __init__(self, opened: Browser, public_url: str | None = None) -> None:
        self.site = Site(WebChat, public_url, swatches=swatches())
        ledger: MemoryLedger = self.site.ledger
        vault: MemoryVault = self.site.vault
        self.engine = StandIn(self.site.chat, ledger, vault)
        self._opened = opened

    @asynccontextmanager
    async def stage(self, width: int = 1280, height: int = 900) -> AsyncIterator[Stage]:
        """A new browser window with the page open; fails on script errors and CSP violations."""
        context = await self._opened.new_context(
            viewport={"width": width, "height": height}, permissions=["camera"]
        )
        try:
            stage = Stage(self.site, self.engine, await context.new_page())
            await stage.page.goto(self.site.base)
            await stage.button("Start").wait_for()
            yield stage
            assert stage.complaints == []
        finally:
            await context.close()

    @asynccontextmanager
    async def performing(self, port: int = 0) -> AsyncIterator[int]:
        """Server and engine run for as long as the block lasts; yields the port."""
        async with self.site.running(self.engine.receive, port), asyncio.TaskGroup() as tasks:
            engine = tasks.create_task(self.engine.run())
            try:
                yield int(self.site.base.rpartition(":")[2])
            finally:
                engine.cancel()


@asynccontextmanager
async def theatre(chromium: str) -> AsyncIterator[Theatre]:
    """Server, engine and browser for one test."""
    async with browser(chromium) as opened:
        house = Theatre(opened)
        async with house.performing():
            yield house
