"""The app's manifest: the one place that says which scopes, events and commands it has.

`manifest.json` lies at the top of the tree, for people to give to Slack; scopes are read from it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.errors import SettingsError

PATH = Path(__file__).parents[2] / "manifest.json"
PLACEHOLDER = "https://HOST"


def manifest() -> dict[str, Any]:
    """As it lies there. Raises `SettingsError`."""
    try:
        found: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{PATH.name} is missing or damaged: Slack needs it") from error
    return found


def scopes() -> tuple[str, ...]:
    """The bot's scopes; there are no others."""
    return tuple(manifest()["oauth_config"]["scopes"]["bot"])


def filled_manifest(url: str, *, socket: bool) -> str:
    """JSON to paste at api.slack.com/apps: with our addresses, or for a socket without any."""
    found = json.loads(json.dumps(manifest()).replace(PLACEHOLDER, url.rstrip("/")))
    if socket:
        for command in found["features"]["slash_commands"]:
            del command["url"]
        del found["settings"]["event_subscriptions"]["request_url"]
        del found["settings"]["interactivity"]["request_url"]
        del found["oauth_config"]["redirect_urls"]
        found["settings"]["socket_mode_enabled"] = True
    return json.dumps(found, indent=2)
