"""Asks Telegram for news, again and again: the way in that needs no address of our own.

Rules: Telegram forgets an update as soon as a later one is asked for, so we never ask beyond one
that was not taken. What is being taken holds up nobody: while somebody's turn is long, the others'
news are fetched in short polls. An update that cannot be taken is tried again, in its place among
its person's; when others were taken meanwhile and it still fails, it is passed over, or it would
block everybody for the day that Telegram keeps it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.ports import Health
from handlers.telegram.bot_api import POLL_SECONDS, BotApi
from handlers.telegram.intake import Heard, Intake
from handlers.telegram.transport import Flooded
from handlers.telegram.updates import ALLOWED, number_of

log = logging.getLogger(__name__)

SHORT_POLL_SECONDS = 0.5
"""How often we ask while something is still being taken."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
TRIES = 8
"""Attempts at one update, over about two minutes."""
SILENT_AFTER = POLL_SECONDS + 40.0
"""Seconds without an answer of Telegram's after which that is said."""
STALLED_AFTER = 300.0
"""Seconds without a round of the loop after which it must be dead."""

FAILURES = 3
"""Failed polls in a row after which that is said."""

NO_ANSWER = "Telegram does not answer"
CONFLICT = "another program uses this bot's token: stop it, or use another bot"
# A sentence that names a setting, and not its value.
BAD_TOKEN = "Telegram does not accept TELEGRAM_BOT_TOKEN"  # noqa: S105


class Polling:
    """The poll loop."""

    def __init__(self, api: BotApi, intake: Intake, *, first_pause: float = FIRST_PAUSE) -> None:
        self._api = api
        self._intake = intake
        self._first_pause = first_pause
        self._taking: dict[int, asyncio.Task[None]] = {}
        self._next = 0
        """The number to ask for: everything below it was taken."""
        self._failures = 0
        self._trouble = ""
        self._answered = self._round = 0.0
        self._taken = 0

    @property
    def health(self) -> Health:
        """Stalled when the loop has not come round; troubled when Telegram has not answered."""
        now = asyncio.get_running_loop().time()
        stalled = bool(self._round) and now - self._round > STALLED_AFTER
        trouble = self._trouble
        if not trouble and self._round and now - self._answered > SILENT_AFTER:
            trouble = NO_ANSWER
        return Health(stalled=stalled, trouble=trouble)

    async def run(self) -> None:
        """Poll until cancelled."""
        self._answered = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._round = asyncio.get_running_loop().time()
                before, found = self._next, await self._news()
                for raw in found:
                    self._begin(raw, tasks.create_task)
                if self._taking:
                    await asyncio.wait(self._taking.values(), timeout=SHORT_POLL_SECONDS)
                elif found and self._next == before:
                    await asyncio.sleep(self._first_pause)  # nothing but old news: do not spin

    async def _news(self) -> Sequence[object]:
        """What is new; nothing, after a pause, when Telegram is away."""
        # After trouble a short poll tells soon whether it is over.
        wait = 0 if self._taking or self._failures else POLL_SECONDS
        try:
            found = await self._api.updates(min(self._taking, default=self._next), wait, ALLOWED)
        except TelegramError as error:
            await self._rest(error)
            return ()
        self._failures, self._trouble = 0, ""
        self._answered = asyncio.get_running_loop().time()
        return found

    async def _rest(self, error: TelegramError) -> None:
        self._failures += 1
        pause = _pause(self._first_pause, self._failures)
        match error:
            case Flooded(seconds=seconds):
                pause = max(pause, seconds)
            case Conflict():
                self._trouble, pause = CONFLICT, max(pause, 2 * self._first_pause)
                await self._take_back()
            case InvalidToken():
                self._trouble, pause = BAD_TOKEN, LONGEST_PAUSE
            case _ if self._failures > FAILURES:
                self._trouble = NO_ANSWER
        log.warning("no news from Telegram: %s", self._trouble or type(error).__name__)
        await asyncio.sleep(pause)

    async def _take_back(self) -> None:
        """A webhook of earlier days keeps the news from us."""
        try:
            if (await self._api.bot.get_webhook_info()).url:
                await self._api.bot.delete_webhook()
        except TelegramError as error:
            log.warning("no news from Telegram: %s", type(error).__name__)

    def _begin(self, raw: object, start: Callable[..., asyncio.Task[None]]) -> None:
        """Begin to take an update, unless that was begun before."""
        number = number_of(raw)
        if number is not None and number in self._taking:
            return
        heard = self._intake.read(raw)
        if number is not None:
            self._next = max(self._next, number + 1)
        if heard is None:
            return
        task = start(self._take(heard))
        self._taking[heard.update_id] = task
        task.add_done_callback(lambda _: self._taking.pop(heard.update_id, None))

    async def _take(self, heard: Heard) -> None:
        others = self._taken
        async with self._intake.turn(heard.person):
            for attempt in itertools.count(1):
                try:
                    await self._intake.take(heard)
                # One update must not stop the others; what is wrong with it may be anything.
                except Exception as error:  # noqa: BLE001
                    name = type(error).__name__
                    log.warning("update %d: attempt %d: %s", heard.update_id, attempt, name)
                else:
                    self._taken += 1
                    return
                if attempt >= TRIES and self._taken > others:
                    break  # others are taken, so it is this one's fault
                await asyncio.sleep(_pause(self._first_pause, attempt))
        self._intake.give_up(heard.update_id, "cannot be taken")


def _pause(first: float, attempt: int) -> float:
    """Seconds before the next attempt."""
    return float(min(LONGEST_PAUSE, first * 2 ** min(attempt - 1, 16)))
