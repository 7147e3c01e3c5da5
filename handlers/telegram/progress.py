"""The one message that shows how work goes on, and "typing" while it does.

Rules: it is edited no more often than every three seconds and only when it would look different;
what comes sooner waits for its turn and is replaced by what comes after it. All that is droppable.
The last state is not: whoever says it waits until it is shown. What is held here is in memory only
and gone after a restart; the number of the message is in the ledger, so it is found again.

A message of a slot ends its work when it offers nothing any more and is not the slot's first.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.errors import PlatformError, PlatformRefused
from bot.model import Message, Person
from bot.ports import Ledger
from handlers.telegram.bot_api import BotApi, translated
from handlers.telegram.entries import Record, key_of
from handlers.telegram.keyboards import keyboard
from handlers.telegram.limiter import Priority
from handlers.telegram.outbox import Outbox, WhenInDoubt
from handlers.telegram.sending import Sender
from handlers.telegram.texts import pieces

log = logging.getLogger(__name__)

EDIT_SECONDS = 3.0
ACTION_SECONDS = 4.0
"""Telegram shows that somebody is typing for five seconds at most."""
TICK_SECONDS = 0.5
LONGEST_WORK = 900.0
"""Seconds after which "typing" ends by itself."""
NEVER = float("-inf")
_PART = "text"


@dataclass(slots=True)
class Shown:
    """A slot's message in a chat."""

    message_id: int
    now: Message
    """What it shows."""
    began: float
    """In loop time, as the other moments."""
    edited: float = NEVER
    acted: float = NEVER
    next: Message | None = None
    """What it will show when its turn comes."""
    over: bool = False
    """It shows its last state, or will as soon as it may."""
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    ticking: bool = False


class Progress:
    """All slots in which something is going on."""

    def __init__(
        self,
        api: BotApi,
        ledger: Ledger,
        outbox: Outbox,
        sender: Sender,
        edit_seconds: float = EDIT_SECONDS,
    ) -> None:
        self._edit_seconds = edit_seconds
        self._bot = api.bot
        self._ledger = ledger
        self._outbox = outbox
        self._sender = sender
        self._shown: dict[tuple[Person, str], Shown] = {}

    async def run(self) -> None:
        """Catch up with what had to wait, and be seen to be at work; until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await asyncio.sleep(TICK_SECONDS)
                for (person, slot), shown in list(self._shown.items()):
                    # One who is answered slowly holds up nobody else.
                    if not shown.ticking:
                        shown.ticking = True
                        tasks.create_task(self._tick(person, slot, shown))

    def erase(self, person: Person) -> int:
        """Forget a person's slots; how many there were."""
        theirs = [key for key in self._shown if key[0] == person]
        for key in theirs:
            del self._shown[key]
        return len(theirs)

    async def show(self, person: Person, key: str, message: Message) -> None:
        """Show the newest state of a slot. Raises `PlatformError`.

        With the slot itself for a key it is passing news: shown when there is time for it.
        """
        record = await Record.open(self._ledger, person, key_of(key, message))
        first = record.part(_PART) is None
        shown = self._shown.get((person, message.slot))
        if shown is None:
            shown = await self._place(person, record, message)
        if shown is None:
            return  # nobody knows whether it is there, and it is not worth a second one
        over = not message.choices and not first
        if key == message.slot and not over:
            shown.next = message
            return
        shown.next, shown.over = None, over
        await self._edit(person, shown, message, Priority.NEEDED)
        if over:
            self._shown.pop((person, message.slot), None)

    async def _place(self, person: Person, record: Record, message: Message) -> Shown | None:
        """Find the slot's message, or send it."""
        known = record.part(_PART)
        (text, *_), buttons = pieces(message.text), keyboard(message.choices, message.question)
        request = self._sender.line(int(person.user), text, buttons, silent=True)
        ids = await self._outbox.send(record, _PART, request, WhenInDoubt.LET_BE)
        if not ids:
            return None
        now = asyncio.get_running_loop().time()
        # After a restart nobody here knows what it shows: then the next state is always shown.
        looks = message if known is None else Message("")
        shown = Shown(ids[0], looks, began=now)
        self._shown[person, message.slot] = shown
        return shown

    async def _edit(
        self, person: Person, shown: Shown, message: Message, priority: Priority
    ) -> None:
        async with shown.busy:
            passing = priority is Priority.DROPPABLE
            if message == shown.now or (passing and shown.over):
                return
            now = asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, shown.edited + self._edit_seconds - now))
            (text, *_), buttons = pieces(message.text), keyboard(message.choices, message.question)
            try:
                with translated():
                    await self._bot.edit_message_text(
                        text.plain,
                        int(person.user),
                        shown.message_id,
                        entities=text.entities,
                        reply_markup=buttons,
                        rate_limit_args=priority,
                    )
            except PlatformRefused:
                pass  # it looks like that already, or the person has removed it
            shown.now = message
            shown.edited = asyncio.get_running_loop().time()

    async def _tick(self, person: Person, slot: str, shown: Shown) -> None:
        try:
            now = asyncio.get_running_loop().time()
            if now - shown.began > LONGEST_WORK:
                self._shown.pop((person, slot), None)
                return
            await self._catch_up(person, shown, now)
            if now - shown.acted >= ACTION_SECONDS and not shown.over:
                shown.acted = now
                making = ChatAction.UPLOAD_PHOTO if shown.now.choices else ChatAction.TYPING
                await self._bot.send_chat_action(
                    int(person.user), making, rate_limit_args=Priority.DROPPABLE
                )
        except (TelegramError, PlatformError) as error:
            log.debug("progress dropped: %s", type(error).__name__)
        finally:
            shown.ticking = False

    async def _catch_up(self, person: Person, shown: Shown, now: float) -> None:
        waiting = shown.next
        if waiting is None or now - max(shown.edited, shown.began) < self._edit_seconds:
            return
        await self._edit(person, shown, waiting, Priority.DROPPABLE)
        if shown.next is waiting:
            shown.next = None
