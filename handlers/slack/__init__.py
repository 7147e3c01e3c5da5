"""Slack: direct messages, the Home tab, and workspaces that install it.

`chat` keeps the promises of `bot.ports.PlatformHandler`. What comes in: `http` and `socket` take
what Slack sends, `listeners` make minimal deliveries of it. What goes out: `sending` says each
thing once, `blocks` and `home` draw it, `files` and `photos` carry pictures. `installations` knows
whose token is whose, `oauth` lets workspaces install the app, `admin` is their admins' panel.
`web_api` is the only module that knows how Slack's API fails; `assembly` puts it all together.
"""

from __future__ import annotations

from handlers.slack.assembly import assemble
from handlers.slack.chat import SlackChat
from handlers.slack.config import SlackConfig
from handlers.slack.diagnosis import diagnose
from handlers.slack.manifest import filled_manifest

__all__ = ["SlackChat", "SlackConfig", "assemble", "diagnose", "filled_manifest"]
