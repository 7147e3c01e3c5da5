"""Judges headshots on this machine, in a worker. Satisfies `bot.finishers.Judge`.

What is looked at, and the bounds, are in `providers.local.judging`. This side only sends and
receives: pictures go into the worker's memory, verdicts come out, and nothing that was measured
leaves the worker. When no worker could do it, headshots must not be handed over unseen: that is
raised, so that it is tried again.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Made, Verdict
from providers.local.task import Judge
from providers.workers.pool import WorkerPool

SECONDS = 30.0
"""Half a second's work; what takes this long is a machine in trouble."""


class OnDeviceJudge:
    """A judge that sends nothing anywhere."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    async def judge(
        self, source: bytes, made: Sequence[Made], *, likeness: bool
    ) -> Sequence[Verdict]:
        """A verdict for each headshot. Raises `ProviderUnavailable`."""
        # What a hosted model signed is of no use to a judge: only pixels go to the worker.
        pixels = [Made(one.photo, one.format, one.look, one.by) for one in made]
        request = Judge(source, pixels, likeness)
        return await self._pool.run("judge", request, list[Verdict], time_limit=SECONDS)
