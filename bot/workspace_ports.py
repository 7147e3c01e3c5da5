"""What is kept about workspaces, as the core sees it; the other ports are in `bot.ports`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.model import Erased, Person, Workspace


class Register(Protocol):
    """What is kept about workspaces, sealed with a key of each: how to reach it, what it allows."""

    async def note(self, workspace: Workspace, name: str, record: bytes) -> None:
        """Write or overwrite the record of that name, durably."""
        ...

    async def read(self, workspace: Workspace, name: str) -> bytes | None:
        """The record of that name, if there is one."""
        ...

    async def drop(self, workspace: Workspace, name: str) -> None:
        """Remove the record of that name. Safe twice."""
        ...

    async def all(self, platform: str) -> Sequence[Workspace]:
        """Every workspace of a platform that has a record."""
        ...

    async def people(self, workspace: Workspace) -> Sequence[Person]:
        """Everybody in it about whom the journal holds something."""
        ...

    async def erase(self, workspace: Workspace) -> Erased:
        """Erase the workspace's own records and its key; people are erased one by one."""
        ...


class Passes(Protocol):
    """Random texts that are good once: proof that somebody who comes back was sent by us."""

    async def issue(self, seconds: int) -> str:
        """A new pass, good for so long."""
        ...

    async def redeem(self, given: str) -> bool:
        """Whether the pass was good; it is not any more."""
        ...
