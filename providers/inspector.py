"""Looks at photos on this machine, in a worker: whether one will do, and the crop that is used.

Satisfies `bot.ports.Inspector`. What is measured and why is in `providers.local.screening`; how
far the crop reaches is in `providers.local.cropping`. This side only sends and receives, and turns
trouble with the worker into the finding that the photo could not be checked.
"""

from __future__ import annotations

import logging

from bot.errors import ProviderError
from bot.model import Findings, PhotoProblem
from providers.local.task import Inspect, Minimise
from providers.workers.pool import WorkerPool

SECONDS = 30.0
"""A check takes half a second; what takes this long is an attack or a machine in trouble."""

log = logging.getLogger(__name__)


class OnDeviceInspector:
    """An inspector that sends nothing anywhere."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    async def inspect(self, photo: bytes) -> Findings:
        """What is in the photo. Never raises: trouble of our own is `CANNOT_CHECK`."""
        try:
            return await self._pool.run("inspect", Inspect(photo), Findings, time_limit=SECONDS)
        except ProviderError as exc:
            log.warning("a photo could not be checked: %s", exc)
            return Findings(problem=PhotoProblem.CANNOT_CHECK)

    async def minimise(self, photo: bytes, findings: Findings) -> bytes:
        """Upright sRGB JPEG, at most 2600 pixels long, no metadata, head and shoulders.

        Other people's faces outside the crop are gone; small ones behind the person's shoulders
        may be inside it (`findings.faces` counts them). Raises `ProviderRefused` without a face in
        the findings, `ProviderUnavailable` when the worker cannot do it now.
        """
        request = Minimise(photo, findings)
        return await self._pool.run("minimise", request, bytes, time_limit=SECONDS)
