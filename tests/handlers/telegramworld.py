"""The handler in front of the fake Bot API, with and without a contract to keep."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.events import Delivery
from bot.introduction import introduction
from bot.model import Attachment, Choice, Message, Person, PhotoId, Style
from bot.ports import PlatformHandler, Receive
from bot.prompts import Prompts
from bot.terms import Terms
from bot.wording import load
from handlers.server import build_app, serving
from handlers.telegram import TelegramChat, add_routes
from handlers.telegram.chat import Access
from handlers.telegram.limiter import ChatLimiter
from tests.contracts.handler import Shown
from tests.fakes.clock import HandClock
from tests.fakes.memory import MemoryLedger, MemoryVault
from tests.fakes.telegram_phone import ANNA, Phone, eventually
from tests.fakes.telegram_server import TOKEN, FakeTelegram, flood

PERSON = Person("telegram", "7000000001", str(ANNA))
INTRODUCTION = introduction(Prompts(load(), Terms(looks=("grey",))))
EDIT_SECONDS = 0.3
SECRET = "a-webhook-SECRET_1"


def picture(number: int, *, keep: bool = True, kind: str = "image/jpeg") -> Attachment:
    name = f"headshot-{number}.jpg"
    return Attachment(PhotoId(f"p/{number}"), name, kind, f"Headshot {number} of 2.", keep)


RESULTS = Message(
    "**Ready.** Save what you want.",
    (Choice("again", "Another background"), Choice("erase", "Erase now", Style.DANGER)),
    "delivered-1",
    (picture(1), picture(2)),
)


class Post:
    """The handler in front of a fake Bot API, without an engine: what it hears is in `heard`."""

    def __init__(self, server: FakeTelegram, clock: HandClock, *, webhook: bool) -> None:
        self.server = server
        self.clock = clock
        self.ledger = MemoryLedger()
        self.vault = MemoryVault()
        self.heard: asyncio.Queue[Delivery] = asyncio.Queue()
        self.webhook = webhook
        self.chat = self.new_chat()
        self._run: asyncio.Task[None] | None = None

    def new_chat(
        self, url: str = "", limiter: ChatLimiter | None = None, secret: str = SECRET
    ) -> TelegramChat:
        """A handler on the same ledger, as after a restart."""
        access = Access(TOKEN, self.server.base, url, secret if url else "", first_pause=0.01)
        fast = limiter or ChatLimiter(per_chat=1000, overall=1000, overall_burst=1000)
        self.chat = TelegramChat(
            access,
            self.ledger,
            self.clock,
            INTRODUCTION,
            limiter=fast,
            edit_seconds=EDIT_SECONDS,
        )
        return self.chat

    @asynccontextmanager
    async def running(
        self, receive: Receive | None = None, limiter: ChatLimiter | None = None
    ) -> AsyncIterator[None]:
        """Listen for as long as the block lasts."""
        async with self._serving(limiter), asyncio.TaskGroup() as tasks:
            self._run = tasks.create_task(self.chat.run(receive or self.heard.put))
            await asyncio.sleep(0)
            if self.webhook:
                await self.server.updates.settled.wait()
            try:
                yield
            finally:
                self._run.cancel()

    @asynccontextmanager
    async def _serving(self, limiter: ChatLimiter | None) -> AsyncIterator[None]:
        if not self.webhook:
            self.new_chat(limiter=limiter)
            yield
            return
        port = free_port()
        chat = self.new_chat(f"http://127.0.0.1:{port}", limiter)
        app = build_app(_always)
        add_routes(app, chat.webhook)
        async with serving(app, "127.0.0.1", port):
            yield

    @asynccontextmanager
    async def restarted(self) -> AsyncIterator[None]:
        """Another handler on the same ledger, which does not listen."""
        self.new_chat()
        try:
            yield
        finally:
            await self.chat.close()

    async def stop(self) -> None:
        """Cancel `run` and wait for it."""
        assert self._run
        self._run.cancel()
        await asyncio.wait([self._run])

    async def hears(self) -> Delivery:
        """The next delivery."""
        async with asyncio.timeout(20):
            return await self.heard.get()

    async def hears_nothing(self) -> bool:
        """Whether all that has happened led to nothing more."""
        await self.settled()
        return self.heard.empty()

    async def settled(self) -> None:
        """Wait until every update was taken or passed over."""
        updates = self.server.updates
        await eventually(
            lambda: True if updates.is_empty() else None, lambda: "updates wait to be taken"
        )
        await asyncio.sleep(0.02)


@asynccontextmanager
async def posting(*, webhook: bool = False) -> AsyncIterator[Post]:
    """A fake Bot API and a handler that does not run yet."""
    clock = HandClock()
    server = FakeTelegram(lambda: clock.now().timestamp())
    async with server.running():
        yield Post(server, clock, webhook=webhook)


async def _always() -> bool:
    return True


def free_port() -> int:
    """A port that nobody listens on; the webhook's address must be known before it is served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class TelegramWorld:
    """`tests.contracts.handler.World` for Telegram."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._phone = Phone(post.server)
        self.person = PERSON

    @property
    def handler(self) -> PlatformHandler:
        return self._post.chat

    async def heard(self) -> Delivery:
        return await self._post.hears()

    async def nothing_heard(self) -> bool:
        return await self._post.hears_nothing()

    async def write(self, text: str) -> None:
        await self._phone.write(text)

    async def tap(self, label: str) -> None:
        await self._phone.tap(label)

    async def send_photo(self, photo: bytes) -> None:
        await self._phone.send_photo(photo)

    async def repeat(self) -> None:
        self._post.server.updates.put(self._phone.last, self._phone.user)

    async def echo(self) -> None:
        """Edits, what the bot wrote, and kinds of updates that nobody asked for."""
        bot = {"id": 7000000001, "is_bot": True, "first_name": "Shots"}
        self._phone.message({"text": "/delete", "from": bot})
        edited = {"message_id": 101, "date": 1, "chat": self._phone.chat, "from": self._phone.me}
        self._phone.happens({"edited_message": {**edited, "text": "/delete now"}})
        self._phone.happens({"some_new_kind": {"of": "update"}})
        self._phone.message({"pinned_message": {"message_id": 100}})

    async def attach(self, photo: bytes, name: str) -> Attachment:
        kept = await self._post.vault.put(self.person, name, photo)
        return Attachment(kept, name, "image/jpeg", "A picture.")

    async def shown(self) -> Shown:
        return Shown(tuple(self._phone.texts), tuple(self._phone.labels), self._phone.files())

    async def lose_photo(self) -> None:
        self._post.server.chats.files.clear()

    async def ask_for_patience(self) -> None:
        self._post.server.faults.append(flood("sendMessage", 3))
        await self.handler.send(self.person, "any", Message("Hello."), ())

    async def leave(self) -> None:
        self._phone.talk.blocked = True

    async def stop(self) -> None:
        await self._post.stop()

    async def open_connections(self) -> int:
        await asyncio.sleep(0.05)
        return self._post.server.connections
