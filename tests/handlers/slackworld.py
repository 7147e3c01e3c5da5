"""Slack, with the chat connected to a fake of it, and a person in a workspace.

`connected` gives tests a `Scene`; `SlackWorld` is what `HandlerContract` asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.events import Delivery
from bot.model import Attachment, Person, SelfieRef
from bot.ports import PlatformHandler, Receive
from bot.terms import Terms
from bot.wording import load
from bot.workspaces import Workspaces
from handlers.server import build_app, serving
from handlers.slack import SlackChat, SlackConfig, assemble
from handlers.slack.installations import Installation
from tests.contracts.handler import Shown
from tests.fakes.clock import HandClock
from tests.fakes.memory import MemoryStorage
from tests.fakes.slack import FakeSlack, Line, OverHttp, OverSocket, SlackUser, Team
from tests.fakes.slack.delivery import SECRET
from tests.fakes.slack.people import buttons, text_of
from tests.fakes.slack.server import LIMITED

APP_TOKEN = "xapp-CANARY-of-the-app"
TERMS = Terms(looks=("grey", "white", "navy"))


async def always_ready() -> bool:
    return True


class Scene:
    """A Slack, a chat that is connected to it, and what the chat delivered."""

    def __init__(self, *, socket: bool, kind: type[SlackChat] = SlackChat) -> None:
        self.socket = socket
        self.team = Team("T0CANARY1", app_token=APP_TOKEN if socket else "")
        self.slack = FakeSlack(self.team)
        self.clock = HandClock()
        self.storage = MemoryStorage(self.clock)
        self.wording = load()
        self.workspaces = Workspaces(self.storage.register, self.storage.audit, self.wording, TERMS)
        self.heard: asyncio.Queue[Delivery] = asyncio.Queue()
        self.url = ""
        self._kind = kind
        self._run: asyncio.Task[None] | None = None
        self.chat: SlackChat

    @asynccontextmanager
    async def running(self, receive: Receive | None = None) -> AsyncIterator[None]:
        """Slack serves and the chat listens."""
        async with self.slack.serving() as api, self._served(api) as url:
            self.url = url
            async with asyncio.TaskGroup() as tasks:
                self._run = tasks.create_task(self.chat.run(receive or self.heard.put))
                await asyncio.sleep(0)
                try:
                    yield
                finally:
                    self._run.cancel()

    @asynccontextmanager
    async def _served(self, api: str) -> AsyncIterator[str]:
        config = SlackConfig(
            api=api,
            app_token=APP_TOKEN if self.socket else "",
            bot_token=self.team.token if self.socket else "",
            admins=("U0ADMIN",) if self.socket else (),
            client_id="1.1",
            client_secret="client-secret-CANARY",
            signing_secret=SECRET,
            public_url="http://127.0.0.1",
        )
        self.chat, routes = assemble(
            config,
            register=self.storage.register,
            passes=self.storage.passes,
            ledger=self.storage.ledger,
            journal=self.storage.journal,
            audit=self.storage.audit,
            workspaces=self.workspaces,
            wording=self.wording,
            clock=self.clock,
            kind=self._kind,
        )
        self.chat.uploads.pauses = (0.01,) * 8
        app = build_app(always_ready)
        if routes is not None:
            routes(app)
            await self.install(self.team)
        async with serving(app, "127.0.0.1", 0) as port:
            yield f"http://127.0.0.1:{port}"

    async def install(self, team: Team) -> None:
        """The app is in that workspace."""
        self.slack.teams[team.id] = team
        await self.chat.installations.keep(
            Installation(
                team=team.id,
                token=team.token,
                bot_user=team.bot_user,
                bot=team.bot,
                app=team.app,
                installer=team.installer,
            )
        )

    def person(self, user: str, team: Team | None = None, *, bad_day: bool = False) -> SlackUser:
        """Somebody in a workspace."""
        way = OverSocket(self.slack) if self.socket else OverHttp(self.url)
        return SlackUser(self.slack, team or self.team, user, Line(way, bad_day=bad_day))

    async def hears(self) -> Delivery:
        """The next delivery."""
        async with asyncio.timeout(10):
            return await self.heard.get()

    async def stop(self) -> None:
        """Cancel `run` and wait for it."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.wait([self._run])


class SlackWorld:
    """`tests.contracts.handler.World` on Slack."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.user = scene.person("U0CANARYANNA")
        self.person = Person("slack", scene.team.id, self.user.user)

    @property
    def handler(self) -> PlatformHandler:
        return self.scene.chat

    async def heard(self) -> Delivery:
        return await self.scene.hears()

    async def nothing_heard(self) -> bool:
        # Slack is answered after the delivery was taken, so there is nothing to wait for.
        return self.scene.heard.empty()

    async def write(self, text: str) -> None:
        await self.user.write(text)

    async def tap(self, label: str) -> None:
        await self.user.tap(label)

    async def send_photo(self, photo: bytes) -> None:
        await self.user.send_photo(photo)

    async def repeat(self) -> None:
        await self.user.line.again()

    async def echo(self) -> None:
        ours = self.user.ours()[-1]
        direct = {"channel": self.user.channel, "channel_type": "im"}
        await self.user.event(ours | direct)
        await self.user.event(ours | direct | {"bot_id": None})
        changed = {"type": "message", "subtype": "message_changed", "message": ours}
        await self.user.event(changed | direct)
        in_channel = {"type": "message", "user": self.user.user, "text": "hi", "channel": "C1"}
        await self.user.event(in_channel | {"channel_type": "channel"})
        await self.user.event({"type": "file_shared", "file_id": "F1"})

    async def attach(self, photo: bytes, name: str) -> Attachment:
        kept = await self.scene.storage.vault.put(self.person, name, photo)
        return Attachment(kept, name, "image/jpeg", "A picture.")

    async def shown(self) -> Shown:
        ours = self.user.ours()
        return Shown(
            tuple(text_of(one) for one in ours),
            tuple(button["text"]["text"] for one in ours for button in buttons(one)),
            tuple(file.content for one in ours for file in self.user.files_of(one)),
        )

    async def lose_photo(self) -> None:
        assert self.user.last_file
        self.scene.slack.files.remove(self.user.last_file)

    async def ask_for_patience(self) -> None:
        self.scene.slack.faults["files.info"].append(LIMITED)
        await self.handler.fetch_selfie(self.person, SelfieRef("F1"))

    async def leave(self) -> None:
        self.scene.team.gone.add(self.user.user)

    async def stop(self) -> None:
        await self.scene.stop()

    async def open_connections(self) -> int:
        async with asyncio.timeout(5):
            while self.scene.slack.sockets:
                await asyncio.sleep(0.01)
        session = self.scene.chat.clients._session
        return int(session is not None and not session.closed)


@asynccontextmanager
async def connected(
    *, socket: bool, kind: type[SlackChat] = SlackChat, receive: Receive | None = None
) -> AsyncIterator[Scene]:
    """A scene that runs while the block lasts, once the bot can be reached."""
    scene = Scene(socket=socket, kind=kind)
    async with scene.running(receive):
        async with asyncio.timeout(20):
            # Over HTTP it begins by visiting its workspaces.
            while not (scene.slack.sockets if socket else scene.slack.count("auth.test")):
                await asyncio.sleep(0.01)
        scene.slack.calls.clear()
        yield scene
