"""What of a chat we can remove from Slack, and removing it.

A bot can delete its own messages and its own files, nothing else: what the person wrote and the
photo they sent stay until they delete them (https://docs.slack.dev/reference/methods/files.delete).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.model import Erased, Remains, Trace, Value
from bot.prompts import CHAT_MESSAGES
from handlers.slack.entries import Entry, said
from handlers.slack.web_api import asking, error_of

NOT_THERE = frozenset({"message_not_found", "file_not_found", "file_deleted"})
"""It is gone, whoever removed it."""
NOT_ALLOWED = frozenset(
    {"cant_delete_message", "cant_delete_file", "compliance_exports_prevent_deletion"}
)
"""It stays, and trying again would not help."""


class Belongings(Value, frozen=True):
    """What is ours in one chat."""

    files: tuple[str, ...] = ()
    messages: tuple[tuple[str, str], ...] = ()
    """Channel and timestamp."""


def belongings_of(entries: Mapping[str, Entry]) -> Belongings:
    """Everything of ours that the ledger knows of."""
    ours = said(entries).values()
    return Belongings(
        files=tuple(file for one in ours for file in one.files),
        messages=tuple(
            (one.channel, ts) for one in ours for ts in (one.shared, one.ts) if "." in ts
        ),
    )


def encode(belongings: Belongings) -> bytes:
    """As a note that outlives the ledger."""
    return msgspec.json.encode(belongings)


async def clear(client: AsyncWebClient, note: bytes) -> Erased:
    """Remove all of it. Safe twice: what is gone already counts as gone.

    Raises `PlatformUnavailable` or `PersonUnreachable`.
    """
    found = msgspec.json.decode(note, type=Belongings)
    files = [await _removed(client, "files.delete", {"file": one}) for one in found.files]
    messages = [
        await _removed(client, "chat.delete", {"channel": channel, "ts": ts})
        for channel, ts in found.messages
    ]
    counts = {"chat files": sum(files), CHAT_MESSAGES: sum(messages)}
    remains = [Remains(Trace.THEIRS_ON_SLACK)]
    if not all(files) or not all(messages):
        remains.append(Remains(Trace.KEPT_BY_SLACK))
    return Erased({kind: count for kind, count in counts.items() if count}, tuple(remains))


async def _removed(client: AsyncWebClient, method: str, which: dict[str, str]) -> bool:
    """Whether it is gone; False when Slack does not let us."""
    with asking():
        try:
            await client.api_call(method, params=which)
        except SlackApiError as error:
            if error_of(error) in NOT_ALLOWED:
                return False
            if error_of(error) not in NOT_THERE:
                raise
    return True
