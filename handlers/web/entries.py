"""What the page shows, as it lies in the ledger: one entry per bubble.

Rules: an entry's key decides its place, so a retry overwrites instead of repeating, and messages of
one slot replace each other where the first one stood. Entries never hold bytes of a photo, only the
name that the page or the vault knows it by. The page gets `view`, which names nothing internal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec

from bot.model import Attachment, Choice, Message, Value


class PhotoAt(StrEnum):
    """Where the only copies of the person's photo are, as far as this handler is concerned."""

    PAGE = "page"
    """In the person's browser only; nothing was uploaded."""
    CHECK = "check"
    """Handed over to be checked; the page keeps its copy in case it is asked again."""
    GONE = "gone"
    """No longer needed from the page: it erases its own copy."""


class Ours(Value, frozen=True, tag="ours"):
    """A message of ours."""

    message: Message


class Typed(Value, frozen=True, tag="typed"):
    """A text the person typed."""

    text: str


class Tapped(Value, frozen=True, tag="tapped"):
    """A choice the person tapped, with the label they saw."""

    label: str
    verb: str
    question: str


class Photo(Value, frozen=True, tag="photo"):
    """A photo the person offered; `photo` is the name the page gave it."""

    photo: str
    at: PhotoAt = PhotoAt.PAGE


Entry: TypeAlias = Ours | Typed | Tapped | Photo

_decoder: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


def encode(entry: Entry) -> bytes:
    """The bytes to be sealed."""
    return msgspec.json.encode(entry)


def decode(entries: Mapping[str, bytes]) -> dict[str, Entry]:
    """All entries of a ledger, in its order."""
    return {key: _decoder.decode(sealed) for key, sealed in entries.items()}


def key_of(key: str, message: Message) -> str:
    """Where a message of ours stands: its slot if it has one, else its own key."""
    return f"slot:{message.slot}" if message.slot else f"ours:{key}"


def choice_of(entries: Mapping[str, Entry], verb: str, question: str) -> Choice | None:
    """That choice as the latest message with that question offered it."""
    for entry in reversed(list(entries.values())):
        if isinstance(entry, Ours) and entry.message.question == question:
            for choice in entry.message.choices:
                if choice.verb == verb:
                    return choice
    return None


def file_id(key: str, attachment: Attachment) -> str:
    """Name of an attachment in an address: says nothing, changes with the content."""
    return hashlib.sha256(f"{key}\0{attachment.photo.value}".encode()).hexdigest()[:32]


def find_attachment(entries: Mapping[str, Entry], wanted: str, number: int) -> Attachment | None:
    """The attachment behind an address, if it belongs to one of these entries."""
    for key, entry in entries.items():
        if isinstance(entry, Ours) and number < len(entry.message.attachments):
            attachment = entry.message.attachments[number]
            if file_id(key, attachment) == wanted:
                return attachment
    return None


def message_view(key: str, message: Message) -> dict[str, object]:
    """A message as the page draws it."""
    return {
        "text": message.text,
        "question": message.question,
        "slot": bool(message.slot),
        "choices": [
            {"verb": c.verb, "label": c.label, "style": c.style.value, "look": c.look}
            for c in message.choices
        ],
        "attachments": [
            {
                "url": f"/chat/files/{file_id(key, a)}/{number}",
                "name": a.name,
                "type": a.media_type,
                "alt": a.alt,
            }
            for number, a in enumerate(message.attachments)
        ],
    }


def view(key: str, entry: Entry) -> dict[str, object]:
    """An entry as the page draws it."""
    match entry:
        case Ours(message=message):
            return {"key": key, "from": "ours", **message_view(key, message)}
        case Typed(text=text):
            return {"key": key, "from": "typed", "text": text}
        case Tapped(label=label, question=question):
            return {"key": key, "from": "tapped", "text": label, "question": question}
        case Photo(photo=photo, at=at):
            return {"key": key, "from": "photo", "photo": photo, "at": at.value}
