"""A person with a phone in front of the fake Bot API: hands and eyes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import TypeVar

from tests.fakes.telegram_chats import Json, Posted, Talk
from tests.fakes.telegram_server import FakeTelegram

Found = TypeVar("Found")
ANNA, BEN = 4242001, 4242002


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
