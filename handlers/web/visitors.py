"""The web chat's memory: open tabs, photos being waited for, last words.

Rules: nothing here reaches a disk; everything is bounded; a visitor that nobody refers to is
collected. A tab that reads too slowly loses its queue and gets a fresh snapshot instead, so memory
does not grow with slowness. Last words outlive an erasure by at most `LAST_WORDS_KEPT`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import msgspec

from bot.errors import SelfieGone
from bot.model import Person
from bot.ports import Clock

LAST_WORDS_KEPT = timedelta(minutes=15)
MAX_TABS = 4
"""Per visitor. Browsers allow six connections per host over HTTP/1.1; streams must leave some."""
MAX_ALL_TABS = 2_000
MAX_QUEUED = 64


def frame(event: dict[str, object]) -> bytes:
    """One server-sent event."""
    return b"data: " + msgspec.json.encode(event) + b"\n\n"


class Tab:
    """One open page: what it has not been told yet."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(8)
        self.closed = False
        self.stale = True
        """True: it needs a snapshot before anything else."""
        self._queue: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._news.set()

    def push(self, event: dict[str, object]) -> None:
        """Queue an event; a full queue becomes one snapshot."""
        if len(self._queue) >= MAX_QUEUED:
            self.refresh()
        elif not self.closed:
            self._queue.append(frame(event))
            self._news.set()

    def refresh(self) -> None:
        """Forget what was queued; a snapshot will follow."""
        self._queue.clear()
        self.stale = True
        self._news.set()

    def close(self) -> None:
        """Tell the page to try again later, then end the stream."""
        self.closed = True
        self._news.set()

    async def news(self, seconds: float) -> bool:
        """Wait for something to say; False when there was nothing for that long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def drain(self) -> bytes:
        """Everything queued, as one piece to write."""
        queued = b"".join(self._queue)
        self._queue.clear()
        return queued


@dataclass
class Wanted:
    """A photo that the server is waiting for."""

    arrived: asyncio.Future[bytes]
    waiting: int = 0
    uploading: bool = False
    missing: set[str] = field(default_factory=set)
    """Ids of the tabs that said they have not got it."""

    @contextmanager
    def ending(self, then: Callable[[], None]) -> Iterator[None]:
        """Call `then` when the waiting ends while the block lasts."""
        watching = True

        def settled(arrived: asyncio.Future[bytes]) -> None:
            # A call that is already on its way cannot be taken back.
            if watching:
                then()

        self.arrived.add_done_callback(settled)
        try:
            yield
        finally:
            watching = False
            self.arrived.remove_done_callback(settled)

    def settle(self, outcome: bytes | SelfieGone) -> None:
        """The photo is here, or will never be. The first word counts."""
        if self.arrived.done():
            return
        if isinstance(outcome, bytes):
            self.arrived.set_result(outcome)
        else:
            self.arrived.set_exception(outcome)
            # Marked as seen: when every waiter was cancelled, nobody would ever collect it.
            self.arrived.exception()


class Visitor:
    """A person who is here now, or whom the engine is dealing with."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.tabs: dict[str, Tab] = {}
        self.wanted: dict[str, Wanted] = {}
        self.turn = asyncio.Lock()
        """Held while an entry is written, so that none is written after an erasure."""

    def push(self, event: dict[str, object]) -> None:
        """Tell every open tab."""
        for tab in self.tabs.values():
            tab.push(event)

    @contextmanager
    def wanting(self, photo: str) -> Iterator[Wanted]:
        """Accept an upload of this photo for as long as the block lasts."""
        wanted = self.wanted.get(photo)
        if wanted is None or wanted.arrived.done():
            wanted = Wanted(asyncio.get_running_loop().create_future())
            self.wanted[photo] = wanted
        wanted.waiting += 1
        self.push({"kind": "wanted", "photo": photo})
        try:
            yield wanted
        finally:
            wanted.waiting -= 1
            if wanted.waiting == 0:
                # Ends an upload that is still under way: nobody is left who may have it.
                wanted.settle(SelfieGone())
                if self.wanted.get(photo) is wanted:
                    del self.wanted[photo]

    def missing(self, photo: str, tab: str) -> None:
        """A tab has not got the photo; when none has, it is gone."""
        wanted = self.wanted.get(photo)
        if wanted is None or tab not in self.tabs:
            return
        wanted.missing.add(tab)
        if wanted.missing >= self.tabs.keys() and not wanted.uploading:
            wanted.settle(SelfieGone())

    def forget(self) -> int:
        """Drop everything in memory but the open streams; how many sessions that was."""
        held = 1 if self.tabs or self.wanted else 0
        for wanted in self.wanted.values():
            wanted.settle(SelfieGone())
        self.wanted.clear()
        for tab in self.tabs.values():
            tab.refresh()
        return held


@dataclass
class LastWords:
    """A visitor who was erased, and what is still to be shown to the browser that was theirs."""

    until: datetime
    event: dict[str, object] | None = None
    """None: the erasure is under way, or the person has let go of the last words."""
    done: bool = False
    """The person started again: whoever still brings the old cookie gets a new one."""

    def let_go(self) -> None:
        """The person has read them."""
        self.event = None
        self.done = True


class Visitors:
    """Everybody who is here, and who has just been erased."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._here: WeakValueDictionary[str, Visitor] = WeakValueDictionary()
        self._ended: dict[str, LastWords] = {}
        self._tabs: dict[str, Tab] = {}

    def of(self, person: Person) -> Visitor:
        """The visitor's memory; made when needed, collected when nobody uses it."""
        visitor = self._here.get(person.user)
        if visitor is None:
            visitor = self._here[person.user] = Visitor(person)
        return visitor

    def knows(self, person: Person) -> bool:
        """Whether anything about this visitor is in memory, last words apart."""
        return person.user in self._here

    @contextmanager
    def tab(self, visitor: Visitor) -> Iterator[Tab]:
        """A tab for as long as its stream lasts. The oldest makes room when there are too many."""
        tab = Tab()
        while len(visitor.tabs) >= MAX_TABS:
            oldest = visitor.tabs.pop(next(iter(visitor.tabs)))
            oldest.push({"kind": "parked"})
            oldest.close()
        visitor.tabs[tab.id] = tab
        self._tabs[tab.id] = tab
        try:
            yield tab
        finally:
            self._tabs.pop(tab.id, None)
            visitor.tabs.pop(tab.id, None)

    @property
    def full(self) -> bool:
        """True when no more tabs can be listened to."""
        return len(self._tabs) >= MAX_ALL_TABS

    def close_tabs(self) -> None:
        """End every stream."""
        for tab in self._tabs.values():
            tab.close()

    def end(self, person: Person) -> None:
        """This visitor was erased; the cookie is to be replaced."""
        self.prune()
        self._ended.setdefault(person.user, LastWords(self._clock.now() + LAST_WORDS_KEPT))

    def keep_last_words(self, person: Person, event: dict[str, object]) -> None:
        """Keep the last words for the next request of that browser."""
        self.prune()
        self._ended[person.user] = LastWords(self._clock.now() + LAST_WORDS_KEPT, event)

    def ended(self, person: Person) -> LastWords | None:
        """Set when this visitor was erased a short while ago."""
        self.prune()
        return self._ended.get(person.user)

    def prune(self) -> None:
        """Drop last words whose time is up."""
        now = self._clock.now()
        for user in [user for user, words in self._ended.items() if words.until <= now]:
            del self._ended[user]
