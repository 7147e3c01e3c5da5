"""What every `Register` must do; subclass `RegisterContract` and give the two fixtures.

``register`` is the register and ``journal`` the journal that it says who is in a workspace for.
"""

from __future__ import annotations

import pytest

from bot.model import Person, Workspace
from bot.ports import Journal
from bot.states import Idle, Turn
from bot.workspace_ports import Register
from tests.contracts.journal import ERASE, commit, say

ONE, TWO = Workspace("slack", "T1"), Workspace("slack", "T2")
ANNA, BORIS = Person("slack", "T1", "U1"), Person("slack", "T1", "U2")
ELSEWHERE = Person("slack", "T2", "U1")


class RegisterContract:
    """Subclass me as ``class TestMine(RegisterContract)``."""

    @pytest.fixture
    def register(self) -> Register:
        raise NotImplementedError

    @pytest.fixture
    def journal(self) -> Journal:
        raise NotImplementedError

    async def test_a_record_is_read_as_it_was_noted(self, register: Register) -> None:
        await register.note(ONE, "token", b"first")
        await register.note(ONE, "token", b"second")
        await register.note(TWO, "token", b"theirs")
        assert await register.read(ONE, "token") == b"second"
        assert await register.read(ONE, "other") is None
        assert set(await register.all("slack")) == {ONE, TWO}
        assert await register.all("teams") in ([], ())

    async def test_a_dropped_record_is_gone_and_the_others_stay(self, register: Register) -> None:
        await register.note(ONE, "token", b"first")
        await register.note(ONE, "policy", b"second")
        for _ in range(2):
            await register.drop(ONE, "token")
        assert await register.read(ONE, "token") is None
        assert await register.read(ONE, "policy") == b"second"

    async def test_erasing_a_workspace_leaves_the_others(self, register: Register) -> None:
        await register.note(ONE, "token", b"first")
        await register.note(TWO, "token", b"theirs")
        assert (await register.erase(ONE)).counts == {"workspace records": 1}
        assert (await register.erase(ONE)).counts == {}
        assert await register.read(ONE, "token") is None
        assert await register.read(TWO, "token") == b"theirs"
        await register.note(ONE, "token", b"back")
        assert await register.read(ONE, "token") == b"back"

    async def test_it_knows_who_is_in_a_workspace(
        self, register: Register, journal: Journal
    ) -> None:
        for person in (ANNA, BORIS, ELSEWHERE):
            await commit(journal, person, "slack:1", say("hello"))
        await journal.commit(ANNA, "slack:2", Turn(Idle(), (say("once more"),)))
        assert set(await register.people(ONE)) == {ANNA, BORIS}
        assert list(await register.people(TWO)) == [ELSEWHERE]

    async def test_whoever_was_erased_is_in_no_workspace_until_they_come_back(
        self, register: Register, journal: Journal
    ) -> None:
        await commit(journal, ANNA, "slack:1", say("hello"))
        (owed,) = await commit(journal, ANNA, "slack:2", ERASE)
        await journal.erase(ANNA)
        assert list(await register.people(ONE)) == []
        await journal.settle(owed.id)
        await commit(journal, ANNA, "slack:3", say("hello again"))
        assert list(await register.people(ONE)) == [ANNA]
