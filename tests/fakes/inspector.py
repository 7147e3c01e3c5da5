"""An inspector that finds one face in whatever looks like a photo, or does what it was told to."""

from __future__ import annotations

import hashlib
import io
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from bot.consent import ApprovedCrop
from bot.errors import ProviderUnavailable
from bot.model import Box, Findings, PhotoProblem
from bot.policy import Doubt

FACE = Box(0.35, 0.2, 0.65, 0.5)


@dataclass
class FakeInspector:
    """``script``: what the next calls of `inspect` find or raise, without a look at the photo.

    ``advice``: what the next calls of `look_closer` say or raise.
    """

    script: deque[Findings | ProviderUnavailable] = field(default_factory=deque)
    advice: deque[tuple[Doubt, ...] | ProviderUnavailable] = field(default_factory=deque)
    removes_background: bool = False
    inspected: int = 0
    minimised: int = 0

    async def inspect(self, photo: bytes) -> Findings:
        self.inspected += 1
        match self.script.popleft() if self.script else None:
            case Findings() as told:
                return told
            case ProviderUnavailable() as overload:
                raise overload
            case None:
                return self._look(photo)

    def _look(self, photo: bytes) -> Findings:
        if not photo:
            return Findings(problem=PhotoProblem.EMPTY)
        if not photo.startswith((b"\xff\xd8\xff", b"\x89PNG")):
            return Findings(problem=PhotoProblem.NOT_AN_IMAGE)
        with Image.open(io.BytesIO(photo)) as picture:
            width, height = picture.size
        return Findings(width=width, height=height, faces=(FACE,))

    async def minimise(
        self, photo: bytes, findings: Findings, *, keep_writing: bool = False
    ) -> bytes:
        """One colour, which depends on the photo, so that crops can be told apart."""
        assert findings.faces, "the crop of a photo without a face was asked for"
        self.minimised += 1
        readable = b"readable" if keep_writing else b""
        red, green, blue = hashlib.sha256(photo + readable).digest()[:3]
        out = io.BytesIO()
        Image.new("RGB", (600, 800), (red, green, blue)).save(out, "JPEG")
        return out.getvalue()

    async def look_closer(self, crop: ApprovedCrop) -> Sequence[Doubt]:
        match self.advice.popleft() if self.advice else ():
            case ProviderUnavailable() as overload:
                raise overload
            case advice:
                return advice
