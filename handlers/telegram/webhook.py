"""Telegram calls us: the way in when the bot has an address of its own.

Rules: an update is answered with 200 when it is on disk, and not before; Telegram repeats what gets
another answer, keeps the updates of one chat in order meanwhile, and gives up after a while. What
makes no sense gets 200 as well, or it would come for ever. The secret is compared in constant time,
and a wrong one is told nothing.

Telegram does not say which secret it was given, so the address carries a mark of it: then a changed
secret is seen at start like any other change. The mark is made with the token, so it tells nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging

from aiohttp import web
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.errors import PlatformUnavailable
from bot.ports import Health
from handlers.telegram.bot_api import BotApi
from handlers.telegram.intake import Intake
from handlers.telegram.polling import BAD_TOKEN
from handlers.telegram.updates import ALLOWED

log = logging.getLogger(__name__)

PATH = "/telegram/webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
CONNECTIONS = 40
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
NOT_SET = "Telegram could not be told our address yet"
BAD_ADDRESS = "Telegram does not accept PUBLIC_URL as an address"


class Webhook:
    """Our address at Telegram's, and what comes in at it."""

    def __init__(
        self, api: BotApi, intake: Intake, *, public_url: str, secret: str, first_pause: float
    ) -> None:
        self._bot = api.bot
        self._intake = intake
        self._secret = secret.encode()
        self._first_pause = first_pause
        mark = hmac.new(api.bot.token.encode(), self._secret, hashlib.sha256).hexdigest()[:8]
        self.url = f"{public_url}{PATH}?mark={mark}"
        self._trouble = NOT_SET

    @property
    def health(self) -> Health:
        return Health(trouble=self._trouble)

    async def run(self) -> None:
        """Tell Telegram our address, as often as it takes; then wait to be cancelled."""
        pause = self._first_pause
        while self._trouble:
            try:
                await self.settle()
            except TelegramError as error:
                refused = BAD_TOKEN if isinstance(error, InvalidToken) else NOT_SET
                self._trouble = BAD_ADDRESS if isinstance(error, BadRequest) else refused
                log.warning("the webhook is not set: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, 2 * pause)
            else:
                self._trouble = ""
        await asyncio.get_running_loop().create_future()

    async def settle(self) -> None:
        """Set the webhook unless it is as it should be."""
        now = await self._bot.get_webhook_info()
        as_wanted = (now.url, set(now.allowed_updates), now.max_connections)
        if as_wanted == (self.url, set(ALLOWED), CONNECTIONS):
            return
        await self._bot.set_webhook(
            self.url,
            secret_token=self._secret.decode(),
            allowed_updates=ALLOWED,
            max_connections=CONNECTIONS,
        )
        log.info("the webhook was set")

    async def take(self, request: web.Request) -> web.Response:
        """Answer Telegram."""
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=403)
        if not self._intake.is_open:
            return web.Response(status=503)
        try:
            raw = json.loads(await request.read())
        except (ValueError, RecursionError):
            self._intake.give_up(None, "is not JSON")
            return web.Response()
        heard = self._intake.read(raw)
        if heard is not None:
            try:
                async with self._intake.turn(heard.person):
                    await self._intake.take(heard)
            except PlatformUnavailable:
                return web.Response(status=503)
        return web.Response()


def add_routes(app: web.Application, webhook: Webhook | None) -> None:
    """Serve the address; without a webhook there is none."""
    if webhook is not None:
        app.add_routes([web.post(PATH, webhook.take)])
