"""What every `Purse` must do; the real one and the fake subclass `PurseContract`.

A subclass gives the fixtures ``purse`` (with the limits `CAPS`), ``clock`` (the one it lives by)
and ``erase``, which erases one person as the journal does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.model import Person, Ticket
from bot.money import Cap, Caps
from bot.ports import Purse

CAPS = Caps(order=400, person_day=1000, workspace_day=2000, day=2500)
ANNA = Person("chat", "W1", "anna")
BERT = Person("chat", "W1", "bert")
CARL = Person("chat", "W1", "carl")
DORA = Person("chat", "W2", "dora")
TICKET = Ticket("hosted", "what was ordered")


class MovingClock(Protocol):
    """A clock that tests can move."""

    def move(self, **by: float) -> None: ...


class PurseContract:
    """Subclass me as ``class TestMine(PurseContract)`` and give the fixtures."""

    async def test_an_order_within_all_limits_is_allowed(self, purse: Purse) -> None:
        assert await purse.reserve(ANNA, "1", 400) is None

    async def test_an_order_that_is_too_dear_is_not(self, purse: Purse) -> None:
        assert await purse.reserve(ANNA, "1", 401) is Cap.ORDER

    async def test_a_person_has_a_limit_a_day(self, purse: Purse) -> None:
        await purse.reserve(ANNA, "1", 400)
        await purse.reserve(ANNA, "2", 400)
        assert await purse.reserve(ANNA, "3", 201) is Cap.PERSON
        assert await purse.reserve(ANNA, "3", 200) is None
        assert await purse.reserve(BERT, "1", 400) is None

    async def test_a_workspace_has_one_too(self, purse: Purse) -> None:
        for person in (ANNA, BERT):
            for order in ("1", "2"):
                await purse.reserve(person, order, 400)
        await purse.reserve(CARL, "1", 400)
        assert await purse.reserve(CARL, "2", 1) is Cap.WORKSPACE
        assert await purse.reserve(DORA, "1", 400) is None

    async def test_and_everybody_together(self, purse: Purse) -> None:
        for person in (ANNA, BERT):
            for order in ("1", "2"):
                await purse.reserve(person, order, 400)
        await purse.reserve(CARL, "1", 400)
        await purse.reserve(DORA, "1", 400)
        assert await purse.reserve(DORA, "2", 101) is Cap.EVERYBODY

    async def test_the_same_order_is_set_aside_once(self, purse: Purse) -> None:
        for _ in range(5):
            assert await purse.reserve(ANNA, "1", 400) is None
        assert await purse.reserve(ANNA, "2", 400) is None

    async def test_what_was_not_spent_can_be_spent(self, purse: Purse) -> None:
        for order in ("1", "2", "3", "4"):
            assert await purse.reserve(ANNA, order, 400) is None
            await purse.settle(ANNA, order, 100, None)

    async def test_the_first_settlement_counts(self, purse: Purse) -> None:
        await purse.reserve(ANNA, "1", 400)
        await purse.settle(ANNA, "1", 300, None)
        await purse.settle(ANNA, "1", 0, None)
        await purse.reserve(ANNA, "2", 400)
        assert await purse.reserve(ANNA, "3", 301) is Cap.PERSON

    async def test_without_a_reservation_there_is_nothing_to_settle(self, purse: Purse) -> None:
        await purse.settle(ANNA, "1", 400, TICKET)
        assert await purse.tickets(ANNA) == []
        assert await purse.reserve(ANNA, "1", 400) is None

    async def test_another_day_begins_anew(self, purse: Purse, clock: MovingClock) -> None:
        for order in ("1", "2"):
            await purse.reserve(ANNA, order, 400)
        clock.move(days=1)
        for order in ("3", "4"):
            assert await purse.reserve(ANNA, order, 400) is None

    async def test_a_ticket_is_kept_with_its_person(self, purse: Purse) -> None:
        for person in (ANNA, BERT):
            await purse.reserve(person, "1", 400)
        await purse.settle(ANNA, "1", 400, TICKET)
        await purse.settle(BERT, "1", 400, None)
        assert list(await purse.tickets(ANNA)) == [TICKET]
        assert list(await purse.tickets(BERT)) == []

    async def test_erasing_takes_one_person_and_leaves_the_totals(
        self, purse: Purse, erase: Callable[[Person], Awaitable[object]]
    ) -> None:
        for person in (ANNA, BERT):
            for order in ("1", "2"):
                await purse.reserve(person, order, 400)
                await purse.settle(person, order, 400, TICKET)
        await erase(ANNA)
        assert list(await purse.tickets(ANNA)) == []
        assert list(await purse.tickets(BERT)) == [TICKET, TICKET]
        await purse.settle(ANNA, "1", 0, None)
        await purse.reserve(ANNA, "3", 400)
        assert await purse.reserve(ANNA, "4", 1) is Cap.WORKSPACE
