"""The storage ports in memory: same promises, same contracts, no disk.

For tests of what is above the storage. A "restart" is a new engine on the same `MemoryStorage`.
Nothing is sealed here; what erasing means at byte level is tested on the real storage.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from bot.effects import CheckPhoto, ConfirmRemoval, Effect, Erase, MakeHeadshots, PackData, Remind
from bot.errors import PhotoGone
from bot.model import Erased, Person, PhotoId
from bot.ports import Clock, Erasable, Owed
from bot.states import Idle, State, Turn
from tests.fakes.purse import MemoryPurse
from tests.fakes.register import MemoryPasses, MemoryRegister


@dataclass(slots=True)
class Entry:
    """A wake-up that stands in a line."""

    effect_id: str
    line: str
    due: datetime


class MemoryScheduler:
    """`Scheduler`."""

    def __init__(
        self, clock: Clock, *, slots: int = 8, pause: timedelta = timedelta(seconds=1)
    ) -> None:
        self._clock = clock
        self._slots = slots
        self._pause = pause
        self._entries: dict[str, Entry] = {}
        self._running: set[str] = set()
        self._changed = asyncio.Event()

    async def put(self, effect_id: str, due: datetime, line: str) -> None:
        self._entries.setdefault(effect_id, Entry(effect_id, line, due))
        self._changed.set()

    def wake(self) -> None:
        """Look at the clock again: the test has moved it."""
        self._changed.set()

    def drop(self, effect_ids: Iterable[str]) -> None:
        """The journal says that these are over."""
        for effect_id in effect_ids:
            self._entries.pop(effect_id, None)
        self._changed.set()

    async def run(self, work: Callable[[str], Awaitable[datetime | None]]) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                self._changed.clear()
                heads: dict[str, Entry] = {}
                for entry in self._entries.values():
                    heads.setdefault(entry.line, entry)
                waiting = [head for head in heads.values() if head.line not in self._running]
                now = self._clock.now()
                for head in sorted(waiting, key=lambda head: head.due):
                    if head.due <= now and (self._free() or not is_long(head.line)):
                        self._running.add(head.line)
                        group.create_task(self._call(work, head))
                later = [head.due - now for head in waiting if head.due > now]
                with suppress(TimeoutError):
                    seconds = min(later).total_seconds() if later else None
                    async with asyncio.timeout(seconds):
                        await self._changed.wait()

    def _free(self) -> bool:
        """Whether a slot is free for long work."""
        return sum(map(is_long, self._running)) < self._slots

    async def _call(self, work: Callable[[str], Awaitable[datetime | None]], entry: Entry) -> None:
        try:
            (again,) = await asyncio.gather(work(entry.effect_id), return_exceptions=True)
            if again is None:
                self._entries.pop(entry.effect_id, None)
            elif isinstance(again, BaseException):
                entry.due = self._clock.now() + self._pause
            else:
                entry.due = again
        finally:
            self._running.discard(entry.line)
            self._changed.set()


def is_long(line: str) -> bool:
    """Whether entries of that line need a slot: photos, orders and archives."""
    return line.partition("/")[0] in {CheckPhoto.lane, MakeHeadshots.lane, PackData.lane}


class MemoryLedger:
    """`Ledger`."""

    def __init__(self) -> None:
        self.kept: dict[Person, dict[str, bytes]] = {}

    async def note(self, person: Person, key: str, entry: bytes) -> None:
        self.kept.setdefault(person, {})[key] = entry

    async def entry(self, person: Person, key: str) -> bytes | None:
        return self.kept.get(person, {}).get(key)

    async def entries(self, person: Person) -> Mapping[str, bytes]:
        return dict(self.kept.get(person, {}))

    async def erase(self, person: Person) -> Erased:
        """What the journal does to it."""
        return Erased({"messages": len(self.kept.pop(person, {}))})


class MemoryJournal:
    """`Journal`; erases the ledger too, and drops wake-ups of what is over, as the real one."""

    def __init__(
        self,
        clock: Clock,
        ledger: MemoryLedger,
        scheduler: MemoryScheduler,
        purse: MemoryPurse | None = None,
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._purse = purse or MemoryPurse(clock)
        self._scheduler = scheduler
        self._sessions: dict[Person, State] = {}
        self._seen: set[tuple[Person, str]] = set()
        self._owed: dict[str, Owed] = {}
        self._count = 0
        self.people: dict[Person, None] = {}
        """Everybody with a workspace who has had a turn since they were erased."""

    @property
    def holds(self) -> str:
        return "The conversation, in the memory of a test."

    async def load(self, person: Person) -> State:
        return self._sessions.get(person, Idle())

    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Sequence[Owed] | None:
        if settles is not None:
            held = self._owed.get(settles.id)
            if held is None or held.attempt != settles.attempt:
                return None
        if (person, delivery) in self._seen:
            return None
        self._seen.add((person, delivery))
        if settles is not None:
            self._drop([settles.id])
        if any(isinstance(effect, Erase) for effect in turn.effects):
            self._drop(self._ids(person))
        if isinstance(turn.state, Idle):
            self._sessions.pop(person, None)
        else:
            self._sessions[person] = turn.state
        erases = any(isinstance(effect, Erase) for effect in turn.effects)
        if person.workspace and not erases and (turn.effects or person in self):
            self.people[person] = None
        new = [self._promise(person, turn, number) for number in range(len(turn.effects))]
        self._owed.update({owed.id: owed for owed in new})
        return new

    def _promise(self, person: Person, turn: Turn, number: int) -> Owed:
        effect = turn.effects[number]
        self._count += 1
        effect_id = f"memory-{self._count}"
        timer = isinstance(effect, Remind)
        return Owed(
            id=effect_id,
            person=person,
            effect=effect,
            due=effect.due if isinstance(effect, Remind) else self._clock.now(),
            line=f"{effect.lane}/{effect_id if timer else person}",
            attempt=0,
        )

    async def owed(self, person: Person | None = None) -> Sequence[Owed]:
        return [owed for owed in self._owed.values() if person in {None, owed.person}]

    async def take(self, effect_id: str) -> Owed | None:
        owed = self._owed.get(effect_id)
        if owed is None:
            return None
        self._owed[effect_id] = owed = replace(owed, attempt=owed.attempt + 1)
        return owed

    async def annotate(self, effect_id: str, note: str) -> bool:
        owed = self._owed.get(effect_id)
        if owed is None:
            return False
        self._owed[effect_id] = replace(owed, note=note)
        return True

    async def settle(self, effect_id: str) -> None:
        self._drop([effect_id])

    async def follow(self, owed: Owed, effect: Effect) -> Owed | None:
        held = self._owed.get(owed.id)
        if held is None or held.attempt != owed.attempt:
            return None
        self._drop([owed.id])
        promised = self._promise(owed.person, Turn(Idle(), (effect,)), 0)
        self._owed[promised.id] = promised
        return promised

    async def erase(self, person: Person) -> Erased:
        last = Erase | ConfirmRemoval
        dropped = [i for i in self._ids(person) if not isinstance(self._owed[i].effect, last)]
        deliveries = {seen for seen in self._seen if seen[0] == person}
        counts = {
            "conversations": len([self._sessions.pop(person, None)]) if person in self else 0,
            "messages": len(self._ledger.kept.pop(person, {})),
            "deliveries": len(deliveries),
            "tasks": len(dropped),
            "outlays": self._purse.forget(person),
        }
        self._seen -= deliveries
        self.people.pop(person, None)
        self._drop(dropped)
        return Erased({name: count for name, count in counts.items() if count})

    def __contains__(self, person: Person) -> bool:
        return person in self._sessions

    def _ids(self, person: Person) -> list[str]:
        return [owed.id for owed in self._owed.values() if owed.person == person]

    def _drop(self, effect_ids: Iterable[str]) -> None:
        for effect_id in effect_ids:
            self._owed.pop(effect_id, None)
        self._scheduler.drop(effect_ids)


class MemoryVault:
    """`PhotoVault`."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    @property
    def holds(self) -> str:
        return "Photos, in the memory of a test."

    def name(self, person: Person, name: str) -> PhotoId:
        return PhotoId(f"{_hash(repr(person))}/{_hash(name)}")

    async def put(self, person: Person, name: str, photo: bytes) -> PhotoId:
        stored = self.name(person, name)
        self.kept[stored.value] = photo
        return stored

    async def get(self, photo: PhotoId) -> bytes:
        try:
            return self.kept[photo.value]
        except KeyError as error:
            raise PhotoGone("erased, or never here") from error

    async def drop(self, photo: PhotoId) -> None:
        self.kept.pop(photo.value, None)

    async def erase(self, person: Person) -> Erased:
        theirs = [one for one in self.kept if one.startswith(_hash(repr(person)))]
        for one in theirs:
            del self.kept[one]
        return Erased({"photos": len(theirs)} if theirs else {})


class MemoryAudit:
    """`AuditLog`."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, str]] = []
        """What, about, head."""

    async def append(self, what: str, about: str) -> str:
        for there in self.entries:
            if there[:2] == (what, about):
                return there[2]
        previous = self.entries[-1][2] if self.entries else ""
        head = hashlib.sha256(repr((previous, what, about)).encode()).hexdigest()
        self.entries.append((what, about, head))
        return head

    async def export(self) -> bytes:
        lines = [{"at": 0, "what": w, "about": a, "head": h} for w, a, h in self.entries]
        return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


class MemoryStorage:
    """All of it, wired like `storage.house.Storage`."""

    def __init__(self, clock: Clock, *, first_pause: timedelta = timedelta(seconds=1)) -> None:
        self.scheduler = MemoryScheduler(clock, pause=first_pause)
        self.ledger = MemoryLedger()
        self.purse = MemoryPurse(clock)
        self.journal = MemoryJournal(clock, self.ledger, self.scheduler, self.purse)
        self.vault = MemoryVault()
        self.audit = MemoryAudit()
        self.register = MemoryRegister(self.journal)
        self.passes = MemoryPasses(clock)

    @property
    def holders(self) -> tuple[Erasable, ...]:
        return (self.vault, self.journal)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
