"""From Slack's signed event to 200, which is after the delivery is durable.

The whole bot in this process over a real socket, its answers going to a Slack of our own; beside it
a bare app of the SDK that checks the signature, authorizes from memory and answers. First one event
after the other, then at the pace of a very busy workspace.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from handlers.slack.installations import RECORD, Installation, workspace_of
from tests.e2e.living import living
from tests.e2e.slackhouse import CLIENT_SECRET, free_port
from tests.fakes.slack import FakeSlack, Team
from tests.fakes.slack.delivery import SECRET, signed

EVENTS = 200
PACE = 100
"""Events a second."""
SECONDS = 10
PEOPLE = 50
TOKEN = Team("T0").token


async def run() -> None:
    """Print medians and the 99th percentile in milliseconds."""
    async with bare() as url:
        alone, paced = await one_by_one(url), await at_pace(url)
    async with whole() as url:
        ours, ours_paced = await one_by_one(url), await at_pace(url)
    print("\na signed Slack event, until 200 (ms)")
    print(f"  bare SDK app, one by one, median          {median(alone):8.1f}")
    print(f"  the bot, one by one, median (durable)     {median(ours):8.1f}")
    print(f"  ratio                                     {median(ours) / median(alone):8.1f}")
    print(f"  bare SDK app at {PACE}/s, p99               {p99(paced):8.1f}")
    print(f"  the bot at {PACE}/s, p99 (durable)          {p99(ours_paced):8.1f}")


def median(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000


def p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[-1] * 1000


def event(number: int) -> str:
    """A photo was taken back: taken durably, and answered by nothing that would be measured too."""
    before = {"user": f"U0{number % PEOPLE}", "files": [{"id": f"F{number}"}]}
    message = {
        "type": "message",
        "subtype": "message_deleted",
        "channel": f"D0{number % PEOPLE}",
        "channel_type": "im",
        "previous_message": before,
        "ts": f"{number}.0",
    }
    outer = {"type": "event_callback", "team_id": "T0", "event_time": number, "event": message}
    return json.dumps(outer | {"event_id": f"Ev{time.perf_counter_ns()}-{number}"})


async def post(session: aiohttp.ClientSession, url: str, number: int) -> float:
    body = event(number)
    headers = {"Content-Type": "application/json", **signed(SECRET, body)}
    began = time.perf_counter()
    async with session.post(f"{url}/slack/events", data=body, headers=headers) as response:
        await response.read()
        if response.status != 200:
            raise RuntimeError(f"not taken: {response.status}")
    return time.perf_counter() - began


async def one_by_one(url: str) -> list[float]:
    async with aiohttp.ClientSession() as session:
        return [await post(session, url, number) for number in range(EVENTS)]


async def at_pace(url: str) -> list[float]:
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        began, posts = time.perf_counter(), []
        for number in range(PACE * SECONDS):
            await asyncio.sleep(max(0.0, began + number / PACE - time.perf_counter()))
            posts.append(tasks.create_task(post(session, url, number)))
    return [one.result() for one in posts]


@asynccontextmanager
async def bare() -> AsyncIterator[str]:
    """The SDK's own app and nothing else."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T0", bot_token=TOKEN, bot_id="B0", bot_user_id="UBOT"
        )

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)

    async def taken() -> None:
        return None

    app.event("message")(taken)
    runner = web.AppRunner(app.web_app(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def whole() -> AsyncIterator[str]:
    """The bot, with the app in one workspace."""
    team = Team("T0")
    slack = FakeSlack(team)
    installation = Installation(team.id, team.token, team.bot_user, team.bot)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            slack.serving() as api,
            living(
                Path(folder) / "data",
                Path("models"),
                slack_client_id="1.1",
                slack_client_secret=CLIENT_SECRET,
                slack_signing_secret=SECRET,
                slack_api_base_url=api,
                public_url=f"http://127.0.0.1:{port}",
                port=port,
            ) as bot,
        ):
            record = msgspec.json.encode(installation)
            await bot.storage.register.note(workspace_of(team.id), RECORD, record)
            yield bot.url
