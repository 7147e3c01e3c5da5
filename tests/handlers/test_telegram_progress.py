"""One message shows how work goes on: not too often, never twice the same, and to the end."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from bot.errors import PlatformUnavailable
from bot.model import Choice, Message
from tests.fakes.telegram_chats import Refusal
from tests.fakes.telegram_phone import Phone, eventually
from tests.fakes.telegram_server import Fault
from tests.handlers.telegramworld import EDIT_SECONDS, PERSON, Post

CANCEL = (Choice("cancel", "Cancel"),)
SLOT = "order-1"


def stage(text: str) -> Message:
    return Message(text, CANCEL, SLOT, slot=SLOT)


MADE = Message("Your headshots are made.", slot=SLOT)


async def passing(post: Post, text: str) -> None:
    await post.chat.send(PERSON, SLOT, stage(text), ())


def edits(post: Post) -> list[float]:
    """When the message was changed."""
    calls = zip(post.server.calls, post.server.called_at, strict=True)
    return [at for (name, _), at in calls if name == "editMessageText"]


async def test_stages_that_fly_by_are_left_out_and_the_last_state_is_shown(
    post: Post, phone: Phone
) -> None:
    for number in range(20):
        await passing(post, f"Step {number}.")
    await post.chat.send(PERSON, "key", MADE, ())

    assert phone.texts == ["Your headshots are made."]
    assert phone.labels == []
    assert len(edits(post)) == 1


async def test_it_is_not_changed_more_often_than_allowed(post: Post, phone: Phone) -> None:
    for number in range(40):
        await passing(post, f"Step {number}.")
        await asyncio.sleep(0.05)
    await post.chat.send(PERSON, "key", MADE, ())

    assert phone.texts == ["Your headshots are made."]
    assert 2 <= len(edits(post)) <= 8
    assert min(later - earlier for earlier, later in pairwise(edits(post))) >= EDIT_SECONDS * 0.95


async def test_a_stage_that_came_too_soon_is_shown_when_its_turn_comes(
    post: Post, phone: Phone
) -> None:
    await passing(post, "Step 1.")
    await passing(post, "Step 2.")
    assert phone.texts == ["Step 1."]
    await phone.sees("Step 2.")

    assert len(phone.talk.ours) == 1


async def test_the_same_again_changes_nothing(post: Post, phone: Phone) -> None:
    for _ in range(5):
        await passing(post, "Step 1.")
        await asyncio.sleep(EDIT_SECONDS / 2)

    assert edits(post) == []
    assert phone.texts == ["Step 1."]


async def test_the_bot_is_seen_to_be_at_work_until_it_is_done(post: Post, phone: Phone) -> None:
    await passing(post, "Step 1.")
    await eventually(lambda: phone.talk.actions or None, lambda: "nothing is shown")
    await post.chat.send(PERSON, "key", MADE, ())
    seen = len(phone.talk.actions)
    await asyncio.sleep(0.8)

    assert set(phone.talk.actions) == {"upload_photo"}
    assert len(phone.talk.actions) == seen


async def test_after_a_restart_the_same_message_goes_on(post: Post, phone: Phone) -> None:
    await passing(post, "Step 1.")
    async with post.restarted():
        await post.chat.send(PERSON, SLOT, stage("Step 1."), ())
        await post.chat.send(PERSON, "key", MADE, ())

    assert phone.texts == ["Your headshots are made."]


async def test_progress_that_fails_is_dropped_and_the_last_state_is_owed(
    post: Post, phone: Phone
) -> None:
    await passing(post, "Step 1.")
    post.server.faults.append(Fault("editMessageText", Refusal(502, "Bad Gateway")))
    await passing(post, "Step 2.")
    await phone.sees("Step 2.")
    post.server.faults.append(Fault("editMessageText", Refusal(502, "Bad Gateway")))
    with pytest.raises(PlatformUnavailable):
        await post.chat.send(PERSON, "key", MADE, ())
    await post.chat.send(PERSON, "key", MADE, ())

    assert phone.texts == ["Your headshots are made."]


async def test_a_first_stage_that_may_be_there_is_not_sent_again(post: Post, phone: Phone) -> None:
    post.server.faults.append(Fault("sendMessage", lost=True))
    with pytest.raises(PlatformUnavailable):
        await passing(post, "Step 1.")
    await passing(post, "Step 2.")
    await post.chat.send(PERSON, "key", MADE, ())

    assert phone.texts == ["Step 1."]


async def test_a_message_that_the_person_removed_stays_away(post: Post, phone: Phone) -> None:
    await passing(post, "Step 1.")
    phone.talk.messages.clear()
    await post.chat.send(PERSON, "key", MADE, ())

    assert phone.texts == []


async def test_an_erasure_forgets_what_was_shown(post: Post, phone: Phone) -> None:
    await passing(post, "Step 1.")
    await passing(post, "Step 2.")
    erased = await post.chat.erase(PERSON)
    await asyncio.sleep(EDIT_SECONDS + 0.6)

    assert erased.counts == {"progress notes": 1}
    assert phone.texts == ["Step 1."]
