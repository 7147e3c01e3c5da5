"""Slack as the engine sees it: `bot.ports.PlatformHandler`.

Rules: a delivery is minimal (who, what, an id) and is committed before Slack is told that we have
it; no event body is kept or logged, because it carries a small picture of the person. What was
said lies in the ledger.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from bot.errors import ErasureIncomplete, PlatformError, PlatformUnavailable
from bot.events import Delivery, Event
from bot.model import Erased, Message, Person, SelfieRef, Sent
from bot.ports import Clock, Health, Ledger, Receive
from bot.workspace_ports import Register
from bot.workspaces import Workspaces
from handlers.slack import clearing
from handlers.slack.config import SlackConfig
from handlers.slack.courtesies import Courtesies
from handlers.slack.files import Uploads
from handlers.slack.installations import PLATFORM, Installations, workspace_of
from handlers.slack.lastwords import LastWords
from handlers.slack.photos import Photos
from handlers.slack.sending import Sender
from handlers.slack.web_api import Clients, ThrownOut, asking

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between attempts to learn which workspace the token is for."""

Loop: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class SlackChat:
    """Direct messages in every workspace that has the app."""

    def __init__(
        self,
        config: SlackConfig,
        *,
        register: Register,
        ledger: Ledger,
        workspaces: Workspaces,
        clock: Clock,
    ) -> None:
        self.config = config
        self.clients = Clients(config.api)
        self.installations = Installations(register, self.clients, from_settings=config.over_socket)
        self.workspaces = workspaces
        self.uploads = Uploads(self.clients, config)
        self._photos = Photos(self.clients, config)
        self.sender = Sender(self.installations, ledger, self.uploads, clock)
        self._last_words = LastWords(self.installations, self.uploads)
        self.courtesies = Courtesies()
        self._receive: Receive | None = None
        self.listen: Loop | None = None
        """Hears Slack over a socket, until cancelled; without one, Slack calls us."""
        self.trouble = ""
        """What keeps us from hearing people, in a few words."""
        self.stalled = False

    # --- what the engine calls ------------------------------------------------------------

    @property
    def holds(self) -> str:
        """One plain sentence, for the privacy table."""
        return (
            "Slack: in the database, encrypted with your key, the ids of our messages and files in "
            "your direct message and of photos of yours that were looked at, and whose workspace "
            "you are in; in memory, until they are said, the last words of an erasure; the chat "
            "itself is kept by Slack under your workspace's terms, and erasing removes from it "
            "what is ours, while what you sent only you can delete."
        )

    @property
    def health(self) -> Health:
        """Whether Slack reaches us."""
        return Health(stalled=self.stalled, trouble=self.trouble)

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled; then close every connection."""
        self._receive = receive
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._resume(receive))
                tasks.create_task(self.courtesies.run())
                if self.config.over_socket:
                    await self._introduce()
                else:
                    self.courtesies.later(self._visit_workspaces)
                if self.listen is not None:
                    tasks.create_task(self.listen())
        finally:
            self._receive = None
            await self.clients.close()

    async def send(
        self, person: Person, key: str, message: Message, pictures: Sequence[bytes]
    ) -> Sent:
        """Show a message, once."""
        with self._reaching():
            return await self.sender.send(person, key, message, pictures)

    async def say_goodbye(self, person: Person, message: Message, receipt: bytes | None) -> None:
        """Say the last words; only memory remembers them until they were said."""
        with self._reaching():
            await self._last_words.say(person, message, receipt)

    async def fetch_selfie(self, person: Person, selfie: SelfieRef) -> bytes:
        """The photo's bytes, in memory. Raises `PlatformUnavailable` or `SelfieGone`."""
        with self._reaching():
            client = await self.installations.client(person)
            photo = await self._photos.fetch(client, selfie.ref)
        await self.sender.note_photo(person, selfie.ref)
        return photo

    async def belongings(self, person: Person) -> bytes:
        """Our messages and files in the chat."""
        return clearing.encode(clearing.belongings_of(await self.sender.entries(person)))

    async def clear(self, person: Person, belongings: bytes) -> Erased:
        """Remove those."""
        with self._reaching():
            return await clearing.clear(await self.installations.client(person), belongings)

    async def erase(self, person: Person) -> Erased:
        """Nothing is held here: the ledger is the journal's to erase."""
        return Erased()

    # --- what comes in ----------------------------------------------------------------------

    async def deliver(self, person: Person, number: str, event: Event) -> None:
        """Commit what happened; raises unless it is durable."""
        delivery = f"{PLATFORM}:{person.workspace}:{number}"
        await self.receive(Delivery(delivery, person, event))

    async def receive(self, delivery: Delivery) -> None:
        """As the engine takes it. Raises `PlatformUnavailable` while nobody does."""
        if self._receive is None:
            raise PlatformUnavailable("not running")
        await self._receive(delivery)

    async def uninstalled(self, team: str, at: int) -> None:
        """The app was thrown out, or its token is void: erase everything of that workspace.

        Slack sends that again and late; what is older than the installation is about another.
        """
        installation = await self.installations.of(team)
        if installation is not None and at < installation.since:
            return
        await self.workspaces.uninstalled(workspace_of(team), self.receive)
        # Last: until its record is gone somebody else could have read it again.
        self.installations.forget(team)

    async def dismissed(self, team: str) -> None:
        """An admin erases everybody in the workspace."""
        await self.workspaces.dismissed(workspace_of(team), self.receive)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """A token of the settings that is void is the operator's to mend: nobody has left."""
        try:
            yield
        except ThrownOut as error:
            if self.config.over_socket:
                raise PlatformUnavailable(str(error), retry_after=60) from error
            raise

    async def _visit_workspaces(self) -> None:
        """Notice who threw us out while we were stopped: Slack does not tell again for long."""
        for workspace in await self.workspaces.all(PLATFORM):
            installation = await self.installations.of(workspace.id)
            if installation is None:
                continue
            try:
                with asking():
                    await self.clients.client(installation.token).auth_test()
            except ThrownOut:
                await self.uninstalled(workspace.id, sys.maxsize)
            except PlatformError as error:
                log.info("a workspace was not visited: %s", type(error).__name__)

    async def _resume(self, receive: Receive) -> None:
        """Go on with ends of workspaces that were cut off, until they are over."""
        while True:
            try:
                await self.workspaces.resume(PLATFORM, receive)
            except ErasureIncomplete:
                log.warning("the end of a workspace is not finished: something reads the database")
                await asyncio.sleep(LONGEST_PAUSE)
            else:
                return

    async def _introduce(self) -> None:
        """Learn which workspace we are in; nobody can be heard before."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self.installations.introduce(self.config.bot_token, self.config.admins)
            except PlatformError as error:
                self.trouble = f"Slack does not take the bot token ({error})"
                log.warning("slack: not introduced: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                self.trouble = ""
                return
