"""What is owed: everything that a conversation can ask for. Imperative, frozen, pure.

Effects of one ``lane`` and one person are carried out one at a time, in order.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias

from bot.events import Timer
from bot.model import Headshot, Message, Order, PhotoId, SelfieRef, Ticket, Value


class Farewell(StrEnum):
    """Why everything is being erased; decides the last words."""

    ASKED = "asked"
    NOT_THEIRS = "not-theirs"
    NOT_PROFESSIONAL = "not-professional"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    HEADSHOTS_EXPIRED = "headshots-expired"
    CONVERSATION_EXPIRED = "conversation-expired"
    DISMISSED = "dismissed"
    LEFT = "left"


class Again(StrEnum):
    """Why a person asked for other headshots."""

    NOT_ME = "not-me"
    CLOSER = "closer"


class Say(Value, frozen=True, tag=True):
    """Send a message. Messages to one person go out in order."""

    lane: ClassVar[str] = "speech"
    message: Message


class CheckPhoto(Value, frozen=True, tag=True):
    """Fetch the selfie, inspect it on this machine, keep only the crop. Needs answers 1 and 2."""

    lane: ClassVar[str] = "work"
    selfie: SelfieRef


class LookCloser(Value, frozen=True, tag=True):
    """Look at the crop once more, now with landmarks: pose and eyes. Needs answer 3."""

    lane: ClassVar[str] = "work"
    crop: PhotoId
    crop_sha256: str


class MakeHeadshots(Value, frozen=True, tag=True):
    """Have an order made from the crop that the person saw. Needs answer 3."""

    lane: ClassVar[str] = "work"
    order: Order
    crop: PhotoId
    crop_sha256: str
    """Of the picture that answer 3 was given to; nothing else may be used."""
    provider: str
    slot: str
    """The message slot in which progress is shown."""
    language: str
    likeness: bool = False
    """The person agreed to have the results compared with them: answer 4."""


class CancelOrder(Value, frozen=True, tag=True):
    """Stop an order and make the provider forget it."""

    lane: ClassVar[str] = "cancel"
    order: str


class CancelCheck(Value, frozen=True, tag=True):
    """Stop looking at a photo and keep nothing of it."""

    lane: ClassVar[str] = "cancel"
    selfie: SelfieRef


class ForgetPhotos(Value, frozen=True, tag=True):
    """Erase these blobs now, not the whole person."""

    lane: ClassVar[str] = "forget"
    photos: tuple[PhotoId, ...]


class AddBadge(Value, frozen=True, tag=True):
    """Make a copy of each headshot of an order that says in the picture how it was made."""

    lane: ClassVar[str] = "badge"
    order: str
    headshots: tuple[Headshot, ...]
    words: str


class CountAgain(Value, frozen=True, tag=True):
    """Count that somebody asked for other headshots: a number, and nothing of the person."""

    lane: ClassVar[str] = "count"
    why: Again


class PackData(Value, frozen=True, tag=True):
    """Gather a copy of everything held about the person into one archive."""

    lane: ClassVar[str] = "pack"
    consent: str
    """The consent record as JSON."""
    crop: PhotoId | None
    headshots: tuple[Headshot, ...]


class Remind(Value, frozen=True, tag=True):
    """Bring `TimeIsUp` back when the time has come."""

    lane: ClassVar[str] = "timer"
    timer: Timer
    about: str
    due: datetime


class Erase(Value, frozen=True, tag=True):
    """Erase the person everywhere, then say the last words. Always alone in its turn."""

    lane: ClassVar[str] = "erase"
    farewell: Farewell
    language: str
    tickets: tuple[Ticket, ...] = ()
    """Orders that providers must forget; the engine fills them in before it commits."""


class ConfirmRemoval(Value, frozen=True, tag=True):
    """After an erasure: watch for a provider's word that its copy is gone, and pass it on.

    It holds all that is still needed for that and nothing else, and is the last trace of the
    person here: `Journal.follow` seals it with the house key, as their own is gone.
    """

    lane: ClassVar[str] = "confirm"
    receipt: str
    language: str
    tickets: tuple[Ticket, ...]
    until: datetime
    """When to stop watching, and to say that no word came."""


Effect: TypeAlias = (
    Say
    | CheckPhoto
    | LookCloser
    | MakeHeadshots
    | CancelOrder
    | CancelCheck
    | ForgetPhotos
    | AddBadge
    | CountAgain
    | PackData
    | Remind
    | Erase
    | ConfirmRemoval
)
