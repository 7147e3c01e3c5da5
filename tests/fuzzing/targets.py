"""What is fuzzed: everything that reads bytes a stranger sent. Each target must never raise.

A target takes the bytes of a "photo". What it finds becomes a test in tests/core/test_photo.py or
tests/providers/test_inspection.py.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from PIL import Image

from bot.model import PhotoProblem, Trait
from bot.photo import Picture, decode, encode_jpeg
from providers.inspection import origin, survey
from providers.inspection.reading import Reader
from providers.local.nets import Nets
from tests.providers import scenes

MODELS = Path(__file__).parents[2] / "models"
MAX_SIDE = 400
PARTS = 6
"""How many pieces of other photos are spliced in at most."""


def photo(data: bytes) -> None:
    """Decoding: a picture of the promised size, or a reason."""
    picture = decode(data, MAX_SIDE)
    if isinstance(picture, Picture):
        assert picture.pixels.ndim == 3
        assert max(picture.pixels.shape[:2]) <= MAX_SIDE
        encode_jpeg(picture.pixels[:64, :64])
    else:
        assert isinstance(picture, PhotoProblem)


def file_origin(data: bytes) -> None:
    """What a file says of itself."""
    assert origin.traits(data) <= set(Trait)


def whole_survey(data: bytes) -> None:
    """The whole look at a photo, networks included; slow."""
    nets, reader = _networks()
    findings = survey.inspect(nets, reader, data, leaving=True)
    assert not findings.unchecked, findings.unchecked


@cache
def _networks() -> tuple[Nets, Reader]:
    return Nets(MODELS), Reader(MODELS)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "photo": photo,
    "origin": file_origin,
    "survey": whole_survey,
}


@cache
def seeds() -> tuple[bytes, ...]:
    """Good photos of every kind, small, to start from."""
    small = Image.fromarray(scenes.with_paper(scenes.lady())).resize((240, 320))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)
    options: tuple[tuple[str, Image.Image, dict[str, object]], ...] = (
        ("JPEG", small, {"quality": 60, "exif": exif, "xmp": b"<x/>"}),
        ("JPEG", small.convert("CMYK"), {"quality": 60}),
        ("JPEG", small, {"progressive": True, "comment": b"c"}),
        ("PNG", small.convert("P"), {"exif": exif}),
        ("PNG", small.convert("RGBA"), {}),
        ("PNG", small.convert("I;16"), {}),
        ("WEBP", small, {"quality": 50, "exif": exif}),
        ("WEBP", small.convert("RGBA"), {"lossless": True}),
        ("AVIF", small, {"quality": 40}),
        ("GIF", small.convert("P"), {}),
        ("TIFF", small, {}),
    )
    return tuple(_written(kind, image, more) for kind, image, more in options)


def _written(kind: str, image: Image.Image, more: dict[str, object]) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()
