"""Puts a metadata packet into a picture file, and finds the one in it, without touching a pixel.

JPEG (ISO 10918), PNG (W3C) and WebP (RFC 9649) are all a row of parts. The parts with the picture
are copied as they are; a packet that was there before is left out. Nothing is decoded, so this
may run in the bot's own process, also over bytes that somebody else made.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"

_MARK, _SCAN, _JFIF, _APP1 = 0xFF, 0xDA, 0xE0, 0xE1
"""Bytes that begin a JPEG's segments, its compressed picture, and two kinds of segments."""
_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_PNG_START = b"\x89PNG\r\n\x1a\n"
_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10
_VP8_HEADER, _VP8L_HEADER, _VP8L_START = 10, 5, 0x2F
"""Bytes up to the size in the two kinds of bitstream, and how the second begins."""


class NotAPicture(ValueError):
    """Not a JPEG, PNG or WebP, or one that is broken off."""


def kind(data: bytes) -> str:
    """The media type. Raises `NotAPicture`."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(_PNG_START):
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    raise NotAPicture


def embed(data: bytes, packet: bytes) -> bytes:
    """The file with this packet in place of any other. Raises `NotAPicture`."""
    writers = {JPEG: _into_jpeg, PNG: _into_png, WEBP: _into_webp}
    return writers[kind(data)](data, packet)


def extract(data: bytes) -> bytes | None:
    """The packet in the file. Raises `NotAPicture`."""
    readers = {JPEG: _from_jpeg, PNG: _from_png, WEBP: _from_webp}
    return readers[kind(data)](data)


# --- JPEG: segments of a marker and a length, until the scan ----------------------------------


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, whole segment) of all before the scan; last the scan with all that follows."""
    at = 2
    while at + 4 <= len(data) and data[at] == _MARK:
        marker = data[at + 1]
        if marker == _MARK:  # a fill byte
            at += 1
            continue
        if marker == _SCAN:
            yield marker, data[at:]
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, data[at:end]
        at = end
    raise NotAPicture


def _is_xmp(segment: bytes) -> bool:
    return segment[1] == _APP1 and segment[4:].startswith(_XMP_SEGMENT)


def _into_jpeg(data: bytes, packet: bytes) -> bytes:
    body = _XMP_SEGMENT + packet
    new = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    parts = [data[:2]]
    for marker, segment in _segments(data):
        if marker != _JFIF and new:  # after JFIF's own segment, which must come first
            parts.append(new)
            new = b""
        if not _is_xmp(segment):
            parts.append(segment)
    return b"".join(parts)


def _from_jpeg(data: bytes) -> bytes | None:
    for _, segment in _segments(data):
        if _is_xmp(segment):
            return segment[4 + len(_XMP_SEGMENT) :]
    return None


# --- PNG: chunks of a length, a name, content and a checksum ----------------------------------


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(name, content, whole chunk) of each chunk."""
    at = len(_PNG_START)
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        if end > len(data):
            raise NotAPicture
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length], data[at:end]
        at = end


def _is_xmp_chunk(name: bytes, content: bytes) -> bool:
    return name == b"iTXt" and content.startswith(_XMP_KEYWORD + b"\0")


def _into_png(data: bytes, packet: bytes) -> bytes:
    named = b"iTXt" + _XMP_KEYWORD + b"\0\0\0\0\0" + packet
    new = struct.pack(">I", len(named) - 4) + named + struct.pack(">I", zlib.crc32(named))
    parts = [_PNG_START]
    for name, content, chunk in _chunks(data):
        if not _is_xmp_chunk(name, content):
            parts.append(chunk)
        if name == b"IHDR":
            parts.append(new)
    return b"".join(parts)


def _from_png(data: bytes) -> bytes | None:
    for name, content, _ in _chunks(data):
        if _is_xmp_chunk(name, content):
            after = content[len(_XMP_KEYWORD) + 1 :]
            # Two bytes say whether it is compressed, which XMP never is; then two strings that
            # name languages.
            return after[2:].split(b"\0", 2)[-1] if after[:2] == b"\0\0" else None
    return None


# --- WebP: RIFF chunks of a name, a length and content, padded to even ------------------------


def _riff(data: bytes) -> list[tuple[bytes, bytes]]:
    """(name, content) of each chunk."""
    found, at = [], 12
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise NotAPicture
        found.append((data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    if not found:
        raise NotAPicture
    return found


def _into_webp(data: bytes, packet: bytes) -> bytes:
    chunks = [(name, content) for name, content in _riff(data) if name != b"XMP "]
    first, header = chunks[0]
    if first == b"VP8X":
        chunks[0] = first, bytes([header[0] | _XMP_FLAG]) + header[1:]
    else:
        chunks.insert(0, (b"VP8X", _extended(first, header)))
    chunks.append((b"XMP ", packet))
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
        for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _extended(name: bytes, bitstream: bytes) -> bytes:
    """The header that a WebP needs to carry more than a picture: flags and size."""
    flags = _XMP_FLAG
    if name == b"VP8 " and len(bitstream) >= _VP8_HEADER:
        width = int.from_bytes(bitstream[6:8], "little") & 0x3FFF
        height = int.from_bytes(bitstream[8:10], "little") & 0x3FFF
    elif name == b"VP8L" and len(bitstream) >= _VP8L_HEADER and bitstream[0] == _VP8L_START:
        bits = int.from_bytes(bitstream[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags |= _ALPHA_FLAG if bits >> 28 & 1 else 0
    else:
        raise NotAPicture
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes([flags, 0, 0, 0]) + size


def _from_webp(data: bytes) -> bytes | None:
    return next((content for name, content in _riff(data) if name == b"XMP "), None)
