"""Registers and passes that break one promise each; the contracts must catch every one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Erased, Person, Workspace
from tests.fakes.register import MemoryPasses, MemoryRegister


class KeepsTheFirst(MemoryRegister):
    async def note(self, workspace: Workspace, name: str, record: bytes) -> None:
        self.kept.setdefault(workspace, {}).setdefault(name, record)


class DropsEverything(MemoryRegister):
    async def drop(self, workspace: Workspace, name: str) -> None:
        self.kept.pop(workspace, None)


class ErasesEverybody(MemoryRegister):
    async def erase(self, workspace: Workspace) -> Erased:
        erased = await super().erase(workspace)
        self.kept.clear()
        return erased


class MixesWorkspaces(MemoryRegister):
    async def people(self, workspace: Workspace) -> Sequence[Person]:
        return list(self._journal.people)


class RemembersTheErased(MemoryRegister):
    async def people(self, workspace: Workspace) -> Sequence[Person]:
        return [Person("slack", "T1", "U1")]


class AlwaysGood(MemoryPasses):
    async def redeem(self, given: str) -> bool:
        return given in self._good


class AnythingGoes(MemoryPasses):
    async def redeem(self, given: str) -> bool:
        return True


class Endless(MemoryPasses):
    async def redeem(self, given: str) -> bool:
        return self._good.pop(given, None) is not None
