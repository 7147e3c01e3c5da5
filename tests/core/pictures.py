"""Small pictures and files for the tests of `bot.photo`."""

from __future__ import annotations

import io
import struct
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bot.photo import Picture, decode

Pixels: TypeAlias = NDArray[np.uint8]
KINDS = ("JPEG", "PNG", "WEBP", "AVIF")


@cache
def scene(width: int = 320, height: int = 240) -> Pixels:
    """Smooth colours with a red corner, different towards each side and corner."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    picture = np.dstack([x / width * 200, y / height * 200, 100 + 0 * x]).astype(np.uint8)
    picture[: height // 4, : width // 4] = (220, 30, 30)
    return picture


def written(pixels: Pixels, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def read(data: bytes, max_side: int = 2000) -> Picture:
    picture = decode(data, max_side)
    assert isinstance(picture, Picture), picture
    return picture


def apart(one: Pixels, other: Pixels) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def wide_gamut_profile() -> bytes:
    """A Display P3 profile with a plain 2.2 curve, written by hand (ICC.1:2001-04)."""
    # Columns: red, green and blue of P3 in XYZ under D50.
    primaries = {
        b"rXYZ": (0.51512, 0.2412, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.1571, 0.06657, 0.78407),
        b"wtpt": (0.9642, 1.0, 0.8249),
    }
    tags = {
        name: b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))
        for name, values in primaries.items()
    }
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    text = b"wide\0"
    tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    tags[b"cprt"] = b"text\0\0\0\0none\0\0\0\0"
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = bytearray(128)
    header[0:4] = struct.pack(">I", start + len(body))
    header[8:24] = b"\x02\x40\0\0mntrRGB XYZ "
    header[24:36] = struct.pack(">6H", 2020, 1, 1, 0, 0, 0)
    header[36:40] = b"acsp"
    header[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    return bytes(header) + struct.pack(">I", len(tags)) + table + body
