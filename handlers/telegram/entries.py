"""What the ledger keeps of a Telegram chat: numbers of messages, no words.

The chat itself keeps what was said; we keep what it takes to edit a message, to remove it, and to
know after a crash whether it was sent. One entry per message of ours (it may be several messages
of Telegram's: parts), one per message of the person's, one per album.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from bot.model import Message, Person, Value
from bot.ports import Ledger


class Stage(StrEnum):
    """How far a part has come."""

    SENDING = "sending"
    """It is being sent, or the answer was lost: it may be in the chat, and it may not."""
    PLACED = "placed"
    """A line of text is in the chat, in the place where a picture or a file will stand."""
    DONE = "done"


class Part(Value, frozen=True):
    """One or several messages of Telegram's that belong together."""

    name: str
    stage: Stage
    ids: tuple[int, ...] = ()
    at: int = 0
    """When it was sent, in seconds since 1970."""
    doubts: int = 0
    """How often it was sent without an answer: messages may be there whose number we never got."""


class Ours(Value, frozen=True, tag="ours"):
    """A message of ours."""

    parts: tuple[Part, ...] = ()


class Theirs(Value, frozen=True, tag="theirs"):
    """A message of the person's."""

    id: int
    at: int


class Album(Value, frozen=True, tag="album"):
    """Photos that were sent together; the first one that came is the one that counts."""

    first: int


Entry: TypeAlias = Ours | Theirs | Album

_decoder: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


def encode(entry: Entry) -> bytes:
    """The bytes to be sealed."""
    return msgspec.json.encode(entry)


def decode(sealed: bytes) -> Entry:
    """The entry of these bytes."""
    return _decoder.decode(sealed)


def decode_all(sealed: Mapping[str, bytes]) -> dict[str, Entry]:
    """All entries of a chat."""
    return {key: decode(entry) for key, entry in sealed.items()}


def key_of(key: str, message: Message) -> str:
    """Where a message of ours stands: its slot if it has one, else its own key."""
    return f"slot:{message.slot}" if message.slot else f"ours:{key}"


class Record:
    """What became of one message of ours, written down with every step."""

    def __init__(self, ledger: Ledger, person: Person, key: str, entry: Ours) -> None:
        self._ledger = ledger
        self._person = person
        self._key = key
        self._entry = entry

    @classmethod
    async def open(cls, ledger: Ledger, person: Person, key: str) -> Record:
        """The record as it was left, or a new one."""
        sealed = await ledger.entry(person, key)
        entry = decode(sealed) if sealed is not None else None
        return cls(ledger, person, key, entry if isinstance(entry, Ours) else Ours())

    def part(self, name: str) -> Part | None:
        return next((part for part in self._entry.parts if part.name == name), None)

    async def write(self, part: Part) -> None:
        """Put a part in its place."""
        others = tuple(one for one in self._entry.parts if one.name != part.name)
        await self._save((*others, part))

    async def forget(self, name: str) -> None:
        """There is no such part after all."""
        await self._save(tuple(one for one in self._entry.parts if one.name != name))

    async def _save(self, parts: tuple[Part, ...]) -> None:
        self._entry = replace(self._entry, parts=parts)
        await self._ledger.note(self._person, self._key, encode(self._entry))
