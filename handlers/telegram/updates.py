"""The parts of an update that we look at, and nothing else of it.

Rules: unknown fields and kinds are passed over (Telegram adds some every few weeks); a field of the
wrong type makes the whole update unreadable rather than half understood. See
https://core.telegram.org/bots/api#update
"""

from __future__ import annotations

from typing import Any

import msgspec

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask Telegram for. Edits are asked for so that it is plain that they are passed over."""


class Part(msgspec.Struct, frozen=True):
    """Base of everything below; unknown fields are passed over."""


class Chat(Part, frozen=True):
    """Where it happened."""

    id: int
    type: str

    @property
    def is_private(self) -> bool:
        return self.type == "private"


class User(Part, frozen=True):
    """Who did it."""

    id: int
    is_bot: bool = False


class PhotoSize(Part, frozen=True):
    """One of the sizes of a photo."""

    file_id: str
    width: int
    height: int
    file_size: int = 0


class Document(Part, frozen=True):
    """A file as it was sent. Its type is the sender's word."""

    file_id: str
    file_name: str = ""
    mime_type: str = ""
    file_size: int = 0


# The contents of these kinds are nobody's business: only that there is one counts.
Anything = Any


class Message(Part, frozen=True):
    """A message in a chat."""

    message_id: int
    date: int
    chat: Chat
    sender: User | None = msgspec.field(default=None, name="from")
    text: str | None = None
    caption: str = ""
    media_group_id: str = ""
    photo: tuple[PhotoSize, ...] = ()
    document: Document | None = None
    animation: Anything = None
    audio: Anything = None
    contact: Anything = None
    dice: Anything = None
    location: Anything = None
    poll: Anything = None
    sticker: Anything = None
    story: Anything = None
    venue: Anything = None
    video: Anything = None
    video_note: Anything = None
    voice: Anything = None

    @property
    def is_something_else(self) -> bool:
        """Whether a person sent it, but it is neither a text nor a photo nor a file."""
        kinds = (self.animation, self.audio, self.contact, self.dice, self.location, self.poll)
        more = (self.sticker, self.story, self.venue, self.video, self.video_note, self.voice)
        return any(kind is not None for kind in (*kinds, *more))


class Origin(Part, frozen=True):
    """The message under which a button was tapped; Telegram may no longer have the rest of it."""

    message_id: int
    chat: Chat
    date: int = 0
    reply_markup: Keyboard | None = None


class Button(Part, frozen=True):
    """One button of a keyboard under a message."""

    text: str
    callback_data: str = ""


class Keyboard(Part, frozen=True):
    """The buttons under a message."""

    inline_keyboard: tuple[tuple[Button, ...], ...] = ()


class CallbackQuery(Part, frozen=True):
    """A tap on a button. The data may be forged, and the button as old as it likes."""

    id: str
    sender: User = msgspec.field(name="from")
    message: Origin | None = None
    data: str = ""


class Member(Part, frozen=True):
    """Somebody's standing in a chat; here always the bot's own."""

    status: str


class MemberChange(Part, frozen=True):
    """The bot was blocked, unblocked, added or removed."""

    chat: Chat
    new_chat_member: Member


class Update(Part, frozen=True):
    """One thing that happened."""

    update_id: int
    message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: MemberChange | None = None


class Numbered(Part, frozen=True):
    """What is left of an update that makes no sense."""

    update_id: int


def read(raw: object) -> Update | None:
    """An update as it came, or None when it makes no sense."""
    try:
        return msgspec.convert(raw, Update)
    except msgspec.ValidationError:
        return None


def number_of(raw: object) -> int | None:
    """The number of an update that may make no sense otherwise."""
    try:
        return msgspec.convert(raw, Numbered).update_id
    except msgspec.ValidationError:
        return None
