"""What ``workshot check`` says about Telegram, in plain words. Changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from telegram import WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.introduction import Introduction
from bot.model import Diagnosis
from handlers.telegram.bot_api import BotApi
from handlers.telegram.profile import Profile
from handlers.telegram.webhook import PATH

LATELY = timedelta(hours=1)
LONG_QUEUE = 50


async def diagnose(
    token: str, base_url: str, introduction: Introduction, *, public_url: str, webhook: bool
) -> Sequence[Diagnosis]:
    """The token, the way in, and the profile, in this order; the first fault may hide later ones.

    `webhook` says whether Telegram is to call us at `public_url`.
    """
    async with _access(token, base_url) as api:
        try:
            return await _look(api, introduction, public_url if webhook else "")
        except InvalidToken:
            return [_wrong("TELEGRAM_BOT_TOKEN is not accepted: copy it anew from @BotFather")]
        except TelegramError as error:
            name = type(error).__name__
            return [_wrong(f"cannot reach {base_url} ({name}): is this machine online?")]


@asynccontextmanager
async def _access(token: str, base_url: str) -> AsyncIterator[BotApi]:
    api = BotApi(token, base_url)
    try:
        yield api
    finally:
        await api.close()


async def _look(api: BotApi, introduction: Introduction, public_url: str) -> list[Diagnosis]:
    me = await api.bot.get_me()
    found = [_fine(f"the token is good: it is @{me.username}")]
    found += _way_in(await api.bot.get_webhook_info(), public_url)
    differing = await Profile(api, introduction).differs()
    if differing:
        found.append(_fine(f"{', '.join(differing)}: set when the bot starts"))
    else:
        found.append(_fine(f"{len(introduction.commands)} commands, description and menu are set"))
    return found


def _way_in(now: WebhookInfo, public_url: str) -> list[Diagnosis]:
    if not public_url:
        if not now.url:
            return [_fine("long polling; no address of our own is needed")]
        return [_fine("a webhook is set; the bot removes it when it starts, to poll")]
    if now.url.partition("?")[0] != public_url + PATH:
        return [_fine(f"the webhook is set to {public_url}{PATH} when the bot starts")]
    found = [_fine(f"Telegram calls {public_url}{PATH}")]
    if now.last_error_date and datetime.now(UTC) - now.last_error_date < LATELY:
        why = now.last_error_message or "no reason given"
        found.append(_wrong(f"Telegram could not call us lately: {why}"))
    if now.pending_update_count > LONG_QUEUE:
        found.append(_wrong(f"{now.pending_update_count} updates wait to be called for"))
    return found


def _fine(line: str) -> Diagnosis:
    return Diagnosis(f"Telegram: {line}")


def _wrong(line: str) -> Diagnosis:
    return Diagnosis(f"Telegram: {line}", good=False)
