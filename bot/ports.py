"""Everything outside the core, as the core sees it.

Adapters (handlers/, providers/, storage/) implement these protocols without inheriting from them;
`bot.app` wires them; a contract suite in tests/contracts holds each one, and each fake, to the
promises written here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.effects import Effect
from bot.events import Delivery
from bot.model import (
    Erased,
    Findings,
    Made,
    Message,
    Order,
    Person,
    PhotoId,
    SelfieRef,
    Sent,
    Ticket,
    Value,
)
from bot.states import State, Turn

Receive: TypeAlias = Callable[[Delivery], Awaitable[None]]
"""Takes a delivery durably: when it returns, the platform may be told "received"."""

Progress: TypeAlias = Callable[[str], Awaitable[None]]
"""Reports a stage of an order: queued, reading, cutting, lighting, finishing."""


class Erasable(Protocol):
    """Whoever holds personal data says so, and can let it go."""

    @property
    def holds(self) -> str:
        """Which personal data, where, for how long: one plain sentence."""
        ...

    async def erase(self, person: Person) -> Erased:
        """Erase all of it. Safe twice. Raises `ErasureIncomplete` rather than half done."""
        ...


class Health(Value, frozen=True):
    """Whether a platform is heard now."""

    stalled: bool = False
    """Its own work has come to a stop: starting the process again is the way out."""
    trouble: str = ""
    """What keeps it from hearing people, in a few plain words; empty when nothing does."""


class PlatformHandler(Erasable, Protocol):
    """One chat platform."""

    @property
    def health(self) -> Health:
        """How it is now; nothing personal, no secret."""
        ...

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled; closes what it opened."""
        ...

    async def send(
        self, person: Person, key: str, message: Message, pictures: Sequence[bytes]
    ) -> Sent:
        """Show text, every choice and every attachment.

        `key` names this message: sending the same key again must not show it twice. `pictures`
        are the bytes of `message.attachments`, in order.

        Raises `PlatformUnavailable`, `PlatformRefused` or `PersonUnreachable`.
        """
        ...

    async def say_goodbye(self, person: Person, message: Message, receipt: bytes | None) -> None:
        """Say the last words after everything was erased; must store nothing durable.

        Without a receipt the erasure is still going on: tell whoever is there, and end nothing.
        """
        ...

    async def belongings(self, person: Person) -> bytes:
        """What the platform itself still keeps of this chat and could remove: an opaque note.

        Asked before anything is erased, because it takes our records to know. Empty: nothing.
        """
        ...

    async def clear(self, person: Person, belongings: bytes) -> Erased:
        """Remove that from the platform, after our own records are gone. Safe twice.

        What cannot be removed is in `Erased.remains`. Raises `PlatformUnavailable` to be called
        again, or `PersonUnreachable`.
        """
        ...

    async def fetch_selfie(self, person: Person, selfie: SelfieRef) -> bytes:
        """The photo's bytes. Raises `PlatformUnavailable` or `SelfieGone`."""
        ...


class HeadshotProvider(Protocol):
    """Makes headshots; never learns whose."""

    @property
    def name(self) -> str:
        """Stable id, as in `Ticket.provider`."""
        ...

    @property
    def sends_photo_to(self) -> str | None:
        """Named in the consent question; None: the photo stays on this machine."""
        ...

    async def start(self, order: Order, photo: bytes) -> Ticket:
        """Begin an order. Raises `ProviderUnavailable` or `ProviderRefused`."""
        ...

    async def wait(self, ticket: Ticket, progress: Progress) -> Sequence[Made]:
        """The finished headshots.

        Resumable from the ticket alone; a provider that cannot (nothing was paid) raises
        `OrderLost`. Cancelling stops waiting; `forget` stops the work. Raises
        `ProviderUnavailable` or `ProviderRefused`.
        """
        ...

    async def forget(self, ticket: Ticket) -> Erased:
        """Stop the order if it runs and drop all of it. Safe twice, safe for unknown tickets."""
        ...


