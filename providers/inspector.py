"""Looks at photos on this machine, in a worker: whether one will do, and the crop that is used.

Satisfies `bot.inspecting.Inspector`. What is looked for and why is in `providers.inspection`. This
side only sends and receives. A worker that fails over a photo (it died, erred, took too long) is
asked once more for the faces alone: then everything else is unchecked, and the crop may not leave.
When that fails too, the photo could not be checked at all. That no worker has looked at it (all are
busy, the bot is stopping, none can be started) says nothing about the photo and is raised, so that
it is tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.consent import ApprovedCrop
from bot.errors import ProviderRefused
from bot.model import Findings, PhotoProblem
from bot.policy import Doubt
from providers.local.task import Inspect, LookCloser, Minimise
from providers.workers.pool import WorkerPool
from providers.workers.worker import StartFailed, WorkFailed

SECONDS = 30.0
"""A check takes half a second; what takes this long is an attack or a machine in trouble."""

log = logging.getLogger(__name__)


class OnDeviceInspector:
    """An inspector that sends nothing anywhere."""

    def __init__(self, pool: WorkerPool, *, crop_bytes: int = 0) -> None:
        """`crop_bytes`: how large a crop may be at the most where a provider elsewhere may get it;
        such crops have no background. 0: crops stay here, and are as large as is of use."""
        self._pool = pool
        self._crop_bytes = crop_bytes

    @property
    def removes_background(self) -> bool:
        """Whether the crops are made to leave this machine."""
        return self._crop_bytes > 0

    async def inspect(self, photo: bytes) -> Findings:
        """What is in the photo, `CANNOT_CHECK` when a worker failed over it.

        Never raises for what the photo contains; raises `ProviderUnavailable` when no worker could
        look at it now.
        """
        try:
            return await self._look(photo, thorough=True)
        except StartFailed:
            raise
        except WorkFailed as exc:
            log.warning("a photo could not be checked in full: %s", type(exc).__name__)
        try:
            return await self._look(photo, thorough=False)
        except StartFailed:
            raise
        except WorkFailed as exc:
            log.warning("a photo could not be checked: %s", type(exc).__name__)
            return Findings(problem=PhotoProblem.CANNOT_CHECK)

    async def _look(self, photo: bytes, *, thorough: bool) -> Findings:
        request = Inspect(photo, leaving=self.removes_background, thorough=thorough)
        try:
            return await self._pool.run("inspect", request, Findings, time_limit=SECONDS)
        except ProviderRefused as refused:
            return Findings(problem=refused.problem)

    async def minimise(
        self, photo: bytes, findings: Findings, *, keep_writing: bool = False
    ) -> bytes:
        """Upright sRGB JPEG, no metadata, head and shoulders; other faces and all marks hidden.

        At most 2600 pixels long; where it may leave the machine at most 1600, of so many bytes as
        were given, and before a plain background. `keep_writing` leaves readable what the person
        said is not private. Raises `ProviderRefused` without a face in the findings,
        `ProviderUnavailable` when the worker cannot do it now.
        """
        # What was not checked stays here, and then it can keep its background.
        largest = 0 if findings.unchecked else self._crop_bytes
        request = Minimise(photo, findings, largest, keep_writing)
        return await self._pool.run("minimise", request, bytes, time_limit=SECONDS)

    async def look_closer(self, crop: ApprovedCrop) -> Sequence[Doubt]:
        """Advice about pose and eyes. Raises `ProviderUnavailable`."""
        request = LookCloser(crop.jpeg)
        return await self._pool.run("look_closer", request, list[Doubt], time_limit=SECONDS)
