"""Vaults that each break one promise."""

from __future__ import annotations

from bot.errors import PhotoGone
from bot.model import Erased, Person, PhotoId
from tests.fakes.memory import MemoryVault


class AddsAByte(MemoryVault):
    async def get(self, photo: PhotoId) -> bytes:
        return await super().get(photo) + b"\n"


class NeverOverwrites(MemoryVault):
    async def put(self, person: Person, name: str, photo: bytes) -> PhotoId:
        return await super().put(person, f"{name} {len(self.kept)}", photo)


class OneNameForAll(MemoryVault):
    async def put(self, person: Person, name: str, photo: bytes) -> PhotoId:
        return await super().put(Person("", "", ""), "", photo)


class TellsTheName(MemoryVault):
    async def put(self, person: Person, name: str, photo: bytes) -> PhotoId:
        stored = PhotoId(f"{person.user}/{name}")
        self.kept[stored.value] = photo
        return stored


class GivesAnything(MemoryVault):
    async def get(self, photo: PhotoId) -> bytes:
        return next(iter(self.kept.values()))


class DropsEverything(MemoryVault):
    async def drop(self, photo: PhotoId) -> None:
        self.kept.clear()


class DropsNothing(MemoryVault):
    async def drop(self, photo: PhotoId) -> None:
        pass


class DropsForGood(MemoryVault):
    dropped: frozenset[PhotoId] = frozenset()

    async def drop(self, photo: PhotoId) -> None:
        self.dropped |= {photo}
        await super().drop(photo)

    async def get(self, photo: PhotoId) -> bytes:
        if photo in self.dropped:
            raise PhotoGone
        return await super().get(photo)


class ErasesOnlyTheNewest(MemoryVault):
    async def erase(self, person: Person) -> Erased:
        newest = list(self.kept)[-1]
        return Erased({"photos": 1 if self.kept.pop(newest) else 0})


class ErasesEverybody(MemoryVault):
    async def erase(self, person: Person) -> Erased:
        count = len(self.kept)
        self.kept.clear()
        return Erased({"photos": count} if count else {})
