"""The fake chat that other tests use makes the same promises as a real platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.errors import PersonUnreachable, PlatformUnavailable
from bot.events import Delivery, Event, Replied, SelfieSent, Wrote
from bot.model import Attachment, Message, Person, PhotoId, SelfieRef
from bot.ports import PlatformHandler
from tests.contracts.handler import HandlerContract, Shown
from tests.fakes.chat import FakeChat


class FakeWorld:
    """`tests.contracts.handler.World` for the fake chat."""

    def __init__(self, chat: FakeChat, run: asyncio.Task[None]) -> None:
        self.chat = chat
        self.person = Person("chat", "", "anna")
        self.deliveries: asyncio.Queue[Delivery] = asyncio.Queue()
        self._run = run
        self._last: Delivery | None = None
        self._count = 0

    @property
    def handler(self) -> PlatformHandler:
        return self.chat

    async def heard(self) -> Delivery:
        async with asyncio.timeout(5):
            return await self.deliveries.get()

    async def nothing_heard(self) -> bool:
        return self.deliveries.empty()

    async def _happens(self, event: Event) -> None:
        assert self.chat.receive
        self._count += 1
        self._last = Delivery(f"chat:{self._count}", self.person, event)
        await self.chat.receive(self._last)

    async def write(self, text: str) -> None:
        await self._happens(Wrote(text))

    async def tap(self, label: str) -> None:
        (verb, question) = next(
            (choice.verb, message.question)
            for message in self.chat.said.values()
            for choice in message.choices
            if choice.label == label
        )
        await self._happens(Replied(verb, question))

    async def send_photo(self, photo: bytes) -> None:
        name = f"photo-{len(self.chat.photos)}"
        self.chat.photos[name] = photo
        await self._happens(SelfieSent(SelfieRef(name)))

    async def repeat(self) -> None:
        assert self._last
        assert self.chat.receive
        await self.chat.receive(self._last)

    async def echo(self) -> None:
        """A fake has no echo; what it said must not have become an event."""

    async def attach(self, photo: bytes, name: str) -> Attachment:
        return Attachment(PhotoId(f"vault/{name}"), name, "image/jpeg", "A picture.")

    async def shown(self) -> Shown:
        if self.chat.goodbyes:
            _, message, receipt = self.chat.goodbyes[-1]
            return Shown((message.text,), (), (receipt,) if receipt else ())
        said = list(self.chat.said.values())
        pictures = [picture for sent in self.chat.pictures for picture in sent]
        labels = tuple(choice.label for message in said for choice in message.choices)
        return Shown(tuple(message.text for message in said), labels, tuple(pictures))

    async def lose_photo(self) -> None:
        self.chat.photos.clear()

    async def ask_for_patience(self) -> None:
        self.chat.on_fetch.append(PlatformUnavailable(retry_after=3))
        await self.chat.fetch_selfie(self.person, SelfieRef("any"))

    async def leave(self) -> None:
        self.chat.on_send.append(PersonUnreachable())

    async def stop(self) -> None:
        self._run.cancel()
        await asyncio.wait([self._run])

    async def open_connections(self) -> int:
        return int(self.chat.receive is not None)


class TestFakeChat(HandlerContract):
    """All of the contract."""

    @pytest_asyncio.fixture
    async def world(self) -> AsyncIterator[FakeWorld]:
        chat = FakeChat()
        heard: asyncio.Queue[Delivery] = asyncio.Queue()
        async with asyncio.TaskGroup() as tasks:
            run = tasks.create_task(chat.run(heard.put))
            await asyncio.sleep(0)
            world = FakeWorld(chat, run)
            world.deliveries = heard
            yield world
            run.cancel()


async def test_the_script_of_the_fake_is_followed() -> None:
    chat, anna = FakeChat(), Person("chat", "", "anna")
    chat.on_send.append(PlatformUnavailable(retry_after=2))

    with pytest.raises(PlatformUnavailable):
        await chat.send(anna, "key", Message("x"), ())
    assert chat.said == {}
    await chat.send(anna, "key", Message("x"), ())
    assert chat.texts(anna) == ["x"]
