"""Whatever happens, in whatever order, the journal on disk and the one in memory tell the same."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bot.effects import Effect
from bot.model import Person
from bot.ports import Owed
from bot.states import Idle, Turn
from storage.house import Storage, StorageConfig, open_storage
from tests.contracts.journal import CHECK, ERASE, NOON, remind, say, waiting
from tests.fakes.memory import MemoryStorage

PERSONS = [Person("web", "", "anna"), Person("web", "", "boris")]
EFFECTS: list[tuple[Effect, ...]] = [
    (),
    (say("a"),),
    (say("b"), CHECK),
    (remind(NOON), remind(NOON + timedelta(hours=1))),
    (ERASE,),
]
persons = st.sampled_from(PERSONS)
turns = st.builds(
    Turn,
    st.one_of(st.just(Idle()), st.integers(1, 3).map(waiting)),
    st.sampled_from(EFFECTS),
)
deliveries = st.integers(0, 5).map("web:{}".format)
places = st.integers(0, 8)


class StandingClock:
    def now(self) -> datetime:
        return NOON


def told(owed: Sequence[Owed] | None) -> list[tuple[object, ...]] | None:
    """What two journals must agree about: all but the ids, and how lines are shared."""
    if owed is None:
        return None
    lines = [one.line for one in owed]
    return [
        (one.person, one.effect, one.due, one.attempt, one.note, lines.index(one.line))
        for one in owed
    ]


class Agreement(RuleBasedStateMachine):
    """Does the same to both."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.memory = MemoryStorage(StandingClock())
        self.taken: dict[str, tuple[Owed | None, Owed | None]] = {}

    @initialize()
    def open(self) -> None:
        config = StorageConfig(data_dir=self.folder, master_key=bytes(32))
        opening = self.stack.enter_async_context(open_storage(config, StandingClock()))
        self.disk: Storage = self.runner.run(opening)

    @rule()
    def restart(self) -> None:
        self.runner.run(self.stack.aclose())
        self.open()

    @rule(person=persons, delivery=deliveries, turn=turns)
    def commit(self, person: Person, delivery: str, turn: Turn) -> None:
        self.compare(
            self.runner.run(self.disk.journal.commit(person, delivery, turn)),
            self.runner.run(self.memory.journal.commit(person, delivery, turn)),
        )

    @rule(place=places, delivery=deliveries, turn=turns)
    def conclude(self, place: int, delivery: str, turn: Turn) -> None:
        if place >= len(self.taken):
            return
        disk, memory = list(self.taken.values())[place]
        if disk is None or memory is None:
            return
        self.compare(
            self.runner.run(self.disk.journal.commit(disk.person, delivery, turn, settles=disk)),
            self.runner.run(
                self.memory.journal.commit(disk.person, delivery, turn, settles=memory)
            ),
        )

    @rule(place=places)
    def take(self, place: int) -> None:
        for disk, memory in self.pairs(place):
            pair = (
                self.runner.run(self.disk.journal.take(disk.id)),
                self.runner.run(self.memory.journal.take(memory.id)),
            )
            self.taken[f"{disk.id} {len(self.taken)}"] = pair
            self.compare([one for one in pair[:1] if one], [one for one in pair[1:] if one])

    @rule(place=places, note=st.sampled_from(["one", "two"]))
    def annotate(self, place: int, note: str) -> None:
        for disk, memory in self.pairs(place):
            assert self.runner.run(self.disk.journal.annotate(disk.id, note))
            assert self.runner.run(self.memory.journal.annotate(memory.id, note))

    @rule(place=places)
    def settle(self, place: int) -> None:
        for disk, memory in self.pairs(place):
            self.runner.run(self.disk.journal.settle(disk.id))
            self.runner.run(self.memory.journal.settle(memory.id))

    @rule(person=persons, shred=st.booleans())
    def erase(self, person: Person, shred: bool) -> None:
        if shred:
            self.runner.run(self.disk.keyring.erase(person))
        disk = self.runner.run(self.disk.journal.erase(person))
        assert disk == self.runner.run(self.memory.journal.erase(person))

    def pairs(self, place: int) -> list[tuple[Owed, Owed]]:
        """What is owed at that place, in both; none when it is not that much."""
        disk, memory = self.owed()
        return list(zip(disk, memory, strict=True))[place : place + 1]

    def owed(self) -> tuple[Sequence[Owed], Sequence[Owed]]:
        disk = self.runner.run(self.disk.journal.owed())
        memory = self.runner.run(self.memory.journal.owed())
        assert told(disk) == told(memory)
        return disk, memory

    def compare(self, disk: Sequence[Owed] | None, memory: Sequence[Owed] | None) -> None:
        assert told(disk) == told(memory)
        self.owed()
        for person in PERSONS:
            state = self.runner.run(self.disk.journal.load(person))
            assert state == self.runner.run(self.memory.journal.load(person))

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
