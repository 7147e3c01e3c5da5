"""The labelled set: clean portraits, and scenes made from them, each also in worse conditions.

The clean ones are scikit-image's astronaut and whatever portraits are in a folder that is named; a
photo's name there says what is in it, see `NAMES`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bot.model import PhotoProblem
from bot.photo import decode
from providers.local.faces import detect
from providers.local.nets import Nets
from tests.providers import scenes
from tests.providers.portraits import Rgb8, blurred, darkened, jpeg
from tests.providers.scenes import Portrait

CLEAN = "clean portrait"
NAMES = {
    "screens": "screen",
    "two-people": "second face",
    "letter": "document without a face",
    "handwritten": "document without a face",
    "far-": "person far away",
    "portrait": CLEAN,
    "selfie": CLEAN,
}
"""What a part of a file's name says is in the photo; the first that fits counts."""
LEAST_FACE = 120


@dataclass(frozen=True)
class Labelled:
    """A photo, and what is in it."""

    label: str
    name: str
    photo: bytes
    sent: bool = False
    """Whether to look at what would leave the machine as well, which takes longest."""


def _smaller(pixels: Rgb8) -> bytes:
    size = (int(pixels.shape[1] * 0.7), int(pixels.shape[0] * 0.7))
    return jpeg(np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)), 80)


def _warm(pixels: Rgb8) -> bytes:
    return jpeg(np.clip(pixels * np.array([1.08, 1.0, 0.84]), 0, 255).astype(np.uint8), 88)


def _turned(pixels: Rgb8) -> bytes:
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 5, 1.06)
    return jpeg(np.asarray(cv2.warpAffine(pixels, matrix, (width, height))), 88)


def _as_png(pixels: Rgb8) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()


CONDITIONS: dict[str, Callable[[Rgb8], bytes]] = {
    "as it is": lambda pixels: jpeg(pixels, 88),
    "much compressed": lambda pixels: jpeg(pixels, 45),
    "smaller": _smaller,
    "a stop darker": lambda pixels: jpeg(darkened(pixels, 0.5), 88),
    "warm light": _warm,
    "slightly soft": lambda pixels: jpeg(blurred(pixels, 1.0), 88),
    "mirrored": lambda pixels: jpeg(np.ascontiguousarray(pixels[:, ::-1]), 88),
    "leaning": _turned,
    "PNG": _as_png,
}
ALTERED = ("as it is", "much compressed", "leaning")
"""Conditions for scenes; mirrored writing is no writing."""


def label_of(name: str) -> str | None:
    """What the name of a photo says is in it."""
    return next((label for part, label in NAMES.items() if part in name), None)


def pixels_of(photo: bytes) -> Rgb8 | None:
    """The photo's pixels, if it can be read."""
    picture = decode(photo, 1600)
    return None if isinstance(picture, PhotoProblem) else picture.pixels


def portraits(folder: Path | None, nets: Nets) -> list[Portrait]:
    """Everybody round whom scenes are made."""
    found = [scenes.lady()]
    for path in sorted(folder.glob("*.jpg")) if folder else ():
        pixels = pixels_of(path.read_bytes())
        faces = detect(nets, pixels) if pixels is not None else []
        if label_of(path.name) != CLEAN or pixels is None or not faces:
            continue
        face = faces[0]
        if face.width >= LEAST_FACE:
            edges = (int(face.left), int(face.top), int(face.right), int(face.bottom))
            found.append(Portrait(pixels, edges))
    return found


def everything(folder: Path | None, nets: Nets) -> Iterator[Labelled]:
    """The whole set."""
    people = portraits(folder, nets)
    for path in sorted(folder.glob("*.jpg")) if folder else ():
        label = label_of(path.name)
        if label and label != CLEAN:
            yield Labelled(label, path.stem, path.read_bytes(), sent=True)
    for number, one in enumerate(people):
        for condition, alter in CONDITIONS.items():
            yield Labelled(CLEAN, f"{number}, {condition}", alter(one.pixels))
        yield Labelled("AI label", str(number), scenes.labelled(one.pixels))
        yield from _scenes(one, number)
        other = people[(number + 1) % len(people)]
        for scale in (0.7, 0.85, 1.0, 1.2):
            pair = scenes.together(one, other, scale)
            yield Labelled("second face", f"{number}, {scale}", jpeg(pair, 88), sent=True)


def _scenes(one: Portrait, number: int) -> Iterator[Labelled]:
    for kind, make in scenes.KINDS.items():
        pixels = make(one)
        label, _, variant = kind.partition(": ")
        for condition in ALTERED:
            name = f"{number}, {condition} {variant}".rstrip()
            sent = condition == ALTERED[0]
            yield Labelled(label, name, CONDITIONS[condition](pixels), sent=sent)
