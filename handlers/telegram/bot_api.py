"""The Bot API as this adapter uses it: typed calls, paced, and errors in the words of `bot.errors`.

python-telegram-bot is the transport only: no updater, no handlers, no conversation, no persistence
of its own. News are fetched with a pool of their own, so that a long poll never takes a connection
from an answer. What a call raises is decided in one table, `MEANINGS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlencode

import msgspec
from telegram import error as telegram_error
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.errors import (
    PersonUnreachable,
    PlatformError,
    PlatformRefused,
    PlatformUnavailable,
    SelfieGone,
)
from handlers.telegram.limiter import ChatLimiter, Dropped, Priority
from handlers.telegram.transport import Flooded, NotSent, TooLarge, Transport

DOWNLOAD_LIMIT = 20_000_000
"""Bytes that `getFile` hands out at most."""
LIMIT_MB = 20
POLL_SECONDS = 50
_CONNECTIONS = 64
_READ_SECONDS = 25.0
_UPLOAD_SECONDS = 60.0

_NOBODY = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "bot was blocked",
    "peer_id_invalid",
    "input_user_deactivated",
)
_UNCHANGED = "message is not modified"
_NO_MESSAGE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message not found",
)


class Unchanged(PlatformRefused):
    """The message looks like that already."""


class MessageGone(PlatformRefused):
    """The message is not in the chat any more."""


def _bad_request(error: TelegramError) -> PlatformError:
    text = error.message.casefold()
    if any(words in text for words in _NOBODY):
        return PersonUnreachable()
    if _UNCHANGED in text:
        return Unchanged()
    if any(words in text for words in _NO_MESSAGE):
        return MessageGone()
    return PlatformRefused()


def _flooded(error: TelegramError) -> PlatformError:
    return PlatformUnavailable(retry_after=error.seconds if isinstance(error, Flooded) else None)


def _away(_: TelegramError) -> PlatformError:
    return PlatformUnavailable()


def _refused(_: TelegramError) -> PlatformError:
    return PlatformRefused()


def _gone(_: TelegramError) -> PlatformError:
    return PersonUnreachable()


MEANINGS: dict[type[TelegramError], Callable[[TelegramError], PlatformError]] = {
    # Ours.
    Flooded: _flooded,
    Dropped: _away,
    NotSent: _away,
    TooLarge: _refused,
    # The library's. `BadRequest` and `TimedOut` are kinds of `NetworkError` there, and a bad
    # request stays bad however often it is made.
    telegram_error.BadRequest: _bad_request,
    telegram_error.ChatMigrated: _refused,
    telegram_error.Conflict: _away,
    telegram_error.EndPointNotFound: _refused,
    telegram_error.Forbidden: _gone,
    telegram_error.InvalidToken: _away,
    telegram_error.NetworkError: _away,
    telegram_error.PassportDecryptionError: _refused,
    telegram_error.RetryAfter: _away,
    telegram_error.TimedOut: _away,
    telegram_error.TelegramError: _away,
}
"""What to do about each error: by its own class, else by the nearest class it is a kind of."""

CERTAINLY_NOT_DONE = (
    *(Flooded, Dropped, NotSent, BadRequest, Forbidden, telegram_error.ChatMigrated),
    *(telegram_error.Conflict, telegram_error.InvalidToken, telegram_error.RetryAfter),
)
"""After these nothing has happened at Telegram's end. After any other it may have."""


def meaning(error: TelegramError) -> PlatformError:
    """The error in the words of `bot.errors`; its text is left behind."""
    kind = next(kind for kind in type(error).__mro__ if kind in MEANINGS)
    return MEANINGS[kind](error)


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the library raises in our own words."""
    try:
        yield
    except TelegramError as error:
        raise meaning(error) from error


class BotApi:
    """One bot's access to the Bot API."""

    def __init__(self, token: str, base_url: str, limiter: ChatLimiter | None = None) -> None:
        """`base_url` is the server's, ``https://api.telegram.org`` for Telegram's own."""
        self.id = token.partition(":")[0]
        """The bot's number, which every token begins with."""
        self.limiter = limiter or ChatLimiter()
        self._requests = Transport(
            connections=_CONNECTIONS, read_seconds=_READ_SECONDS, upload_seconds=_UPLOAD_SECONDS
        )
        self._polls = Transport(
            connections=2, read_seconds=POLL_SECONDS + 10.0, upload_seconds=_UPLOAD_SECONDS
        )
        self.bot: ExtBot[Priority] = ExtBot(
            token,
            base_url=f"{base_url}/bot",
            base_file_url=f"{base_url}/file/bot",
            request=self._requests,
            get_updates_request=self._polls,
            rate_limiter=self.limiter,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._requests.shutdown()
        await self._polls.shutdown()

    async def updates(self, offset: int, seconds: int, allowed: Sequence[str]) -> Sequence[object]:
        """What has happened since `offset`, unread; waits up to `seconds` for something to happen.

        By hand, because the library reads all updates of an answer or none: one that it cannot read
        would hide the others for ever.
        """
        asked = {
            "offset": offset,
            "timeout": seconds,
            "allowed_updates": msgspec.json.encode(allowed).decode(),
        }
        found = await self._polls.post(f"{self.bot.base_url}/getUpdates?{urlencode(asked)}")
        return found if isinstance(found, list) else ()

    async def file(self, file_id: str) -> bytes:
        """A file that somebody sent. Raises `SelfieGone` or `PlatformUnavailable`."""
        try:
            with translated():
                found = await self.bot.get_file(file_id)
                if not found.file_path:
                    raise SelfieGone
                return await self._requests.download(found.file_path, DOWNLOAD_LIMIT)
        except (PlatformRefused, PersonUnreachable) as error:
            raise SelfieGone from error
        except FileNotFoundError as error:
            # The address is good for an hour, so the file went between the two requests.
            raise PlatformUnavailable from error
