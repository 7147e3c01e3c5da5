"""How a piece gets its prediction, and how one that may have begun is found again.

The rules that keep money safe:

- A piece is intended, on disk, before it is created, and its id is on disk right after. Whatever
  cancels us in between waits for the id, which the transport bounds.
- Creating is repeated only where nothing has begun.
- In doubt, and after a crash, Replicate's list is searched for the seed. Not there: created again.
  Cannot be told: it counts as spent and is let go. A model without a seed can never be told.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final

import stamina

from bot.errors import ProviderUnavailable
from bot.uninterrupted import to_the_end
from providers.replicate import catalogue
from providers.replicate.catalogue import Model
from providers.replicate.client import InDoubt, Locked, NotAccepted, Throttled
from providers.replicate.prompt import prompt
from providers.replicate.record import Record
from providers.replicate.slip import State
from providers.replicate.tools import Tools

log = logging.getLogger(__name__)

SKEW: Final = timedelta(minutes=2)
"""How far our clock and theirs may be apart."""
LONGEST_WAIT: Final = 30.0
"""Seconds; who is told to come back later than that goes elsewhere."""
STALE: Final = timedelta(seconds=30)
"""How long ago an attempt may have been intended when it is begun."""
DOUBTS: Final = 2
"""How often a piece may be in doubt before it is let go."""


class Beginnings:
    """Creates the predictions of one order."""

    def __init__(self, tools: Tools, record: Record, photo: bytes) -> None:
        """`photo` is sent as it is, byte for byte."""
        self._tools = tools
        self._record = record
        self._doubts: Counter[int] = Counter()
        self._photo = "data:image/jpeg;base64," + base64.b64encode(photo).decode()

    async def begin(self, which: int) -> None:
        """Have the piece begun; afterwards it is created, or lost, or to be created again."""
        piece = self._record.piece(which)
        model = catalogue.load().get(piece.model)
        if model is None:
            return await self._record.lose(which, paid=False)
        now = self._tools.clock.now()
        if piece.at is None or now - piece.at > STALE:
            # It waited, for a free slot or for a restart: from now on it may run.
            await self._record.write({which: {"at": now}})
        inputs = model.input(
            photo=self._photo,
            prompt=prompt(piece.look, self._record.slip.clothing),
            seed=piece.seed,
            format_=piece.format,
        )
        pace = self._tools.pace.retry
        again = stamina.retry_context(
            on=_wait, attempts=4, timeout=45.0, wait_initial=pace, wait_jitter=pace
        )
        try:
            async for attempt in again:
                with attempt:
                    await to_the_end(self._create_once(which, model, inputs))
        except InDoubt as error:
            log.warning("a prediction is in doubt: %s", error)
            self._tools.breaker.failed()
            return await self.look_for([which])
        except ProviderUnavailable as error:
            self._blame(error)
            return await self._record.lose(which, paid=False)
        return None

    # Inputs are JSON as the model's maker has thought of it.
    async def _create_once(self, which: int, model: Model, inputs: dict[str, Any]) -> None:
        created = await self._tools.api.create(model, inputs)
        self._tools.breaker.succeeded()
        now = self._tools.clock.now()
        await self._record.write(
            {which: {"state": State.CREATED, "prediction": created.id, "at": now}}
        )

    def _blame(self, error: ProviderUnavailable) -> None:
        """Tell the breaker, and the operator where nobody else can mend it."""
        match error:
            case Locked():
                log.error("%s: check the token and the billing of the account", error)
                self._tools.breaker.locked()
            case Throttled():
                log.warning("asked too often: %s", error)
            case NotAccepted():
                log.warning("not accepted: %s", error)
                self._tools.breaker.failed()
            case _:
                log.error("%s: the catalogue's entry does not fit the model", error)

    async def look_for(self, pieces: Collection[int]) -> None:
        """Find out what has become of pieces that may have been created."""
        wanted = {}
        for one in pieces:
            piece = self._record.piece(one)
            if piece.seeded and self._doubts[one] < DOUBTS:
                wanted[piece.seed] = one
            else:
                log.warning("a prediction cannot be looked for: it counts as spent")
                await self._record.lose(one, paid=True)
        clean = 0
        for _ in range(self._tools.pace.looks):
            if not wanted:
                return
            await asyncio.sleep(self._tools.pace.look)
            clean += await self._look_once(wanted)
        sure = clean * 2 > self._tools.pace.looks
        for one in wanted.values():
            if sure:
                self._doubts[one] += 1  # and it is created again
            else:
                log.warning("nobody can say whether a prediction has begun: it counts as spent")
                await self._record.lose(one, paid=True)

    async def _look_once(self, wanted: dict[int, int]) -> bool:
        """Take what is found out of `wanted`; whether the search was a good one."""
        moments = [self._record.piece(one).at for one in wanted.values()]
        since = min((at for at in moments if at), default=self._tools.clock.now()) - SKEW
        try:
            found = await self._tools.api.find(wanted.keys(), since)
        except ProviderUnavailable as error:
            log.warning("the list of predictions cannot be had: %s", error)
            return False
        for seed, predictions in found.items():
            one = wanted.pop(seed)
            first, *twins = (each.id for each in predictions)
            earlier = (*self._record.piece(one).earlier, *twins)
            change = {"state": State.CREATED, "prediction": first, "earlier": earlier}
            await self._record.write({one: change})
        return True


def _wait(error: Exception) -> bool | float:
    """Whether creating may be tried again, or after how many seconds."""
    if not isinstance(error, NotAccepted):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= LONGEST_WAIT else False
