"""What every `PlatformHandler` must do; adapters and fakes subclass `HandlerContract`.

A subclass gives one fixture, ``world``: the handler, running, and a person on its platform who can
write, tap, send a photo and look at the screen. What the platform really does for that is the
world's business (a fake server, a browser's requests), so the tests below hold for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pytest

from bot.errors import PersonUnreachable, PlatformUnavailable, SelfieGone
from bot.events import Delivery, Replied, SelfieSent, Wrote
from bot.model import Attachment, Choice, Message, Person, SelfieRef
from bot.ports import PlatformHandler

PHOTO = b"\xff\xd8\xff\xe0 one photo \xff\xd9"
OTHER = b"\xff\xd8\xff\xe0 another one \xff\xd9"
YES, NO = Choice("yes", "Yes, only as me"), Choice("no", "No")
QUESTION = Message("**1 of 2.** Is it you?", choices=(YES, NO), question="self-1")


@dataclass(frozen=True)
class Shown:
    """All that the person sees of our messages now, oldest first."""

    texts: tuple[str, ...] = ()
    """As displayed: markup may have become formatting."""
    labels: tuple[str, ...] = ()
    """Of choices, open ones or not."""
    files: tuple[bytes, ...] = ()
    """Pictures and documents."""

    def count(self, words: str) -> int:
        """How many messages contain these words."""
        return sum(words in text for text in self.texts)


class World(Protocol):
    """A person on one platform, and the handler that talks to them."""

    @property
    def handler(self) -> PlatformHandler: ...

    @property
    def person(self) -> Person: ...

    async def heard(self) -> Delivery:
        """The next delivery that the handler fed to the engine; fails after a while."""
        ...

    async def nothing_heard(self) -> bool:
        """Whether everything that happened on the platform so far led to no further delivery."""
        ...

    async def write(self, text: str) -> None: ...

    async def tap(self, label: str) -> None:
        """Tap the choice with that label, on the message that is shown."""
        ...

    async def send_photo(self, photo: bytes) -> None: ...

    async def repeat(self) -> None:
        """The platform delivers the last thing once more."""
        ...

    async def echo(self) -> None:
        """The platform reports what the bot itself wrote, and whatever else is not a message."""
        ...

    async def attach(self, photo: bytes, name: str) -> Attachment:
        """Keep bytes in the vault, ready to go with a message."""
        ...

    async def shown(self) -> Shown: ...

    async def lose_photo(self) -> None:
        """The photo sent last is gone from the platform."""
        ...

    async def ask_for_patience(self) -> None:
        """Bring about that the platform wants us to wait, and make the call that meets it."""
        ...

    async def leave(self) -> None:
        """The person blocks the bot, or is gone for good."""
        ...

    async def stop(self) -> None:
        """Cancel the handler's `run` and wait for it."""
        ...

    async def open_connections(self) -> int:
        """How many connections the handler has open."""
        ...


async def send(world: World, key: str, message: Message, *pictures: bytes) -> None:
    await world.handler.send(world.person, key, message, pictures)


