"""The tasks that workers can do: a closed registry, each with a typed request.

`open_tasks` runs inside a worker; the bot imports this module for the requests only, so vision is
imported when the tasks are opened and not before: the bot's own process stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec

from bot.model import Findings, Made, Verdict
from bot.policy import Doubt

OnStage: TypeAlias = Callable[[str], None]
R = TypeVar("R")


class Inspect(msgspec.Struct, frozen=True):
    """Answered with `Findings`."""

    photo: bytes
    leaving: bool = False
    """Whether a provider elsewhere may get the crop, so that it will have no background."""
    thorough: bool = True


class Minimise(msgspec.Struct, frozen=True):
    """Answered with the crop as bytes."""

    photo: bytes
    findings: Findings
    largest: int = 0
    """Bytes of the crop at the most, where a provider elsewhere may get it: then it has no
    background. 0: it stays here."""
    keep_writing: bool = False


class LookCloser(msgspec.Struct, frozen=True):
    """Answered with a list of `Doubt`."""

    crop: bytes


class Render(msgspec.Struct, frozen=True):
    """Answered with a list of `Made`."""

    photo: bytes
    look: str
    closer: bool = False


class Judge(msgspec.Struct, frozen=True):
    """Answered with a list of `Verdict`, one for each headshot."""

    source: bytes
    made: list[Made]
    likeness: bool


class Badge(msgspec.Struct, frozen=True):
    """Answered with the headshot as bytes."""

    photo: bytes
    words: str


def open_tasks(
    models: Path, threads: int
) -> Mapping[str, Callable[[msgspec.Raw, OnStage], object]]:
    """Load the models; each task by its name. Raises `SettingsError` when a model is missing."""
    # Here and not above: see the module's docstring.
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    from providers.inspection import cropping, pose, survey  # noqa: PLC0415
    from providers.inspection.reading import Reader  # noqa: PLC0415
    from providers.local import backdrops, badge, judging, render  # noqa: PLC0415
    from providers.local.likeness import Likeness  # noqa: PLC0415
    from providers.local.nets import FACE_SIDE, MESH_SIDE, PERSON_SIZE, Nets  # noqa: PLC0415

    cv2.setNumThreads(threads)
    # Its library is loaded now, because that is forbidden once photos come.
    likeness = Likeness()
    nets, reader = Nets(models), Reader(models)
    # A network is read when it is first used; the first person should not wait for that.
    nets.faces(np.zeros((FACE_SIDE, FACE_SIDE, 3), np.uint8))
    nets.mesh(np.zeros((MESH_SIDE, MESH_SIDE, 3), np.uint8))
    nets.person(np.zeros((*PERSON_SIZE, 3), np.uint8))

    def inspect(request: Inspect, _on_stage: OnStage) -> Findings:
        return survey.inspect(
            nets, reader, request.photo, leaving=request.leaving, thorough=request.thorough
        )

    def minimise(request: Minimise, _on_stage: OnStage) -> bytes:
        return cropping.minimise(
            nets,
            reader,
            request.photo,
            request.findings,
            largest=request.largest,
            keep_writing=request.keep_writing,
        )

    def look_closer(request: LookCloser, _on_stage: OnStage) -> list[Doubt]:
        return pose.advice(nets, request.crop)

    def make(request: Render, on_stage: OnStage) -> list[Made]:
        return render.render(nets, request.photo, request.look, on_stage, closer=request.closer)

    def judge(request: Judge, _on_stage: OnStage) -> list[Verdict]:
        compare = likeness.distance if request.likeness else None
        return judging.judge(nets, request.source, request.made, compare)

    def paint(request: Badge, _on_stage: OnStage) -> bytes:
        return badge.add_badge(request.photo, request.words)

    def swatches(_request: None, _on_stage: OnStage) -> dict[str, bytes]:
        return {look: backdrops.swatch(look) for look in backdrops.LOOKS}

    return {
        "inspect": _typed(Inspect, inspect),
        "minimise": _typed(Minimise, minimise),
        "look_closer": _typed(LookCloser, look_closer),
        "render": _typed(Render, make),
        "badge": _typed(Badge, paint),
        "judge": _typed(Judge, judge),
        "swatches": _typed(type(None), swatches),
    }


def _typed(
    kind: type[R], procedure: Callable[[R, OnStage], object]
) -> Callable[[msgspec.Raw, OnStage], object]:
    """The procedure, with its request read as what it must be."""

    def read_and_do(request: msgspec.Raw, on_stage: OnStage) -> object:
        return procedure(msgspec.msgpack.decode(request, type=kind), on_stage)

    return read_and_do
