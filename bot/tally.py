"""How good the results are, counted and nothing more: the numbers of ``/metrics``.

Counts since the process began, each with at most one label out of a closed list: who made a
headshot, what was wrong with one, why somebody asked for another. There is no person, no picture,
no order and no time in them. "Not me" is the number to watch: nobody but the person can tell.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from bot.effects import Again
from bot.model import Fault


class Count(StrEnum):
    """What is counted; the value is the metric's name without its ``workshot_``."""

    MADE = "headshots_made"
    LEFT_OUT = "headshots_left_out"
    FINISHED = "orders_finished"
    ASKED_AGAIN = "asked_again"


_MEANING = {
    Count.MADE: ("by", "Headshots that somebody made."),
    Count.LEFT_OUT: ("fault", "Headshots that did not show the person as they are."),
    Count.FINISHED: ("", "Orders of which at least one headshot could be handed over."),
    Count.ASKED_AGAIN: ("why", "Times a person said that it is not them, or not enough."),
}
_ALWAYS_SHOWN = {
    Count.LEFT_OUT: tuple(fault.value for fault in Fault),
    Count.FINISHED: ("",),
    Count.ASKED_AGAIN: tuple(why.value for why in Again),
}
"""Shown as 0 until something happens, so that whoever watches knows that they exist."""


class Tally:
    """Counts."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Count, str]] = Counter()

    def add(self, what: Count, label: str = "") -> None:
        """One more. `label` is one of a closed list, never of a person."""
        self._counts[what, label] += 1

    def of(self, what: Count, label: str = "") -> int:
        """How many so far."""
        return self._counts[what, label]

    def exposition(self) -> str:
        """All of it in Prometheus' text format."""
        lines = []
        for what, (label, meaning) in _MEANING.items():
            name = f"workshot_{what.value}_total"
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} counter"]
            seen = {value for counted, value in self._counts if counted is what}
            for value in sorted(seen | set(_ALWAYS_SHOWN.get(what, ()))):
                labels = f'{{{label}="{value}"}}' if label else ""
                lines.append(f"{name}{labels} {self._counts[what, value]}")
        return "\n".join(lines) + "\n"
