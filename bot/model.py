"""The values everything else is made of: people, photos, messages.

Rules of this file: frozen values only, no behaviour beyond small properties, no clock, no random,
no I/O. What happened is in `bot.events`, what is owed in `bot.effects`. All of them are `msgspec`
structs because they are written to the journal: a tagged struct encodes and decodes as exactly
itself, and an unknown or missing field is an error rather than a surprise.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A frozen value; subclasses with ``tag=True`` can stand in a union."""


# --- who and what -------------------------------------------------------------------------


class Person(Value, frozen=True):
    """Somebody on one platform. The same human on two platforms is two persons."""

    platform: str
    """``web``, ``telegram`` or ``slack``."""
    workspace: str
    """The tenant: a Slack team id, a Telegram bot id, or empty."""
    user: str
    """The platform's id of the person; personal data, never logged."""


class Workspace(Value, frozen=True):
    """A tenant: everybody whom the same admins answer for."""

    platform: str
    id: str
    """As in `Person.workspace`; never empty."""


class SelfieRef(Value, frozen=True):
    """A platform's claim check for a photo that we have not fetched. Personal data: sealed."""

    ref: str


class PhotoId(Value, frozen=True):
    """Opaque name of a sealed blob in the vault: ``<person tag>/<blob name>``, keyed hashes."""

    value: str


class Ticket(Value, frozen=True):
    """A provider's claim check for an order. Opaque to everyone but that provider."""

    provider: str
    value: str


class Style(StrEnum):
    """How much weight a choice has on the screen. Yes and no are always of equal weight."""

    PLAIN = "plain"
    DANGER = "danger"


class Choice(Value, frozen=True):
    """One answer a person can tap; ``verb`` is stable, ``label`` is in their language."""

    verb: str
    label: str
    style: Style = Style.PLAIN
    look: str | None = None
    """When the choice is a look: its id, so that a handler can show a swatch of the backdrop."""


class Attachment(Value, frozen=True):
    """A sealed blob that goes with a message: a picture, or a file to keep."""

    photo: PhotoId
    name: str
    """Plain file name for a download, without anything personal."""
    media_type: str
    alt: str
    """What a person who cannot see the picture needs to know."""
    keep: bool = False
    """A file to keep: it must arrive byte for byte, and not only as a rendering of it."""


class Message(Value, frozen=True):
    """Something we say. Text is final: rendered, in the person's language, plain text."""

    text: str
    """Paragraphs are separated by a blank line; ``**bold**`` is the only markup."""
    choices: tuple[Choice, ...] = ()
    question: str = ""
    """Token that a tapped choice brings back, so that a stale button is recognised."""
    attachments: tuple[Attachment, ...] = ()
    slot: str = ""
    """Messages with the same non-empty slot replace each other (progress)."""


class Made(Value, frozen=True):
    """One finished headshot as a provider hands it over."""

    photo: bytes
    """JPEG, sRGB, no metadata about the person."""
    format: str
    """``linkedin`` (1200x1200), ``resume`` (1200x1500) or ``bio`` (1200x1600)."""
    look: str
    """The backdrop really used; differs from the wish when a cut-out was too doubtful."""
    by: str = "local"
    """The `HeadshotProvider.name` of whoever made it."""
    model: str = ""
    """The public name of the model that drew it; empty when none did."""
    origin: bytes = b""
    """The picture as a hosted model handed it over, if it carried a provenance record; it is kept
    in memory, and only until that record has been taken over into the headshot's own."""


class Fault(StrEnum):
    """What keeps a headshot from being handed over: it does not show the person as they are."""

    NO_FACE = "no-face"
    SEVERAL_FACES = "several-faces"
    SOMEBODY_ELSE = "somebody-else"
    """Only ever found when the person agreed to have their face measured."""
    LIGHTER = "lighter"
    DARKER = "darker"
    RECOLOURED = "recoloured"
    RESHAPED = "reshaped"
    EYES = "eyes"
    OFF_CENTRE = "off-centre"
    """A round profile picture would cut the face."""


