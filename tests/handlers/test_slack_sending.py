"""Everything is said once, wherever it was cut off."""

from __future__ import annotations

import pytest

from bot.errors import PlatformUnavailable
from bot.model import Attachment, Message
from handlers.slack.entries import said
from handlers.slack.sending import SOMEWHERE
from tests.contracts.handler import NO, OTHER, PHOTO, QUESTION, YES, Shown, send
from tests.fakes.slack.people import buttons, text_of
from tests.fakes.slack.server import Fault
from tests.handlers.slackworld import SlackWorld, connected

CUT_OFF = Fault(500, after=True)
"""It was done, and the answer was lost."""
METHODS = (
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
    "files.info",
    "chat.postMessage",
)


async def pictures_of(world: SlackWorld) -> tuple[Attachment, ...]:
    return (await world.attach(PHOTO, "one.jpg"), await world.attach(OTHER, "two.jpg"))


async def until_sent(world: SlackWorld, message: Message, *pictures: bytes) -> None:
    """As the engine does it."""
    for _ in range(6):
        try:
            await send(world, "key-1", message, *pictures)
        except PlatformUnavailable:
            continue
        return
    raise AssertionError("never sent")


def once(shown: Shown) -> None:
    assert shown.count("Two of them.") == 1
    assert shown.files == (PHOTO, OTHER)


@pytest.mark.parametrize("after", [False, True], ids=["not done", "done"])
@pytest.mark.parametrize("method", METHODS)
async def test_a_call_whose_answer_is_lost_shows_nothing_twice(method: str, after: bool) -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await send(world, "key-0", Message("Before."))
        message = Message("Two of them.", (YES, NO), "self-1", await pictures_of(world))
        scene.slack.faults[method].append(Fault(500, after=after))
        scene.slack.faults[method].append(Fault(500, after=after))
        await until_sent(world, message, PHOTO, OTHER)
        once(await world.shown())
        await send(world, "key-1", message, PHOTO, OTHER)
        once(await world.shown())


async def test_a_message_whose_fate_is_unknown_is_looked_for_before_it_is_posted_again() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await send(world, "key-0", Message("Before."))
        scene.slack.faults["chat.postMessage"].append(CUT_OFF)
        await until_sent(world, Message("Once."))
        assert (await world.shown()).count("Once.") == 1
        assert scene.slack.count("chat.postMessage") == 2
        assert scene.slack.count("conversations.history") == 1


async def test_files_that_slack_loses_sight_of_do_not_hold_the_text_up() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await send(world, "key-0", Message("Before."))
        scene.slack.files.slowness = 15
        message = Message("Two of them.", (), "", await pictures_of(world))
        with pytest.raises(PlatformUnavailable):
            await send(world, "key-1", message, PHOTO, OTHER)
        scene.slack.files.slowness = 10_000
        for file in scene.slack.files.kept.values():
            file.polls_left = 10_000
        await send(world, "key-1", message, PHOTO, OTHER)
        assert (await world.shown()).count("Two of them.") == 1
        entry = said(await scene.chat.sender.entries(world.person))["ours:key-1"]
        assert entry.shared == SOMEWHERE


async def test_an_upload_that_expired_is_made_again() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await send(world, "key-0", Message("Before."))
        message = Message("Two of them.", (), "", await pictures_of(world))
        scene.slack.faults["files.completeUploadExternal"].extend([Fault(500), Fault(500)])
        with pytest.raises(PlatformUnavailable):
            await send(world, "key-1", message, PHOTO, OTHER)
        scene.slack.files.kept.clear()
        await until_sent(world, message, PHOTO, OTHER)
        once(await world.shown())


async def test_what_was_answered_cannot_be_tapped_again_and_shows_the_answer() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await send(world, "key-1", QUESTION)
        await world.tap(YES.label)
        await world.heard()
        (message,) = world.user.ours()
        await world.user.until(lambda: not buttons(message), "closed")
        assert f"\u2713 {YES.label}" in text_of(message)


async def test_a_new_question_takes_the_buttons_off_the_last_one() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await send(world, "key-1", QUESTION)
        await send(world, "key-2", Message("Another?", (YES, NO), "self-2"))
        first, second = world.user.ours()
        assert not buttons(first)
        assert buttons(second)


async def test_the_welcome_stays_open() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await send(world, "key-1", Message("Hi.", (YES,), "welcome"))
        await send(world, "key-2", QUESTION)
        await world.tap(YES.label)
        await world.heard()
        await send(world, "key-3", Message("Something else."))
        assert buttons(world.user.ours()[0])


async def test_progress_that_says_the_same_again_costs_no_call() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        for _ in range(3):
            await send(world, "order-1", Message("Step 1.", slot="order-1"))
        assert scene.slack.count("chat.update") == 0


async def test_every_picture_has_an_alternative_text_and_every_message_a_fallback() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        message = Message("**Two** of them.", (), "", await pictures_of(world))
        await send(world, "key-1", message, PHOTO, OTHER)
        assert {file.alt for file in scene.slack.files.kept.values()} == {"A picture."}
        (posted,) = [params for name, _, params in scene.slack.calls if name == "chat.postMessage"]
        assert posted["text"] == "Two of them."


async def test_a_message_that_somebody_deleted_holds_nothing_up() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await send(world, "key-1", QUESTION)
        await send(world, "key-2", Message("Step 1.", slot="order-1"))
        scene.slack.messages[world.user.channel].clear()
        await send(world, "key-3", Message("Another?", (YES, NO), "self-2"))
        await send(world, "key-4", Message("Step 2.", slot="order-1"))
        assert (await world.shown()).texts == ("Another?", "Step 2.")


async def test_buttons_that_cannot_be_taken_off_now_are_taken_off_with_the_next_question() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await send(world, "key-1", QUESTION)
        scene.slack.faults["chat.update"].extend([Fault(500)] * 2)
        await send(world, "key-2", Message("Another?", (YES, NO), "self-2"))
        assert buttons(world.user.ours()[0])
        await send(world, "key-3", Message("A third?", (YES, NO), "self-3"))
        assert [bool(buttons(one)) for one in world.user.ours()] == [False, False, True]
