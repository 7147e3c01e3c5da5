"""Which chats are connected. Adding a platform is one function here, and its line in `connect`.

Without any settings there is the web chat; with a platform configured it is left out unless
``WEB_CHAT`` asks for it. The page that answers the seven questions is served in either case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.app.foundation import terms_of
from bot.introduction import introduction
from bot.model import Diagnosis
from bot.ports import Clock, PlatformHandler
from bot.prompts import Prompts
from bot.settings import Settings
from bot.terms import Terms
from bot.wording import DEFAULT, Wording, load
from bot.workspaces import Workspaces
from handlers import slack, telegram
from handlers.slack import SlackConfig
from handlers.web import WebChat, add_privacy_page, add_routes
from storage.house import Storage


@dataclass(frozen=True, slots=True)
class Parts:
    """What a platform may need of the rest of the house."""

    settings: Settings
    terms: Terms
    prompts: Prompts
    storage: Storage
    clock: Clock
    swatches: Mapping[str, bytes]
    """A small picture of each look (JPEG)."""
    workspaces: Workspaces
    wording: Wording


@dataclass(frozen=True, slots=True)
class Platform:
    """A chat that is connected, and its addresses on the HTTP server, if it has any."""

    name: str
    """As in `Person.platform`."""
    handler: PlatformHandler
    add_routes: Callable[[web.Application], None] | None = None


def connect(parts: Parts) -> Sequence[Platform]:
    """The platforms that the settings ask for, none of them listening yet."""
    return tuple(_platforms(parts))


def _platforms(parts: Parts) -> Iterator[Platform]:
    if parts.settings.serves_web_chat:
        yield _web(parts)
    if parts.settings.telegram_bot_token.get_secret_value():
        yield _telegram(parts)
    if parts.settings.serves_slack:
        yield _slack(parts)


def add_common_pages(app: web.Application, parts: Parts) -> None:
    """Addresses that belong to no platform: the straight answers, unless the web chat has them."""
    if not parts.settings.serves_web_chat:
        add_privacy_page(app, parts.prompts.privacy_text, parts.settings.public_url or None)


async def diagnose(settings: Settings) -> Sequence[Diagnosis]:
    """Whether each platform that is configured would work, and if not, what to do about it."""
    found: list[Diagnosis] = []
    if settings.serves_web_chat:
        found.append(Diagnosis("the web chat is on"))
    token = settings.telegram_bot_token.get_secret_value()
    if token:
        told = introduction(Prompts(load(), terms_of(settings)))
        found += await telegram.diagnose(
            token,
            settings.telegram_api_base_url,
            told,
            public_url=settings.public_url,
            webhook=bool(settings.telegram_webhook_secret.get_secret_value()),
        )
    if settings.serves_slack:
        found += await slack.diagnose(slack_config(settings))
    return found


def _web(parts: Parts) -> Platform:
    chat = WebChat(
        parts.storage.ledger,
        parts.storage.vault,
        parts.swatches,
        parts.clock,
        welcome=parts.prompts.welcome(DEFAULT),
        privacy_text=parts.prompts.privacy_text,
        public_url=parts.settings.public_url or None,
        local=parts.terms.hosted is None,
    )
    return Platform("web", chat, lambda app: add_routes(app, chat))


def _telegram(parts: Parts) -> Platform:
    settings = parts.settings
    access = telegram.Access(
        token=settings.telegram_bot_token.get_secret_value(),
        base_url=settings.telegram_api_base_url,
        public_url=settings.public_url,
        webhook_secret=settings.telegram_webhook_secret.get_secret_value(),
    )
    told = introduction(parts.prompts)
    chat = telegram.TelegramChat(access, parts.storage.ledger, parts.clock, told)
    return Platform("telegram", chat, lambda app: telegram.add_routes(app, chat.webhook))


def slack_config(settings: Settings) -> SlackConfig:
    """What Slack has to be told."""
    return SlackConfig(
        api=settings.slack_api_base_url,
        app_token=settings.slack_app_token.get_secret_value(),
        bot_token=settings.slack_bot_token.get_secret_value(),
        admins=tuple(settings.slack_admins.replace(",", " ").split()),
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        public_url=settings.public_url,
    )


def _slack(parts: Parts) -> Platform:
    storage = parts.storage
    chat, add_slack_routes = slack.assemble(
        slack_config(parts.settings),
        register=storage.register,
        passes=storage.passes,
        ledger=storage.ledger,
        journal=storage.journal,
        audit=storage.audit,
        workspaces=parts.workspaces,
        wording=parts.wording,
        clock=parts.clock,
    )
    return Platform("slack", chat, add_slack_routes)
