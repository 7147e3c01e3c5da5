"""The web chat keeps the handler's contract; handlers that do not are caught by it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from msgspec.structs import replace

from bot.events import Delivery, Event, Replied
from bot.model import Erased, Message, Person, SelfieRef, Sent
from bot.ports import Receive
from handlers.web import WebChat
from tests.contracts.handler import HandlerContract, World
from tests.handlers.webworld import Site, WebWorld


@asynccontextmanager
async def world_of(kind: type[WebChat]) -> AsyncIterator[WebWorld]:
    site = Site(kind)
    async with site.running(), site.visitor() as page:
        yield WebWorld(site, page)


class TestWebChat(HandlerContract):
    @pytest_asyncio.fixture
    async def world(self) -> AsyncIterator[World]:
        async with world_of(WebChat) as world:
            yield world


class Mute(WebChat):
    """Loses the choices, repeats what it said, and forgets that slots are replaced."""

    async def send(
        self, person: Person, key: str, message: Message, pictures: Sequence[bytes]
    ) -> Sent:
        bare = replace(message, choices=(), slot="", attachments=())
        return await super().send(person, secrets.token_hex(4), bare, pictures)

    async def say_goodbye(self, person: Person, message: Message, receipt: bytes | None) -> None:
        await super().say_goodbye(person, message, None)


class Confused(WebChat):
    """Makes up delivery ids, mixes up answers and photos, counts what it did not erase."""

    async def run(self, receive: Receive) -> None:
        async def garble(delivery: Delivery) -> None:
            event: Event = delivery.event
            if isinstance(event, Replied):
                event = replace(event, question="another")
            await receive(replace(delivery, id=f"web:{secrets.token_hex(4)}", event=event))

        await super().run(garble)

    async def fetch_selfie(self, person: Person, selfie: SelfieRef) -> bytes:
        return b"somebody else"

    async def erase(self, person: Person) -> Erased:
        return Erased({"web sessions": 1})


BROKEN = [
    (Mute, "test_a_message_shows_text_choices_and_pictures"),
    (Mute, "test_a_message_sent_again_is_shown_once"),
    (Mute, "test_messages_of_one_slot_replace_each_other_in_place"),
    (Mute, "test_the_last_words_are_shown_after_the_erasure"),
    (Mute, "test_news_of_a_slow_erasure_do_not_replace_the_last_words"),
    (Confused, "test_the_same_delivery_twice_has_the_same_id"),
    (Confused, "test_a_tapped_choice_comes_back_with_its_question"),
    (Confused, "test_a_photo_comes_as_a_reference_that_can_be_fetched"),
    (Confused, "test_a_photo_that_the_platform_lost_is_gone"),
    (Confused, "test_being_asked_to_wait_says_how_long"),
    (Confused, "test_somebody_who_is_gone_cannot_be_reached"),
    (Confused, "test_erasing_twice_finds_nothing_the_second_time"),
]


@pytest.mark.parametrize(("kind", "promise"), BROKEN)
async def test_the_contract_catches_a_broken_handler(kind: type[WebChat], promise: str) -> None:
    async with world_of(kind) as world, asyncio.timeout(20):
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            await getattr(HandlerContract(), promise)(world)
