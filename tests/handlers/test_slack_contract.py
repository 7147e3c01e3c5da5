"""Slack keeps the handler's contract, over HTTP and over a socket; who does not is caught."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from msgspec.structs import replace

from bot.errors import PersonUnreachable
from bot.events import Delivery
from bot.model import Erased, Message, Person, SelfieRef, Sent
from handlers.slack import SlackChat
from tests.contracts.handler import HandlerContract, World
from tests.handlers.slackworld import SlackWorld, connected


class TestSlack(HandlerContract):
    @pytest_asyncio.fixture(params=[False, True], ids=["http", "socket"])
    async def world(self, request: pytest.FixtureRequest) -> AsyncIterator[World]:
        async with connected(socket=request.param) as scene:
            yield SlackWorld(scene)


class Careless(SlackChat):
    """Says everything as if it were new, and leaves out what belongs to it."""

    async def send(
        self, person: Person, key: str, message: Message, pictures: Sequence[bytes]
    ) -> Sent:
        bare = replace(message, choices=(), slot="", attachments=())
        return await super().send(person, secrets.token_hex(4), bare, ())

    async def say_goodbye(self, person: Person, message: Message, receipt: bytes | None) -> None:
        client = await self.installations.client(person)
        await client.chat_postMessage(channel=person.user, text=message.text)

    async def clear(self, person: Person, belongings: bytes) -> Erased:
        return Erased({"chat messages": 1})


class Confused(SlackChat):
    """Makes up delivery ids, mixes up photos, and never gives up on anybody."""

    async def receive(self, delivery: Delivery) -> None:
        number = f"slack:{secrets.token_hex(4)}-{delivery.person.user}"
        await super().receive(replace(delivery, id=number))

    async def fetch_selfie(self, person: Person, selfie: SelfieRef) -> bytes:
        return b"somebody else"

    async def send(
        self, person: Person, key: str, message: Message, pictures: Sequence[bytes]
    ) -> Sent:
        try:
            return await super().send(person, key, message, pictures)
        except PersonUnreachable:
            return Sent("")

    async def erase(self, person: Person) -> Erased:
        return Erased({"chats": 1})


BROKEN = [
    (Careless, "test_a_message_shows_text_choices_and_pictures"),
    (Careless, "test_a_message_sent_again_is_shown_once"),
    (Careless, "test_messages_of_one_slot_replace_each_other_in_place"),
    (Careless, "test_the_last_words_are_shown_after_the_erasure"),
    (Careless, "test_news_of_a_slow_erasure_do_not_replace_the_last_words"),
    (Careless, "test_the_chat_can_be_cleared_after_the_erasure"),
    (Confused, "test_the_same_delivery_twice_has_the_same_id"),
    (Confused, "test_a_delivery_id_does_not_name_the_person"),
    (Confused, "test_a_photo_comes_as_a_reference_that_can_be_fetched"),
    (Confused, "test_a_photo_that_the_platform_lost_is_gone"),
    (Confused, "test_being_asked_to_wait_says_how_long"),
    (Confused, "test_somebody_who_is_gone_cannot_be_reached"),
    (Confused, "test_erasing_twice_finds_nothing_the_second_time"),
]


@pytest.mark.parametrize(("kind", "promise"), BROKEN)
async def test_the_contract_catches_a_broken_handler(kind: type[SlackChat], promise: str) -> None:
    async with connected(socket=False, kind=kind) as scene, asyncio.timeout(20):
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            await getattr(HandlerContract(), promise)(SlackWorld(scene))
