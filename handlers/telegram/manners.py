"""What politeness asks for and nobody waits for: buttons that stop spinning, a word before leaving.

None of it is worth a second try, so nothing here raises.
"""

from __future__ import annotations

import logging

from telegram.error import TelegramError

from bot.prompts import PRIVACY, WELCOME
from handlers.telegram import keyboards
from handlers.telegram.bot_api import BotApi
from handlers.telegram.limiter import Priority
from handlers.telegram.updates import CallbackQuery, Chat

log = logging.getLogger(__name__)

STAYS_OPEN = frozenset({WELCOME, PRIVACY})
"""Questions that can be answered again and again."""


class Manners:
    """Answers taps and leaves groups."""

    def __init__(self, api: BotApi, private_only: str) -> None:
        self._bot = api.bot
        self._private_only = private_only
        self._leaving: set[int] = set()

    async def acknowledge(self, tap: CallbackQuery) -> None:
        """Let the button stop spinning, and show in its place what was tapped."""
        try:
            await self._bot.answer_callback_query(tap.id)
            await self._mark(tap)
        except TelegramError as error:  # "query is too old", most of all
            log.debug("a tap was not answered: %s", type(error).__name__)

    async def leave(self, chat: Chat) -> None:
        """Say why, and go."""
        if chat.id in self._leaving:
            return
        self._leaving.add(chat.id)
        try:
            try:
                await self._bot.send_message(chat.id, self._private_only)
            finally:
                await self._bot.leave_chat(chat.id)
        except TelegramError as error:
            log.info("a group was not left in style: %s", type(error).__name__)
        finally:
            self._leaving.discard(chat.id)

    async def _mark(self, tap: CallbackQuery) -> None:
        answer = keyboards.reply(tap.data)
        if tap.message is None or tap.message.reply_markup is None:
            return
        if answer.question in STAYS_OPEN or answer.verb == "cancel":
            return  # asked again, or about to change by itself
        rows = tap.message.reply_markup.inline_keyboard
        labels = [one.text for row in rows for one in row if one.callback_data == tap.data]
        if labels:
            await self._bot.edit_message_reply_markup(
                tap.message.chat.id,
                tap.message.message_id,
                reply_markup=keyboards.tapped(labels[0]),
                rate_limit_args=Priority.DROPPABLE,
            )
