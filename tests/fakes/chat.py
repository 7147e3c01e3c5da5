"""A chat platform that remembers what was said, and can be told to misbehave."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from bot.errors import PlatformError, SelfieGone
from bot.model import Erased, Message, Person, SelfieRef, Sent
from bot.ports import Health, Receive

Misbehaviour = PlatformError | asyncio.Event


@dataclass
class FakeChat:
    """``on_send`` and ``on_fetch`` are scripts: an error is raised, an event is waited for."""

    photos: dict[str, bytes] = field(default_factory=dict)
    on_send: deque[Misbehaviour] = field(default_factory=deque)
    on_fetch: deque[Misbehaviour] = field(default_factory=deque)
    said: dict[tuple[Person, str], Message] = field(default_factory=dict)
    """By person and key or slot, in order of first appearance: what a chat would show."""
    log: list[tuple[Person, Message]] = field(default_factory=list)
    """Every message that was handed over, repetitions included."""
    pictures: list[Sequence[bytes]] = field(default_factory=list)
    goodbyes: list[tuple[Person, Message, bytes | None]] = field(default_factory=list)
    on_goodbye: deque[Misbehaviour] = field(default_factory=deque)
    fetched: list[SelfieRef] = field(default_factory=list)
    receive: Receive | None = None

    platform: list[tuple[Person, str]] = field(default_factory=list)
    """Keys of messages that the platform keeps until it is told to clear the chat."""
    on_clear: deque[Misbehaviour] = field(default_factory=deque)

    @property
    def health(self) -> Health:
        return Health()

    @property
    def holds(self) -> str:
        return "What was said, in the memory of a test."

    async def run(self, receive: Receive) -> None:
        self.receive = receive
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.receive = None

    async def send(
        self, person: Person, key: str, message: Message, pictures: Sequence[bytes]
    ) -> Sent:
        await _misbehave(self.on_send)
        self.said[person, message.slot or key] = message
        self.platform.append((person, message.slot or key))
        self.log.append((person, message))
        self.pictures.append(pictures)
        return Sent(key)

    async def say_goodbye(self, person: Person, message: Message, receipt: bytes | None) -> None:
        await _misbehave(self.on_goodbye)
        self.goodbyes.append((person, message, receipt))

    async def belongings(self, person: Person) -> bytes:
        return msgspec.json.encode([key for whose, key in self.platform if whose == person])

    async def clear(self, person: Person, belongings: bytes) -> Erased:
        await _misbehave(self.on_clear)
        known = [(person, key) for key in msgspec.json.decode(belongings, type=list[str])]
        cleared = [one for one in known if one in self.platform]
        self.platform = [one for one in self.platform if one not in known]
        return Erased({"chat messages": len(cleared)} if cleared else {})

    async def fetch_selfie(self, person: Person, selfie: SelfieRef) -> bytes:
        self.fetched.append(selfie)
        await _misbehave(self.on_fetch)
        if selfie.ref not in self.photos:
            raise SelfieGone
        return self.photos[selfie.ref]

    async def erase(self, person: Person) -> Erased:
        theirs = [key for key in self.said if key[0] == person]
        for key in theirs:
            del self.said[key]
        return Erased({"shown": len(theirs)} if theirs else {})

    def texts(self, person: Person) -> list[str]:
        """What the person sees, oldest first."""
        return [message.text for (whose, _), message in self.said.items() if whose == person]


async def _misbehave(script: deque[Misbehaviour]) -> None:
    if not script:
        return
    match script.popleft():
        case asyncio.Event() as gate:
            await gate.wait()
        case error:
            raise error
