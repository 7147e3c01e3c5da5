"""What every `Erasable` holder must do; subclass `ErasableContract` and give the two fixtures.

``holder`` is the holder; ``fill`` puts something about a person into it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from bot.model import Person
from bot.ports import Erasable

ANNA = Person("web", "", "anna")
BORIS = Person("web", "", "boris")

Fill: TypeAlias = Callable[[Person], Awaitable[None]]


class ErasableContract:
    """Subclass me as ``class TestMine(ErasableContract)``."""

    @pytest.fixture
    def holder(self) -> Erasable:
        raise NotImplementedError

    @pytest.fixture
    def fill(self) -> Fill:
        raise NotImplementedError

    async def test_it_says_what_it_holds_in_one_sentence(self, holder: Erasable) -> None:
        assert holder.holds.endswith(".")
        assert ". " not in holder.holds
        assert "\n" not in holder.holds
        assert len(holder.holds) > len("Nothing.")

    async def test_erasing_counts_what_was_there(self, holder: Erasable, fill: Fill) -> None:
        await fill(ANNA)
        erased = await holder.erase(ANNA)
        assert erased.counts
        assert all(count > 0 for count in erased.counts.values())

    async def test_a_second_erase_finds_nothing(self, holder: Erasable, fill: Fill) -> None:
        await fill(ANNA)
        await holder.erase(ANNA)
        assert (await holder.erase(ANNA)).counts == {}

    async def test_erasing_a_stranger_finds_nothing(self, holder: Erasable, fill: Fill) -> None:
        await fill(ANNA)
        assert (await holder.erase(BORIS)).counts == {}

    async def test_erasing_one_person_leaves_the_other(self, holder: Erasable, fill: Fill) -> None:
        await fill(ANNA)
        await fill(BORIS)
        await holder.erase(ANNA)
        assert (await holder.erase(BORIS)).counts

    async def test_whoever_comes_back_can_be_erased_again(
        self, holder: Erasable, fill: Fill
    ) -> None:
        await fill(ANNA)
        first = await holder.erase(ANNA)
        await fill(ANNA)
        assert await holder.erase(ANNA) == first
