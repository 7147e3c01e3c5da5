"""Photos in: what is taken, from where, and what is said about the rest."""

from __future__ import annotations

import pytest

from bot.errors import PlatformUnavailable, SelfieGone
from bot.events import SelfieSent, SelfieUnfit, SelfieWithdrawn
from bot.model import PhotoProblem, SelfieRef
from bot.photo import MAX_BYTES
from bot.states import Turn
from handlers.slack import SlackConfig
from handlers.slack.photos import address_of
from tests.contracts.handler import OTHER, PHOTO
from tests.contracts.journal import say, waiting
from tests.fakes.slack.files import File
from tests.handlers.slackworld import Scene, SlackWorld, connected


def sent(scene: Scene, world: SlackWorld, content: bytes = PHOTO, **more: object) -> File:
    """A file of the person's; `more` is what Slack tells about it."""
    file = scene.slack.files.add(scene.team.id, world.user.user, "a.jpg", content, "image/jpeg")
    file.extra = more
    return file


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"mimetype": "application/pdf"}, PhotoProblem.NOT_AN_IMAGE),
        ({"mimetype": "video/mp4"}, PhotoProblem.NOT_AN_IMAGE),
        ({"size": MAX_BYTES + 1}, PhotoProblem.TOO_BIG),
    ],
)
async def test_what_cannot_be_a_selfie_is_said_without_fetching_it(
    more: dict[str, object], problem: PhotoProblem
) -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await world.user.send_files(sent(scene, world, PHOTO, **more))
        assert (await world.heard()).event == SelfieUnfit(problem)
        assert scene.slack.files.downloads == []


async def test_several_files_get_one_answer_and_the_first_picture_is_taken() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        letter = sent(scene, world, mimetype="application/pdf")
        first, second = sent(scene, world), sent(scene, world, OTHER)
        await world.user.send_files(letter, first, second)
        assert (await world.heard()).event == SelfieSent(SelfieRef(first.id), more=True)
        assert await world.nothing_heard()


async def test_a_file_that_slack_tells_nothing_about_is_asked_for_when_it_is_needed() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        file = sent(scene, world)
        stub = {"id": file.id, "file_access": "check_file_info", "mode": "file_access"}
        message = {"type": "message", "subtype": "file_share", "user": world.user.user}
        here = {"channel": world.user.channel, "channel_type": "im", "files": [stub]}
        await world.user.event(message | here)
        event = (await world.heard()).event
        assert isinstance(event, SelfieSent)
        assert await world.handler.fetch_selfie(world.person, event.selfie) == PHOTO


async def test_of_a_heic_photo_the_rendition_is_taken() -> None:
    rendition = "https://files.slack.com/r.jpg"
    original = {"mimetype": "image/heic", "url_private_download": "https://files.slack.com/o.heic"}

    assert address_of(original | {"thumb_720": "smaller", "thumb_1024": rendition}) == rendition
    assert address_of(original) == "https://files.slack.com/o.heic"


@pytest.mark.parametrize(
    "url",
    [
        "http://files.slack.com/a.jpg",
        "https://files.slack.com.example.org/a.jpg",
        "https://files.slack.com:8443/a.jpg",
        "https://user@files.slack.com/a.jpg",
        "https://example.org/files.slack.com",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_goes_to_slacks_file_host_and_nowhere_else(url: str) -> None:
    assert not SlackConfig().may_have_files(url)
    assert SlackConfig().may_have_files("https://files.slack.com/files-pri/T1-F1/a.jpg")


async def test_a_photo_that_lies_somewhere_else_is_not_fetched() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        file = sent(scene, world, url_private_download="https://example.org/a.jpg")
        with pytest.raises(SelfieGone):
            await world.handler.fetch_selfie(world.person, SelfieRef(file.id))


async def test_a_page_instead_of_a_photo_is_no_photo() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        file = sent(scene, world)
        scene.slack.files.page_instead = True
        with pytest.raises(PlatformUnavailable):
            await world.handler.fetch_selfie(world.person, SelfieRef(file.id))
        scene.slack.files.page_instead = False
        file.content = b"\n <!DOCTYPE html><html>"
        with pytest.raises(PlatformUnavailable):
            await world.handler.fetch_selfie(world.person, SelfieRef(file.id))


async def test_no_more_is_read_than_a_photo_may_have() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        file = sent(scene, world, bytes(MAX_BYTES + 200_000))
        photo = await world.handler.fetch_selfie(world.person, SelfieRef(file.id))
        assert len(photo) == MAX_BYTES + 1, "enough to be called too big"


async def test_a_photo_that_was_removed_is_gone() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        file = sent(scene, world, mode="tombstone")
        with pytest.raises(SelfieGone):
            await world.handler.fetch_selfie(world.person, SelfieRef(file.id))


async def test_a_photo_that_is_deleted_after_it_was_looked_at_is_taken_back() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await world.send_photo(PHOTO)
        event = (await world.heard()).event
        assert isinstance(event, SelfieSent)
        await scene.storage.journal.commit(world.person, "slack:1", Turn(waiting(), (say("hi"),)))
        await world.handler.fetch_selfie(world.person, event.selfie)
        assert world.user.last_file
        await world.user.delete_file(world.user.last_file)
        assert (await world.heard()).event == SelfieWithdrawn(event.selfie)


async def test_a_photo_whose_message_is_deleted_is_taken_back() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        message = await world.user.send_photo(PHOTO)
        event = (await world.heard()).event
        assert isinstance(event, SelfieSent)
        await world.user.delete_message(message)
        taken_back = await world.heard()
        assert taken_back.event == SelfieWithdrawn(event.selfie)
        assert taken_back.person == world.person


async def test_somebody_elses_file_is_nobodys_selfie() -> None:
    async with connected(socket=False) as scene:
        world = SlackWorld(scene)
        await world.user.delete_file(sent(scene, world))
        assert await world.nothing_heard()
