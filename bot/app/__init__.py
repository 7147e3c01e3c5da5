"""The composition root: settings in, a running bot out. The only package that imports adapters.

`running` puts the house together and takes it apart; `platforms` says which chats are connected,
`providers` who makes headshots;
`foundation` holds what the command line needs without a bot: terms, storage, models.
"""

from __future__ import annotations

from bot.app.foundation import SystemClock, check_models, storage_of, terms_of
from bot.app.running import Bot, running

__all__ = ["Bot", "SystemClock", "check_models", "running", "storage_of", "terms_of"]
