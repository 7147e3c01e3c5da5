"""The crop that headshots are made from, without the look at what else is in a photo."""

from __future__ import annotations

from pathlib import Path

from bot.model import PhotoProblem
from providers.inspection import cropping, survey
from providers.inspection.reading import Reader
from providers.local.nets import Nets


def crop_of(nets: Nets, models: Path, photo: bytes) -> bytes | PhotoProblem:
    """The crop that stays on this machine, or why there is none."""
    reader = Reader(models)
    findings = survey.inspect(nets, reader, photo, leaving=False, thorough=False)
    if findings.problem is not None:
        return findings.problem
    return cropping.minimise(nets, reader, photo, findings, largest=0, keep_writing=True)
