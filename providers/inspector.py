"""Looks at photos on this machine, in a worker: whether one will do, and the crop that is used.

Satisfies `bot.ports.Inspector`. What is measured and why is in `providers.local.screening`; how
far the crop reaches is in `providers.local.cropping`. This side only sends and receives. A worker
that fails over a photo (it died, erred, took too long) is the finding that the photo could not be
checked; that no worker has looked at it (all are busy, the bot is stopping, none can be started)
says nothing about the photo and is raised, so that it is tried again.
"""

from __future__ import annotations

import logging

from bot.errors import ProviderRefused
from bot.model import Findings, PhotoProblem
from providers.local.task import Inspect, Minimise
from providers.workers.pool import WorkerPool
from providers.workers.worker import StartFailed, WorkFailed

SECONDS = 30.0
"""A check takes half a second; what takes this long is an attack or a machine in trouble."""

log = logging.getLogger(__name__)


class OnDeviceInspector:
    """An inspector that sends nothing anywhere."""

    def __init__(self, pool: WorkerPool, *, crop_bytes: int = 0) -> None:
        """`crop_bytes`: how large a crop may be at the most; 0: as large as is of use here."""
        self._pool = pool
        self._crop_bytes = crop_bytes

    async def inspect(self, photo: bytes) -> Findings:
        """What is in the photo, `CANNOT_CHECK` when a worker failed over it.

        Never raises for what the photo contains; raises `ProviderUnavailable` when no worker could
        look at it now.
        """
        try:
            return await self._pool.run("inspect", Inspect(photo), Findings, time_limit=SECONDS)
        except ProviderRefused as refused:
            return Findings(problem=refused.problem)
        except StartFailed:
            raise
        except WorkFailed as exc:
            log.warning("a photo could not be checked: %s", type(exc).__name__)
            return Findings(problem=PhotoProblem.CANNOT_CHECK)

    async def minimise(self, photo: bytes, findings: Findings) -> bytes:
        """Upright sRGB JPEG, at most 2600 pixels long, no metadata, head and shoulders.

        Other people's faces outside the crop are gone; small ones behind the person's shoulders
        may be inside it (`findings.faces` counts them). Raises `ProviderRefused` without a face in
        the findings, `ProviderUnavailable` when the worker cannot do it now.
        """
        request = Minimise(photo, findings, self._crop_bytes)
        return await self._pool.run("minimise", request, bytes, time_limit=SECONDS)
