"""Sends each part of a message once, as far as Telegram lets anybody know.

Telegram has no "have you got this already": a request whose answer is lost may have been carried
out, and making it again would show the message twice. So it is written down before every request
that something is on its way, and afterwards which message it became; in between, also after a
crash, it counts as "maybe delivered":

- what can be edited is edited: pictures and files are put into the place of a line of text whose
  number we hold, and doing that twice changes nothing. So we know which message to remove each of
  them by. An album cannot be put into a place: should its answer be lost, the receipt says so;
- a text is sent again with a word that it may be a repetition, and once only: then it counts as
  delivered, because a chat full of the same question is worse than one that has to be asked for;
- what is only there for comfort (a preview, progress) is not sent again.

A request is seen to its end even when whoever waits for it is cancelled (an erasure does that), so
that the message it made can be removed.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum

from msgspec.structs import replace
from telegram import Message
from telegram.error import TelegramError

from bot.ports import Clock
from bot.uninterrupted import to_the_end
from handlers.telegram.bot_api import CERTAINLY_NOT_DONE, MessageGone, Unchanged, meaning
from handlers.telegram.entries import Part, Record, Stage

log = logging.getLogger(__name__)

MOST_DOUBTS = 2
"""Times that a text is sent without an answer before it counts as delivered."""
_STEPS = 6
"""Making a place and filling it, again when the person has removed it in between."""


class WhenInDoubt(Enum):
    """What to do about a part that may have been delivered."""

    SEND_AGAIN = "send again"
    LET_BE = "let be"


Request = Callable[[bool], Awaitable[Sequence[Message]]]
"""Makes messages; told whether it may be a repetition."""


class Outbox:
    """Sends the parts of messages and writes down what became of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def send(
        self, record: Record, name: str, request: Request, in_doubt: WhenInDoubt
    ) -> tuple[int, ...]:
        """The numbers of the messages of that part, which may have been sent before.

        Empty when it may have been delivered and nobody can know. Raises `PlatformError`.
        """
        part = record.part(name)
        if part is not None and part.stage is not Stage.SENDING:
            return part.ids
        doubts = part.doubts + 1 if part else 0
        if doubts and (in_doubt is WhenInDoubt.LET_BE or doubts >= MOST_DOUBTS):
            log.warning("a message may not have arrived, and is not sent again")
            await record.write(Part(name, Stage.DONE, (), self._now(), doubts))
            return ()
        return await to_the_end(self._send(record, name, request, doubts, Stage.DONE))

    async def fill(
        self,
        record: Record,
        name: str,
        place: Request,
        content: Callable[[int], Awaitable[object]],
    ) -> int:
        """Put a picture or a file into a place of its own; the number of the message.

        `place` makes one message, `content` changes it, and may be repeated. Raises
        `PlatformError`.
        """
        for _ in range(_STEPS):
            part = record.part(name)
            if part is None or part.stage is Stage.SENDING:
                doubts = part.doubts + 1 if part else 0
                await to_the_end(self._send(record, name, place, doubts, Stage.PLACED))
                continue
            if part.stage is Stage.PLACED and not await self._content(record, part, content):
                continue
            return part.ids[0]
        raise MessageGone

    async def _send(
        self, record: Record, name: str, request: Request, doubts: int, stage: Stage
    ) -> tuple[int, ...]:
        before = record.part(name)
        await record.write(Part(name, Stage.SENDING, (), self._now(), doubts))
        try:
            sent = await request(doubts > 0)
        except CERTAINLY_NOT_DONE as error:
            await (record.write(before) if before else record.forget(name))
            raise meaning(error) from error
        except TelegramError as error:
            raise meaning(error) from error
        ids = tuple(message.message_id for message in sent)
        at = min(int(message.date.timestamp()) for message in sent)
        await record.write(Part(name, stage, ids, at, doubts))
        return ids

    async def _content(
        self, record: Record, part: Part, content: Callable[[int], Awaitable[object]]
    ) -> bool:
        """False when the place is not there any more."""
        try:
            await to_the_end(_translated(content(part.ids[0])))
        except Unchanged:
            pass  # done by an attempt whose answer was lost
        except MessageGone:
            await record.forget(part.name)
            return False
        await record.write(replace(part, stage=Stage.DONE))
        return True

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


async def _translated(change: Awaitable[object]) -> None:
    try:
        await change
    except TelegramError as error:
        raise meaning(error) from error
