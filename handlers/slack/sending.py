"""Says each thing once, however often it is asked to and wherever it was cut off.

A message is a ledger entry that grows: written before anything is posted, then the files that were
uploaded, where they are shown, and the timestamp of the text. `chat.postMessage` cannot be
repeated safely, so a post whose end is unknown is looked for in the chat, by the mark that goes
along with it, before it is made again. Messages of a slot are edited in place. A new question
takes the buttons off older ones.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

from msgspec.structs import replace
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import PlatformError, PlatformRefused, PlatformUnavailable, SelfieGone
from bot.model import Message, Person, Sent
from bot.ports import Clock, Ledger
from bot.prompts import PRIVACY, WELCOME
from handlers.slack import blocks
from handlers.slack.entries import (
    Entry,
    Photo,
    Said,
    channel_of,
    decode,
    encode,
    mark_of,
    photo_key,
    place_of,
    said,
)
from handlers.slack.files import Outgoing, Uploads
from handlers.slack.installations import Installations
from handlers.slack.web_api import asking

log = logging.getLogger(__name__)

MARK = "workshot_message"
"""Type of the metadata that goes along with a message."""
LOOK_BACK = 50
"""Messages that are looked through for one whose fate is unknown."""
SKEW = 60
"""Seconds that our clock may be ahead of Slack's."""
SOMEWHERE = "-"
"""In place of a timestamp that Slack did not tell."""
STANDING = frozenset({WELCOME, PRIVACY})
"""Questions whose choices stay valid for ever."""

Files: TypeAlias = Sequence[Outgoing]


