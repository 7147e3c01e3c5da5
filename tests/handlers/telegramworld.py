"""A person with a phone in front of the fake Bot API: hands, eyes, and the handler behind it."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

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
from tests.fakes.telegram_chats import Json, Posted, Talk
from tests.fakes.telegram_server import TOKEN, FakeTelegram, flood

Found = TypeVar("Found")
ANNA, BEN = 4242001, 4242002
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


class Phone:
    """One person's Telegram."""

    def __init__(self, server: FakeTelegram, user: int = ANNA) -> None:
        self.server = server
        self.user = user
        self.talk = server.chats.talks.setdefault(user, Talk(user))
        self.last: Json = {}
        self._taps = itertools.count(1)

    # --- hands --------------------------------------------------------------------------------

    async def write(self, text: str, **more: object) -> None:
        self.message({"text": text, **more})

    async def send_photo(self, photo: bytes, caption: str = "", **more: object) -> str:
        """As the app does: Telegram makes sizes, in no particular order. The largest one's id."""
        small = self.server.chats.store(b"\xff\xd8\xff small", ".jpg")
        large = self.server.chats.store(photo, ".jpg")
        sizes = [
            {"file_id": large, "file_unique_id": "l", "width": 1280, "height": 960},
            {"file_id": small, "file_unique_id": "s", "width": 90, "height": 67},
        ]
        content: Json = {"photo": sizes, **more}
        self.message(content | ({"caption": caption} if caption else {}))
        return large

    async def send_file(
        self, content: bytes, name: str, kind: str, size: int | None = None, **more: object
    ) -> str:
        """As a document."""
        file_id = self.server.chats.store(content, "", size)
        document: Json = {"file_id": file_id, "file_unique_id": "d", "file_name": name}
        document |= {"mime_type": kind, "file_size": len(content) if size is None else size}
        self.message({"document": document, **more})
        return file_id

    async def tap(self, label: str) -> None:
        """Tap the newest button with that label."""
        posted, button = await self.button(label)
        self.tap_data(button["callback_data"], posted)

    async def button(self, label: str) -> tuple[Posted, Json]:
        def found() -> tuple[Posted, Json] | None:
            for posted in reversed(self.talk.ours):
                for row in posted.keyboard:
                    for button in row:
                        if button["text"] == label:
                            return posted, button
            return None

        return await eventually(found, lambda: f"no {label!r} in {self.labels}")

    def tap_data(self, data: str, posted: Posted | None) -> Json:
        """Bring back any data, as a forger could."""
        tap = f"tap-{next(self._taps)}-{self.user}"
        self.server.methods.open_taps.add(tap)
        query: Json = {"id": tap, "from": self.me, "chat_instance": "1", "data": data}
        if posted is not None:
            rows = {"inline_keyboard": posted.keyboard} if posted.keyboard else None
            shown: Json = {"message_id": posted.id, "date": int(posted.date), "chat": self.chat}
            query["message"] = shown | ({"reply_markup": rows} if rows else {})
        return self.happens({"callback_query": query})

    def message(self, content: Json) -> Json:
        """A message of the person's."""
        number, date = self.server.chats.next_id(), self.server.now()
        self.talk.messages[number] = Posted(number, date, ours=False, text=content.get("text", ""))
        about = {"message_id": number, "date": int(date), "chat": self.chat, "from": self.me}
        return self.happens({"message": {**about, **content}})

    def block(self) -> Json:
        self.talk.blocked = True
        return self.changes("member", "kicked")

    def unblock(self) -> Json:
        self.talk.blocked = False
        return self.changes("kicked", "member")

    def changes(self, before: str, after: str) -> Json:
        member = {"user": {"id": 7000000001, "is_bot": True, "first_name": "Shots"}}
        change: Json = {"chat": self.chat, "from": self.me, "date": int(self.server.now())}
        change["old_chat_member"] = {**member, "status": before}
        change["new_chat_member"] = {**member, "status": after}
        return self.happens({"my_chat_member": change})

    def happens(self, content: Json) -> Json:
        self.last = self.server.updates.add(content, self.user)
        return self.last

    @property
    def me(self) -> Json:
        return {"id": self.user, "is_bot": False, "first_name": "NAME-CANARY-Anna"}

    @property
    def chat(self) -> Json:
        return {"id": self.user, "type": "private", "first_name": "NAME-CANARY-Anna"}

    # --- eyes ---------------------------------------------------------------------------------

    @property
    def texts(self) -> list[str]:
        return [posted.text for posted in self.talk.ours]

    @property
    def labels(self) -> list[str]:
        rows = [row for posted in self.talk.ours for row in posted.keyboard]
        return [button["text"] for row in rows for button in row]

    async def sees(self, words: str) -> None:
        await eventually(
            lambda: any(words in text for text in self.texts) or None,
            lambda: f"{words!r} not in {self.texts}",
        )

    def files(self) -> tuple[bytes, ...]:
        """Pictures and files in order; what was shown and handed over counts once."""
        return tuple(dict.fromkeys(one.content for one in self.talk.ours if one.content))


async def eventually(
    look: Callable[[], Found | None], why: Callable[[], str], seconds: float = 20
) -> Found:
    """What `look` finds; fails after a generous while."""
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        found = look()
        if found is not None:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError(why())


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
