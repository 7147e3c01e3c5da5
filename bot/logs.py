"""What is written to the log, and what must never be.

Rules: one format; libraries that put addresses with tokens or whole messages into their log lines
are held to warnings; whatever is written, by whomever, first loses every secret of the settings.
Of a fault the classes and the places in the code are told, never its text: it may quote what a
person sent.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator, Sequence
from types import TracebackType

HIDDEN = "[hidden]"
CHATTY = (
    *("PIL", "aiosqlite", "alembic", "asyncio"),
    *("httpcore", "httpx", "telegram", "slack_bolt", "slack_sdk", "replicate", "stamina"),
)
"""Libraries of which only warnings are of use. httpx writes whole addresses at INFO."""

log = logging.getLogger(__name__)


class Discreet(logging.Formatter):
    """Formats a record without secrets and without the texts of faults."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        # Longest first: a secret that is part of another must not leave the rest of it behind.
        self._secrets = sorted({one for one in secrets if one}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return line

    # The parent's signature, with the names that logging uses.
    def formatException(  # noqa: N802
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return "\n".join(_told(ei[1])) if ei[1] is not None else ""


def configure(level: str, secrets: Sequence[str] = ()) -> None:
    """Set logging up for the whole process; also for what nobody catches."""
    handler = logging.StreamHandler()
    handler.setFormatter(Discreet(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    sys.excepthook = _uncaught


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("stopped by a fault", exc_info=(kind, error, trace))


def _told(error: BaseException) -> Iterator[str]:
    """Where it happened and of which class it is, for it and whatever caused it."""
    if error.__cause__ is not None:
        yield from _told(error.__cause__)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _told(one)
