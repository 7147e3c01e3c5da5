"""Workspaces install the app: once per pass, in one browser, and never a whole organisation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio

from bot.errors import PlatformUnavailable
from bot.events import PersonLeft, Wrote
from bot.model import Message, Person
from bot.states import Turn
from handlers.slack.installations import Installation, workspace_of
from handlers.slack.manifest import scopes
from tests.contracts.handler import send
from tests.contracts.journal import say, waiting
from tests.fakes.slack import Team
from tests.handlers.slackworld import Scene, SlackWorld, connected

NEW = Team("T0CANARYNEW")


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    async with connected(socket=False) as scene:
        scene.slack.teams[NEW.id] = NEW
        yield scene


class Browser:
    """Whoever installs the app."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.state = ""
        self.cookie = ""
        self.asked: dict[str, list[str]] = {}

    async def begin(self) -> None:
        """Follow the install link, up to Slack."""
        async with aiohttp.ClientSession() as session:
            url = f"{self._scene.url}/slack/install"
            async with session.get(url, allow_redirects=False) as page:
                assert page.status == 302
                self.asked = parse_qs(urlsplit(page.headers["Location"]).query)
                self.cookie = page.headers["Set-Cookie"]
                self.state = self.asked["state"][0]

    def allow(self, **more: Any) -> None:
        """Say yes at Slack."""
        self._scene.slack.codes["code-1"] = {
            "access_token": NEW.token,
            "bot_user_id": NEW.bot_user,
            "app_id": NEW.app,
            "team": {"id": NEW.id, "name": "CANARYTEAM"},
            "authed_user": {"id": "U0INSTALLER"},
            "scope": ",".join(scopes()),
            **more,
        }

    async def end(self, *, cookie: bool = True, **query: str) -> tuple[int, str]:
        """Come back from Slack; status and page."""
        params = {"code": "code-1", "state": self.state} | query
        headers = {"Cookie": self.cookie.partition(";")[0]} if cookie else {}
        async with (
            aiohttp.ClientSession() as session,
            session.get(
                f"{self._scene.url}/slack/oauth_redirect", params=params, headers=headers
            ) as page,
        ):
            return page.status, await page.text()


async def test_a_workspace_installs_it_and_is_heard(scene: Scene) -> None:
    browser = Browser(scene)
    await browser.begin()
    browser.allow()
    status, page = await browser.end()

    assert status == 200
    assert "WorkShot is installed" in page
    assert browser.asked["scope"] == [",".join(scopes())]
    assert "user_scope" not in browser.asked
    assert {"Secure", "HttpOnly"} <= {part.strip() for part in browser.cookie.split(";")}
    kept = await scene.chat.installations.of(NEW.id)
    assert kept
    assert (kept.token, kept.installer, kept.bot) == (NEW.token, "U0INSTALLER", NEW.bot)
    await scene.person("U0CANARYANNA", NEW).write("hello")
    assert (await scene.hears()).event == Wrote("hello")


async def test_a_pass_is_good_once(scene: Scene) -> None:
    browser = Browser(scene)
    await browser.begin()
    browser.allow()
    assert (await browser.end())[0] == 200
    browser.allow()
    assert (await browser.end())[0] == 401


async def test_a_pass_is_good_for_ten_minutes(scene: Scene) -> None:
    browser = Browser(scene)
    await browser.begin()
    browser.allow()
    scene.clock.move(minutes=11)
    assert (await browser.end())[0] == 401
    assert await scene.chat.installations.of(NEW.id) is None


@pytest.mark.parametrize(
    ("cookie", "query", "status"),
    [
        (False, {}, 400),
        (True, {"state": "made-up"}, 400),
        (True, {"code": "made-up"}, 401),
        (True, {"error": "access_denied"}, 200),
    ],
)
async def test_whoever_comes_back_otherwise_installs_nothing(
    scene: Scene, cookie: bool, query: dict[str, str], status: int
) -> None:
    browser = Browser(scene)
    await browser.begin()
    browser.allow()
    got, page = await browser.end(cookie=cookie, **query)

    assert got == status
    assert "WorkShot was not installed" in page
    assert "made-up" not in page
    assert await scene.chat.installations.of(NEW.id) is None


async def test_a_whole_organisation_is_refused_and_its_token_given_back(scene: Scene) -> None:
    browser = Browser(scene)
    await browser.begin()
    browser.allow(team=None, enterprise={"id": "E1"}, is_enterprise_install=True)
    status, page = await browser.end()

    assert status == 403
    assert "whole organisation" in page
    assert NEW.token in scene.slack.revoked
    assert await scene.storage.register.all("slack") == [workspace_of(scene.team.id)]


async def test_installing_again_replaces_the_token(scene: Scene) -> None:
    for _ in range(2):
        browser = Browser(scene)
        await browser.begin()
        browser.allow()
        assert (await browser.end())[0] == 200
    records = scene.storage.register.kept
    assert len([one for one in records if one.id == NEW.id]) == 1


async def test_a_token_is_not_in_any_repr() -> None:
    installation = Installation(NEW.id, NEW.token, NEW.bot_user, NEW.bot)

    assert NEW.token not in repr(installation)
    assert NEW.token not in f"{installation}"


async def test_whoever_throws_it_out_is_forgotten_in_any_order(scene: Scene) -> None:
    world = SlackWorld(scene)
    turn = Turn(waiting(), (say("hello"),))
    await scene.storage.journal.commit(world.person, "slack:1", turn)
    for event in (
        {"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}},
        {"type": "app_uninstalled"},
        {"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}},
        {"type": "app_uninstalled"},
    ):
        await world.user.event(event)

    assert (await scene.hears()).event == PersonLeft()
    assert await scene.storage.register.all("slack") == []
    assert await scene.chat.installations.of(scene.team.id) is None


async def test_a_persons_own_token_is_not_the_bots(scene: Scene) -> None:
    user = scene.person("U0CANARYANNA")
    await user.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}})
    assert await scene.chat.installations.of(scene.team.id)


async def test_news_of_an_older_installation_leave_the_new_one_alone(scene: Scene) -> None:
    browser = Browser(scene)
    await browser.begin()
    browser.allow()
    await browser.end()
    late = {"event_time": 1000}
    await scene.person("U0CANARYANNA", NEW).event({"type": "app_uninstalled"}, **late)
    assert await scene.chat.installations.of(NEW.id)


async def test_who_threw_us_out_while_we_were_stopped_is_noticed_at_the_next_start() -> None:
    scene = Scene(socket=False)
    person = Person("slack", scene.team.id, "U0CANARYANNA")
    await scene.storage.journal.commit(person, "slack:1", Turn(waiting(), (say("hello"),)))
    scene.slack.void.add(scene.team.token)
    async with scene.running():
        delivery = await scene.hears()
        assert (delivery.person, delivery.event) == (person, PersonLeft())
        async with asyncio.timeout(5):
            while await scene.storage.register.all("slack"):
                await asyncio.sleep(0.01)


async def test_a_void_token_of_the_settings_erases_nobody() -> None:
    async with connected(socket=True) as scene:
        world = SlackWorld(scene)
        scene.slack.void.add(scene.team.token)
        with pytest.raises(PlatformUnavailable):
            await send(world, "key-1", Message("Are you still there?"))
        scene.slack.void.clear()
        await send(world, "key-1", Message("Are you still there?"))
