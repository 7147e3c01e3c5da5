"""What Telegram shows of the bot: its commands, its description, the menu button.

Set at start, and only what has changed: these calls are few a day, and a profile that is written
anew at every start would be a nuisance. Telegram being away holds nothing up.
"""

from __future__ import annotations

import asyncio
import logging

from telegram import BotCommand, MenuButtonCommands
from telegram.constants import MenuButtonType
from telegram.error import TelegramError

from bot.introduction import Introduction
from handlers.telegram.bot_api import BotApi

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 600.0


class Profile:
    """Keeps the profile as it should be."""

    def __init__(
        self, api: BotApi, introduction: Introduction, *, first_pause: float = FIRST_PAUSE
    ) -> None:
        self._bot = api.bot
        self._introduction = introduction
        self._first_pause = first_pause

    async def run(self) -> None:
        """Set what has changed; again until it is done."""
        pause = self._first_pause
        while True:
            try:
                await self.settle()
            except TelegramError as error:
                log.warning("the profile is not set: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, 2 * pause)
            else:
                return

    async def differs(self) -> list[str]:
        """Which parts are not as they should be. Raises `TelegramError`."""
        told = self._introduction
        found = []
        if commands_of(await self._bot.get_my_commands()) != told.commands:
            found.append("commands")
        if (await self._bot.get_my_description()).description != told.description:
            found.append("description")
        if (await self._bot.get_my_short_description()).short_description != told.about:
            found.append("about")
        if (await self._bot.get_chat_menu_button()).type != MenuButtonType.COMMANDS:
            found.append("menu button")
        return found

    async def settle(self) -> None:
        """Set what differs. Raises `TelegramError`."""
        told, changed = self._introduction, await self.differs()
        if "commands" in changed:
            await self._bot.set_my_commands([BotCommand(*one) for one in told.commands])
        if "description" in changed:
            await self._bot.set_my_description(told.description)
        if "about" in changed:
            await self._bot.set_my_short_description(told.about)
        if "menu button" in changed:
            await self._bot.set_chat_menu_button(menu_button=MenuButtonCommands())
        if changed:
            log.info("the profile was set: %s", ", ".join(changed))


def commands_of(listed: tuple[BotCommand, ...]) -> tuple[tuple[str, str], ...]:
    """Names and descriptions."""
    return tuple((one.command, one.description) for one in listed)