class Sender:
    """The way of every message of the conversation into the chat."""

    def __init__(
        self, installations: Installations, ledger: Ledger, uploads: Uploads, clock: Clock
    ) -> None:
        self._installations = installations
        self._ledger = ledger
        self._uploads = uploads
        self._clock = clock
        self._turns: WeakValueDictionary[Person, asyncio.Lock] = WeakValueDictionary()

    async def entries(self, person: Person) -> dict[str, Entry]:
        """What the ledger keeps."""
        return decode(await self._ledger.entries(person))

    async def note_photo(self, person: Person, file: str) -> None:
        """A photo of theirs was looked at: should they delete it, that concerns us."""
        await self._note(person, photo_key(file), Photo(file))

    async def has_seen(self, person: Person, file: str) -> bool:
        """Whether that is a photo of theirs that was looked at."""
        return await self._ledger.entry(person, photo_key(file)) is not None

    async def send(
        self, person: Person, key: str, message: Message, pictures: Sequence[bytes]
    ) -> Sent:
        """Show a message. Raises `PlatformUnavailable` or `PersonUnreachable`."""
        async with self._turn(person):
            client = await self._installations.client(person)
            place, entries = place_of(key, message), await self.entries(person)
            before = said(entries).get(place)
            entry = before or await self._begin(person, place, message)
            if pictures and not entry.shared:
                entry = replace(entry, channel=entry.channel or channel_of(entries))
                files = [
                    Outgoing(one.name, one.alt, picture)
                    for one, picture in zip(message.attachments, pictures, strict=True)
                ]
                entry = await self._share(client, person, place, entry, files)
            if not entry.ts:
                entry = await self._post(person, place, entry, message, again=before is not None)
            elif not _same(entry, message):
                entry = await self._edit(client, person, place, entry, message)
            if message.choices and message.question not in STANDING:
                await self._close_others(client, person, place)
            return Sent(ref=entry.ts)

    async def close(self, person: Person, channel: str, ts: str, chosen: str) -> None:
        """Take the buttons off a message that was answered, and show the answer.

        A message that nobody wrote down, such as the first greeting, is written down now: it is
        ours to remove as well.
        """
        async with self._turn(person):
            entries = await self.entries(person)
            known = [(place, one) for place, one in said(entries).items() if one.ts == ts]
            if entries and not known and ts:
                greeting = Said("", WELCOME, channel=channel, ts=ts)
                await self._note(person, f"ours:{ts}", greeting)
            for place, entry in known:
                if entry.open and entry.question not in STANDING:
                    client = await self._installations.client(person)
                    await self._take_off(client, person, place, entry, chosen)

    # --- inside ---------------------------------------------------------------------------

    def _turn(self, person: Person) -> asyncio.Lock:
        turn = self._turns.get(person)
        if turn is None:
            turn = self._turns[person] = asyncio.Lock()
        return turn

    async def _note(self, person: Person, place: str, entry: Entry) -> None:
        await self._ledger.note(person, place, encode(entry))

    async def _begin(self, person: Person, place: str, message: Message) -> Said:
        since = f"{self._clock.now().timestamp() - SKEW:.6f}"
        entry = replace(_of(message), since=since)
        await self._note(person, place, entry)
        return entry

    async def _share(
        self, client: AsyncWebClient, person: Person, place: str, entry: Said, files: Files
    ) -> Said:
        """The files of a message, into the chat; goes on where an earlier attempt stopped."""
        resumed = bool(entry.files)
        shown = await self._uploads.shown(client, entry.files[0]) if resumed else None
        if shown is None and not entry.sent:
            entry = await self._hand_over(client, person, place, entry, files)
            shown = await self._uploads.shown(client, entry.files[0])
            resumed = False
        if shown is not None:
            entry = replace(entry, channel=shown.channel, shared=shown.ts)
        elif resumed:
            # Slack took them long ago and does not say where they are: the text must not wait.
            entry = replace(entry, shared=SOMEWHERE)
        else:
            raise PlatformUnavailable("files are not shown yet", retry_after=2)
        await self._note(person, place, entry)
        return entry

    async def _hand_over(
        self, client: AsyncWebClient, person: Person, place: str, entry: Said, files: Files
    ) -> Said:
        if entry.files:  # cut off between the two steps; an upload does not wait for ever
            try:
                await self._uploads.complete(client, person.user, entry.channel, entry.files)
            except (SelfieGone, PlatformUnavailable):
                entry = replace(entry, files=())
        if not entry.files:
            entry = replace(entry, files=await self._uploads.upload(client, files))
            await self._note(person, place, entry)
            await self._uploads.complete(client, person.user, entry.channel, entry.files)
        entry = replace(entry, sent=True)
        await self._note(person, place, entry)
        return entry

    async def _post(
        self, person: Person, place: str, entry: Said, message: Message, *, again: bool
    ) -> Said:
        client = await self._installations.client(person, once=True)
        channel = entry.channel or channel_of(await self.entries(person))
        found = await self._look_for(client, channel, place, entry) if again and channel else ""
        if not found:
            with asking():
                posted = await client.chat_postMessage(
                    channel=channel or person.user,
                    text=blocks.fallback(message.text),
                    blocks=blocks.drawn(message),
                    metadata=_metadata(place),
                    unfurl_links=False,
                    unfurl_media=False,
                )
            channel, found = str(posted["channel"]), str(posted["ts"])
        entry = replace(entry, channel=channel, ts=found)
        await self._note(person, place, entry)
        return entry

    async def _look_for(self, client: AsyncWebClient, channel: str, place: str, entry: Said) -> str:
        with asking():
            answer = await client.conversations_history(
                channel=channel, oldest=entry.since, limit=LOOK_BACK, include_all_metadata=True
            )
        for message in answer.get("messages") or ():
            if (message.get("metadata") or {}).get("event_payload") == {"mark": mark_of(place)}:
                return str(message["ts"])
        return ""

    async def _edit(
        self, client: AsyncWebClient, person: Person, place: str, entry: Said, message: Message
    ) -> Said:
        try:
            with asking():
                await client.chat_update(
                    channel=entry.channel,
                    ts=entry.ts,
                    text=blocks.fallback(message.text),
                    blocks=blocks.drawn(message),
                    metadata=_metadata(place),
                )
        except PlatformRefused:  # deleted by somebody: said anew
            entry = replace(_of(message), channel=entry.channel, since=entry.since)
            return await self._post(person, place, entry, message, again=False)
        now = _of(message)
        entry = replace(
            entry, text=now.text, question=now.question, choices=now.choices, open=now.open
        )
        await self._note(person, place, entry)
        return entry

    async def _close_others(self, client: AsyncWebClient, person: Person, place: str) -> None:
        """Buttons of a question that is not the newest any more lead nowhere."""
        for other, entry in said(await self.entries(person)).items():
            slot = other.startswith("slot:")
            standing = entry.question in STANDING
            if other != place and entry.open and entry.ts and not slot and not standing:
                await self._take_off(client, person, other, entry, "")

    async def _take_off(
        self, client: AsyncWebClient, person: Person, place: str, entry: Said, chosen: str
    ) -> None:
        """A courtesy: a message that somebody has deleted must not hold up what is said."""
        try:
            with asking():
                await client.chat_update(
                    channel=entry.channel,
                    ts=entry.ts,
                    text=blocks.fallback(entry.text),
                    blocks=blocks.closed(entry.text, chosen),
                )
        except PlatformRefused:
            log.info("a message can no longer be edited")
        except PlatformError:
            return  # with the next question
        await self._note(person, place, replace(entry, open=False))


def _of(message: Message) -> Said:
    return Said(
        text=message.text,
        question=message.question,
        choices=tuple(choice.label for choice in message.choices),
        open=bool(message.choices),
    )


def _same(entry: Said, message: Message) -> bool:
    shown = (entry.text, entry.question, entry.choices)
    return shown == (message.text, message.question, _of(message).choices)


def _metadata(place: str) -> dict[str, Any]:
    return {"event_type": MARK, "event_payload": {"mark": mark_of(place)}}
