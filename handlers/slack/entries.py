"""What the ledger keeps of a chat on Slack: how far each message of ours got, and which photos.

An entry is written before anything is posted and again after each step, so that a start after a
crash knows what may already be on the screen. Nothing here is a photo: files are names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from bot.model import Message, Value


class Said(Value, frozen=True, tag="said"):
    """A message of ours."""

    text: str
    question: str = ""
    choices: tuple[str, ...] = ()
    """Labels."""
    open: bool = False
    """Whether its choices can still be tapped."""
    channel: str = ""
    files: tuple[str, ...] = ()
    """Uploaded to Slack, in order; shared or not."""
    sent: bool = False
    """Whether Slack was told to show them."""
    shared: str = ""
    """Timestamp of the message that shows the files."""
    ts: str = ""
    """Timestamp of the message that shows the text; empty: it may or may not be there."""
    since: str = ""
    """Timestamp before which it cannot have been posted."""


class Photo(Value, frozen=True, tag="photo"):
    """A photo of theirs that was looked at."""

    file: str


Entry: TypeAlias = Said | Photo

_decoder: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


def encode(entry: Entry) -> bytes:
    """The bytes to be sealed."""
    return msgspec.json.encode(entry)


def decode(entries: Mapping[str, bytes]) -> dict[str, Entry]:
    """All entries of a ledger, in its order."""
    return {key: _decoder.decode(sealed) for key, sealed in entries.items()}


def said(entries: Mapping[str, Entry]) -> dict[str, Said]:
    """Those that are messages of ours."""
    return {key: entry for key, entry in entries.items() if isinstance(entry, Said)}


def channel_of(entries: Mapping[str, Entry]) -> str:
    """The direct message in which we have spoken; empty when we have not."""
    spoken = [entry.channel for entry in said(entries).values() if entry.channel]
    return spoken[-1] if spoken else ""


def place_of(key: str, message: Message) -> str:
    """Where a message stands: its slot if it has one, else its own key."""
    return f"slot:{message.slot}" if message.slot else f"ours:{key}"


def photo_key(file: str) -> str:
    """Where a photo of theirs stands."""
    return f"photo:{file}"


def mark_of(place: str) -> str:
    """What goes along with a posted message, so that it is recognised; says nothing."""
    return hashlib.sha256(place.encode()).hexdigest()[:24]