class Verdict(Value, frozen=True):
    """What is wrong with one headshot; a value without a number of anybody's face in it."""

    faults: tuple[Fault, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.faults


class Headshot(Value, frozen=True):
    """One finished headshot in the vault."""

    photo: PhotoId
    format: str
    look: str
    by: str = "local"
    """As in `Made`, like the next one."""
    model: str = ""


class Order(Value, frozen=True):
    """One request for headshots, without a hint of whose they are."""

    id: str
    look: str
    variants: int = 4
    clothing: str = "keep"
    """What to wear, for a provider that can change it; "keep" is what the person wears."""
    attempt: int = 0
    """Above 0 the same once more, and at nobody's expense: other seeds must be used."""
    closer: bool = False
    """Stay as close to the photo as can be, at the price of a plainer picture."""


class Trace(StrEnum):
    """What an erasure may have to leave where it is. Each has a sentence in the wording."""

    CHAT = "chat"
    """Messages in the chat: the platform did not answer when it was asked to remove them."""
    THEIRS_ON_SLACK = "theirs-on-slack"
    """What the person wrote and sent on Slack, which a bot cannot remove."""
    KEPT_BY_SLACK = "kept-by-slack"
    """Messages or files of ours that the workspace's rules do not let us remove."""
    CHAT_OLD = "chat-old"
    """Messages in the chat that are too old for the platform to let us remove them."""
    CHAT_UNKNOWN = "chat-unknown"
    """A message that may have reached the chat without our learning which one it is."""
    PROVIDER = "provider"
    """What a hosted provider was sent, which it removes by itself."""


class Remains(Value, frozen=True):
    """Something out of our reach, and until when."""

    trace: Trace
    until: datetime | None = None
    """When whoever has it lets go of it, if that is known."""


class Erased(Value, frozen=True):
    """What one holder has erased: how many things of which kind (``{"photos": 2}``)."""

    counts: dict[str, int] = {}
    remains: tuple[Remains, ...] = ()
    """What it could not erase, and says so."""


class Diagnosis(Value, frozen=True):
    """One line of ``workshot check``."""

    line: str
    """What was found, and if it is wrong what to do about it; no secret in it."""
    good: bool = True


class Sent(Value, frozen=True):
    """The platform's handle of a message that was sent, for later edits and removal."""

    ref: str


# --- what can be wrong with a photo (values, not exceptions) --------------------------------


class PhotoProblem(StrEnum):
    """Why a photo cannot be used. Each has one sentence with one tip in the wording."""

    EMPTY = "empty"
    TOO_BIG = "too-big"
    NOT_AN_IMAGE = "not-an-image"
    UNSUPPORTED_KIND = "unsupported-kind"
    HEIC = "heic"
    ANIMATED = "animated"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_FEW_PIXELS = "too-few-pixels"
    NO_FACE = "no-face"
    SEVERAL_FACES = "several-faces"
    FACE_TOO_SMALL = "face-too-small"
    TOO_DARK = "too-dark"
    BLURRED = "blurred"
    TURNED_AWAY = "turned-away"
    CUT_OFF = "cut-off"
    ID_DOCUMENT = "id-document"
    CANNOT_CHECK = "cannot-check"
    DECLINED = "declined"
    """A hosted provider's moderation does not take it, rightly or not."""


class Box(Value, frozen=True):
    """A rectangle in fractions (0..1) of the upright picture's width and height."""

    left: float
    top: float
    right: float
    bottom: float


class Sight(StrEnum):
    """What is seen in a place of the photo. Never what it says."""

    WRITING = "writing"
    """A paper, a screen, a poster: anything that can be read."""
    BADGE = "badge"
    """A card with writing or a face on it that a person wears or holds."""
    CODE = "code"
    """A barcode or a QR code."""


class Mark(Value, frozen=True):
    """A place of the photo that should not be seen by others without a question."""

    sight: Sight
    box: Box
    stays: bool = True
    """False when it lies in a background that the crop will not have."""


class Trait(StrEnum):
    """What is true of the photo as a whole."""

    ID_DOCUMENT = "id-document"
    """It is a picture of, or shows, an identity document that could be read."""
    SCREENSHOT = "screenshot"
    PUBLISHED = "published"
    """Its metadata credit a press or stock agency."""
    AI_MADE = "ai-made"
    """It says of itself that it was made by AI."""
    HIDDEN_PLACE = "hidden-place"
    """Its metadata tell where it was taken; no crop has any."""


class Check(StrEnum):
    """A part of the inspection, so that a failed one can be named."""

    WRITING = "writing"
    CODES = "codes"
    CARDS = "cards"
    ORIGIN = "origin"
    OUTLINE = "outline"
    """Where the person ends and the background begins."""


class Findings(Value, frozen=True):
    """What the inspector saw: boxes and categories, never identities, never what was read."""

    problem: PhotoProblem | None = None
    """Set when the photo cannot be used at all; the rest may then be empty."""
    width: int = 0
    height: int = 0
    """Size in pixels of the upright picture."""
    faces: tuple[Box, ...] = ()
    """The main one first, the others by size."""
    people: int = 1
    """How many of them are large enough to be somebody else than a passer-by, the person
    included."""
    separable: bool = True
    """Whether a crop of the main one can leave the others out."""
    marks: tuple[Mark, ...] = ()
    traits: frozenset[Trait] = frozenset()
    unchecked: frozenset[Check] = frozenset()
    """What could not be looked at; nothing may then leave this machine."""
