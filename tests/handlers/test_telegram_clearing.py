"""What an erasure removes from a Telegram chat, what it says that it cannot, and the last words."""

from __future__ import annotations

import msgspec
import pytest

from bot.errors import PersonUnreachable, PlatformUnavailable
from bot.model import Message, Remains, Trace
from handlers.telegram.clearing import Belongings
from tests.contracts.handler import NO, OTHER, PHOTO, YES
from tests.fakes.telegram_chats import Refusal
from tests.fakes.telegram_phone import Phone
from tests.fakes.telegram_server import Fault, flood
from tests.handlers.telegramworld import PERSON, RESULTS, Post

QUESTION = Message("Is it you?", choices=(YES, NO), question="self-1")


async def clear(post: Post) -> tuple[dict[str, int], tuple[Remains, ...]]:
    belongings = await post.chat.belongings(PERSON)
    await post.ledger.erase(PERSON)
    erased = await post.chat.clear(PERSON, belongings)
    return erased.counts, erased.remains


async def test_everything_on_both_sides_goes(post: Post, phone: Phone) -> None:
    await phone.write("hello")
    await post.hears()
    await post.chat.send(PERSON, "k", RESULTS, (PHOTO, OTHER))
    await post.chat.send(PERSON, "s", Message("Step 1.", slot="order-1"), ())

    assert await clear(post) == ({"chat messages": 7}, ())
    assert phone.talk.messages == {}


async def test_what_is_too_old_stays_and_is_said_to(post: Post, phone: Phone) -> None:
    await post.chat.send(PERSON, "old", QUESTION, ())
    post.clock.move(hours=48)
    await post.chat.send(PERSON, "new", QUESTION, ())

    assert await clear(post) == ({"chat messages": 1}, (Remains(Trace.CHAT_OLD),))
    assert len(phone.talk.messages) == 1


async def test_many_messages_go_a_hundred_at_a_time(post: Post, phone: Phone) -> None:
    for number in range(230):
        await phone.write(f"message {number}")
    for _ in range(230):
        await post.hears()

    assert (await clear(post))[0] == {"chat messages": 230}
    assert post.server.count("deleteMessages") == 3


async def test_one_that_cannot_be_removed_keeps_none_of_the_others(
    post: Post, phone: Phone
) -> None:
    for number in range(9):
        await post.chat.send(PERSON, f"k{number}", QUESTION, ())
    stubborn = phone.talk.ours[4]
    stubborn.date -= 60 * 3600  # Telegram thinks that it is older than we do

    assert await clear(post) == ({"chat messages": 8}, (Remains(Trace.CHAT_OLD),))
    assert list(phone.talk.messages) == [stubborn.id]


async def test_what_the_person_removed_before_is_no_trouble(post: Post, phone: Phone) -> None:
    await post.chat.send(PERSON, "k", QUESTION, ())
    phone.talk.messages.clear()

    assert (await clear(post))[1] == ()


async def test_clearing_is_tried_again_while_telegram_is_away(post: Post, phone: Phone) -> None:
    await post.chat.send(PERSON, "k", QUESTION, ())
    belongings = await post.chat.belongings(PERSON)
    post.server.faults.append(Fault("deleteMessages", Refusal(502, "Bad Gateway")))
    with pytest.raises(PlatformUnavailable):
        await post.chat.clear(PERSON, belongings)
    await post.chat.clear(PERSON, belongings)

    assert phone.talk.messages == {}


async def test_the_chat_of_somebody_who_left_is_not_cleared(post: Post, phone: Phone) -> None:
    await post.chat.send(PERSON, "k", QUESTION, ())
    phone.talk.blocked = True
    with pytest.raises(PersonUnreachable):
        await post.chat.clear(PERSON, await post.chat.belongings(PERSON))


async def test_who_was_never_spoken_to_has_nothing(post: Post) -> None:
    assert await post.chat.belongings(PERSON) == b""
    assert (await post.chat.clear(PERSON, b"")).counts == {}


async def test_belongings_are_numbers_and_times_only(post: Post, phone: Phone) -> None:
    await phone.write("my secret")
    await post.hears()
    belongings = await post.chat.belongings(PERSON)

    assert b"secret" not in belongings
    known = msgspec.json.decode(belongings, type=Belongings)
    assert known.messages == ((next(iter(phone.talk.messages)), int(post.server.now())),)


# --- last words -------------------------------------------------------------------------------


async def test_the_last_words_are_one_message_with_the_receipt(post: Post, phone: Phone) -> None:
    await post.chat.say_goodbye(PERSON, Message("**Erased.** Receipt DR-1."), b'{"a": 1}')

    (shown,) = phone.talk.ours
    assert (shown.kind, shown.name) == ("document", "erasure-receipt.json")
    assert (shown.text, shown.content) == ("Erased. Receipt DR-1.", b'{"a": 1}')
    assert shown.entities[0]["type"] == "bold"
    assert post.ledger.kept == {}, "nothing durable"


async def test_long_last_words_end_with_the_receipt(post: Post, phone: Phone) -> None:
    text = "\n\n".join(["Erased."] * 200)
    await post.chat.say_goodbye(PERSON, Message(text), b"receipt")

    assert len(phone.talk.ours) == 2
    assert phone.talk.ours[-1].content == b"receipt"
    assert sum(one.text.count("Erased.") for one in phone.talk.ours) == 200


async def test_the_news_of_a_slow_erasure_come_once_and_go_with_the_last_words(
    post: Post, phone: Phone
) -> None:
    for _ in range(2):
        await post.chat.say_goodbye(PERSON, Message("Not finished."), None)
    assert phone.texts == ["Not finished."]
    await post.chat.say_goodbye(PERSON, Message("Erased."), b"receipt")

    assert phone.texts == ["Erased."]


async def test_a_receipt_that_may_be_lost_comes_again(post: Post, phone: Phone) -> None:
    post.server.faults.append(Fault("sendDocument", lost=True))
    with pytest.raises(PlatformUnavailable):
        await post.chat.say_goodbye(PERSON, Message("Erased."), b"receipt")
    await post.chat.say_goodbye(PERSON, Message("Erased."), b"receipt")

    assert [one.content for one in phone.talk.ours] == [b"receipt"] * 2


async def test_last_words_that_must_wait_say_how_long(post: Post, phone: Phone) -> None:
    post.server.faults.append(flood("sendDocument", 9))
    with pytest.raises(PlatformUnavailable) as raised:
        await post.chat.say_goodbye(PERSON, Message("Erased."), b"receipt")

    assert raised.value.retry_after == 9
    assert phone.talk.ours == []
