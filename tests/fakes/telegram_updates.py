"""How the fake Bot API hands out updates: to whoever polls, or to a webhook.

As the real one: asking for an offset forgets what is below it; one poller at a time; with a webhook
nobody can poll; updates of one chat are posted one after the other, again after anything but 2xx.
``twice`` makes it hand out everything twice, as happens when an answer is lost.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.fakes.telegram_chats import Json, Refusal

RETRY_SECONDS = 0.05


@dataclass
class Webhook:
    """Where updates go."""

    url: str
    secret: str = ""
    allowed: tuple[str, ...] = ()
    max_connections: int = 40


@dataclass
class Updates:
    """The queue of one bot."""

    waiting: list[Json] = field(default_factory=list)
    twice: bool = False
    webhook: Webhook = field(default_factory=lambda: Webhook(""))
    answers: list[int] = field(default_factory=list)
    """What the webhook answered, in order."""
    offsets: list[int] = field(default_factory=list)
    """What was asked for, in order."""
    set_count: int = 0
    last_error: str = ""
    """What went wrong when the webhook was called last."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _polling: bool = False
    _closing: bool = False
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(880001))
    _tasks: asyncio.TaskGroup | None = None
    _last: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _repeated: set[int] = field(default_factory=set)

    def add(self, content: Json, chat: int) -> Json:
        """Something happened."""
        update = {"update_id": next(self._ids), **content}
        self.put(update, chat)
        return update

    def put(self, update: Json, chat: int) -> None:
        """Hand this out, perhaps once more."""
        if self.webhook.url:
            self._post(update, chat)
            if self.twice:
                self._post(update, chat)
        else:
            self.waiting.append(update)
        self._changed.set()

    def is_empty(self) -> bool:
        """Whether everything was handed out and confirmed."""
        return not self.waiting and all(task.done() for task in self._last.values())

    # --- polling ------------------------------------------------------------------------------

    async def poll(self, given: Json) -> list[Json]:
        if self.webhook.url:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if self._polling:
            raise Refusal(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )
        offset = int(given.get("offset", 0))
        self.offsets.append(offset)
        self._forget(offset)
        self._polling = True
        try:
            async with asyncio.timeout(min(float(given.get("timeout", 0)), 5.0)):
                while not self._ahead(offset) and not self._closing:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass
        finally:
            self._polling = False
        return self._ahead(offset)[:100]

    def _forget(self, offset: int) -> None:
        """Confirmed updates go; with `twice` each of them comes once more first."""
        confirmed = [one for one in self.waiting if one["update_id"] < offset]
        again = [one for one in confirmed if one["update_id"] not in self._repeated]
        if not self.twice:
            again = []
        self._repeated |= {one["update_id"] for one in again}
        self.waiting = again + [one for one in self.waiting if one["update_id"] >= offset]

    def _ahead(self, offset: int) -> list[Json]:
        return [
            one
            for one in self.waiting
            if one["update_id"] >= offset or one["update_id"] in self._repeated
        ]

    # --- webhook ------------------------------------------------------------------------------

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                yield
            finally:
                for task in self._last.values():
                    task.cancel()
                self._tasks, self._closing = None, True
                self._changed.set()

    def set_webhook(self, given: Json) -> None:
        self.set_count += 1
        self.webhook = Webhook(
            given["url"],
            given.get("secret_token", ""),
            tuple(json.loads(given.get("allowed_updates", "[]"))),
            int(given.get("max_connections", 40)),
        )
        if self.webhook.url:
            waiting, self.waiting = self.waiting, []
            for update in waiting:
                self.put(update, 0)
        self.settled.set()

    def webhook_info(self) -> Json:
        now = int(time.time())
        failed = {"last_error_date": now, "last_error_message": self.last_error}
        return {
            **(failed if self.last_error else {}),
            "url": self.webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.waiting),
            "max_connections": self.webhook.max_connections,
            "allowed_updates": list(self.webhook.allowed),
        }

    def _post(self, update: Json, chat: int) -> None:
        assert self._tasks
        before = self._last.get(chat)
        self._last[chat] = self._tasks.create_task(self._until_taken(update, before))

    async def _until_taken(self, update: Json, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.secret}
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    url = self.webhook.url
                    async with session.post(url, json=update, headers=headers) as answer:
                        self.answers.append(answer.status)
                        if answer.ok:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(RETRY_SECONDS)