class HandlerContract:
    """Subclass me as ``class TestMine(HandlerContract)`` and give the fixture ``world``."""

    async def test_a_text_is_delivered_as_it_was_written(self, world: World) -> None:
        await world.write("  Hello?\nIs anybody there")
        delivery = await world.heard()
        assert isinstance(delivery.event, Wrote)
        assert delivery.event.text.strip() == "Hello?\nIs anybody there"
        assert delivery.person == world.person

    async def test_delivery_ids_are_namespaced_and_differ(self, world: World) -> None:
        await world.write("one")
        await world.write("two")
        first, second = await world.heard(), await world.heard()
        assert first.id.startswith(f"{world.person.platform}:")
        assert first.id != second.id

    async def test_the_same_delivery_twice_has_the_same_id(self, world: World) -> None:
        await world.write("once")
        first = await world.heard()
        await world.repeat()
        assert await world.nothing_heard() or (await world.heard()).id == first.id

    async def test_a_delivery_id_does_not_name_the_person(self, world: World) -> None:
        await world.write("who am I")
        assert world.person.user not in (await world.heard()).id

    async def test_a_tapped_choice_comes_back_with_its_question(self, world: World) -> None:
        await send(world, "key-1", QUESTION)
        await world.tap(YES.label)
        assert (await world.heard()).event == Replied("yes", "self-1")

    async def test_a_photo_comes_as_a_reference_that_can_be_fetched(self, world: World) -> None:
        await world.send_photo(PHOTO)
        event = (await world.heard()).event
        assert isinstance(event, SelfieSent)
        assert await world.handler.fetch_selfie(world.person, event.selfie) == PHOTO
        assert await world.handler.fetch_selfie(world.person, event.selfie) == PHOTO

    async def test_each_photo_has_a_reference_of_its_own(self, world: World) -> None:
        await world.send_photo(PHOTO)
        await world.send_photo(OTHER)
        first, second = (await world.heard()).event, (await world.heard()).event
        assert isinstance(first, SelfieSent)
        assert isinstance(second, SelfieSent)
        assert await world.handler.fetch_selfie(world.person, second.selfie) == OTHER

    async def test_a_photo_that_the_platform_lost_is_gone(self, world: World) -> None:
        await world.send_photo(PHOTO)
        event = (await world.heard()).event
        assert isinstance(event, SelfieSent)
        await world.lose_photo()
        with pytest.raises(SelfieGone):
            await world.handler.fetch_selfie(world.person, event.selfie)

    async def test_an_unknown_reference_is_gone(self, world: World) -> None:
        with pytest.raises(SelfieGone):
            await world.handler.fetch_selfie(world.person, SelfieRef("no-such-photo"))

    async def test_what_the_bot_said_itself_is_not_delivered(self, world: World) -> None:
        await send(world, "key-1", Message("Only me talking."))
        await world.echo()
        assert await world.nothing_heard()

    async def test_a_message_shows_text_choices_and_pictures(self, world: World) -> None:
        attachments = (
            await world.attach(PHOTO, "headshot-1.jpg"),
            await world.attach(OTHER, "headshot-2.jpg"),
        )
        message = Message("Two of them.", (YES, NO), "self-1", attachments)
        await send(world, "key-1", message, PHOTO, OTHER)
        shown = await world.shown()
        assert shown.count("Two of them.") == 1
        assert {YES.label, NO.label} <= set(shown.labels)
        assert shown.files == (PHOTO, OTHER)

    async def test_a_message_sent_again_is_shown_once(self, world: World) -> None:
        for _ in range(2):
            await send(world, "key-1", QUESTION)
        await send(world, "key-2", Message("Something else."))
        shown = await world.shown()
        assert shown.count("Is it you?") == 1
        assert shown.count("Something else.") == 1

    async def test_messages_of_one_slot_replace_each_other_in_place(self, world: World) -> None:
        await send(world, "key-1", Message("Step 1 of 2.", slot="order-1"))
        await send(world, "key-2", Message("Meanwhile."))
        await send(world, "key-3", Message("Step 2 of 2.", slot="order-1"))
        shown = await world.shown()
        assert shown.count("Step 1 of 2.") == 0
        assert shown.count("Step 2 of 2.") == 1
        assert shown.count("Meanwhile.") == 1

    async def test_being_asked_to_wait_says_how_long(self, world: World) -> None:
        with pytest.raises(PlatformUnavailable) as raised:
            await world.ask_for_patience()
        assert raised.value.retry_after is not None
        assert raised.value.retry_after > 0

    async def test_somebody_who_is_gone_cannot_be_reached(self, world: World) -> None:
        await world.leave()
        with pytest.raises(PersonUnreachable):
            await send(world, "key-1", Message("Are you still there?"))

    async def test_it_says_what_it_holds(self, world: World) -> None:
        assert len(world.handler.holds) > 20
        assert world.handler.holds.endswith(".")

    async def test_erasing_twice_finds_nothing_the_second_time(self, world: World) -> None:
        await send(world, "key-1", QUESTION)
        await world.handler.erase(world.person)
        again = await world.handler.erase(world.person)
        assert not any(again.counts.values())

    async def test_the_chat_can_be_cleared_after_the_erasure(self, world: World) -> None:
        await send(world, "key-1", QUESTION)
        await send(world, "key-2", Message("Soon gone."))
        belongings = await world.handler.belongings(world.person)
        await world.handler.erase(world.person)
        for _ in range(2):
            await world.handler.clear(world.person, belongings)
        shown = await world.shown()
        assert shown.count("Is it you?") == 0
        assert shown.count("Soon gone.") == 0

    async def test_it_says_how_it_is(self, world: World) -> None:
        await world.write("hello")
        await world.heard()
        assert not world.handler.health.stalled
        assert world.handler.health.trouble == ""

    async def test_the_last_words_are_shown_after_the_erasure(self, world: World) -> None:
        await send(world, "key-1", QUESTION)
        await world.handler.erase(world.person)
        last = Message("**Erased.** Receipt ER-7.")
        await world.handler.say_goodbye(world.person, last, b'{"receipt": "ER-7"}')
        shown = await world.shown()
        assert shown.count("Receipt ER-7.") == 1
        assert b'{"receipt": "ER-7"}' in shown.files

    async def test_news_of_a_slow_erasure_do_not_replace_the_last_words(self, world: World) -> None:
        await send(world, "key-1", QUESTION)
        slow = Message("One step isn't finished.")
        await world.handler.say_goodbye(world.person, slow, None)
        await world.handler.erase(world.person)
        await world.handler.say_goodbye(world.person, slow, None)
        await world.handler.say_goodbye(world.person, Message("**Erased.**"), b"receipt")
        shown = await world.shown()
        assert shown.count("Erased.") == 1
        assert shown.count("One step") == 0
        assert shown.files == (b"receipt",)

    async def test_it_stops_when_cancelled_and_closes_its_connections(self, world: World) -> None:
        await world.write("hello")
        await world.heard()
        await world.stop()
        assert await world.open_connections() == 0
