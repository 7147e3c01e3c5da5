"""A labeller that writes the label as readable text behind the picture, or refuses as told."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from bot.disclosure import Disclosure
from bot.errors import ProviderUnavailable

MARK = b"\nFAKE LABEL "


@dataclass
class FakeLabeller:
    """``script``: what the next calls raise; None or nothing left means that all goes well."""

    script: deque[ProviderUnavailable | None] = field(default_factory=deque)
    labelled: list[Disclosure] = field(default_factory=list)

    async def label(self, photo: bytes, disclosure: Disclosure, origin: bytes = b"") -> bytes:
        trouble = self.script.popleft() if self.script else None
        if trouble is not None:
            raise trouble
        self.labelled.append(disclosure)
        kept = b" keeps its ancestor" if origin else b""
        return photo.partition(MARK)[0] + MARK + disclosure.uri.encode() + kept
