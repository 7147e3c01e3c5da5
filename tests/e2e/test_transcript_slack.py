"""The one transcript, on Slack: both ways in, on a bad day, and with restarts in between."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.e2e.pictures import selfie
from tests.e2e.slackhouse import SlackVisitor, house
from tests.e2e.test_nothing_is_left import found_in
from tests.e2e.transcript import visit

MARK = b"CANARY-3b77-of-this-person"


MODES = pytest.mark.parametrize("over_socket", [False, True], ids=["http", "socket"])


@MODES
async def test_the_whole_visit_on_a_bad_day_with_restarts(
    tmp_path: Path, models: Path, over_socket: bool
) -> None:
    """Everything is delivered three times and late, and the bot is killed again and again."""
    async with house(tmp_path, models, over_socket=over_socket) as here, AsyncExitStack() as stack:
        await stack.enter_async_context(here.running())
        if not over_socket:
            assert await here.installs(here.slack.teams["T0CANARY1"]) == 200
        user = here.person("U0CANARYANNA", bad_day=True)

        async def interrupt(station: str) -> None:
            if over_socket or station in {"shown", "making"}:
                await here.bot.kill()
                await stack.aclose()
                await stack.enter_async_context(here.running())

        body = await visit(SlackVisitor(user), selfie(mark=MARK), interrupt)

        # One message of ours remains, with the receipt: everything else was removed from Slack.
        files = [file for file in here.slack.files.kept.values() if file.owner != user.user]
        assert [file.name for file in files] == ["erasure-receipt.json"]
        assert len(user.ours()) == 2
        assert body["erased"]["chat files"] == 5
        assert any("I can't remove your photo from Slack" in line for line in body["remains"])
        marks = {
            "token": here.slack.teams["T0CANARY1"].token.encode(),
            "secrets": b"CANARY",
            "thumb": b"CANARYTHUMB",
            "person": user.user.encode(),
            "mark": MARK,
        }
        assert found_in(tmp_path, marks) == []
        await here.bot.stop()
    assert found_in(tmp_path, marks) == []


async def test_two_workspaces_at_once_know_nothing_of_each_other(
    tmp_path: Path, models: Path
) -> None:
    """The same user id in both is two people; each visit ends with a receipt of its own."""
    async with house(tmp_path, models, over_socket=False) as here, here.running():
        for team in here.slack.teams.values():
            assert await here.installs(team) == 200
        visitors = [here.person("U0CANARYANNA", team) for team in here.slack.teams]

        first = await visit(SlackVisitor(visitors[0]), selfie())
        assert visitors[1].ours() == []
        second = await visit(SlackVisitor(visitors[1]), selfie(mark=MARK))

        assert first["receipt"] != second["receipt"]
        for visitor in visitors:
            shown = [file for one in visitor.ours() for file in visitor.files_of(one)]
            assert {file.team for file in shown} == {visitor.team.id}


async def test_an_uninstalled_workspace_is_erased_from_the_disk(
    tmp_path: Path, models: Path
) -> None:
    async with house(tmp_path, models, over_socket=False) as here, here.running():
        team = here.slack.teams["T0CANARY1"]
        assert await here.installs(team) == 200
        user = here.person("U0CANARYANNA")
        await user.send_photo(selfie())
        await user.tap("Yes, it's me and I'm 18+")
        await user.tap("Yes, only as me")
        await user.sees("3 of 3")
        assert [path for path in (tmp_path / "data" / "photos").rglob("*") if path.is_file()]

        here.slack.revoked.add(team.token)
        for _ in range(2):
            await user.event({"type": "tokens_revoked", "tokens": {"bot": [team.bot_user]}})
            await user.event({"type": "app_uninstalled"})
        async with asyncio.timeout(20):
            while [path for path in (tmp_path / "data" / "photos").rglob("*") if path.is_file()]:
                await asyncio.sleep(0.05)

        here.slack.revoked.clear()
        assert await here.installs(team) == 200, "and it may come back"
        async with asyncio.timeout(20):
            while not any("automated AI service" in text for text in user.texts()):
                await user.write("hi")  # what comes while somebody is erased is erased as well
                await asyncio.sleep(0.5)
