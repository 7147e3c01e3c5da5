"""What is kept about workspaces, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.model import Erased, Person, Workspace
from bot.ports import Clock

if TYPE_CHECKING:
    from tests.fakes.memory import MemoryJournal


class MemoryRegister:
    """`Register`; who is in a workspace is what the journal says."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal
        self.kept: dict[Workspace, dict[str, bytes]] = {}

    async def note(self, workspace: Workspace, name: str, record: bytes) -> None:
        self.kept.setdefault(workspace, {})[name] = record

    async def read(self, workspace: Workspace, name: str) -> bytes | None:
        return self.kept.get(workspace, {}).get(name)

    async def drop(self, workspace: Workspace, name: str) -> None:
        self.kept.get(workspace, {}).pop(name, None)

    async def all(self, platform: str) -> Sequence[Workspace]:
        return [one for one, kept in self.kept.items() if one.platform == platform and kept]

    async def people(self, workspace: Workspace) -> Sequence[Person]:
        here = (workspace.platform, workspace.id)
        return [one for one in self._journal.people if (one.platform, one.workspace) == here]

    async def erase(self, workspace: Workspace) -> Erased:
        count = len(self.kept.pop(workspace, {}))
        return Erased({"workspace records": count} if count else {})


class MemoryPasses:
    """`Passes`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._good: dict[str, datetime] = {}

    async def issue(self, seconds: int) -> str:
        given = f"pass-{len(self._good)}-{id(self)}"
        self._good[given] = self._clock.now() + timedelta(seconds=seconds)
        return given

    async def redeem(self, given: str) -> bool:
        until = self._good.pop(given, None)
        return until is not None and until >= self._clock.now()
