"""The Home tab at work, and the admins' panel in it.

Rules: whoever acts is looked up when they act; no button, form or view is trusted to say who may.
Admins see counts and the policy, never a photo and never who. Nothing is told about a person.
"""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.events import Event, Replied, Wrote
from bot.model import Person
from bot.ports import AuditLog
from bot.prompts import WELCOME
from bot.standing import Standing
from bot.wording import DEFAULT, Wording
from handlers.slack import blocks, home
from handlers.slack.chat import SlackChat
from handlers.slack.files import Outgoing
from handlers.slack.installations import PLATFORM, workspace_of
from handlers.slack.reading import person_of, tap_number, team_of
from handlers.slack.web_api import asking

AUDIT_FILE = "audit-log.jsonl"
MOST_GREETED = 10_000
EVENTS: dict[str, Event] = {
    home.START: Replied("start", WELCOME),
    home.DELETE: Wrote("/delete"),
}
"""What the buttons of the Home tab stand for."""


class Panel:
    """Draws the Home tab and does what its buttons say."""

    def __init__(
        self, chat: SlackChat, standing: Standing, audit: AuditLog, wording: Wording
    ) -> None:
        self._chat = chat
        self._standing = standing
        self._audit = audit
        self._wording = wording
        self._greeted: set[Person] = set()

    def add_to(self, app: AsyncApp) -> None:
        """Register everything."""
        app.event("app_home_opened")(self.opened)
        for action in EVENTS:
            app.action(action)(self.begun)
        app.action(home.PRIVACY)(self.privacy)
        app.action(home.CHANGE)(self.change)
        app.action(home.AUDIT)(self.export)
        app.action(home.ERASE)(self.ask_to_erase)
        app.view(home.POLICY_FORM)(self.changed)
        app.view(home.ERASE_FORM)(self.erase)

    def words(self, text_id: str, **variables: str | int) -> str:
        """A text by its id."""
        return self._wording.text(DEFAULT, text_id, **variables)

    async def is_admin(self, person: Person) -> bool:
        """Whether that person may change what the workspace allows."""
        installation = await self._chat.installations.of(person.workspace)
        policy = await self._chat.workspaces.policy(workspace_of(person.workspace))
        installer = (installation.installer,) if installation and installation.installer else ()
        return person.user in {*installer, *policy.admins, *self._chat.config.admins}

    # --- everybody --------------------------------------------------------------------------

    async def opened(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Somebody looks at one of our tabs; neither is worth keeping Slack waiting for."""
        person = Person(PLATFORM, team_of(body), str(event["user"]))
        if event.get("tab") == "home":
            self._chat.courtesies.later(lambda: self.publish(person))
        elif person not in self._greeted:
            channel = str(event.get("channel", ""))
            self._chat.courtesies.later(lambda: self._greet(person, channel))

    async def publish(self, person: Person) -> None:
        """Draw the Home tab of that person as things stand."""
        installation = await self._chat.installations.of(person.workspace)
        app = installation.app if installation else ""
        tab = f"slack://app?team={person.workspace}&id={app}&tab=messages"
        extra = await self._panel(person) if await self.is_admin(person) else []
        view = home.home(self.words, await self._standing.of(person), tab, extra)
        client = await self._chat.installations.client(person)
        with asking():
            await client.views_publish(user_id=person.user, view=view)

    async def _panel(self, person: Person) -> list[blocks.Block]:
        workspace = workspace_of(person.workspace)
        census = await self._standing.census(workspace)
        policy = await self._chat.workspaces.policy(workspace)
        terms = await self._chat.workspaces.terms_for(person)
        return home.panel(self.words, policy, terms, census)

    async def _greet(self, person: Person, channel: str) -> None:
        """Say hello in a chat that is empty: a greeting is not repeated and is kept nowhere."""
        client = await self._chat.installations.client(person, once=True)
        with asking():
            history = await client.conversations_history(channel=channel, limit=1)
            if not history.get("messages"):
                welcome = (await self._standing.of(person)).welcome
                await client.chat_postMessage(
                    channel=channel,
                    text=blocks.fallback(welcome.text),
                    blocks=blocks.drawn(welcome),
                )
        if len(self._greeted) >= MOST_GREETED:
            self._greeted.clear()
        self._greeted.add(person)

    async def begun(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        """A button that says something in the conversation."""
        event = EVENTS[str(action["action_id"])]
        await self._chat.deliver(person_of(body), tap_number(body, action), event)
        await ack()

    async def privacy(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The seven straight answers, on top of whatever is shown."""
        person = person_of(body)
        await self._open(person, body, home.privacy(self.words, await self._standing.of(person)))
        await ack()

    async def _open(self, person: Person, body: dict[str, Any], view: home.View) -> None:
        client: AsyncWebClient = await self._chat.installations.client(person, once=True)
        with asking():
            await client.views_open(trigger_id=str(body["trigger_id"]), view=view)

    # --- admins -----------------------------------------------------------------------------

    async def change(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Show the policy as a form."""
        person = person_of(body)
        if await self.is_admin(person):
            policy = await self._chat.workspaces.policy(workspace_of(person.workspace))
            form = home.policy_form(self.words, policy, self._chat.workspaces.house)
            await self._open(person, body, form)
        await ack()

    async def changed(self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        """A policy was handed in."""
        person = person_of(body)
        if not await self.is_admin(person):
            await ack(response_action="errors", errors=self._not_you("daily"))
            return
        policy, wrong = home.submitted(view["state"]["values"])
        if wrong:
            errors = {field: self.words(text_id) for field, text_id in wrong.items()}
            await ack(response_action="errors", errors=errors)
            return
        await self._chat.workspaces.allow(workspace_of(person.workspace), policy)
        self._chat.courtesies.later(lambda: self.publish(person))
        await ack()

    async def export(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Hand over the audit chain, in the direct message."""
        person = person_of(body)
        if await self.is_admin(person):
            self._chat.courtesies.later(lambda: self._hand_over(person))
        await ack()

    async def _hand_over(self, person: Person) -> None:
        client = await self._chat.installations.client(person)
        alt = self.words("slack-audit-alt")
        chain = await self._audit.export()
        ids = await self._chat.uploads.upload(client, [Outgoing(AUDIT_FILE, alt, chain or b"\n")])
        await self._chat.uploads.complete(client, person.user, "", ids)

    async def ask_to_erase(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Ask for a sentence to be typed."""
        person = person_of(body)
        if await self.is_admin(person):
            await self._open(person, body, home.erase_form(self.words))
        await ack()

    async def erase(self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        """Erase everybody in the workspace, if that is what was typed."""
        person = person_of(body)
        word = self.words("erase-workspace-word")
        if not await self.is_admin(person):
            await ack(response_action="errors", errors=self._not_you("word"))
        elif home.typed(view["state"]["values"], "word").casefold() != word:
            wrong = {"word": self.words("erase-workspace-wrong")}
            await ack(response_action="errors", errors=wrong)
        else:
            await self._chat.dismissed(person.workspace)
            self._chat.courtesies.later(lambda: self.publish(person))
            await ack()

    def _not_you(self, field: str) -> dict[str, str]:
        return {field: self.words("slack-admin-not-you")}
