"""Purses that each break one promise."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.model import Person, Ticket
from bot.money import Cap
from tests.fakes.purse import MemoryPurse


class Stingy(MemoryPurse):
    async def reserve(self, person: Person, order: str, micros: int) -> Cap | None:
        return await super().reserve(person, order, micros) or Cap.EVERYBODY


class NoLimit(MemoryPurse):
    async def reserve(self, person: Person, order: str, micros: int) -> Cap | None:
        await super().reserve(person, order, micros)
        return None


class OnePersonForAll(MemoryPurse):
    async def reserve(self, person: Person, order: str, micros: int) -> Cap | None:
        one = replace(person, user="one")
        return await super().reserve(one, f"{person.user}/{order}", micros)


class OneWorkspaceForAll(MemoryPurse):
    async def reserve(self, person: Person, order: str, micros: int) -> Cap | None:
        return await super().reserve(replace(person, workspace="one"), order, micros)


class SetsAsideAgain(MemoryPurse):
    async def reserve(self, person: Person, order: str, micros: int) -> Cap | None:
        return await super().reserve(person, f"{order}#{len(self.outlays)}", micros)


class SettlesNothing(MemoryPurse):
    async def settle(self, person: Person, order: str, micros: int, ticket: Ticket | None) -> None:
        pass


class SettlesAgain(MemoryPurse):
    async def settle(self, person: Person, order: str, micros: int, ticket: Ticket | None) -> None:
        if outlay := self.outlays.get((person, order)):
            outlay.settled = False
        await super().settle(person, order, micros, ticket)


class SettlesAnything(MemoryPurse):
    async def settle(self, person: Person, order: str, micros: int, ticket: Ticket | None) -> None:
        await super().reserve(person, order, micros)
        await super().settle(person, order, micros, ticket)


class OneDayForEver(MemoryPurse):
    async def reserve(self, person: Person, order: str, micros: int) -> Cap | None:
        today = self._clock.now().date()
        for outlay in self.outlays.values():
            outlay.day = today
        return await super().reserve(person, order, micros)


class OneBookForAll(MemoryPurse):
    async def tickets(self, person: Person) -> Sequence[Ticket]:
        return [one.ticket for one in self.outlays.values() if one.ticket is not None]


class ForgetsTotals(MemoryPurse):
    def forget(self, person: Person) -> int:
        self.totals.clear()
        return super().forget(person)
