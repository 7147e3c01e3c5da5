"""A judge that passes whatever it is not told to fail."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import ProviderUnavailable
from bot.model import Fault, Made, Verdict

Script = Sequence[Fault | None] | ProviderUnavailable


@dataclass
class FakeJudge:
    """``script``: for each call the fault of each headshot (None, or nothing more, is good)."""

    script: deque[Script] = field(default_factory=deque)
    judged: list[tuple[bytes, int, bool]] = field(default_factory=list)
    """Source, number of headshots, and whether likeness was asked for, of each call."""

    async def judge(
        self, source: bytes, made: Sequence[Made], *, likeness: bool
    ) -> Sequence[Verdict]:
        self.judged.append((source, len(made), likeness))
        told = self.script.popleft() if self.script else ()
        if isinstance(told, ProviderUnavailable):
            raise told
        faults = [*told, *[None] * len(made)][: len(made)]
        return [Verdict((fault,)) if fault else Verdict() for fault in faults]
