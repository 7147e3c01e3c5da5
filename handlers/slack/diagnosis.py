"""Whether Slack would work, asked of Slack itself; nothing is changed there."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import PlatformError
from bot.model import Diagnosis
from handlers.slack.config import SlackConfig
from handlers.slack.manifest import scopes
from handlers.slack.web_api import Clients, asking

HINTS = {
    "invalid_auth": "is not one of Slack's: copy it again from the app's settings",
    "not_authed": "is empty",
    "account_inactive": "belongs to an app that was removed: install it again",
    "token_revoked": "was revoked: install the app again",
    "not_allowed_token_type": "is a token of another kind: xapp-… and xoxb-… are easily mixed up",
    "missing_scope": "lacks the scope connections:write",
}


async def diagnose(config: SlackConfig) -> Sequence[Diagnosis]:
    """A line for each thing that can be wrong."""
    wrong = [Diagnosis(f"Slack: {problem}", good=False) for problem in config.problems]
    if wrong:
        return wrong
    if not config.over_socket:
        return [
            Diagnosis(f"Slack: workspaces install it at {config.public_url}/slack/install"),
            Diagnosis(f"Slack: it must be told to call {config.public_url}/slack/events"),
        ]
    clients = Clients(config.api)
    try:
        return [await _bot_token(clients, config), await _app_token(clients, config)]
    finally:
        await clients.close()


async def _bot_token(clients: Clients, config: SlackConfig) -> Diagnosis:
    try:
        with asking():
            found = await clients.client(config.bot_token).auth_test()
    except PlatformError as error:
        return _wrong("SLACK_BOT_TOKEN", error)
    granted = str(found.headers.get("x-oauth-scopes", "")).replace(" ", "").split(",")
    missing = [one for one in scopes() if one not in granted]
    if missing and granted != [""]:
        told = ", ".join(missing)
        return Diagnosis(
            f"SLACK_BOT_TOKEN: lacks the scope {told}; add it under OAuth & Permissions, reinstall",
            good=False,
        )
    return Diagnosis("Slack: the bot token works")


async def _app_token(clients: Clients, config: SlackConfig) -> Diagnosis:
    try:
        with asking():
            await clients.client(None).apps_connections_open(app_token=config.app_token)
    except PlatformError as error:
        return _wrong("SLACK_APP_TOKEN", error)
    return Diagnosis("Slack: the app token opens a socket")


def _wrong(name: str, error: PlatformError) -> Diagnosis:
    said = str(error)
    return Diagnosis(f"{name}: {HINTS.get(said, f'Slack says {said}')}", good=False)
