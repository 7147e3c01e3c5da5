"""What is said once nothing is kept any more: news of a slow erasure, and the last words.

Only memory remembers it, and only until it was said: an attempt that was cut off by Slack goes on
where it stopped, and news that one step is not finished become the last words.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from bot.errors import PlatformUnavailable
from bot.model import Message, Person
from handlers.slack import blocks
from handlers.slack.files import Outgoing, Uploads
from handlers.slack.installations import Installations
from handlers.slack.web_api import asking

MOST = 1000
"""Persons whose unfinished last words are remembered."""
RECEIPT = "erasure-receipt.json"


class Unfinished:
    """How far it got with one person."""

    def __init__(self) -> None:
        self.channel = ""
        self.ts = ""
        self.final = False
        """Whether the message that is shown is the last one."""
        self.receipt: tuple[str, ...] = ()


class LastWords:
    """Says goodbye."""

    def __init__(self, installations: Installations, uploads: Uploads) -> None:
        self._installations = installations
        self._uploads = uploads
        self._unfinished: OrderedDict[Person, Unfinished] = OrderedDict()

    async def say(self, person: Person, message: Message, receipt: bytes | None) -> None:
        """Show the message; with a receipt it is the last one and the receipt goes along."""
        here = self._unfinished.setdefault(person, Unfinished())
        while len(self._unfinished) > MOST:
            self._unfinished.popitem(last=False)
        if receipt is None:
            if not here.ts:
                await self._show(person, here, message)
            return
        if not here.final:
            await self._show(person, here, message)
            here.final = True
        await self._hand_over(person, here, receipt)
        self._unfinished.pop(person, None)

    async def _show(self, person: Person, here: Unfinished, message: Message) -> None:
        client = await self._installations.client(person, once=True)
        drawn = blocks.drawn(message)
        said: dict[str, Any] = {"text": blocks.fallback(message.text), "blocks": drawn}
        with asking():
            if here.ts:
                await client.chat_update(channel=here.channel, ts=here.ts, **said)
                return
            posted = await client.chat_postMessage(channel=person.user, **said)
        here.channel, here.ts = str(posted["channel"]), str(posted["ts"])

    async def _hand_over(self, person: Person, here: Unfinished, receipt: bytes) -> None:
        client = await self._installations.client(person)
        if not here.receipt:
            file = Outgoing(RECEIPT, "", receipt)
            ids = await self._uploads.upload(client, [file])
            await self._uploads.complete(client, person.user, here.channel, ids)
            here.receipt = ids
        if await self._uploads.shown(client, here.receipt[0]) is None:
            raise PlatformUnavailable("the receipt is not shown yet", retry_after=2)
