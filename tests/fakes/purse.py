"""The `Purse` port in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.model import Person, Ticket
from bot.money import Cap, Caps
from bot.ports import Clock

ENOUGH = Caps(order=10**9, person_day=10**9, workspace_day=10**9, day=10**9)


@dataclass(slots=True)
class Outlay:
    """What one order costs."""

    person: Person
    day: date
    micros: int
    settled: bool = False
    ticket: Ticket | None = None


class MemoryPurse:
    """`Purse`; `MemoryJournal.erase` erases it too, as the real one does."""

    def __init__(self, clock: Clock, caps: Caps = ENOUGH) -> None:
        self._clock = clock
        self.caps = caps
        self.outlays: dict[tuple[Person, str], Outlay] = {}
        self.totals: dict[tuple[date, str, str], int] = {}

    async def reserve(self, person: Person, order: str, micros: int) -> Cap | None:
        if (person, order) in self.outlays:
            return None
        today = self._clock.now().date()
        place = (today, person.platform, person.workspace)
        mine = [o.micros for o in self.outlays.values() if (o.person, o.day) == (person, today)]
        everybody = sum(spent for (day, *_), spent in self.totals.items() if day == today)
        cap = self.caps.reached(
            micros, person=sum(mine), workspace=self.totals.get(place, 0), everybody=everybody
        )
        if cap is None:
            self.outlays[person, order] = Outlay(person, today, micros)
            self.totals[place] = self.totals.get(place, 0) + micros
        return cap

    async def settle(self, person: Person, order: str, micros: int, ticket: Ticket | None) -> None:
        outlay = self.outlays.get((person, order))
        if outlay is None or outlay.settled:
            return
        self.totals[outlay.day, person.platform, person.workspace] += micros - outlay.micros
        outlay.micros, outlay.settled, outlay.ticket = micros, True, ticket

    async def tickets(self, person: Person) -> Sequence[Ticket]:
        mine = [outlay for outlay in self.outlays.values() if outlay.person == person]
        return [outlay.ticket for outlay in mine if outlay.ticket is not None]

    def forget(self, person: Person) -> int:
        """What the journal does to it; how many outlays there were."""
        mine = [key for key in self.outlays if key[0] == person]
        for key in mine:
            del self.outlays[key]
        return len(mine)
