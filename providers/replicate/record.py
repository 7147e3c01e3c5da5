"""A slip under way: every change of it is on disk before anything else happens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from bot.errors import OrderLost
from bot.ports import Note
from providers.replicate.slip import Piece, Slip, State


class Unwanted(OrderLost):
    """Nobody waits for this order any more."""


class Record:
    """The slip of one order, and how to write it down."""

    def __init__(self, slip: Slip, note: Note) -> None:
        self.slip = slip
        """How far it is; newer than what was written down by at most one step."""
        self._note = note
        self._writing = asyncio.Lock()

    def piece(self, which: int) -> Piece:
        return self.slip.pieces[which]

    def in_state(self, state: State) -> list[int]:
        return [one for one, piece in enumerate(self.slip.pieces) if piece.state is state]

    # The values are fields of `Piece`.
    async def write(self, changes: Mapping[int, Mapping[str, Any]]) -> None:
        """Change fields of pieces. Raises `Unwanted` when nobody waits for them any more."""
        async with self._writing:
            pieces = list(self.slip.pieces)
            for which, change in changes.items():
                pieces[which] = replace(pieces[which], **change)
            self.slip = replace(self.slip, pieces=tuple(pieces))
            if not await self._note(self.slip.ticket):
                raise Unwanted

    async def lose(self, which: int, *, paid: bool, flagged: bool = False) -> None:
        """Nothing will come of the piece; `paid`: its last prediction may have cost."""
        piece = self.piece(which)
        spent = piece.spent + (piece.price if paid else 0)
        await self.write({which: {"state": State.LOST, "spent": spent, "flagged": flagged}})
