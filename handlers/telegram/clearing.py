"""Removes from the chat what Telegram lets a bot remove: either side's messages of 48 hours.

Telegram has no "clear this chat", and numbers must not be guessed at: the messages of other chats
are in between. So the ledger's numbers are taken along before the ledger goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from bot.errors import PlatformRefused
from bot.model import Erased, Person, Remains, Trace, Value
from bot.ports import Clock, Ledger
from bot.prompts import CHAT_MESSAGES
from handlers.telegram.bot_api import BotApi, translated
from handlers.telegram.entries import Album, Entry, Ours, Part, Stage, Theirs, decode_all

REMOVABLE = timedelta(hours=48) - timedelta(minutes=1)
"""Age up to which Telegram removes a message, with a minute for clocks that differ."""
AT_ONCE = 100


class Belongings(Value, frozen=True):
    """What is in the chat, as far as we know."""

    messages: tuple[tuple[int, int], ...] = ()
    """Number and time (seconds since 1970) of each."""
    doubts: int = 0
    """How many messages may be there whose number we never got."""


class Clearing:
    """Empties chats."""

    def __init__(self, api: BotApi, ledger: Ledger, clock: Clock) -> None:
        self._bot = api.bot
        self._ledger = ledger
        self._clock = clock

    async def belongings(self, person: Person) -> bytes:
        """What is in the person's chat; empty for nothing."""
        known = _listed(decode_all(await self._ledger.entries(person)).values())
        return msgspec.json.encode(known) if known.messages or known.doubts else b""

    async def clear(self, person: Person, belongings: bytes) -> Erased:
        """Remove it. Raises `PlatformUnavailable` or `PersonUnreachable`."""
        if not belongings:
            return Erased()
        known = msgspec.json.decode(belongings, type=Belongings)
        oldest = (self._clock.now() - REMOVABLE).timestamp()
        young = [number for number, at in known.messages if at > oldest]
        removed = 0
        for begin in range(0, len(young), AT_ONCE):
            removed += await self._remove(int(person.user), young[begin : begin + AT_ONCE])
        remains = []
        if removed < len(known.messages):
            remains.append(Remains(Trace.CHAT_OLD))
        if known.doubts:
            remains.append(Remains(Trace.CHAT_UNKNOWN))
        return Erased({CHAT_MESSAGES: removed} if removed else {}, tuple(remains))

    async def _remove(self, chat: int, numbers: list[int]) -> int:
        """How many of these are gone now; those that were gone before count."""
        try:
            with translated():
                await self._bot.delete_messages(chat, numbers)
        except PlatformRefused:
            if len(numbers) == 1:
                return 0
            # One of them keeps all of them: find out which.
            half = len(numbers) // 2
            first = await self._remove(chat, numbers[:half])
            return first + await self._remove(chat, numbers[half:])
        return len(numbers)


def _listed(entries: Iterable[Entry]) -> Belongings:
    messages: list[tuple[int, int]] = []
    doubts = 0
    for entry in entries:
        match entry:
            case Ours(parts):
                messages += [(number, part.at) for part in parts for number in part.ids]
                doubts += sum(_doubts(part) for part in parts)
            case Theirs(number, at):
                messages.append((number, at))
            case Album():
                pass
    return Belongings(tuple(messages), doubts)


def _doubts(part: Part) -> int:
    return part.doubts + (part.stage is Stage.SENDING)
