"""How one order gets made: each piece on its own, all together under a limit.

A prediction that failed for a passing reason of theirs is made once more, then once by the model
that stands in. One that moderation has flagged is not tried anywhere else. Asking how a prediction
stands costs nothing, so no trouble on the way loses it before its deadline.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

import stamina

from bot.errors import ProviderRefused, ProviderUnavailable
from bot.model import Made, PhotoProblem
from bot.ports import Progress
from bot.uninterrupted import to_the_end
from providers.replicate import catalogue
from providers.replicate.beginning import LONGEST_WAIT, Beginnings
from providers.replicate.client import Api, Failure, Prediction, Status, Unknown
from providers.replicate.outputs import BadOutput
from providers.replicate.record import Record, Unwanted
from providers.replicate.slip import NAME, Piece, State
from providers.replicate.tools import Tools

log = logging.getLogger(__name__)

STAGES: Final = ("queued", "sending", "making", "finishing")
POLL_GROWTH: Final = 1.3
_RECORD: Final = b"c2pa"
"""Name of the box that holds a provenance record."""


class Making:
    """One order under way."""

    def __init__(self, tools: Tools, record: Record, photo: bytes, progress: Progress) -> None:
        self._tools = tools
        self._record = record
        self._beginnings = Beginnings(tools, record, photo)
        self._progress = progress
        self._stage = 0

    async def make(self) -> list[Made]:
        """The headshots that came of it, at least one.

        Raises `Unwanted`, `ProviderRefused`, or `ProviderUnavailable` when there are none.
        """
        await self._reach("queued")
        await self._beginnings.look_for(self._record.in_state(State.INTENDED))
        await self._reach("sending")
        if planned := self._record.in_state(State.PLANNED):
            now = self._tools.clock.now()
            change = {"state": State.INTENDED, "at": now}
            await self._record.write(dict.fromkeys(planned, change))
        made = await self._all_pieces()
        if not made and any(piece.flagged for piece in self._record.slip.pieces):
            raise ProviderRefused(PhotoProblem.DECLINED)
        if not made:
            raise ProviderUnavailable("nothing came of it")
        return made

    async def _all_pieces(self) -> list[Made]:
        try:
            async with asyncio.TaskGroup() as tasks:
                pieces = range(len(self._record.slip.pieces))
                running = [tasks.create_task(self._piece(one)) for one in pieces]
        except BaseExceptionGroup as group:
            if group.subgroup(Unwanted) is not None:
                raise Unwanted from None
            raise
        return [one for task in running if (one := task.result()) is not None]

    async def _piece(self, which: int) -> Made | None:
        async with self._tools.slots:
            while True:
                piece = self._record.piece(which)
                match piece.state:
                    case State.LOST:
                        return None
                    case State.CREATED | State.MADE:
                        await self._reach("making")
                        made = await self._take(which, await self._ended(piece))
                        if made is not None:
                            return made
                    case _:
                        await self._beginnings.begin(which)

    async def _ended(self, piece: Piece) -> Prediction | None:
        """The prediction when it has ended; None when it is gone or past its deadline."""
        pace = self._tools.pace
        pause, began = pace.first_poll, piece.at or self._tools.clock.now()
        limit = timedelta(seconds=piece.deadline + pace.grace)
        while True:
            try:
                prediction = await self._tools.api.get(piece.prediction)
            except Unknown:
                return None
            except ProviderUnavailable as error:
                log.info("no news of a prediction: %s", error)
                pause = max(pause, min(error.retry_after or 0, LONGEST_WAIT))
            else:
                if prediction.status is not Status.RUNNING:
                    return prediction
            if self._tools.clock.now() - began > limit:
                await to_the_end(_stop(self._tools.api, piece.prediction))
                return None
            await asyncio.sleep(pause)
            pause = min(pause * POLL_GROWTH, max(pause, pace.longest_poll))

    async def _take(self, which: int, prediction: Prediction | None) -> Made | None:
        """The headshot of a prediction that has ended; else the piece is lost or goes on."""
        match prediction:
            case Prediction(status=Status.SUCCEEDED):
                self._tools.breaker.succeeded()
                return await self._receive(which, prediction)
            case Prediction(failure=Failure.BUSY):
                self._tools.breaker.failed()
                await self._once_more(which)
            case Prediction(failure=Failure.LOCKED):
                log.error("Replicate's own account with the model's maker does not work")
                self._tools.breaker.locked()
                await self._record.lose(which, paid=False)
            case Prediction(status=Status.FAILED, failure=failure):
                await self._record.lose(which, paid=False, flagged=failure is Failure.FLAGGED)
            case Prediction(status=Status.ABORTED):
                self._tools.breaker.failed()
                await self._record.lose(which, paid=False)
            case _:  # canceled, gone, or past its deadline
                self._tools.breaker.failed()
                await self._record.lose(which, paid=True)
        return None

    async def _receive(self, which: int, prediction: Prediction) -> Made | None:
        await self._reach("finishing")
        piece = self._record.piece(which)
        fetched = await self._fetch(prediction, piece.format)
        if fetched is None:
            await self._record.lose(which, paid=True)
            return None
        if piece.state is not State.MADE:
            await self._record.write({which: {"state": State.MADE}})
        headshot, origin = fetched
        model = catalogue.load().get(piece.model)
        public = f"{model.ref} at Replicate" if model else NAME
        return Made(headshot, piece.format, piece.look, by=NAME, model=public, origin=origin)

    async def _fetch(self, prediction: Prediction, format_: str) -> tuple[bytes, bytes] | None:
        """Download and finish; None when nothing usable can be had.

        Beside the headshot, the picture as it came if a provenance record (C2PA) is in it.
        """
        if prediction.removed or not prediction.outputs:
            return None
        pace = self._tools.pace.retry
        again = stamina.retry_context(
            on=_passes, attempts=4, timeout=120.0, wait_initial=pace, wait_jitter=pace
        )
        try:
            async for attempt in again:
                with attempt:
                    picture = await self._tools.outputs.fetch(prediction.outputs[0])
                    origin = picture if _RECORD in picture else b""
                    headshot = await self._tools.finish(picture, format_)
                    return None if headshot is None else (headshot, origin)
        except ProviderUnavailable as error:
            log.warning("an output cannot be used: %s", error)
        return None

    async def _once_more(self, which: int) -> None:
        """After a failure that passes: the same model again, then the one that stands in."""
        piece, models = self._record.piece(which), catalogue.load()
        model = models.get(piece.model)
        if piece.failures and model is not None:
            model = models.get(model.then)
        if model is None:
            await self._record.lose(which, paid=False)
            return
        fresh = piece.by(model)
        names = ("seed", "model", "price", "deadline", "seeded")
        change = {name: getattr(fresh, name) for name in names} | {
            "state": State.INTENDED,
            "at": self._tools.clock.now(),
            "prediction": "",
            "earlier": piece.predictions,
            "failures": piece.failures + 1,
        }
        await self._record.write({which: change})

    async def _reach(self, stage: str) -> None:
        """Tell how far the order is, only ever forwards."""
        if (place := STAGES.index(stage)) > self._stage or stage == STAGES[0]:
            self._stage = place
            await self._progress(stage)


def _passes(error: Exception) -> bool:
    """Whether fetching or finishing may go well the next time: what was made is paid for."""
    return isinstance(error, ProviderUnavailable) and not isinstance(error, BadOutput)


async def _stop(api: Api, prediction: str) -> None:
    """Cancel a prediction, if anybody answers: past its deadline Replicate stops it by itself."""
    try:
        await api.cancel(prediction)
    except ProviderUnavailable as error:
        log.info("a prediction was not cancelled: %s", error)
