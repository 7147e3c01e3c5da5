"""What a ticket says: which pictures were ordered, and how far each of them is.

Rules. It is written down before anything is paid and after everything that changes it, so that a
restart finds every prediction again. There is nothing of a person in it, no prompt and no address:
seeds, states and Replicate's ids. What an order has cost follows from it; in doubt it has cost.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.errors import OrderLost
from bot.model import Order, Ticket, Value
from providers.replicate import catalogue
from providers.replicate.catalogue import ASPECTS, Model

NAME: Final = "replicate"
KEPT: Final = timedelta(hours=1)
"""How long Replicate keeps what a prediction was given, and made, by its documentation."""
LARGEST_SEED: Final = 2**31 - 2
_COMPARISON: Final = {
    "grey": "office",
    "white": "grey",
    "navy": "office",
    "warm": "charcoal",
    "charcoal": "white",
    "office": "grey",
}
"""The other background of the additional headshot."""


class State(StrEnum):
    """How far one picture is."""

    PLANNED = "planned"
    """Nothing was sent for it; `seed` is what it will be recognised by."""
    INTENDED = "intended"
    """About to be sent, or sent: whoever reads this after a crash must look for it."""
    CREATED = "created"
    """`prediction` is its id; it may be running, or done."""
    MADE = "made"
    """Its picture has arrived, and can be had again for a while."""
    LOST = "lost"
    """Nothing will come of it."""


class Piece(Value, frozen=True):
    """One headshot of an order."""

    format: str
    look: str
    seed: int
    model: str
    """Name in the catalogue."""
    price: int
    """Micro-dollars that a prediction of it costs."""
    deadline: int
    """Seconds after which Replicate stops a prediction by itself."""
    seeded: bool
    """Whether a prediction can be found by its seed."""
    state: State = State.PLANNED
    at: datetime | None = None
    """When something was last sent for it, or about to be."""
    prediction: str = ""
    earlier: tuple[str, ...] = ()
    """Ids of its predictions that came to nothing: what was sent for them is there as well."""
    failures: int = 0
    """How many predictions have failed for it."""
    flagged: bool = False
    """Moderation there does not take the picture."""
    spent: int = 0
    """Micro-dollars that came to nothing."""

    @property
    def predictions(self) -> tuple[str, ...]:
        """Every id that is known."""
        return (*self.earlier, *([self.prediction] if self.prediction else []))

    @property
    def unaccounted(self) -> bool:
        """Whether a prediction may have been made whose id nobody knows."""
        doubtful = self.state is State.INTENDED or self.spent > 0
        return self.at is not None and not self.predictions and doubtful

    @property
    def cost(self) -> int:
        """Micro-dollars, at the most."""
        owing = self.state not in {State.PLANNED, State.LOST}
        return self.spent + (self.price if owing else 0)

    def by(self, model: Model) -> Piece:
        """This piece, to be made by that model, under a seed of its own."""
        return replace(
            self,
            seed=1 + secrets.randbelow(LARGEST_SEED),
            model=model.name,
            price=model.price,
            deadline=model.deadline,
            seeded=model.seeded,
        )


class Slip(Value, frozen=True):
    """One order at Replicate."""

    attempt: str
    """Random; tells this order from every other."""
    clothing: str
    pieces: tuple[Piece, ...]

    @property
    def ticket(self) -> Ticket:
        return Ticket(NAME, msgspec.json.encode(self).decode())

    @property
    def cost(self) -> int:
        """Micro-dollars, at the most."""
        return sum(piece.cost for piece in self.pieces)

    @property
    def kept_until(self) -> datetime | None:
        """Until when Replicate may have what was sent; None when nothing was."""
        sent = [
            piece.at + timedelta(seconds=piece.deadline) + KEPT
            for piece in self.pieces
            if piece.at is not None and (piece.predictions or piece.unaccounted)
        ]
        return max(sent, default=None)


def draw_up(order: Order, model: Model) -> Slip:
    """A slip for an order: each format once, and further ones before another background."""
    blank = Piece(format="", look="", seed=0, model="", price=0, deadline=0, seeded=False)
    pieces = tuple(
        replace(blank.by(model), format=format_, look=look) for format_, look in _kinds(order)
    )
    return Slip(uuid.uuid4().hex, order.clothing, pieces)


def _kinds(order: Order) -> Iterator[tuple[str, str]]:
    formats = list(ASPECTS)
    for number in range(order.variants):
        compared = number >= len(formats)
        look = _COMPARISON[order.look] if compared else order.look
        yield formats[number % len(formats)], look


def read(ticket: Ticket) -> Slip:
    """The slip of a ticket. Raises `OrderLost` when it is none of ours."""
    try:
        return msgspec.json.decode(ticket.value, type=Slip)
    except msgspec.DecodeError as error:
        raise OrderLost("not a ticket of this provider") from error


def price(order: Order, model: Model) -> int:
    """Micro-dollars to set aside: each piece by the dearer of the models that may make it."""
    then = catalogue.load().get(model.then)
    return order.variants * max(model.price, then.price if then else 0)
