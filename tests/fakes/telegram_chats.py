"""What the fake Bot API keeps: chats with their messages, and files; with Telegram's own rules.

A rule that is broken raises `Refusal` with the words of the real Bot API, as far as they are known
(https://core.telegram.org/bots/api and tdlib/telegram-bot-api).
"""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

Json = dict[str, Any]

TWO_DAYS = 48 * 3600
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")


class Refusal(Exception):
    """An answer that is not ``ok``."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


def units(text: str) -> int:
    """Length in UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


@dataclass
class Posted:
    """One message in a chat."""

    id: int
    date: float
    ours: bool
    """Sent by the bot."""
    text: str = ""
    """Or the caption."""
    entities: list[Json] = field(default_factory=list)
    keyboard: list[list[Json]] = field(default_factory=list)
    kind: str = "text"
    """``text``, ``photo`` or ``document``."""
    content: bytes = b""
    name: str = ""
    album: str = ""
    silent: bool = False
    edits: list[float] = field(default_factory=list)

    def looks(self) -> tuple[object, ...]:
        return (self.kind, self.text, self.entities, self.keyboard, self.content)


@dataclass
class Talk:
    """The private chat with one person, or a group."""

    id: int
    type: str = "private"
    messages: dict[int, Posted] = field(default_factory=dict)
    blocked: bool = False
    actions: list[str] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)

    @property
    def ours(self) -> list[Posted]:
        """The bot's messages that are there now, in order."""
        return [one for _, one in sorted(self.messages.items()) if one.ours]


@dataclass
class Stored:
    """A file that somebody sent."""

    path: str
    content: bytes
    size: int


