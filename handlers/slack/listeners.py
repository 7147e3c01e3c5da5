"""What Slack sends, as deliveries: who, what, and an id that is the same every time it is sent.

Rules: a listener takes from a body only what a delivery needs, has it committed, and then lets
Slack know; if it cannot be committed Slack is not told, and sends it again. Events are known by
their event id, taps and commands by their trigger. The retry header says nothing: the first try
may have failed. https://docs.slack.dev/apis/events-api/#retries
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.events import SelfieWithdrawn
from bot.model import Person, SelfieRef
from handlers.slack import blocks
from handlers.slack.chat import SlackChat
from handlers.slack.commands import Commands
from handlers.slack.installations import PLATFORM, workspace_of
from handlers.slack.panel import Panel
from handlers.slack.reading import Body, person_of, tap_number, team_of, what_of
from handlers.slack.web_api import quiet

log = logging.getLogger(__name__)

EVERYTHING = re.compile(".*")
SPOKEN = frozenset({None, "file_share"})
"""Subtypes of messages that a person wrote."""


def build_bolt(chat: SlackChat, commands: Commands, panel: Panel) -> AsyncApp:
    """The SDK's app, with our listeners and our idea of who a workspace is."""

    async def authorize(team_id: str | None) -> AuthorizeResult | None:
        return await chat.installations.authorize(team_id)

    app = AsyncApp(
        name="workshot",
        logger=quiet,
        # Given, so that nothing is read from the environment; requests are checked before.
        signing_secret=chat.config.signing_secret or "checked before",
        request_verification_enabled=False,
        client=chat.clients.client(None),
        # None, for a workspace that we do not know, is what it expects.
        authorize=authorize,  # type: ignore[arg-type]
        before_authorize=rate_limited,
        # The answer goes out after the listener: what was not committed is sent again.
        process_before_response=True,
    )
    Listeners(chat).add_to(app)
    commands.add_to(app)
    panel.add_to(app)

    app.event(EVERYTHING)(ignored)
    app.action(EVERYTHING)(ignored)

    @app.error
    async def failed(error: Exception) -> BoltResponse:
        log.warning("slack: not taken: %s", type(error).__name__)
        return BoltResponse(status=500)

    return app


class Listeners:
    """Listens to events and to the buttons of messages."""

    def __init__(self, chat: SlackChat) -> None:
        self._chat = chat

    def add_to(self, app: AsyncApp) -> None:
        """Register everything."""
        app.event("message")(self.message)
        app.event("file_deleted")(self.file_deleted)
        app.event("app_uninstalled")(self.uninstalled)
        app.event("tokens_revoked")(self.revoked)
        app.action(re.compile(f"^{blocks.CHOICE}"))(self.tapped)

    async def message(self, event: Body, body: Body, context: AsyncBoltContext) -> None:
        """Somebody wrote, sent a photo, or took something back."""
        if event.get("channel_type") != "im":
            return  # a photo is nobody's business but the person's
        if event.get("subtype") == "message_deleted":
            await self._taken_back(event, body)
            return
        user = event.get("user")
        ours = event.get("bot_id") or user in {None, context.bot_user_id}
        if ours or event.get("subtype") not in SPOKEN:
            return
        person = Person(PLATFORM, team_of(body), str(user))
        await self._chat.deliver(person, str(body["event_id"]), what_of(event))

    async def _taken_back(self, event: Body, body: Body) -> None:
        before = event.get("previous_message") or {}
        user, files = before.get("user"), before.get("files") or ()
        if user and not before.get("bot_id"):
            person = Person(PLATFORM, team_of(body), str(user))
            for file in files:
                await self._withdraw(person, str(file["id"]), body)

    async def file_deleted(self, event: Body, body: Body) -> None:
        """A file is gone, and Slack does not say whose: whoever showed it to us takes it back."""
        file = str(event.get("file_id", ""))
        for person in await self._chat.workspaces.people(workspace_of(team_of(body))):
            if await self._chat.sender.has_seen(person, file):
                await self._withdraw(person, file, body)

    async def _withdraw(self, person: Person, file: str, body: Body) -> None:
        number = f"{body['event_id']}-{file}"
        await self._chat.deliver(person, number, SelfieWithdrawn(SelfieRef(file)))

    async def uninstalled(self, body: Body) -> None:
        """The app was removed from a workspace."""
        await self._chat.uninstalled(team_of(body), int(body.get("event_time", 0)))

    async def revoked(self, event: Body, body: Body) -> None:
        """Tokens are void: with the bot's own, nothing can be done there any more."""
        if (event.get("tokens") or {}).get("bot"):
            await self._chat.uninstalled(team_of(body), int(body.get("event_time", 0)))

    async def tapped(self, ack: AsyncAck, body: Body, action: Body) -> None:
        """A button of a message of ours."""
        person = person_of(body)
        answer = blocks.answer(str(action.get("value", "")))
        if answer is not None:
            await self._chat.deliver(person, tap_number(body, action), answer)
            shown = body.get("container") or {}
            channel, ts = str(shown.get("channel_id", "")), str(shown.get("message_ts", ""))
            chosen = str((action.get("text") or {}).get("text", ""))
            close = partial(self._chat.sender.close, person, channel, ts, chosen)
            self._chat.courtesies.later(close)
        await ack()


async def rate_limited(
    req: AsyncBoltRequest, next_: Callable[[], Awaitable[BoltResponse]]
) -> BoltResponse:
    """What Slack says about itself is no event, and the SDK knows no listener for it."""
    if req.body.get("type") == "app_rate_limited":
        log.warning("slack: events of a workspace are left out: too many in an hour")
        return BoltResponse(status=200)
    return await next_()


async def ignored(ack: AsyncAck) -> None:
    """Whatever else there is: taken, so that it is not sent again."""
    await ack()
