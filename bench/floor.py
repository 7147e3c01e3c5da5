"""The least any renderer could do: decode the photo, find the person once, encode the results.

Loaded by a worker in place of the product's task module, which it extends.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

import msgspec
import numpy as np
from PIL import Image

from bot.model import Made, PhotoProblem
from bot.photo import decode, encode_jpeg
from providers.local import task
from providers.local.nets import PERSON_SIZE, Nets
from providers.local.pixels import resize_rgb
from providers.local.render import FIRST_SIDE, QUALITY
from providers.workers.__main__ import OnStage, Procedure


class Floor(msgspec.Struct, frozen=True):
    """Answered with milliseconds."""

    photo: bytes
    made: list[Made]


def open_tasks(models: Path, threads: int) -> Mapping[str, Procedure]:
    """The product's tasks and ``floor``."""
    nets = Nets(models)
    nets.person(np.zeros((*PERSON_SIZE, 3), np.uint8))

    def floor(request: msgspec.Raw, _on_stage: OnStage) -> float:
        asked = msgspec.msgpack.decode(request, type=Floor)
        shots = [np.asarray(Image.open(io.BytesIO(made.photo))) for made in asked.made]
        began = perf_counter()
        picture = decode(asked.photo, FIRST_SIDE)
        if isinstance(picture, PhotoProblem):
            raise TypeError(picture.value)
        nets.person(resize_rgb(picture.pixels, PERSON_SIZE))
        for shot in shots:
            encode_jpeg(shot, QUALITY)
        return (perf_counter() - began) * 1000

    return {**task.open_tasks(models, threads), "floor": floor}
