"""Telegram: the whole product in a private chat.

`chat` keeps the promises of `bot.ports.PlatformHandler`. On the way in, `polling` or `webhook` get
updates, `updates` gives them a shape, `intake` makes deliveries of them (`offers` says of what
kind). On the way out, `sending` and `progress` say things through `outbox`, which never forgets
what may have been delivered; `texts` and `keyboards` are how messages look. `bot_api` and
`transport` talk to the Bot API, `limiter` paces them. `entries` is what the ledger keeps,
`clearing` removes it from the chat; `profile` and `checking` are for the operator.
"""

from __future__ import annotations

from handlers.telegram.chat import Access, TelegramChat
from handlers.telegram.checking import diagnose
from handlers.telegram.webhook import add_routes

__all__ = ["Access", "TelegramChat", "add_routes", "diagnose"]
