"""Whose token is whose: the workspaces that have the app, and a client for each.

An installation is a record of the register, sealed with the workspace's key; or it comes from the
operator's settings, for the one workspace of a socket, and is kept in memory only. What was read
is remembered, so that neither a request nor a message costs a call to find out who we are.
"""

from __future__ import annotations

import msgspec
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import PersonUnreachable, PlatformUnavailable
from bot.model import Person, Value, Workspace
from bot.workspace_ports import Register
from handlers.slack.web_api import Clients, asking

PLATFORM = "slack"
RECORD = "installation"


class Installation(Value, frozen=True):
    """The app in one workspace."""

    team: str
    token: str
    bot_user: str
    """Who we are there: messages of this user are our own."""
    bot: str
    app: str = ""
    installer: str = ""
    """The user who installed it, and may see the admin panel."""
    scopes: tuple[str, ...] = ()
    since: int = 0
    """When it was installed (seconds since 1970): what was revoked before was another token."""

    def __repr__(self) -> str:
        return f"Installation(team={self.team!r})"


_decoder = msgspec.json.Decoder(Installation)


def workspace_of(team: str) -> Workspace:
    """A Slack team as a tenant."""
    return Workspace(PLATFORM, team)


class Installations:
    """All of them, by team id."""

    def __init__(self, register: Register, clients: Clients, *, from_settings: bool) -> None:
        """`from_settings`: there is one workspace, learned from its token at the start."""
        self._from_settings = from_settings
        self._register = register
        self._clients = clients
        self._known: dict[str, Installation] = {}

    async def of(self, team: str) -> Installation | None:
        """The installation in that workspace."""
        if team not in self._known:
            kept = await self._register.read(workspace_of(team), RECORD)
            if kept is None:
                return None
            self._known[team] = _decoder.decode(kept)
        return self._known[team]

    async def keep(self, installation: Installation) -> None:
        """Keep one for good; it replaces an earlier one of that workspace."""
        record = msgspec.json.encode(installation)
        await self._register.note(workspace_of(installation.team), RECORD, record)
        self._known[installation.team] = installation

    async def introduce(self, token: str, admins: tuple[str, ...]) -> Installation:
        """Learn which workspace a token of the settings is for. Raises `PlatformUnavailable`."""
        with asking():
            found = await self._clients.client(token).auth_test()
        installation = Installation(
            team=str(found["team_id"]),
            token=token,
            bot_user=str(found["user_id"]),
            bot=str(found.get("bot_id", "")),
            app=str(found.get("app_id", "")),
            installer=admins[0] if admins else "",
        )
        self._known[installation.team] = installation
        return installation

    def forget(self, team: str) -> None:
        """Its record is gone: so is what was remembered of it."""
        self._known.pop(team, None)

    async def client(self, person: Person, *, once: bool = False) -> AsyncWebClient:
        """The one way to speak to somebody's workspace.

        Raises `PersonUnreachable` when it has thrown us out, which erases the person; and
        `PlatformUnavailable` while we cannot know yet that it has not.
        """
        installation = await self.of(person.workspace)
        if installation is None and self._from_settings:
            raise PlatformUnavailable("not introduced")
        if installation is None:
            raise PersonUnreachable("not installed")
        return self._clients.client(installation.token, once=once)

    async def authorize(self, team_id: str | None) -> AuthorizeResult | None:
        """Who we are where a request comes from, as the SDK wants to be told; no call is made."""
        installation = await self.of(team_id) if team_id else None
        if installation is None:
            return None
        return AuthorizeResult(
            enterprise_id=None,
            team_id=installation.team,
            bot_token=installation.token,
            bot_id=installation.bot,
            bot_user_id=installation.bot_user,
        )
