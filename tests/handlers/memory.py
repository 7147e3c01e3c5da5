"""Small in-memory stand-ins for what a handler is given: a ledger, a vault, a clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.errors import PhotoGone
from bot.model import Erased, Person, PhotoId


class MemoryLedger:
    """`bot.ports.Ledger`, and what a journal does to it on erasure."""

    def __init__(self) -> None:
        self.kept: dict[Person, dict[str, bytes]] = {}

    async def note(self, person: Person, key: str, entry: bytes) -> None:
        self.kept.setdefault(person, {})[key] = entry

    async def entries(self, person: Person) -> Mapping[str, bytes]:
        return dict(self.kept.get(person, {}))

    async def erase(self, person: Person) -> Erased:
        return Erased({"messages": len(self.kept.pop(person, {}))})


class MemoryVault:
    """`bot.ports.PhotoVault` without the sealing."""

    holds = "Photos, in memory, for the time of a test."

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def put(self, person: Person, name: str, photo: bytes) -> PhotoId:
        value = f"{person.user[:8]}/{name}"
        self.kept[value] = photo
        return PhotoId(value)

    async def get(self, photo: PhotoId) -> bytes:
        try:
            return self.kept[photo.value]
        except KeyError:
            raise PhotoGone from None

    async def drop(self, photo: PhotoId) -> None:
        self.kept.pop(photo.value, None)

    async def erase(self, person: Person) -> Erased:
        theirs = [name for name in self.kept if name.startswith(person.user[:8])]
        for name in theirs:
            del self.kept[name]
        return Erased({"photos": len(theirs)})


class HandClock:
    """`bot.ports.Clock` that a test moves by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def pass_by(self, minutes: float) -> None:
        self.time += timedelta(minutes=minutes)
