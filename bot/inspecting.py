"""The port to whoever looks at photos; the others are in `bot.ports`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.consent import ApprovedCrop
from bot.model import Findings
from bot.policy import Doubt


class Inspector(Protocol):
    """Looks at a photo on this machine. Boxes and categories, never identities."""

    @property
    def removes_background(self) -> bool:
        """Whether its crops may leave this machine: only the person is left in them."""
        ...

    async def inspect(self, photo: bytes) -> Findings:
        """What is in the photo. Never raises for bad input: that is `Findings.problem`.

        Raises `ProviderUnavailable` when nobody could look at it now.
        """
        ...

    async def minimise(
        self, photo: bytes, findings: Findings, *, keep_writing: bool = False
    ) -> bytes:
        """The crop that would be used: upright sRGB JPEG, no metadata, head and shoulders.

        Other faces and all marks are hidden for good, with `keep_writing` all but writing.
        """
        ...

    async def look_closer(self, crop: ApprovedCrop) -> Sequence[Doubt]:
        """What landmarks tell: turned away, eyes closed. Needs answer 3; only advice.

        Raises `ProviderUnavailable`.
        """
        ...
