"""A painter that writes the words behind the picture, as text, or fails as told."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from bot.errors import ProviderUnavailable
from tests.fakes.labeller import MARK

PAINTED = b"\nPAINTED "


@dataclass
class FakePainter:
    """``script``: what the next calls raise; None or nothing left means that all goes well."""

    script: deque[ProviderUnavailable | None] = field(default_factory=deque)

    async def paint(self, photo: bytes, words: str) -> bytes:
        trouble = self.script.popleft() if self.script else None
        if trouble is not None:
            raise trouble
        return photo.partition(MARK)[0] + PAINTED + words.encode()
