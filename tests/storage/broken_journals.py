"""Journals, ledgers and audit logs that each break one promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from bot.effects import ConfirmRemoval, Effect
from bot.model import Erased, Person
from bot.ports import Owed
from bot.states import Idle, State, Turn
from tests.contracts.journal import waiting
from tests.fakes.memory import MemoryAudit, MemoryJournal, MemoryLedger

Written = Sequence[Owed] | None


class NeverIdle(MemoryJournal):
    async def load(self, person: Person) -> State:
        state = await super().load(person)
        return waiting() if state == Idle() else state


class AlwaysIdle(MemoryJournal):
    async def load(self, person: Person) -> State:
        return Idle()


class KeepsIdle(MemoryJournal):
    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Written:
        written = await super().commit(person, delivery, turn, settles=settles)
        self._sessions[person] = turn.state
        return written


class ForgetsDeliveries(MemoryJournal):
    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Written:
        self._seen.clear()
        return await super().commit(person, delivery, turn, settles=settles)


class OneListOfDeliveries(MemoryJournal):
    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Written:
        if any(delivery == seen for _, seen in self._seen):
            return None
        return await super().commit(person, delivery, turn, settles=settles)


class SettlesNothing(MemoryJournal):
    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Written:
        return await super().commit(person, delivery, turn)


class IgnoresAttempts(MemoryJournal):
    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Written:
        if settles is not None:
            settles = self._owed.get(settles.id, settles)
        return await super().commit(person, delivery, turn, settles=settles)


class SeesTooEarly(MemoryJournal):
    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Written:
        written = await super().commit(person, delivery, turn, settles=settles)
        self._seen.add((person, delivery))
        return written


class SettlesTooEarly(MemoryJournal):
    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Written:
        if settles is not None:
            await self.settle(settles.id)
        return await super().commit(person, delivery, turn)


class OwesBackwards(MemoryJournal):
    async def owed(self, person: Person | None = None) -> Sequence[Owed]:
        return list(reversed(await super().owed(person)))


class OwesToEverybody(MemoryJournal):
    async def owed(self, person: Person | None = None) -> Sequence[Owed]:
        return await super().owed()


class RoundsTime(MemoryJournal):
    def _promise(self, person: Person, turn: Turn, number: int) -> Owed:
        owed = super()._promise(person, turn, number)
        return replace(owed, due=owed.due.replace(microsecond=0))


class ALinePerEffect(MemoryJournal):
    def _promise(self, person: Person, turn: Turn, number: int) -> Owed:
        owed = super()._promise(person, turn, number)
        return replace(owed, line=owed.id)


class OneLineForAll(MemoryJournal):
    def _promise(self, person: Person, turn: Turn, number: int) -> Owed:
        return replace(super()._promise(person, turn, number), line="line")


class CountsNothing(MemoryJournal):
    async def take(self, effect_id: str) -> Owed | None:
        return self._owed.get(effect_id)


class KeepsTheFirstNote(MemoryJournal):
    async def annotate(self, effect_id: str, note: str) -> bool:
        owed = self._owed.get(effect_id)
        return (owed is not None and bool(owed.note)) or await super().annotate(effect_id, note)


class NeverSettles(MemoryJournal):
    async def settle(self, effect_id: str) -> None:
        pass


class KeepsOldPromises(MemoryJournal):
    def _ids(self, person: Person) -> list[str]:
        return []


class ForgetsErasures(MemoryJournal):
    async def erase(self, person: Person) -> Erased:
        erased = await super().erase(person)
        self._drop(self._ids(person))
        return erased


class KeepsSessions(MemoryJournal):
    async def erase(self, person: Person) -> Erased:
        kept = self._sessions.get(person)
        erased = await super().erase(person)
        if kept is not None:
            self._sessions[person] = kept
        return erased


class ErasesEverybody(MemoryJournal):
    async def erase(self, person: Person) -> Erased:
        counts: dict[str, int] = {}
        for one in {person, *self._sessions}:
            counts.update((await super().erase(one)).counts)
        return Erased(counts)


class OwesBoth(MemoryJournal):
    async def follow(self, owed: Owed, effect: Effect) -> Owed | None:
        following = await super().follow(owed, effect)
        self._owed[owed.id] = owed
        return following


class FollowsOnAnything(MemoryJournal):
    async def follow(self, owed: Owed, effect: Effect) -> Owed | None:
        return await super().follow(self._owed[owed.id], effect)


class KeepsWhatFollows(MemoryJournal):
    def _ids(self, person: Person) -> list[str]:
        owed = [self._owed[one] for one in super()._ids(person)]
        return [one.id for one in owed if not isinstance(one.effect, ConfirmRemoval)]


class NeverLetsComeBack(MemoryJournal):
    erased: frozenset[Person] = frozenset()

    async def erase(self, person: Person) -> Erased:
        self.erased |= {person}
        return await super().erase(person)

    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Written:
        if person in self.erased:
            return None
        return await super().commit(person, delivery, turn, settles=settles)


class EndlessCount(MemoryJournal):
    async def erase(self, person: Person) -> Erased:
        await super().erase(person)
        return Erased({"conversations": 1})


class CountsZero(MemoryJournal):
    async def erase(self, person: Person) -> Erased:
        return Erased({**(await super().erase(person)).counts, "conversations": 0})


class SaysNothing(MemoryJournal):
    @property
    def holds(self) -> str:
        return ""


class KnowsEverybody(MemoryLedger):
    async def entries(self, person: Person) -> Mapping[str, bytes]:
        return {"hello": b"", **await super().entries(person)}


class SortsByKey(MemoryLedger):
    async def entries(self, person: Person) -> Mapping[str, bytes]:
        return dict(sorted((await super().entries(person)).items()))


class MovesWhatIsOverwritten(MemoryLedger):
    async def note(self, person: Person, key: str, entry: bytes) -> None:
        self.kept.get(person, {}).pop(key, None)
        await super().note(person, key, entry)


class OneBookForAll(MemoryLedger):
    async def note(self, person: Person, key: str, entry: bytes) -> None:
        await super().note(Person("", "", ""), key, entry)

    async def entries(self, person: Person) -> Mapping[str, bytes]:
        return await super().entries(Person("", "", ""))


class LosesTheLast(MemoryLedger):
    async def entry(self, person: Person, key: str) -> bytes | None:
        return next(iter(self.kept.get(person, {}).values()), None)


class HandsOutItsOwnBook(MemoryLedger):
    async def entries(self, person: Person) -> Mapping[str, bytes]:
        return self.kept.setdefault(person, {})


class NotAHash(MemoryAudit):
    async def append(self, what: str, about: str) -> str:
        await super().append(what, about)
        return str(len(self.entries))


class AddsEveryTime(MemoryAudit):
    async def append(self, what: str, about: str) -> str:
        return await super().append(f"{what} {len(self.entries)}", about)


class OneHeadForAll(MemoryAudit):
    async def append(self, what: str, about: str) -> str:
        return await super().append("", "")


class KeepsItsChain(MemoryAudit):
    async def export(self) -> bytes:
        return b""
