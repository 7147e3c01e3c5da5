"""A bot in a process of its own, the Slack that it is connected to, and a visitor in it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp

from tests.e2e.living import Process, process
from tests.fakes.slack import FakeSlack, Line, OverHttp, OverSocket, SlackUser, Team
from tests.fakes.slack.delivery import SECRET
from tests.fakes.slack.people import text_of

APP_TOKEN = "xapp-CANARY-of-the-app"
CLIENT_SECRET = "client-secret-CANARY"


class SlackVisitor:
    """`Visitor` in a direct message."""

    def __init__(self, user: SlackUser) -> None:
        self._user = user

    async def write(self, text: str) -> None:
        await self._user.write(text)

    async def tap(self, label: str) -> None:
        await self._user.tap(label)

    async def send_photo(self, photo: bytes) -> None:
        await self._user.send_photo(photo)

    async def sees(self, words: str) -> None:
        await self._user.sees(words)

    async def files(self, words: str) -> Sequence[bytes]:
        """Pictures stand in a message of their own, right above the text."""
        await self._user.sees(words)
        ours = self._user.ours()
        place = max(n for n, one in enumerate(ours) if words in text_of(one))
        return [file.content for file in self._user.files_of(ours[place - 1])]

    async def receipt(self) -> bytes:
        def found() -> list[bytes]:
            shown = [file for one in self._user.ours() for file in self._user.files_of(one)]
            return [file.content for file in shown if file.name.endswith(".json")]

        await self._user.until(lambda: bool(found()), "a receipt")
        return found()[-1]


class House:
    """A bot in a process of its own, and the Slack that it is connected to."""

    def __init__(self, folder: Path, models: Path, slack: FakeSlack, *, socket: bool) -> None:
        self.folder = folder
        self.models = models
        self.slack = slack
        self.socket = socket
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.bot: Process

    @property
    def environment(self) -> dict[str, str]:
        common = {"SLACK_API_BASE_URL": f"{self.slack.base}/api", "PORT": str(self.port)}
        if self.socket:
            token = self.slack.teams["T0CANARY1"].token
            return common | {"SLACK_APP_TOKEN": APP_TOKEN, "SLACK_BOT_TOKEN": token}
        return common | {
            "SLACK_CLIENT_ID": "1.1",
            "SLACK_CLIENT_SECRET": CLIENT_SECRET,
            "SLACK_SIGNING_SECRET": SECRET,
            "PUBLIC_URL": self.url,
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The bot runs; it can be started again on the same data."""
        log, data = self.folder / "log.txt", self.folder / "data"
        async with process(data, self.models, log, self.environment) as self.bot:
            if self.socket:
                async with asyncio.timeout(30):
                    while not self.slack.sockets:
                        await asyncio.sleep(0.02)
            yield

    def person(self, user: str, team: str = "T0CANARY1", *, bad_day: bool = False) -> SlackUser:
        way = OverSocket(self.slack) if self.socket else OverHttp(self.url)
        return SlackUser(self.slack, self.slack.teams[team], user, Line(way, bad_day=bad_day))

    async def installs(self, team: Team) -> int:
        """An admin installs the app, in a browser; the status of the last page."""
        async with aiohttp.ClientSession() as session:
            asked = await session.get(f"{self.url}/slack/install", allow_redirects=False)
            state = parse_qs(urlsplit(asked.headers["Location"]).query)["state"][0]
            cookie = asked.headers["Set-Cookie"].partition(";")[0]
            code = f"code-{team.id}"
            self.slack.codes[code] = {
                "access_token": team.token,
                "bot_user_id": team.bot_user,
                "app_id": team.app,
                "team": {"id": team.id, "name": "CANARYTEAMNAME"},
                "authed_user": {"id": team.installer},
                "scope": ",".join(team.scopes),
                "token_type": "bot",
            }
            done = await session.get(
                f"{self.url}/slack/oauth_redirect",
                params={"code": code, "state": state},
                headers={"Cookie": cookie},
            )
            return done.status


def free_port() -> int:
    """A port that nobody listens on just now: Slack is told the bot's address beforehand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def house(folder: Path, models: Path, *, over_socket: bool) -> AsyncIterator[House]:
    """A Slack with two workspaces, and a bot that can be started."""
    one = Team("T0CANARY1", app_token=APP_TOKEN if over_socket else "")
    slack = FakeSlack(one, Team("T0CANARY2"))
    async with slack.serving():
        yield House(folder, models, slack, socket=over_socket)
