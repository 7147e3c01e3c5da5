"""What a person sees of our messages on Telegram, and that they see it once."""

from __future__ import annotations

import msgspec
import pytest

from bot.errors import PersonUnreachable, PlatformRefused, PlatformUnavailable
from bot.model import Message, Person
from handlers.telegram.clearing import Belongings
from tests.contracts.handler import NO, OTHER, PHOTO, YES
from tests.fakes.telegram_chats import Refusal, Talk
from tests.fakes.telegram_phone import ANNA, BEN, Phone
from tests.fakes.telegram_server import Fault, flood
from tests.handlers.telegramworld import INTRODUCTION, PERSON, RESULTS, Post, picture

QUESTION = Message("**1 of 2.** Is it you?", choices=(YES, NO), question="self-1")
AGAIN = INTRODUCTION.again
LOST = ["sendMessage", "sendMediaGroup", "editMessageMedia"]


async def send(post: Post, message: Message, *pictures: bytes, key: str = "k") -> None:
    await post.chat.send(PERSON, key, message, pictures)


async def test_results_are_an_album_then_the_buttons_then_the_files(
    post: Post, phone: Phone
) -> None:
    await send(post, RESULTS, PHOTO, OTHER)

    kinds = [(one.kind, one.text) for one in phone.talk.ours]
    assert kinds == [
        ("photo", "Headshot 1 of 2."),
        ("photo", "Headshot 2 of 2."),
        ("text", "Ready. Save what you want."),
        ("document", "Headshot 1 of 2."),
        ("document", "Headshot 2 of 2."),
    ]
    assert [one.content for one in phone.talk.ours if one.kind == "document"] == [PHOTO, OTHER]
    assert phone.labels == ["Another background", "Erase now"]
    assert phone.talk.ours[2].keyboard[1][0]["style"] == "danger"
    assert not any("protect_content" in given for _, given in post.server.calls)


async def test_the_picture_of_a_question_has_its_text_and_buttons_beneath(
    post: Post, phone: Phone
) -> None:
    crop = picture(1, keep=False)
    await send(post, Message("**3 of 3.** This one?", (YES, NO), "where-1", (crop,)), PHOTO)

    (shown,) = phone.talk.ours
    assert (shown.kind, shown.text, shown.content) == ("photo", "3 of 3. This one?", PHOTO)
    assert shown.entities[0]["type"] == "bold"
    assert phone.labels == [YES.label, NO.label]
    assert not shown.silent, "it was announced by its own text"


async def test_a_single_picture_to_keep_is_shown_and_handed_over(post: Post, phone: Phone) -> None:
    await send(post, Message("One.", (YES,), "q-1", (picture(1),)), PHOTO)

    assert [one.kind for one in phone.talk.ours] == ["photo", "document"]
    assert phone.files() == (PHOTO,)


async def test_an_archive_is_a_file_with_its_text(post: Post, phone: Phone) -> None:
    archive = picture(1, kind="application/zip")
    await send(post, Message("Your data.", attachments=(archive,)), b"PK")

    (shown,) = phone.talk.ours
    assert (shown.kind, shown.text, shown.content) == ("document", "Your data.", b"PK")


async def test_what_telegram_cannot_show_comes_as_a_file(post: Post, phone: Phone) -> None:
    crop = picture(1, keep=False)
    await send(post, Message("This one?", (YES,), "where-1", (crop,)), b"not a picture to Telegram")

    (shown,) = phone.talk.ours
    assert (shown.kind, shown.content) == ("document", b"not a picture to Telegram")
    assert phone.labels == [YES.label]


@pytest.mark.parametrize("keep", [True, False])
async def test_an_album_that_telegram_cannot_show_comes_as_files(
    post: Post, phone: Phone, keep: bool
) -> None:
    two = (picture(1, keep=keep), picture(2, keep=keep))
    await send(post, Message("Two.", attachments=two), b"one", b"two")

    documents = [one.content for one in phone.talk.ours if one.kind == "document"]
    assert documents == [b"one", b"two"]


async def test_a_long_text_is_cut_and_the_last_piece_has_the_buttons(
    post: Post, phone: Phone
) -> None:
    text = "\n\n".join(f"**{number}.** " + "words " * 100 for number in range(12))
    await send(post, Message(text, (YES, NO), "self-1"))

    assert len(phone.talk.ours) == 2
    assert [bool(one.keyboard) for one in phone.talk.ours] == [False, True]
    assert "".join(phone.texts).count("words") == 1200


@pytest.mark.parametrize("method", LOST)
async def test_a_lost_answer_shows_nothing_twice_that_can_be_edited(
    post: Post, phone: Phone, method: str
) -> None:
    post.server.faults.append(Fault(method, lost=True))
    for _ in range(4):
        try:
            await send(post, RESULTS, PHOTO, OTHER)
        except PlatformUnavailable:
            continue
        break

    kinds = [one.kind for one in phone.talk.ours]
    assert kinds.count("photo") == 2
    assert kinds.count("document") == 2
    assert [one.content for one in phone.talk.ours if one.kind == "document"] == [PHOTO, OTHER]


