"""What every `Ledger` must do; subclass `LedgerContract` and give the fixture ``ledger``."""

from __future__ import annotations

import pytest

from bot.model import Person
from bot.ports import Ledger

ANNA = Person("web", "", "anna")
BORIS = Person("web", "", "boris")


class LedgerContract:
    """Subclass me as ``class TestMine(LedgerContract)``."""

    @pytest.fixture
    def ledger(self) -> Ledger:
        raise NotImplementedError

    async def test_whoever_was_told_nothing_has_no_entries(self, ledger: Ledger) -> None:
        assert await ledger.entries(ANNA) == {}

    async def test_entries_come_oldest_first(self, ledger: Ledger) -> None:
        for key in ("z", "a", "m"):
            await ledger.note(ANNA, key, key.encode() + b"\x00\xff")
        written = [("z", b"z\x00\xff"), ("a", b"a\x00\xff"), ("m", b"m\x00\xff")]
        assert list((await ledger.entries(ANNA)).items()) == written

    async def test_overwriting_keeps_the_place(self, ledger: Ledger) -> None:
        await ledger.note(ANNA, "one", b"1")
        await ledger.note(ANNA, "two", b"2")
        await ledger.note(ANNA, "one", b"new")
        assert list((await ledger.entries(ANNA)).items()) == [("one", b"new"), ("two", b"2")]

    async def test_one_entry_can_be_read_by_its_key(self, ledger: Ledger) -> None:
        await ledger.note(ANNA, "one", b"1")
        await ledger.note(ANNA, "two", b"2")
        await ledger.note(BORIS, "three", b"3")
        assert await ledger.entry(ANNA, "two") == b"2"
        assert await ledger.entry(ANNA, "three") is None

    async def test_persons_are_kept_apart(self, ledger: Ledger) -> None:
        await ledger.note(ANNA, "one", b"anna")
        await ledger.note(BORIS, "one", b"boris")
        assert await ledger.entries(ANNA) == {"one": b"anna"}
        assert await ledger.entries(BORIS) == {"one": b"boris"}

    async def test_what_was_read_does_not_change_later(self, ledger: Ledger) -> None:
        await ledger.note(ANNA, "one", b"1")
        read = await ledger.entries(ANNA)
        await ledger.note(ANNA, "two", b"2")
        assert dict(read) == {"one": b"1"}
