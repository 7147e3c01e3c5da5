"""Untrusted bytes in, clean pixels or a reason out; and pixels to JPEG.

Rules. The kind is judged by the first bytes, never by a name or a header of the sender. Pillow is
given four formats only (iPhone's and Samsung's double JPEGs come through the JPEG one), and the
size is checked before a pixel is decoded. Nothing but pixels survives: metadata, profiles and
anything hidden behind the picture are dropped because the picture is always written anew. What a
decoder may raise on broken bytes is caught here, so that callers see a `PhotoProblem` and never an
exception. CPU-bound: call it in a worker, never on the event loop.

JPEGs are decoded at a half, a quarter or an eighth where that is enough (the decoder skips the
work), so a 48-megapixel photo costs about as much as a 12-megapixel one.
"""

from __future__ import annotations

import importlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from bot.model import PhotoProblem

Pixels: TypeAlias = NDArray[np.uint8]
"""(height, width, 3), sRGB, 0..255."""

MAX_BYTES = 25_000_000
"""More than any phone writes; what the platforms deliver is below it."""
MAX_PIXELS = 120_000_000
"""Phones reach 108 megapixels, and 200 only in a mode nobody uses for selfies."""
MIN_SIDE = 200
"""A face that fills a smaller picture is still too small for a headshot."""
BEHIND_TRANSPARENCY = 238
"""The light grey (0..255) that shows through transparent pixels."""

_SMALLEST_DRAFT = 0.75
"""A reduced JPEG is accepted from this share of the wanted size on: no resampling is needed."""
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_UNSUPPORTED = (
    b"GIF8", b"II*\0", b"MM\0*", b"BM", b"%PDF", b"%!PS", b"8BPS", b"\0\0\1\0", b"\xff\x0a",
    b"\0\0\0\x0cJXL ", b"\0\0\0\x0cjP  ", b"qoif", b"<svg", b"<?xml",
)  # fmt: skip
# All that Pillow's readers and zlib are known to raise on broken bytes (fuzzed).
BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError,
    AssertionError, EOFError, RuntimeError, struct.error, zlib.error,
)  # fmt: skip
# EXIF orientation: quarter turns anticlockwise, then whether to mirror left and right.
_TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True),
          8: (1, False)}  # fmt: skip
_ORIENTATION_TAG = 0x0112


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as upright sRGB pixels."""

    pixels: Pixels
    width: int
    """Of the whole upright photo, which may be larger than `pixels`."""
    height: int


def decode(data: bytes, max_side: int) -> Picture | PhotoProblem:
    """The photo's pixels, at most `max_side` long (as a rule at least three quarters of it).

    Turned upright by EXIF, converted to sRGB from whatever profile it carries, transparency laid
    on light grey. Never raises for what the bytes contain.
    """
    if not data:
        return PhotoProblem.EMPTY
    if len(data) > MAX_BYTES:
        return PhotoProblem.TOO_BIG
    kind = _kind(data)
    if isinstance(kind, PhotoProblem):
        return kind
    with warnings.catch_warnings(action="ignore"):  # Pillow's remarks on odd but readable files
        try:
            return _read(data, kind, max_side)
        except (Image.DecompressionBombError, MemoryError):
            return PhotoProblem.TOO_MANY_PIXELS
        except UnidentifiedImageError:
            return PhotoProblem.DAMAGED
        except BROKEN:
            return PhotoProblem.DAMAGED


def encode_jpeg(pixels: Pixels, quality: int = 92, subsampling: str = "4:4:4") -> bytes:
    """A JPEG with the sRGB profile and nothing else beside the pixels; equal in, equal out."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(
        out, "JPEG", quality=quality, subsampling=subsampling, icc_profile=_srgb_icc()
    )
    return out.getvalue()


def _kind(data: bytes) -> tuple[str, ...] | PhotoProblem:
    """Which Pillow format the first bytes promise."""
    start = data[:32]
    if start.startswith(b"\xff\xd8\xff"):
        return ("JPEG",)
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return ("PNG",)
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return ("WEBP",)
    if start[4:8] == b"ftyp":
        return _kind_of_boxes(data)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(_UNSUPPORTED) or text.startswith(_UNSUPPORTED):
        return PhotoProblem.UNSUPPORTED_KIND
    return PhotoProblem.NOT_AN_IMAGE