class Inspector(Protocol):
    """Looks at a photo on this machine. Boxes and numbers, never identities or landmarks."""

    async def inspect(self, photo: bytes) -> Findings:
        """What is in the photo. Never raises for bad input: that is `Findings.problem`.

        Raises `ProviderUnavailable` when nobody could look at it now.
        """
        ...

    async def minimise(self, photo: bytes, findings: Findings) -> bytes:
        """The crop that would be used: upright sRGB JPEG, no metadata, head and shoulders."""
        ...


class Owed(Value, frozen=True):
    """An effect that was promised and not yet done."""

    id: str
    person: Person
    effect: Effect
    due: datetime
    line: str
    """Effects of one line run one at a time, in order."""
    attempt: int
    """1 for the first try; each `Journal.take` counts one."""
    note: str = ""
    """What the last try wrote down with `Journal.annotate`."""


class Journal(Erasable, Protocol):
    """The truth: sessions, deliveries seen, effects owed."""

    async def load(self, person: Person) -> State:
        """The conversation's state; `Idle` when there is no record."""
        ...

    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Sequence[Owed] | None:
        """State, the delivery's id and the new effects, in one transaction.

        None: nothing was written, because the delivery was seen before, or because `settles` was
        settled, erased or taken again by a later attempt. `Idle` removes the record. A turn that
        erases drops everything else owed to the person.
        """
        ...

    async def owed(self, person: Person | None = None) -> Sequence[Owed]:
        """Everything not settled, of one person or of all, in the order it was committed."""
        ...

    async def take(self, effect_id: str) -> Owed | None:
        """Count one attempt and return the effect; None when it is settled or erased."""
        ...

    async def annotate(self, effect_id: str, note: str) -> bool:
        """Write down progress of an effect durably; False when it is no longer owed."""
        ...

    async def settle(self, effect_id: str) -> None:
        """The effect is done. Safe twice."""
        ...


class Scheduler(Protocol):
    """Wake-ups. Its only payload is an opaque id; the journal is the truth."""

    async def put(self, effect_id: str, due: datetime, line: str) -> None:
        """Have `work(effect_id)` called at `due` or soon after. The same id twice counts once."""
        ...

    async def run(self, work: Callable[[str], Awaitable[datetime | None]]) -> None:
        """Call `work` at least once per id, one at a time per line and in order of `put`.

        A line waits for its head, also when the head is due later. `work` returns when to call
        it again, or None when it is done. Until cancelled; then waits for the work it cancels.
        """
        ...


class PhotoVault(Erasable, Protocol):
    """Sealed blobs."""

    async def put(self, person: Person, name: str, photo: bytes) -> PhotoId:
        """Seal and store durably; the same name again overwrites."""
        ...

    def name(self, person: Person, name: str) -> PhotoId:
        """The id that `put` gives to that name, whether or not there is such a blob."""
        ...

    async def get(self, photo: PhotoId) -> bytes:
        """Open a blob. Raises `PhotoGone`."""
        ...

    async def drop(self, photo: PhotoId) -> None:
        """Erase one blob. Safe twice."""
        ...


class Ledger(Protocol):
    """What was said in a chat, sealed, so that it can be shown again, edited or removed.

    Part of the journal's data: erased with it.
    """

    async def note(self, person: Person, key: str, entry: bytes) -> None:
        """Write or overwrite the entry of that key; a new key comes last."""
        ...

    async def entry(self, person: Person, key: str) -> bytes | None:
        """The entry of that key, if there is one."""
        ...

    async def entries(self, person: Person) -> Mapping[str, bytes]:
        """All entries, oldest first."""
        ...


class AuditLog(Protocol):
    """A hash chain of what was done, without a person in it."""

    async def append(self, what: str, about: str) -> str:
        """Add an entry and return its head (hex SHA-256); the same entry twice counts once."""
        ...


class Clock(Protocol):
    """Time in UTC, so that tests need not wait."""

    def now(self) -> datetime: ...
