"""What becomes of an update: in order, once, and nothing for what is no business of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.events import Delivery, Event, PersonLeft, Replied, SelfieSent, SelfieUnfit, Wrote
from bot.model import Message, PhotoProblem, SelfieRef
from tests.contracts.handler import NO, OTHER, PHOTO, YES
from tests.fakes.telegram_chats import Json, Talk
from tests.fakes.telegram_phone import ANNA, BEN, Phone, eventually
from tests.handlers.telegramworld import INTRODUCTION, PERSON, Post, posting

GROUP = -100555


@pytest_asyncio.fixture(params=[False, True], ids=["polling", "webhook"])
async def post(request: pytest.FixtureRequest) -> AsyncIterator[Post]:
    async with posting(webhook=request.param) as posted, posted.running():
        yield posted


async def event(post: Post) -> Event:
    return (await post.hears()).event


async def test_the_largest_size_of_a_photo_is_taken_wherever_it_stands(
    post: Post, phone: Phone
) -> None:
    largest = await phone.send_photo(PHOTO)

    assert await event(post) == SelfieSent(SelfieRef(largest))


async def test_of_a_live_photo_the_still_is_taken(post: Post, phone: Phone) -> None:
    largest = await phone.send_photo(PHOTO, live_photo={"file_id": "moving", "duration": 3})

    assert await event(post) == SelfieSent(SelfieRef(largest))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("me.jpg", "image/jpeg"),
        ("IMG_0001.HEIC", "application/octet-stream"),
        ("IMG_0002.heic", "image/heic"),
        ("photo", ""),
        ("me.png", "application/octet-stream"),
    ],
)
async def test_a_picture_sent_as_a_file_is_a_photo(
    post: Post, phone: Phone, name: str, kind: str
) -> None:
    file_id = await phone.send_file(PHOTO, name, kind)

    assert await event(post) == SelfieSent(SelfieRef(file_id))


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        (("cv.pdf", "application/pdf", 9), PhotoProblem.NOT_AN_IMAGE),
        (("run.exe", "application/octet-stream", 9), PhotoProblem.NOT_AN_IMAGE),
        (("me.png", "image/png", 20_000_001), PhotoProblem.TOO_BIG),
    ],
)
async def test_a_file_that_is_no_use_is_told_without_fetching_it(
    post: Post, phone: Phone, sent: tuple[str, str, int], problem: PhotoProblem
) -> None:
    await phone.send_file(b"x" * 9, *sent)

    assert await event(post) == SelfieUnfit(problem, 20)
    assert post.server.count("getFile") == 0


async def test_a_moving_picture_is_told_apart_from_a_file(post: Post, phone: Phone) -> None:
    await phone.send_file(b"GIF89a", "a.mp4", "video/mp4", animation={"file_id": "a"})

    assert await event(post) == SelfieUnfit(PhotoProblem.ANIMATED, 20)


@pytest.mark.parametrize("kind", ["sticker", "voice", "video", "location", "contact", "poll"])
async def test_anything_else_gets_the_usual_hint(post: Post, phone: Phone, kind: str) -> None:
    phone.message({kind: {"whatever": 1}})

    assert await event(post) == Wrote("")


async def test_an_album_is_one_photo(post: Post, phone: Phone) -> None:
    first = await phone.send_photo(PHOTO, media_group_id="g1")
    for _ in range(3):
        await phone.send_photo(OTHER, media_group_id="g1")
    await phone.write("next")

    assert await event(post) == SelfieSent(SelfieRef(first), more=True)
    assert await event(post) == Wrote("next")


async def test_a_command_under_any_photo_of_an_album_counts(post: Post, phone: Phone) -> None:
    await phone.send_photo(PHOTO, media_group_id="g1")
    await phone.send_photo(OTHER, caption="on the beach", media_group_id="g1")
    await phone.send_photo(OTHER, caption="/delete", media_group_id="g1")

    assert isinstance(await event(post), SelfieSent)
    assert await event(post) == Wrote("/delete")


async def test_a_photo_counts_even_if_a_film_came_before_it(post: Post, phone: Phone) -> None:
    phone.message({"video": {"file_id": "v"}, "media_group_id": "g1"})
    phone.message({"video": {"file_id": "v"}, "media_group_id": "g1"})
    await phone.send_photo(PHOTO, media_group_id="g1")

    assert await event(post) == Wrote("")
    assert isinstance(await event(post), SelfieSent)


async def test_a_caption_comes_with_its_photo(post: Post, phone: Phone) -> None:
    await phone.send_photo(PHOTO, caption="/delete now")

    heard = await event(post)
    assert isinstance(heard, SelfieSent)
    assert heard.text == "/delete now"


async def test_an_edited_message_is_no_news(post: Post, phone: Phone) -> None:
    edited = {"message_id": 7, "date": 1, "chat": phone.chat, "from": phone.me}
    phone.happens({"edited_message": {**edited, "edit_date": 2, "text": "/delete now"}})

    assert await post.hears_nothing()


async def test_an_update_repeated_or_out_of_order_counts_once(post: Post, phone: Phone) -> None:
    await phone.write("one")
    first = phone.last
    await phone.write("two")
    second = phone.last
    heard = [await event(post), await event(post)]
    for again in (second, first, second):
        post.server.updates.put(again, ANNA)

    assert heard == [Wrote("one"), Wrote("two")]
    assert await post.hears_nothing()


async def test_a_blocked_bot_hears_that_the_person_left_and_nothing_when_they_return(
    post: Post, phone: Phone
) -> None:
    phone.block()
    phone.unblock()

    assert (await post.hears()).event == PersonLeft()
    assert await post.hears_nothing()


@pytest.mark.parametrize(
    "data",
    ["", "v1", "v1:", "v1:yes", "v0:yes:self-1", "{}", "v2:yes:self-1", "v1::self-1", "é" * 32],
)
async def test_a_forged_button_is_like_one_that_is_out_of_date(
    post: Post, phone: Phone, data: str
) -> None:
    await post.chat.send(PERSON, "k", Message("Q", (YES, NO), "self-1"), ())
    phone.tap_data(data, phone.talk.ours[-1])

    assert await event(post) == Replied("", "outdated")


async def test_a_tap_from_somebody_elses_chat_or_without_a_message_is_nothing(
    post: Post, phone: Phone
) -> None:
    ben = Phone(post.server, BEN)
    await post.chat.send(PERSON, "k", Message("Q", (YES, NO), "self-1"), ())
    shown = phone.talk.ours[-1]
    query: Json = {"id": "x", "from": ben.me, "chat_instance": "1", "data": "v1:yes:self-1"}
    message = {"message_id": shown.id, "date": 1, "chat": phone.chat}
    ben.happens({"callback_query": {**query, "message": message}})
    ben.happens({"callback_query": query})

    assert await post.hears_nothing()


async def test_a_tap_is_answered_and_shows_what_was_tapped(post: Post, phone: Phone) -> None:
    await post.chat.send(PERSON, "k", Message("Q", (YES, NO), "self-1"), ())
    await phone.tap(YES.label)
    await post.hears()
    await eventually(lambda: post.server.methods.answered or None, lambda: "not answered")
    await eventually(
        lambda: True if phone.labels == [f"✓ {YES.label}"] else None, lambda: str(phone.labels)
    )
    await phone.tap(f"✓ {YES.label}")

    assert await post.hears_nothing()
    assert len(post.server.methods.answered) == 2


async def test_a_standing_question_keeps_its_buttons(post: Post, phone: Phone) -> None:
    await post.chat.send(PERSON, "k", Message("Hi.", (YES, NO), "welcome"), ())
    await phone.tap(YES.label)
    await post.hears()
    await post.settled()

    assert phone.labels == [YES.label, NO.label]


async def test_groups_are_told_why_and_left(post: Post) -> None:
    group = Talk(GROUP, "supergroup")
    post.server.chats.talks[GROUP] = group
    chat = {"id": GROUP, "type": "supergroup", "title": "Team"}
    bot = {"user": {"id": 7000000001, "is_bot": True, "first_name": "Shots"}}
    change: Json = {"chat": chat, "from": {"id": BEN}, "date": 1}
    change["new_chat_member"] = {**bot, "status": "member"}
    post.server.updates.add({"my_chat_member": change}, GROUP)
    await eventually(lambda: post.server.methods.left or None, lambda: "not left")
    change["new_chat_member"] = {**bot, "status": "left"}
    post.server.updates.add({"my_chat_member": change}, GROUP)

    assert await post.hears_nothing()
    assert [one.text for one in group.ours] == [INTRODUCTION.private_only]
    assert post.server.methods.left == [GROUP]


async def test_a_message_from_a_group_is_not_taken(post: Post) -> None:
    post.server.chats.talks[GROUP] = Talk(GROUP, "group")
    message = {"message_id": 5, "date": 1, "text": "/start", "from": {"id": BEN}}
    post.server.updates.add({"message": {**message, "chat": {"id": GROUP, "type": "group"}}}, GROUP)
    await eventually(lambda: post.server.methods.left or None, lambda: "not left")

    assert await post.hears_nothing()


@pytest.mark.parametrize(
    "content",
    [
        {"message": "not a message"},
        {"message": {"message_id": "seven"}},
        {"message": {"message_id": 7, "date": 1, "chat": {"id": ANNA}}},
        {"callback_query": []},
        {"my_chat_member": {"chat": None}},
    ],
)
async def test_an_update_that_makes_no_sense_is_passed_over(
    post: Post, phone: Phone, content: Json, caplog: pytest.LogCaptureFixture
) -> None:
    update = phone.happens(content)
    await phone.write("still here")

    assert await event(post) == Wrote("still here")
    assert post.chat.intake.dead_letters == 1
    assert f"update {update['update_id']} cannot be read" in caplog.text
    assert "seven" not in caplog.text


async def test_half_characters_do_not_get_in(post: Post, phone: Phone) -> None:
    await phone.write("a\ud83d b")

    assert await event(post) == Wrote("a? b")


async def test_what_both_sides_sent_can_be_removed_from_the_chat(post: Post, phone: Phone) -> None:
    await phone.write("hello")
    await phone.send_photo(PHOTO)
    await post.hears()
    await post.hears()
    await post.chat.send(PERSON, "k", Message("Q", (YES, NO), "self-1"), ())
    erased = await post.chat.clear(PERSON, await post.chat.belongings(PERSON))

    assert erased.counts == {"chat messages": 3}
    assert phone.talk.messages == {}


async def test_one_persons_updates_are_taken_in_order_and_nobody_waits_for_another(
    post: Post,
) -> None:
    gate, heard = asyncio.Event(), list[str]()

    async def slow_for_anna(delivery: Delivery) -> None:
        assert isinstance(delivery.event, Wrote)
        if delivery.event.text == "anna 0":
            await gate.wait()
        heard.append(delivery.event.text)

    await post.stop()
    async with post.running(slow_for_anna):
        anna, ben = Phone(post.server), Phone(post.server, BEN)
        for number in range(3):
            await anna.write(f"anna {number}")
        await ben.write("ben")
        await eventually(lambda: heard or None, lambda: "ben waits for anna")
        assert heard == ["ben"]
        gate.set()
        await eventually(lambda: True if len(heard) == 4 else None, lambda: str(heard))

    assert heard == ["ben", "anna 0", "anna 1", "anna 2"]
