"""Paints visible badges on this machine, in a worker. Satisfies `bot.finishers.Painter`."""

from __future__ import annotations

from bot.errors import ProviderRefused, ProviderUnavailable
from providers.local.task import Badge
from providers.workers.pool import WorkerPool

SECONDS = 15.0


class OnDevicePainter:
    """A painter that sends nothing anywhere."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    async def paint(self, photo: bytes, words: str) -> bytes:
        """The headshot with the words on it. Raises `ProviderUnavailable`."""
        try:
            return await self._pool.run("badge", Badge(photo, words), bytes, time_limit=SECONDS)
        except ProviderRefused as refused:  # a headshot of ours that cannot be read
            raise ProviderUnavailable("no picture") from refused