async def test_a_text_whose_answer_was_lost_comes_again_with_a_word(
    post: Post, phone: Phone
) -> None:
    post.server.faults.append(Fault("sendMessage", lost=True))
    with pytest.raises(PlatformUnavailable):
        await send(post, QUESTION)
    await send(post, QUESTION)
    await send(post, QUESTION)

    assert phone.texts == ["1 of 2. Is it you?", f"{AGAIN}\n\n1 of 2. Is it you?"]


async def test_a_text_is_not_repeated_without_end(post: Post, phone: Phone) -> None:
    post.server.faults.extend([Fault("sendMessage", lost=True)] * 9)
    for _ in range(2):
        with pytest.raises(PlatformUnavailable):
            await send(post, QUESTION)
    await send(post, QUESTION)

    assert len(phone.texts) == 2


async def test_what_never_left_is_sent_without_a_word(post: Post, phone: Phone) -> None:
    post.server.faults.append(flood("sendMessage", 1))
    with pytest.raises(PlatformUnavailable) as raised:
        await send(post, QUESTION)
    assert raised.value.retry_after == pytest.approx(1, abs=0.1)
    async with post.restarted():
        await send(post, QUESTION)

    assert phone.texts == ["1 of 2. Is it you?"]


async def test_a_crash_between_sending_and_noting_is_remembered(post: Post, phone: Phone) -> None:
    post.server.faults.append(Fault("sendMediaGroup", lost=True))
    with pytest.raises(PlatformUnavailable):
        await send(post, RESULTS, PHOTO, OTHER)
    async with post.restarted():
        await send(post, RESULTS, PHOTO, OTHER)
        belongings = await post.chat.belongings(PERSON)
        erased = await post.chat.clear(PERSON, belongings)
    known = msgspec.json.decode(belongings, type=Belongings)

    assert known.doubts == 1
    assert [one.trace for one in erased.remains] == ["chat-unknown"]
    assert [one.kind for one in phone.talk.ours] == ["photo", "photo"], "which nobody knows of"


async def test_a_place_that_the_person_removed_is_made_anew(post: Post, phone: Phone) -> None:
    post.server.faults.append(Fault("editMessageMedia", cut=True))
    with pytest.raises(PlatformUnavailable):
        await send(post, RESULTS, PHOTO, OTHER)
    removed = phone.talk.ours[-1]
    del phone.talk.messages[removed.id]
    await send(post, RESULTS, PHOTO, OTHER)

    assert [one.kind for one in phone.talk.ours].count("document") == 2


@pytest.mark.parametrize("words", ["can't parse entities", "BUTTON_DATA_INVALID"])
async def test_a_bad_request_is_made_once(post: Post, phone: Phone, words: str) -> None:
    before = len(post.server.calls)
    post.server.faults.append(Fault("sendMessage", Refusal(400, f"Bad Request: {words}")))
    with pytest.raises(PlatformRefused):
        await send(post, QUESTION)

    assert [name for name, _ in post.server.calls[before:] if name == "sendMessage"] == []


@pytest.mark.parametrize(
    "answer",
    [
        Refusal(403, "Forbidden: bot was blocked by the user"),
        Refusal(403, "Forbidden: user is deactivated"),
        Refusal(400, "Bad Request: chat not found"),
    ],
    ids=["blocked", "deactivated", "unknown"],
)
async def test_somebody_who_is_gone_is_told_from_a_mistake_of_ours(
    post: Post, answer: Refusal
) -> None:
    post.server.faults.append(Fault("sendMessage", answer))
    with pytest.raises(PersonUnreachable):
        await send(post, QUESTION)


async def test_a_chat_that_must_wait_holds_up_nobody_else(post: Post) -> None:
    ben = Person("telegram", "7000000001", str(BEN))
    post.server.chats.talks[BEN] = Talk(BEN)
    post.server.chats.talks[ANNA] = Talk(ANNA)
    post.server.faults.append(flood("sendMessage", 60))
    for _ in range(3):
        with pytest.raises(PlatformUnavailable):
            await send(post, QUESTION)
    await post.chat.send(ben, "k", QUESTION, ())

    asked = [given["chat_id"] for name, given in post.server.calls if name == "sendMessage"]
    assert asked == [str(BEN)], "and the waiting chat was left in peace"


async def test_links_are_not_unfolded(post: Post, phone: Phone) -> None:
    await send(post, Message("See https://example.org"))

    (given,) = [given for name, given in post.server.calls if name == "sendMessage"]
    assert '"is_disabled": true' in given["link_preview_options"]
