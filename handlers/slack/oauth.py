"""Workspaces install the app: Slack's OAuth, with passes and tokens kept by the house.

Rules: the pass that goes along (``state``) is good once, for ten minutes, in the browser that it
was given to; tokens are sealed before anything else happens. An organisation is refused, and its
token given back: its events would not say which workspace's policy holds.
https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import html
import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation as Installed
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.errors import PlatformError
from bot.wording import DEFAULT, Wording
from bot.workspace_ports import Passes
from handlers.slack.chat import SlackChat
from handlers.slack.config import OWN_API
from handlers.slack.http import INSTALL, REDIRECT
from handlers.slack.installations import Installation
from handlers.slack.web_api import asking, quiet

log = logging.getLogger(__name__)

PASS_SECONDS = 600

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} \u00b7 WorkShot</title>
<link rel="stylesheet" href="/app/style.css">
</head>
<body class="text-page">
<main><h1>{title}</h1><p>{text}</p><p><a href="{link}">{label}</a></p></main>
</body>
</html>
"""


class WholeOrganisation(BoltError):
    """The app was installed for an organisation instead of a workspace."""


class OurStates(AsyncOAuthStateStore):
    """Passes of the house, as the SDK asks for them."""

    def __init__(self, passes: Passes) -> None:
        self._passes = passes

    @property
    def logger(self) -> logging.Logger:
        return quiet

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        return await self._passes.issue(PASS_SECONDS)

    async def async_consume(self, state: str) -> bool:
        return await self._passes.redeem(state)


class OurStore(AsyncInstallationStore):
    """The register, as the SDK hands installations over."""

    def __init__(self, chat: SlackChat) -> None:
        self._chat = chat

    @property
    def logger(self) -> logging.Logger:
        return quiet

    async def async_save(self, installation: Installed) -> None:
        """Keep it; it replaces an earlier one of the same workspace."""
        token = installation.bot_token or ""
        if installation.is_enterprise_install or not installation.team_id:
            await self._give_back(token)
            raise WholeOrganisation
        await self._chat.installations.keep(
            Installation(
                team=installation.team_id,
                token=token,
                bot_user=installation.bot_user_id or "",
                bot=installation.bot_id or "",
                app=installation.app_id or "",
                installer=installation.user_id or "",
                scopes=tuple(installation.bot_scopes or ()),
                since=int(installation.installed_at),
            )
        )

    async def _give_back(self, token: str) -> None:
        try:
            with asking():
                await self._chat.clients.client(token).auth_revoke()
        except PlatformError as error:
            log.warning("a token could not be given back: %s", type(error).__name__)


class Pages:
    """What whoever installs it sees in the end."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    async def success(self, args: AsyncSuccessArgs) -> BoltResponse:
        found = args.installation
        link = f"slack://app?team={found.team_id}&id={found.app_id}&tab=home"
        return self._page(200, "slack-installed", link, "slack-open")

    async def failure(self, args: AsyncFailureArgs) -> BoltResponse:
        organisation = isinstance(args.error, WholeOrganisation)
        text_id = "slack-no-organisation" if organisation else "slack-not-installed"
        status = 403 if organisation else args.suggested_status_code
        return self._page(status, text_id, INSTALL, "slack-start-again")

    def _page(self, status: int, text_id: str, link: str, label: str) -> BoltResponse:
        good = text_id == "slack-installed"
        title = "slack-installed-title" if good else "slack-not-installed-title"
        texts = {"title": title, "text": text_id, "label": label}
        told = {name: html.escape(self._wording.text(DEFAULT, one)) for name, one in texts.items()}
        body = _PAGE.format(link=html.escape(link), **told)
        return BoltResponse(
            status=status, body=body, headers={"content-type": "text/html; charset=utf-8"}
        )


def build_flow(
    chat: SlackChat, passes: Passes, wording: Wording, scopes: Sequence[str]
) -> AsyncOAuthFlow:
    """The SDK's flow over our stores and pages."""
    config, pages = chat.config, Pages(wording)
    api = urlsplit(config.api)
    authorize = "https://slack.com" if config.api == OWN_API else f"{api.scheme}://{api.netloc}"
    settings = AsyncOAuthSettings(
        client_id=config.client_id,
        client_secret=config.client_secret,
        scopes=list(scopes),
        user_scopes=[],
        redirect_uri=f"{config.public_url}{REDIRECT}",
        install_path=INSTALL,
        redirect_uri_path=REDIRECT,
        install_page_rendering_enabled=False,
        authorization_url=f"{authorize}/oauth/v2/authorize",
        callback_options=AsyncCallbackOptions(success=pages.success, failure=pages.failure),
        installation_store=OurStore(chat),
        state_store=OurStates(passes),
        state_expiration_seconds=PASS_SECONDS,
        logger=quiet,
    )
    return AsyncOAuthFlow(client=chat.clients.client(None), logger=quiet, settings=settings)