class Chats:
    """All chats of one bot."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.talks: dict[int, Talk] = {}
        self.files: dict[str, Stored] = {}
        self.handed_over: list[bytes] = []
        """Every picture and file that the bot ever sent."""
        self._ids = itertools.count(100)
        self._albums = itertools.count(1)

    def next_id(self) -> int:
        """Numbers are shared by all chats of a bot."""
        return next(self._ids)

    def talk(self, chat_id: object) -> Talk:
        """The chat, if the bot may write there."""
        try:
            talk = self.talks[int(str(chat_id))]
        except (KeyError, ValueError):
            raise bad("chat not found") from None
        if talk.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        return talk

    def find(self, talk: Talk, message_id: object, what: str = "edit") -> Posted:
        found = talk.messages.get(int(str(message_id)))
        if found is None:
            raise bad(f"message to {what} not found")
        return found

    # --- what the bot says ------------------------------------------------------------------

    def post(self, talk: Talk, given: Json, files: dict[str, tuple[str, bytes]]) -> Posted:
        """A text, a photo or a document, by what is given."""
        posted = Posted(self.next_id(), self.now(), ours=True)
        posted.silent = given.get("disable_notification") in {"true", True}
        if "media" in given:
            self._media(posted, given["media"], files)
        else:
            posted.text = given.get("text", "")
            posted.entities = listed(given.get("entities"))
            if not posted.text.strip():
                raise bad("message text is empty")
            check_text(posted, 4096, "message is too long")
        posted.keyboard = keyboard(given.get("reply_markup"))
        talk.messages[posted.id] = posted
        return posted

    def album(self, talk: Talk, given: Json, files: dict[str, tuple[str, bytes]]) -> list[Posted]:
        media = listed(given.get("media"))
        if not 2 <= len(media) <= 10:
            raise bad("group send failed: wrong number of media")
        if len({one["type"] == "document" for one in media}) > 1:
            raise bad("document can't be mixed with other media types")
        name = f"album-{next(self._albums)}"
        made = [Posted(self.next_id(), self.now(), ours=True, album=name) for _ in media]
        for posted, one in zip(made, media, strict=True):
            self._media(posted, one, files)
        talk.messages |= {posted.id: posted for posted in made}
        return made

    def edit(self, posted: Posted, given: Json, files: dict[str, tuple[str, bytes]]) -> None:
        """Text, media or keyboard, by what is given; something must change."""
        if not posted.ours:
            raise bad("message can't be edited")
        before, text, entities = posted.looks(), posted.text, posted.entities
        if "text" in given:
            if posted.kind != "text":
                raise bad("there is no text in the message to edit")
            posted.text, posted.entities = given["text"], listed(given.get("entities"))
            check_text(posted, 4096, "message is too long")
        elif "media" in given:
            if posted.album:
                raise bad("this fake does not edit albums")
            self._media(posted, json.loads(given["media"]), files)
        posted.keyboard = keyboard(given.get("reply_markup"))
        if posted.looks() == before:
            posted.text, posted.entities = text, entities
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        posted.edits.append(self.now())

    def _media(self, posted: Posted, media: Json, files: dict[str, tuple[str, bytes]]) -> None:
        source = media["media"].removeprefix("attach://")
        if source not in files:
            raise bad("wrong file identifier/HTTP URL specified")
        name, content = files[source]
        if not content:
            raise bad("file must be non-empty")
        if media["type"] == "photo":
            check_photo(content)
        elif len(content) > 50 * 2**20:
            raise Refusal(413, "Request Entity Too Large")
        posted.kind, posted.content, posted.name = media["type"], content, name
        if content not in self.handed_over:
            self.handed_over.append(content)
        posted.text = media.get("caption", "")
        posted.entities = listed(media.get("caption_entities"))
        check_text(posted, 1024, "message caption is too long")

    def remove(self, talk: Talk, numbers: list[int]) -> None:
        """All of them, or none when one is too old; what is not there is skipped."""
        if not 1 <= len(numbers) <= 100:
            raise bad("message identifiers are not specified or too many")
        there = [talk.messages[number] for number in numbers if number in talk.messages]
        if any(self.now() - posted.date >= TWO_DAYS for posted in there):
            raise bad("message can't be deleted for everyone")
        for posted in there:
            del talk.messages[posted.id]
            talk.removed.append(posted.id)

    # --- files --------------------------------------------------------------------------------

    def store(self, content: bytes, ending: str, size: int | None = None) -> str:
        """Keep a file that a person sends; its id."""
        number = len(self.files)
        file_id = f"AgACAgIAAxkBFILEID{number:04}"
        path = f"photos/file_{number}{ending}"
        self.files[file_id] = Stored(path, content, len(content) if size is None else size)
        return file_id

    def file(self, file_id: str) -> Stored:
        if file_id not in self.files:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if self.files[file_id].size > 20_000_000:
            raise bad("file is too big")
        return self.files[file_id]


def listed(given: object) -> list[Json]:
    """A list that came as JSON."""
    if not given:
        return []
    found = json.loads(given) if isinstance(given, str) else given
    assert isinstance(found, list)
    return found


def keyboard(given: object) -> list[list[Json]]:
    """An inline keyboard within Telegram's limits."""
    if not given:
        return []
    rows = json.loads(given) if isinstance(given, str) else given
    assert isinstance(rows, dict)
    for row in rows["inline_keyboard"]:
        for button in row:
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise bad("BUTTON_DATA_INVALID")
            if not button["text"]:
                raise bad("text buttons are not allowed in the inline keyboard")
            if button.get("style", "danger") not in {"danger", "success", "primary"}:
                raise bad("BUTTON_STYLE_INVALID")
    found: list[list[Json]] = rows["inline_keyboard"]
    return found


def check_text(posted: Posted, limit: int, complaint: str) -> None:
    if units(posted.text) > limit:
        raise bad(complaint)
    for entity in posted.entities:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        if entity["length"] < 1 or begin < 0 or end > units(posted.text):
            raise bad("ENTITY_BOUNDS_INVALID")


def check_photo(content: bytes) -> None:
    if len(content) > 10 * 2**20:
        raise bad("file is too big for a photo")
    if not content.startswith(MAGIC):
        raise bad("IMAGE_PROCESS_FAILED")
    try:
        width, height = Image.open(io.BytesIO(content)).size
    except OSError:
        return  # made up by a test, and good enough
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")


def check_commands(commands: list[Json]) -> None:
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", one["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(one["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
