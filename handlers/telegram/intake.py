"""From an update to a delivery: the one way in, for polling and webhook alike.

Rules: when `take` returns, the update counts, once, and may be confirmed to Telegram. Updates of
one person are taken in order, those of different people side by side. What a person sent is
written down by number before it is passed on, so that it can be removed from the chat later. Only
private chats; in any other the bot says why and leaves. Edits are passed over: an edited message is
not a new command. Of photos that were sent together the first counts; nothing is fetched here.

An update that cannot be read is passed over and counted, by its number: Telegram would send it for
ever. Numbers that were taken are remembered for a while, because after an erasure the journal does
not know any more what it has seen.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from weakref import WeakValueDictionary

from bot.errors import PlatformUnavailable
from bot.events import Delivery, Event, PersonLeft, SelfieSent, Wrote
from bot.model import Person
from bot.ports import Ledger, Receive
from handlers.telegram import keyboards
from handlers.telegram.entries import Album, Theirs, decode, encode
from handlers.telegram.manners import Manners
from handlers.telegram.offers import event_of
from handlers.telegram.updates import (
    CallbackQuery,
    Chat,
    MemberChange,
    Message,
    Update,
    number_of,
    read,
)

log = logging.getLogger(__name__)

REMEMBERED = 10_000
"""Update numbers."""
PRESENT = frozenset({"member", "administrator", "restricted"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What an update says, and what is to be done besides passing it on."""

    update_id: int
    person: Person
    event: Event
    message: Message | None = None
    tap: CallbackQuery | None = None


Aside = Callable[[Coroutine[object, object, None]], None]
"""Does something that nobody waits for."""


class Intake:
    """Reads updates and passes on what they say."""

    def __init__(self, bot_id: str, ledger: Ledger, manners: Manners) -> None:
        self._bot_id = bot_id
        self._ledger = ledger
        self._manners = manners
        self._receive: Receive | None = None
        self._aside: Aside | None = None
        self._turns: WeakValueDictionary[Person, asyncio.Lock] = WeakValueDictionary()
        self._taken: OrderedDict[int, None] = OrderedDict()
        self.dead_letters = 0
        """Updates so far that could not be read or taken."""

    def open(self, receive: Receive, aside: Aside) -> None:
        """From now on deliveries are passed on."""
        self._receive, self._aside = receive, aside

    def close(self) -> None:
        """From now on nothing is taken."""
        self._receive = self._aside = None

    @property
    def is_open(self) -> bool:
        return self._receive is not None

    def person(self, user: int) -> Person:
        """Somebody in a private chat, which has the number of the person."""
        return Person("telegram", self._bot_id, str(user))

    def read(self, raw: object) -> Heard | None:
        """What an update says; None when there is nothing to take."""
        update = read(raw)
        if update is None:
            self.give_up(number_of(raw), "cannot be read")
            return None
        if update.update_id in self._taken:
            return None
        return self._heard(update)

    def turn(self, person: Person) -> asyncio.Lock:
        """Held while an update of that person is taken; given out in order of asking."""
        turn = self._turns.get(person)
        if turn is None:
            turn = self._turns[person] = asyncio.Lock()
        return turn

    async def take(self, heard: Heard) -> None:
        """Take an update durably, while its person's turn is held.

        Raises `PlatformUnavailable` when nobody listens yet, and whatever storing raises.
        """
        if self._receive is None or self._aside is None:
            raise PlatformUnavailable("not listening")
        if heard.update_id in self._taken:
            return
        if heard.tap is not None:
            self._aside(self._manners.acknowledge(heard.tap))
        event: Event | None = heard.event
        if heard.message is not None:
            await self._note(heard.person, heard.message)
            event = await self._once_an_album(heard.person, heard.message, heard.event)
        if event is not None:
            delivery = f"telegram:{self._bot_id}:{heard.update_id}"
            await self._receive(Delivery(delivery, heard.person, event))
        self._remember(heard.update_id)

    def give_up(self, number: int | None, why: str) -> None:
        """Pass over an update that will never be taken."""
        self.dead_letters += 1
        log.error("update %s %s: passed over (%d so far)", number, why, self.dead_letters)
        if number is not None:
            self._remember(number)

    # --- inside ---------------------------------------------------------------------------

    def _remember(self, number: int) -> None:
        self._taken[number] = None
        while len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)

    def _heard(self, update: Update) -> Heard | None:
        if update.message is not None:
            return self._message(update.update_id, update.message)
        if update.callback_query is not None:
            return self._tap(update.update_id, update.callback_query)
        if update.my_chat_member is not None:
            return self._change(update.update_id, update.my_chat_member)
        return None

    def _message(self, number: int, message: Message) -> Heard | None:
        if not message.chat.is_private:
            self._leave(message.chat)
            return None
        if message.sender is None or message.sender.is_bot:
            return None
        event = event_of(message)
        if event is None:
            return None
        return Heard(number, self.person(message.chat.id), event, message=message)

    def _tap(self, number: int, tap: CallbackQuery) -> Heard | None:
        """A tap counts for whoever tapped, and only where the bot talks to them alone."""
        if tap.message is None or tap.message.chat.id != tap.sender.id:
            return None
        if tap.data == keyboards.SPENT:
            if self._aside is not None:
                self._aside(self._manners.acknowledge(tap))
            return None
        return Heard(number, self.person(tap.sender.id), keyboards.reply(tap.data), tap=tap)

    def _change(self, number: int, change: MemberChange) -> Heard | None:
        status = change.new_chat_member.status
        if change.chat.is_private:
            left = status == "kicked"
            return Heard(number, self.person(change.chat.id), PersonLeft()) if left else None
        if status in PRESENT:
            self._leave(change.chat)
        return None

    def _leave(self, chat: Chat) -> None:
        if self._aside is not None:
            self._aside(self._manners.leave(chat))

    async def _note(self, person: Person, message: Message) -> None:
        theirs = Theirs(message.message_id, message.date)
        await self._ledger.note(person, f"in:{message.message_id}", encode(theirs))

    async def _once_an_album(self, person: Person, message: Message, event: Event) -> Event | None:
        """None for all but the first of things that were sent together, unless it is a command."""
        if not message.media_group_id:
            return event
        kind = "photos" if isinstance(event, SelfieSent) else "else"
        key = f"album:{message.media_group_id}:{kind}"
        sealed = await self._ledger.entry(person, key)
        if sealed is None:
            await self._ledger.note(person, key, encode(Album(message.message_id)))
            return event
        if decode(sealed) == Album(message.message_id):
            return event  # once more, after a crash
        return Wrote(message.caption) if message.caption.lstrip().startswith("/") else None
