"""The Web API: clients, patience with its limits, and its faults as ours.

Rules: nobody else catches what the SDK raises. Short limits are waited out here, longer ones are
the engine's to wait for. A call that must not happen twice is never repeated by a client, unless
Slack said that it was not done. Nothing of a request or an answer is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import (
    PersonUnreachable,
    PlatformError,
    PlatformRefused,
    PlatformUnavailable,
    SelfieGone,
)

SECONDS = 30
"""How long one call may take."""
SHORT = 2.0
"""Seconds of a limit that are waited out on the spot."""
LIMITED = 429
"""HTTP status of a limit."""

TOKEN_VOID = frozenset({"account_inactive", "token_revoked"})
"""Errors of any call: the app was removed from that workspace."""
PERSON_GONE = frozenset(
    {
        *("team_not_found", "user_not_found", "users_not_found"),
        *("user_disabled", "user_not_visible", "cannot_dm_bot"),
        *("messages_tab_disabled", "is_archived", "channel_not_found"),
    }
)
"""Errors of a message: whoever it was for cannot be reached any more."""
FILE_GONE = frozenset(
    {
        *("file_not_found", "file_deleted", "file_not_shared", "not_visible", "access_denied"),
        *("slack_connect_file_link_sharing_blocked", "slack_connect_file_upload_sharing_blocked"),
    }
)
"""Errors of a file: it cannot be had any more, or never could."""
OPERATOR = frozenset(
    {
        *("invalid_auth", "not_authed", "token_expired", "missing_scope", "no_permission"),
        *("not_allowed_token_type", "org_login_required", "ekm_access_denied", "app_missing"),
    }
)
"""Errors that only whoever runs the bot can mend; until then everything waits."""

REFUSED = frozenset(
    {
        *("invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"),
        *("no_text", "invalid_arguments", "invalid_metadata_format", "restricted_action"),
        *("message_not_found", "cant_update_message", "edit_window_closed"),
        *("file_upload_size_restricted", "storage_limit_reached"),
    }
)
"""Errors of what we asked for: asking again would not change them."""


class ThrownOut(PersonUnreachable):
    """The app is not in that workspace any more."""


class Quiet(logging.Filter):
    """Keeps the words of the SDK, which may quote anything, out of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if record.levelno < logging.WARNING:
            return False
        record.msg, record.args = "slack: %s", (type(error).__name__ if error else record.funcName,)
        record.exc_info = record.exc_text = record.stack_info = None
        return True


quiet = logging.getLogger("handlers.slack.sdk")
quiet.addFilter(Quiet())


class Patience(AsyncRateLimitErrorRetryHandler):
    """Waits out a short limit, once."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None or response.status_code != LIMITED:
            return False
        headers = {name: str(value[0]) for name, value in response.headers.items()}
        return retry_after(headers) <= SHORT


class Clients:
    """Makes clients; all of them share one session."""

    def __init__(self, api: str) -> None:
        self._api = api.rstrip("/") + "/"
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """For what is no method: files."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))
        return self._session

    def client(self, token: str | None, *, once: bool = False) -> AsyncWebClient:
        """A client with that token; `once`: its calls are not repeated when they may be done."""
        handlers: list[AsyncRetryHandler] = [Patience(max_retry_count=1)]
        if not once:
            handlers += [AsyncServerErrorRetryHandler(), AsyncConnectionErrorRetryHandler()]
        return AsyncWebClient(
            token=token,
            base_url=self._api,
            timeout=SECONDS,
            session=self.session,
            retry_handlers=handlers,
            logger=quiet,
        )

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait, as the header says; a while when it says nothing of use."""
    said = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(said) if said.isdecimal() else 30.0


def error_of(error: SlackApiError) -> str:
    """Slack's name for what went wrong; empty when the answer was none of its own."""
    said = getattr(error.response, "data", error.response)
    name = said.get("error") if isinstance(said, Mapping) else None
    return name if isinstance(name, str) else ""


def ours(error: Exception) -> PlatformError:
    """What to do about a fault of a call."""
    match error:
        case SlackApiError():
            return _answered(error)
        case SlackClientError() | aiohttp.ClientError() | TimeoutError() | OSError():
            return PlatformUnavailable(type(error).__name__)
        case _:
            raise TypeError(type(error).__name__)


def _answered(error: SlackApiError) -> PlatformError:
    name = error_of(error)
    # Typed as an answer of the SDK or, when it cannot be read, of aiohttp.
    response: Any = error.response
    if name == "ratelimited" or getattr(response, "status_code", 0) == LIMITED:
        return PlatformUnavailable("ratelimited", retry_after=retry_after(response.headers))
    if name in TOKEN_VOID:
        return ThrownOut(name)
    if name in PERSON_GONE:
        return PersonUnreachable(name)
    if name in FILE_GONE:
        return SelfieGone(name)
    if name in REFUSED:
        return PlatformRefused(name)
    return PlatformUnavailable(name or "no answer", retry_after=60 if name in OPERATOR else None)


@contextmanager
def asking() -> Iterator[None]:
    """Around every call: raises the `PlatformError` that says what to do."""
    try:
        yield
    except (TimeoutError, SlackClientError, aiohttp.ClientError, OSError) as error:
        raise ours(error) from error
