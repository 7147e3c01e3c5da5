"""The Home tab, and the panel of a workspace's admins in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.events import Dismissed, Replied, Wrote
from bot.prompts import WELCOME
from bot.states import Turn
from bot.workspace_policy import Policy
from handlers.slack import home
from handlers.slack.installations import workspace_of
from tests.contracts.handler import QUESTION, send
from tests.contracts.journal import say, waiting
from tests.fakes.slack import Fault, SlackUser, Team
from tests.fakes.slack.people import text_of
from tests.handlers.slackworld import Scene, SlackWorld, connected

ADMINS_TITLE = "For the admins of this workspace"


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    async with connected(socket=False) as scene:
        yield scene


async def opens_home(user: SlackUser) -> str:
    """Look at the Home tab; what it says."""
    before = user.slack.count("views.publish")
    await user.open_tab("home")
    await user.until(lambda: user.slack.count("views.publish") > before, "a Home tab")
    return text_of(user.home)


def form(**fields: Any) -> dict[str, Any]:
    """A policy as the dialog hands it in."""
    values: dict[str, Any] = {
        "hosted": {"selected_option": {"value": "local"}},
        "photo": {"selected_option": {"value": "15"}},
        "headshots": {"selected_option": {"value": "4"}},
        "people": {"selected_users": []},
        "admins": {"selected_users": []},
        "daily": {"value": "3"},
        "looks": {"selected_options": [{"value": "navy"}]},
        "contact": {"value": "privacy@example.org"},
    }
    return {name: {"value": field} for name, field in (values | fields).items()}


async def test_the_home_tab_says_what_it_is_and_where_we_are(scene: Scene) -> None:
    shown = await opens_home(scene.person("U0CANARYANNA"))

    assert "Professional headshots from one selfie" in shown
    assert "I'm an automated AI service, not a person" in shown
    assert "*Where we are.* I hold no photo and no answers of yours." in shown
    assert ADMINS_TITLE not in shown


async def test_the_home_tab_shows_where_the_conversation_stands(scene: Scene) -> None:
    world = SlackWorld(scene)
    await scene.storage.journal.commit(world.person, "slack:1", Turn(waiting()))

    assert "I'm waiting for a selfie." in await opens_home(world.user)


async def test_its_buttons_speak_in_the_direct_message(scene: Scene) -> None:
    user = scene.person("U0CANARYANNA")
    await opens_home(user)
    await user.press_home(home.START)
    assert (await scene.hears()).event == Replied("start", WELCOME)
    await user.press_home(home.DELETE)
    assert (await scene.hears()).event == Wrote("/delete")


async def test_the_seven_answers_are_one_tap_away(scene: Scene) -> None:
    user = scene.person("U0CANARYANNA")
    await opens_home(user)
    await user.press_home(home.PRIVACY)
    (modal,) = scene.slack.modals
    assert "Is it used to train AI?" in text_of(modal)
    assert "/headshot delete" in text_of(modal)
    assert scene.heard.empty()


async def test_an_empty_chat_is_greeted_once(scene: Scene) -> None:
    user = scene.person("U0CANARYANNA")
    for _ in range(3):
        await user.open_tab("messages")
        await user.sees("automated AI service")
    assert len(user.ours()) == 1
    assert scene.heard.empty()


async def test_the_greeting_goes_with_everything_else(scene: Scene) -> None:
    world = SlackWorld(scene)
    await world.user.open_tab("messages")
    await world.user.sees("automated AI service")
    await send(world, "key-1", QUESTION)
    await world.tap("Start")
    await world.heard()
    async with asyncio.timeout(5):
        while len(await scene.chat.sender.entries(world.person)) < 2:
            await asyncio.sleep(0.01)
    belongings = await world.handler.belongings(world.person)
    await world.handler.clear(world.person, belongings)
    assert world.user.texts() == []


async def test_a_chat_with_messages_is_not_greeted(scene: Scene) -> None:
    user = scene.person("U0CANARYANNA")
    await user.write("hello")
    await user.open_tab("messages")
    await opens_home(user)
    assert user.texts() == []


async def test_a_home_tab_that_cannot_be_drawn_holds_nothing_up(scene: Scene) -> None:
    user = scene.person("U0CANARYANNA")
    scene.slack.faults["views.publish"].extend([Fault(500)] * 4)
    await user.open_tab("home")
    await user.write("hello")
    assert (await scene.hears()).event == Wrote("hello")


# --- admins -----------------------------------------------------------------------------------


async def test_who_installed_it_sees_counts_and_the_policy(scene: Scene) -> None:
    world = SlackWorld(scene)
    turn = Turn(waiting(), (say("hello"),))
    await scene.storage.journal.commit(world.person, "slack:1", turn)
    shown = await opens_home(scene.person(scene.team.installer))

    assert ADMINS_TITLE in shown
    assert "1 person, 1 open conversation, 0 orders under way, 0 headshots kept" in shown
    assert "everybody in this workspace" in shown
    assert world.user.user not in json.dumps(scene.person(scene.team.installer).home)


async def test_an_admin_changes_the_policy(scene: Scene) -> None:
    admin = scene.person(scene.team.installer)
    await opens_home(admin)
    await admin.press_home(home.CHANGE)
    (dialog,) = scene.slack.modals
    assert dialog["callback_id"] == home.POLICY_FORM
    await admin.submit(home.POLICY_FORM, form(admins={"selected_users": ["U0CANARYANNA"]}))

    assert admin.errors == {}
    assert await scene.workspaces.policy(workspace_of(scene.team.id)) == Policy(
        hosted=False,
        photo_minutes=15,
        headshot_hours=4,
        admins=("U0CANARYANNA",),
        daily=3,
        looks=("navy",),
        contact="privacy@example.org",
    )
    assert ADMINS_TITLE in await opens_home(scene.person("U0CANARYANNA"))


async def test_the_dialog_shows_the_policy_that_is_in_force(scene: Scene) -> None:
    here = workspace_of(scene.team.id)
    allowed = Policy(hosted=False, photo_minutes=20, people=("U1",), looks=("navy",), contact="a@b")
    await scene.workspaces.allow(here, allowed)
    admin = scene.person(scene.team.installer)
    shown = await opens_home(admin)
    assert "one person on the list" in shown
    assert "Deep navy" in shown
    await admin.press_home(home.CHANGE)
    drawn = json.dumps(scene.slack.modals)
    for part in ('"20"', '"U1"', '"initial_value": "a@b"', '"local"'):
        assert part in drawn


@pytest.mark.parametrize(
    ("field", "given"),
    [("daily", "many"), ("daily", "101"), ("daily", "-1"), ("contact", "@"), ("contact", "a b@c")],
)
async def test_what_no_policy_can_say_is_sent_back(scene: Scene, field: str, given: str) -> None:
    admin = scene.person(scene.team.installer)
    await admin.submit(home.POLICY_FORM, form(**{field: {"value": given}}))

    assert list(admin.errors) == [field]
    assert await scene.workspaces.policy(workspace_of(scene.team.id)) == Policy()


async def test_nobody_else_can_change_anything(scene: Scene) -> None:
    admin, other = scene.person(scene.team.installer), scene.person("U0CANARYANNA")
    await opens_home(admin)
    scene.slack.homes[scene.team.id, other.user] = admin.home
    for action in (home.CHANGE, home.AUDIT, home.ERASE):
        await other.press_home(action)
    await other.submit(home.POLICY_FORM, form())
    assert other.errors
    await other.submit(home.ERASE_FORM, {"word": {"value": {"value": "erase everything"}}})
    assert other.errors

    assert scene.slack.modals == []
    assert scene.heard.empty()
    assert await scene.workspaces.policy(workspace_of(scene.team.id)) == Policy()
    assert other.ours() == []


async def test_an_admin_of_one_workspace_is_nobody_in_another(scene: Scene) -> None:
    other = Team("T0CANARY2", installer="U0ELSE")
    await scene.install(other)
    stranger = scene.person(scene.team.installer, other)
    assert ADMINS_TITLE not in await opens_home(stranger)
    await stranger.submit(home.POLICY_FORM, form())
    assert stranger.errors


async def test_the_audit_chain_is_handed_over_in_private(scene: Scene) -> None:
    await scene.storage.audit.append("erased", "DR-1")
    admin = scene.person(scene.team.installer)
    await opens_home(admin)
    await admin.press_home(home.AUDIT)
    await admin.until(lambda: bool(scene.slack.files.pending), "an upload")
    (file,) = scene.slack.files.kept.values()
    assert file.name == "audit-log.jsonl"
    assert json.loads(file.content)["about"] == "DR-1"


async def test_erasing_a_workspace_takes_a_typed_sentence(scene: Scene) -> None:
    world = SlackWorld(scene)
    turn = Turn(waiting(), (say("hello"),))
    await scene.storage.journal.commit(world.person, "slack:1", turn)
    await scene.workspaces.allow(workspace_of(scene.team.id), Policy(daily=2))
    admin = scene.person(scene.team.installer)
    await opens_home(admin)
    await admin.press_home(home.ERASE)
    for wrong in ("", "yes", "erase"):
        await admin.submit(home.ERASE_FORM, {"word": {"value": {"value": wrong}}})
        assert list(admin.errors) == ["word"]
    assert scene.heard.empty()
    await admin.submit(home.ERASE_FORM, {"word": {"value": {"value": " Erase  everything "}}})

    delivery = await scene.hears()
    assert (delivery.person, delivery.event) == (world.person, Dismissed())
    assert await scene.workspaces.policy(workspace_of(scene.team.id)) == Policy()
    assert await scene.chat.installations.of(scene.team.id), "the app stays installed"
