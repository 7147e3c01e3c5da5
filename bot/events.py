"""What happened: every event that a conversation can meet. Past tense, frozen, pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from bot.model import Headshot, Person, PhotoId, PhotoProblem, SelfieRef, Value
from bot.money import Cap
from bot.policy import Doubt, Fix


class Wrote(Value, frozen=True, tag=True):
    """The person typed a text: a command, an answer, or anything."""

    text: str


class Replied(Value, frozen=True, tag=True):
    """The person tapped a choice of the question with that token."""

    verb: str
    question: str


class SelfieSent(Value, frozen=True, tag=True):
    """The person sent a photo; we hold only the platform's reference to it."""

    selfie: SelfieRef
    text: str = ""
    """A caption, which may be a command."""
    more: bool = False
    """It came with others, which are left aside."""


class SelfieUnfit(Value, frozen=True, tag=True):
    """The person sent something as a photo that can be told to be useless without fetching it."""

    problem: PhotoProblem
    limit_mb: int = 25
    """The platform's own limit, when that is the problem."""
    text: str = ""
    """A caption, which may be a command."""


class SelfieWithdrawn(Value, frozen=True, tag=True):
    """The person deleted their photo from the chat: a request to erase what was made of it."""

    selfie: SelfieRef


class Dismissed(Value, frozen=True, tag=True):
    """Whoever answers for the person's workspace erases everybody in it."""


class PersonLeft(Value, frozen=True, tag=True):
    """The person blocked the bot or left: erase, say nothing."""


class PhotoChecked(Value, frozen=True, tag=True):
    """The photo can be used; ``crop`` is the exact picture that would be."""

    selfie: SelfieRef
    crop: PhotoId
    crop_sha256: str
    doubts: tuple[Doubt, ...] = ()
    """What has to be asked about it first."""
    fixes: tuple[Fix, ...] = ()
    unchecked: bool = False
    """A check could not run."""
    may_leave: bool = False
    """Every check ran and the crop has no background: it may be offered to somebody else."""
    plain: PhotoId | None = None
    """The crop with the writing that a doubt is about still readable, in case it may be."""
    plain_sha256: str = ""


class LookedCloser(Value, frozen=True, tag=True):
    """The crop was looked at with landmarks; ``doubts`` are advice."""

    crop: PhotoId
    doubts: tuple[Doubt, ...] = ()


class PhotoRejected(Value, frozen=True, tag=True):
    """The photo cannot be used."""

    selfie: SelfieRef
    problem: PhotoProblem


class SelfieLost(Value, frozen=True, tag=True):
    """The platform no longer has the photo."""

    selfie: SelfieRef


class HeadshotsMade(Value, frozen=True, tag=True):
    """An order is finished."""

    order: str
    headshots: tuple[Headshot, ...]
    left_out: tuple[str, ...] = ()
    """Formats of those that did not show the person as they are; nobody has seen them."""
    by: str = ""
    """The provider that made them, when it is known."""
    cap: Cap | None = None
    """The limit because of which they were not made where they were ordered."""


class BadgeAdded(Value, frozen=True, tag=True):
    """Copies with a visible badge are there; none when it could not be done."""

    order: str
    headshots: tuple[Headshot, ...]


class MakingFailed(Value, frozen=True, tag=True):
    """An order came to nothing. ``problem`` is set when another photo would help."""

    order: str
    problem: PhotoProblem | None = None


class DataPacked(Value, frozen=True, tag=True):
    """The copy of a person's data lies in the vault, ready to be handed over."""

    archive: PhotoId
    crop: PhotoId | None = None
    """The picture that is in it, if one is."""


class Timer(StrEnum):
    """Which promise about time has come due."""

    PHOTO = "photo"
    HEADSHOTS = "headshots"
    CONVERSATION = "conversation"
    ARCHIVE = "archive"
    SLOW = "slow"
    OUTDATED = "outdated"
    """A record was found that this version cannot read; set by the journal itself."""


class TimeIsUp(Value, frozen=True, tag=True):
    """A timer that the conversation set has come due."""

    timer: Timer
    about: str
    """What it was set for (a photo's id, an order), so that an outdated timer is recognised."""


Event: TypeAlias = (
    Wrote
    | Replied
    | SelfieSent
    | SelfieWithdrawn
    | Dismissed
    | SelfieUnfit
    | PersonLeft
    | PhotoChecked
    | PhotoRejected
    | LookedCloser
    | SelfieLost
    | HeadshotsMade
    | BadgeAdded
    | MakingFailed
    | DataPacked
    | TimeIsUp
)


class Delivery(Value, frozen=True):
    """One event as the platform sent it. The same ``id`` twice counts once."""

    id: str
    """Namespaced: ``web:…``, ``telegram:<bot>:<update>``, ``slack:<team>:<event>``."""
    person: Person
    event: Event
