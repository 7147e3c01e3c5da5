"""Platforms by name, and what stands in for one that is not connected any more.

An operator may take a platform out of the settings while its people still have timers, orders or
an erasure pending. Those go on: what was promised about time is kept, only nobody can be told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.errors import PersonUnreachable, PlatformUnavailable, SelfieGone
from bot.model import Erased, Message, Person, SelfieRef, Sent
from bot.ports import Health, PlatformHandler, Receive


class AbsentPlatform:
    """A `PlatformHandler` that reaches nobody and holds nothing."""

    @property
    def holds(self) -> str:
        return "Nothing: this platform is not connected."

    @property
    def health(self) -> Health:
        return Health()

    async def run(self, receive: Receive) -> None:
        await asyncio.get_running_loop().create_future()

    async def send(
        self, person: Person, key: str, message: Message, pictures: Sequence[bytes]
    ) -> Sent:
        raise PlatformUnavailable("not connected")

    async def say_goodbye(self, person: Person, message: Message, receipt: bytes | None) -> None:
        raise PersonUnreachable

    async def fetch_selfie(self, person: Person, selfie: SelfieRef) -> bytes:
        raise SelfieGone

    async def belongings(self, person: Person) -> bytes:
        return b""

    async def clear(self, person: Person, belongings: bytes) -> Erased:
        return Erased()

    async def erase(self, person: Person) -> Erased:
        return Erased()


_ABSENT = AbsentPlatform()


class Connected(dict[str, PlatformHandler]):
    """The handlers by platform; one that is missing is absent rather than an error."""

    def __missing__(self, platform: str) -> PlatformHandler:
        return _ABSENT
