"""Telegram as the engine sees it: `bot.ports.PlatformHandler` over a private chat.

The chat itself keeps what was said. Here are kept: in the ledger (sealed, erased with the journal)
the numbers of the messages on both sides, so that they can be edited and removed; in memory what is
being shown as progress. A photo is fetched when it is to be looked at, passes through memory, and
is never written down. The reference by which Telegram hands it out is personal data: it is in the
conversation's record, sealed, and goes with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

from telegram import InputFile
from telegram.error import TelegramError

from bot.introduction import Introduction
from bot.model import Erased, Message, Person, SelfieRef, Sent
from bot.ports import Clock, Health, Ledger, Receive
from handlers.telegram.bot_api import BotApi, translated
from handlers.telegram.clearing import Clearing
from handlers.telegram.entries import key_of
from handlers.telegram.intake import Intake
from handlers.telegram.limiter import ChatLimiter
from handlers.telegram.manners import Manners
from handlers.telegram.outbox import Outbox
from handlers.telegram.polling import Polling
from handlers.telegram.profile import Profile
from handlers.telegram.progress import EDIT_SECONDS, Progress
from handlers.telegram.sending import Sender
from handlers.telegram.texts import CAPTION_LIMIT, pieces, read
from handlers.telegram.webhook import Webhook

log = logging.getLogger(__name__)

RECEIPT = "erasure-receipt.json"
MOST_ASIDE = 500
"""Things under way that nobody waits for."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach Telegram, and how Telegram reaches us."""

    token: str
    base_url: str
    public_url: str = ""
    webhook_secret: str = ""
    """With `public_url`: Telegram calls us. Without both: we ask."""
    first_pause: float = 1.0
    """Seconds before the first new attempt at anything that fails."""


class TelegramChat:
    """One bot of Telegram's."""

    def __init__(
        self,
        access: Access,
        ledger: Ledger,
        clock: Clock,
        introduction: Introduction,
        *,
        limiter: ChatLimiter | None = None,
        edit_seconds: float = EDIT_SECONDS,
    ) -> None:
        self._api = api = BotApi(access.token, access.base_url, limiter)
        outbox = Outbox(clock)
        self._sender = Sender(api, ledger, outbox, introduction.again)
        self._progress = Progress(api, ledger, outbox, self._sender, edit_seconds)
        self._clearing = Clearing(api, ledger, clock)
        self._profile = Profile(api, introduction, first_pause=access.first_pause)
        manners = Manners(api, introduction.private_only)
        self.intake = Intake(api.id, ledger, manners)
        self.webhook = None
        if access.public_url and access.webhook_secret:
            self.webhook = Webhook(
                api,
                self.intake,
                public_url=access.public_url,
                secret=access.webhook_secret,
                first_pause=access.first_pause,
            )
        self._polling = Polling(api, self.intake, first_pause=access.first_pause)
        self._slow: dict[Person, int] = {}
        """Messages that say that an erasure is slow; the last words replace them."""

    # --- what the engine calls --------------------------------------------------------------

    @property
    def holds(self) -> str:
        """One plain sentence, for the privacy table."""
        return (
            "Telegram: in memory, the number of your chat while something is sent or made; in the "
            "database, encrypted with your key, the numbers of the chat's messages and, until it "
            "was looked at, the reference by which Telegram hands out your photo; the chat itself "
            "is kept by Telegram under its own terms, and erasing removes from it what is under "
            "48 hours old, on both sides."
        )

    @property
    def health(self) -> Health:
        """How the way in is."""
        return self.webhook.health if self.webhook else self._polling.health

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled. Telegram being away, also at the start, is waited out."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self.intake.open(receive, Asides(tasks).begin)
                tasks.create_task(self._profile.run())
                tasks.create_task(self._progress.run())
                tasks.create_task((self.webhook or self._polling).run())
                await asyncio.get_running_loop().create_future()
        finally:
            self.intake.close()
            await self.close()

    async def close(self) -> None:
        """Close every connection; nothing can be sent any more."""
        await self._api.close()

    async def send(
        self, person: Person, key: str, message: Message, pictures: Sequence[bytes]
    ) -> Sent:
        """Send it, or go on where an earlier attempt stopped."""
        if message.slot:
            await self._progress.show(person, key, message)
        else:
            await self._sender.send(person, key, message, pictures)
        return Sent(key_of(key, message))

    async def say_goodbye(self, person: Person, message: Message, receipt: bytes | None) -> None:
        """The last words, with the receipt as a file. Nothing is written down.

        So an answer that is lost makes them come twice; a receipt that may be missing is worse.
        """
        chat = int(person.user)
        slow = self._slow.get(person)
        with translated():
            if receipt is None:
                if slow is None:
                    (sent,) = await self._sender.line(chat, read(message.text))(False)
                    self._slow[person] = sent.message_id
                return
            caption = read(message.text)
            if caption.length > CAPTION_LIMIT:
                *before, caption = pieces(message.text, CAPTION_LIMIT)
                for text in before:
                    await self._sender.line(chat, text)(False)
            await self._api.bot.send_document(
                chat,
                InputFile(receipt, RECEIPT),
                caption=caption.plain,
                caption_entities=caption.entities,
                disable_content_type_detection=True,
            )
        await self._drop_slow(person)

    async def fetch_selfie(self, person: Person, selfie: SelfieRef) -> bytes:
        """The bytes, fetched from Telegram into memory."""
        return await self._api.file(selfie.ref)

    async def belongings(self, person: Person) -> bytes:
        """The numbers of the messages in the chat."""
        return await self._clearing.belongings(person)

    async def clear(self, person: Person, belongings: bytes) -> Erased:
        """Remove them."""
        return await self._clearing.clear(person, belongings)

    async def erase(self, person: Person) -> Erased:
        """Drop what memory holds. The ledger is the journal's to erase."""
        held = self._progress.erase(person)
        self._api.limiter.forget(int(person.user))
        return Erased({"progress notes": held} if held else {})

    # --- inside -----------------------------------------------------------------------------

    async def _drop_slow(self, person: Person) -> None:
        number = self._slow.pop(person, None)
        if number is None:
            return
        try:
            await self._api.bot.delete_message(int(person.user), number)
        except TelegramError as error:
            log.info("a message stays: %s", type(error).__name__)


class Asides:
    """What is done besides, unless there is too much of it already."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._under_way = 0

    def begin(self, work: Coroutine[object, object, None]) -> None:
        if self._under_way >= MOST_ASIDE:
            work.close()
            return
        self._under_way += 1
        self._tasks.create_task(work).add_done_callback(self._done)

    def _done(self, _: asyncio.Task[None]) -> None:
        self._under_way -= 1
