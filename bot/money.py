"""What may be spent on hosted providers, in whole micro-dollars, so that sums are exact."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from bot.model import Value

MICROS = 1_000_000
"""Micro-dollars in a dollar."""


class Cap(StrEnum):
    """A limit that an order may run into. People are told that one was reached, not which."""

    ORDER = "order"
    PERSON = "person"
    WORKSPACE = "workspace"
    EVERYBODY = "everybody"


class Caps(Value, frozen=True):
    """The limits; days are those of UTC."""

    order: int
    person_day: int
    workspace_day: int
    day: int

    def reached(self, micros: int, *, person: int, workspace: int, everybody: int) -> Cap | None:
        """The limit that spending `micros` more would break, given what today has cost so far."""
        checks = (
            (Cap.ORDER, micros, self.order),
            (Cap.PERSON, person + micros, self.person_day),
            (Cap.WORKSPACE, workspace + micros, self.workspace_day),
            (Cap.EVERYBODY, everybody + micros, self.day),
        )
        return next((cap for cap, spent, limit in checks if spent > limit), None)


NOTHING = Caps(order=0, person_day=0, workspace_day=0, day=0)
"""Nothing may be spent."""


def in_dollars(micros: int) -> str:
    """As people write it: ``$0.36``, with more digits only where there are some."""
    cents = Decimal(micros) / MICROS
    return f"${cents:.2f}" if micros % 10_000 == 0 else f"${cents.normalize():f}"


def in_micros(dollars: Decimal) -> int:
    """Whole micro-dollars, rounded down."""
    return int(dollars * MICROS)
