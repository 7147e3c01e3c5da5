"""The web chat: one page, served from this machine, for people without any account.

`chat` keeps the promises of `bot.ports.PlatformHandler`, `routes` translates HTTP, `gate` decides
who may speak, `visitors` is the only memory, `entries` is what the ledger keeps, `pages` are the
files that a browser loads from `page/`.
"""

from __future__ import annotations

from handlers.web.chat import WebChat
from handlers.web.privacy import add_privacy_page
from handlers.web.routes import add_routes

__all__ = ["WebChat", "add_privacy_page", "add_routes"]
