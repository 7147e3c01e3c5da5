"""Photos that people might send, good and bad, made from scikit-image's astronaut."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from tests.providers.portraits import astronaut, blurred, darkened, jpeg


def selfie(*, mark: bytes = b"") -> bytes:
    """A usable photo; `mark` stands in its Exif comment, its XMP and after its end."""
    picture = Image.fromarray(astronaut(1024))
    if not mark:
        return jpeg(astronaut(1024))
    exif = Image.Exif()
    exif[0x010E] = mark.decode()  # ImageDescription
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92, exif=exif, xmp=b"<x>" + mark + b"</x>", comment=mark)
    return out.getvalue() + mark


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few dozen kilobytes that unpacks to 30,000 x 30,000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def animated() -> bytes:
    frames = [Image.fromarray(astronaut(400)), Image.fromarray(255 - astronaut(400))]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def _two_people() -> bytes:
    head = astronaut(1024)[:620, 200:720]
    return jpeg(np.concatenate([head, head[:, ::-1]], axis=1))


def _far_away() -> bytes:
    return jpeg(np.pad(astronaut(400), ((300, 300), (400, 400), (0, 0)), mode="edge"))


def _no_face() -> bytes:
    slope = np.linspace(60, 200, 800, dtype=np.uint8)
    return jpeg(np.dstack([np.tile(slope, (800, 1))] * 3))


GARBAGE: dict[str, tuple[bytes, str]] = {
    "text": (b"this is not a picture at all", "That isn't a picture I can read"),
    "truncated": (selfie()[:20_000], "That picture is damaged"),
    "bomb": (bomb(), "That picture has too many pixels"),
    "animated": (animated(), "That picture moves"),
    "tiny": (jpeg(astronaut(64)), "That picture is too small"),
    "no-face": (_no_face(), "I can't see a face"),
    "two-faces": (_two_people(), "I can see another person"),
    "far-away": (_far_away(), "Your face is too small"),
    "dark": (jpeg(darkened(astronaut(1024), 0.03)), "It's too dark"),
    "blurred": (jpeg(blurred(astronaut(1024), 9)), "The photo is blurred"),
}
"""What is sent, and how the answer begins."""