def _kind_of_boxes(data: bytes) -> tuple[str, ...] | PhotoProblem:
    """AVIF, HEIC or a film: ISO base media files name their brands in the first box."""
    length = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[i : i + 4] for i in (8, *range(16, length, 4))}
    if data[8:12] == b"avis":
        return PhotoProblem.ANIMATED
    if b"avif" in brands:
        return ("AVIF",)
    if brands & _HEIC_BRANDS:
        return ("HEIF",) if _can_read_heic() else PhotoProblem.HEIC
    return PhotoProblem.UNSUPPORTED_KIND


@cache
def _can_read_heic() -> bool:
    """Whether the operator installed the optional reader (not shipped: its wheel is GPL)."""
    try:
        importlib.import_module("pillow_heif").register_heif_opener()
    except ImportError:
        return False
    return True


def _read(data: bytes, formats: tuple[str, ...], max_side: int) -> Picture | PhotoProblem:
    with Image.open(io.BytesIO(data), formats=formats) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            return PhotoProblem.TOO_MANY_PIXELS
        if min(width, height) < MIN_SIDE:
            return PhotoProblem.TOO_FEW_PIXELS
        # A double JPEG (MPO) has several pictures too, but the first one is the photo.
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
            return PhotoProblem.ANIMATED
        profile = image.info.get("icc_profile")
        orientation = _orientation(image)
        _draft(image, max_side)
        image.load()
        pixels = _shrink(_to_rgb(_reduce(image, max_side), profile), max_side)
    turns, mirrored = _TURNS.get(orientation, (0, False))
    if turns % 2:
        width, height = height, width
    return Picture(_upright(pixels, turns, mirrored), width, height)


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except BROKEN:
        return 1
    return value if isinstance(value, int) else 1


def _draft(image: Image.Image, max_side: int) -> None:
    """Have a JPEG decoded at a fraction of its size, when that leaves enough."""
    width, height = image.size
    for part in (8, 4, 2):
        if max(width, height) / part >= max_side * _SMALLEST_DRAFT:
            image.draft(None, (width // part, height // part))
            return


def _reduce(image: Image.Image, max_side: int) -> Image.Image:
    """Average whole blocks of pixels before anything costs time per pixel."""
    part = max(image.size) // max_side
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if part > 1 and image.mode in {"RGB", "RGBA", "L", "LA", "CMYK"}:
        return image.reduce(part)
    return image


def _to_rgb(image: Image.Image, profile: object) -> Pixels:
    if image.mode.startswith("I"):
        deep = np.asarray(image).astype(np.float32) / 257.0
        image = Image.fromarray(np.clip(deep + 0.5, 0, 255).astype(np.uint8))
    alpha = None
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A"))
        image = image.convert("RGB")
    pixels: Pixels = np.asarray(_to_srgb(image, profile).convert("RGB"))
    if alpha is None:
        return pixels
    cover = alpha[..., None].astype(np.float32) / 255.0
    blend: Pixels = (pixels * cover + BEHIND_TRANSPARENCY * (1.0 - cover) + 0.5).astype(np.uint8)
    return blend


def _to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Apply the embedded profile; one that cannot be read or does not fit is left aside."""
    if not isinstance(profile, bytes) or image.mode not in {"RGB", "L", "CMYK"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
            return image
        turned = ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, *BROKEN):
        return image
    return image if turned is None else turned


def _shrink(pixels: Pixels, max_side: int) -> Pixels:
    height, width = pixels.shape[:2]
    factor = max_side / max(height, width)
    if factor >= 1.0:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _upright(pixels: Pixels, turns: int, mirrored: bool) -> Pixels:
    turned = np.rot90(pixels, turns)
    if mirrored:
        turned = turned[:, ::-1]
    return np.ascontiguousarray(turned)


@cache
def _srgb_icc() -> bytes:
    """The sRGB profile, with a fixed date: the library writes the hour at which it was asked."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    return bytes(profile)
