"""A web page without a browser: the requests that `app.js` makes, from Python.

`live` reads the stream as the page does (hands over a photo when it is wanted, erases its copy when
told), and `until` waits for what the person would see.
"""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

WAIT = 10.0
"""Seconds after which something that should have been shown counts as missing."""


class Refused(Exception):
    """The server said no."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{status} {sentence}")
        self.status = status
        self.sentence = sentence


class WebPage:
    """One tab of one browser (`session` carries the cookie)."""

    _names = itertools.count(1)

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session = session
        self.base = base
        self.entries: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.goodbye: dict[str, Any] | None = None
        self.photos: dict[str, bytes] = {}
        self.tab = ""
        self.last: tuple[str, dict[str, Any]] = ("", {})
        self._changed = asyncio.Condition()

    @property
    def headers(self) -> dict[str, str]:
        """What our page's own scripts send along."""
        return {"Origin": self.base, "X-WorkShot": "1"}

    def new_id(self) -> str:
        """An id as the page makes them."""
        return f"{next(self._names):012d}"

    async def post(self, path: str, body: object) -> dict[str, Any]:
        """A request of the page; raises `Refused`."""
        sent = body if isinstance(body, bytes) else msgspec.json.encode(body)
        async with self.session.post(self.base + path, data=sent, headers=self.headers) as answer:
            content = await answer.read()
            if answer.status >= 400:
                raise Refused(answer.status, msgspec.json.decode(content)["error"])
            return msgspec.json.decode(content) if content else {}

    async def open(self, *, fresh: bool = False) -> dict[str, Any]:
        """Open the page: the cookie is renewed or replaced."""
        told = await self.post("/chat/open", {"fresh": fresh})
        self.goodbye = told["goodbye"]
        return told

    async def act(self, path: str, **body: object) -> str:
        """Do something the person does; returns the action's id."""
        action = self.new_id()
        self.last = (path, {"id": action, **body})
        await self.post(*self.last)
        return action

    async def say(self, text: str) -> str:
        return await self.act("/chat/say", text=text)

    async def tap(self, label: str) -> str:
        """Tap the newest choice with that label."""
        for entry in reversed(list(self.entries.values())):
            for choice in entry.get("choices", ()):
                if choice["label"] == label:
                    return await self.act(
                        "/chat/reply", verb=choice["verb"], question=entry["question"]
                    )
        raise AssertionError(f"no choice {label!r} is shown")

    async def offer(self, photo: bytes) -> str:
        """Choose a photo; only its name and size are sent. Returns the name."""
        name = self.new_id()
        self.photos[name] = photo
        await self.act("/chat/selfie", photo=name, size=len(photo), type="image/jpeg")
        return name

    async def hand_over(self, photo: str) -> int:
        """Upload a photo; the status of the answer."""
        async with self.session.put(
            f"{self.base}/chat/photo/{photo}",
            data=io.BytesIO(self.photos[photo]),
            headers=self.headers,
        ) as answer:
            return answer.status

    async def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of something the page shows."""
        async with self.session.get(self.base + path) as answer:
            return answer.status, await answer.read()

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The server-sent events, one by one."""
        async with self.session.get(self.base + "/chat/events") as answer:
            if answer.status != 200:
                raise Refused(answer.status, "")
            yield _events(answer)

    async def look(self) -> dict[str, Any]:
        """What a page that is opened now is shown first."""
        async with self.stream() as events:
            return await anext(events)

    async def live(self) -> None:
        """Read the stream until it ends, and behave as the page does."""
        async with self.stream() as events:
            async for event in events:
                await self._heard(event)

    async def until(self, seen: Callable[[WebPage], object]) -> None:
        """Wait until the page shows something; `live` must be running."""
        async with asyncio.timeout(WAIT), self._changed:
            await self._changed.wait_for(lambda: bool(seen(self)))

    def shows(self, words: str) -> bool:
        """Whether some bubble contains these words."""
        return any(words in entry.get("text", "") for entry in self.entries.values())

    async def _heard(self, event: dict[str, Any]) -> None:
        match event["kind"]:
            case "snapshot":
                self.tab = event["tab"]
                self.entries = {entry["key"]: entry for entry in event["entries"]}
            case "entry":
                self.entries[event["entry"]["key"]] = event["entry"]
            case "goodbye":
                self.goodbye = event
                self.entries.clear()
                self.photos.clear()
            case _:
                pass
        async with self._changed:
            self.events.append(event)
            self._changed.notify_all()
        for photo in _wanted(event):
            if photo in self.photos:
                await self.hand_over(photo)
            else:
                await self.post("/chat/missing", {"photo": photo, "tab": self.tab})


def _wanted(event: dict[str, Any]) -> list[str]:
    if event["kind"] == "wanted":
        return [event["photo"]]
    return list(event.get("wanted", ()))


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    async for line in answer.content:
        if line.startswith(b"data: "):
            yield msgspec.json.decode(line.removeprefix(b"data: "))
