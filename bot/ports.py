"""Everything outside the core, as the core sees it.

Adapters (handlers/, providers/, storage/) implement these protocols without inheriting from them;
`bot.app` wires them; a contract suite in tests/contracts holds each one, and each fake, to the
promises written here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.consent import ApprovedCrop
from bot.effects import Effect
from bot.events import Delivery
from bot.model import (
    Erased,
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
from bot.money import Cap
from bot.states import State, Turn

Receive: TypeAlias = Callable[[Delivery], Awaitable[None]]
"""Takes a delivery durably: when it returns, the platform may be told "received"."""

Progress: TypeAlias = Callable[[str], Awaitable[None]]
"""Reports a stage of an order: queued, then sending and making (by somebody else), instead (here
after all), reading, cutting and lighting (here), finishing."""

Note: TypeAlias = Callable[[Ticket], Awaitable[bool]]
"""Writes a ticket that has grown down, durably; False: nobody waits for the order any more."""


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

        Without a receipt it is a word about an erasure that is still going on, or about what came
        of it later: tell whoever is there, and end nothing.
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

    def price(self, order: Order) -> int:
        """Micro-dollars to set aside before the order begins; it never costs more."""
        ...

    def cost(self, ticket: Ticket) -> int:
        """Micro-dollars that a ticket has cost so far; what is in doubt has cost."""
        ...

    async def start(self, order: Order) -> Ticket:
        """Draw up an order's ticket. Nothing is sent or paid before it is written down.

        Raises `ProviderUnavailable`.
        """
        ...

    async def wait(
        self, ticket: Ticket, crop: ApprovedCrop, progress: Progress, note: Note
    ) -> Sequence[Made]:
        """The finished headshots, made from exactly this picture: no provider ever gets another.

        Who pays calls `note` with the grown ticket before it pays and after: the newest ticket
        and the crop are enough to go on after a crash, without paying twice. When `note` says
        that nobody waits any more it stops, and raises `OrderLost`; so it does for a ticket that
        means nothing here. Cancelling stops waiting; `forget` stops the work. Raises
        `ProviderUnavailable` or `ProviderRefused`.
        """
        ...

    async def forget(self, ticket: Ticket) -> Erased:
        """Stop the order if it runs and drop all of it. Safe twice, safe for unknown tickets.

        What somebody else keeps for a while is in `Erased.remains`. Raises `ProviderUnavailable`
        as long as something may run that could not be stopped.
        """
        ...

    async def removed(self, ticket: Ticket) -> bool:
        """Whether whoever else had the photo says that it is gone. Raises `ProviderUnavailable`."""
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

    async def follow(self, owed: Owed, effect: Effect) -> Owed | None:
        """Settle an erasure and owe what follows on it, in one transaction; the new effect.

        It needs no key of the person's, and a later erasure drops it. None: `owed` was settled,
        erased or taken again by a later attempt.
        """
        ...


class Purse(Protocol):
    """What hosted providers cost, within the operator's limits.

    What concerns a person is part of the journal's data: erased with it. Totals per day and
    workspace stay, without people in them.
    """

    async def reserve(self, person: Person, order: str, micros: int) -> Cap | None:
        """Set micro-dollars aside for an order; the limit that stands in the way, or None.

        The same order again sets nothing more aside.
        """
        ...

    async def settle(self, person: Person, order: str, micros: int, ticket: Ticket | None) -> None:
        """What the order has cost in the end; without a reservation there is nothing to settle.

        `ticket` is kept while its provider may still have something of the person's.
        """
        ...

    async def tickets(self, person: Person) -> Sequence[Ticket]:
        """The tickets that were kept."""
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

    async def export(self) -> bytes:
        """The whole chain as JSON lines: at (microseconds since 1970), what, about, head."""
        ...


class Clock(Protocol):
    """Time in UTC, so that tests need not wait."""

    def now(self) -> datetime: ...
