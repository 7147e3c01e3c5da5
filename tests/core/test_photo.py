"""Untrusted bytes: every kind that is taken, every reason why one is not, and nothing else."""

from __future__ import annotations

import importlib.util
import io
import struct
import zlib
from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bot.model import PhotoProblem
from bot.photo import MAX_BYTES, Picture, decode, encode_jpeg
from tests.core.pictures import KINDS, apart, read, scene, wide_gamut_profile, written


@pytest.mark.parametrize("kind", KINDS)
def test_the_kinds_that_chats_send_are_read(kind: str) -> None:
    picture = read(written(scene(), kind, quality=95))
    assert (picture.width, picture.height) == (320, 240)
    assert picture.pixels.dtype == np.uint8
    assert apart(picture.pixels, scene()) < 3


def test_nothing_is_empty() -> None:
    assert decode(b"", 100) is PhotoProblem.EMPTY


def test_too_many_bytes_are_not_looked_at() -> None:
    assert decode(b"\xff\xd8\xff" + bytes(MAX_BYTES), 100) is PhotoProblem.TOO_BIG


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a" + bytes(90),
        b"II*\0" + bytes(90),
        b"MM\0*" + bytes(90),
        b"BM" + bytes(90),
        b"%PDF-1.7\n" + bytes(90),
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'\xef\xbb\xbf\n<?xml version="1.0"?><svg/>',
        b"\0\0\0\x18ftypmp42" + bytes(90),
    ],
)
def test_other_kinds_of_pictures_have_a_name_of_their_own(data: bytes) -> None:
    assert decode(data, 100) is PhotoProblem.UNSUPPORTED_KIND


@pytest.mark.parametrize("data", [b"hello", bytes(1000), b"<html><body>", b"PK\3\4" + bytes(50)])
def test_what_is_no_picture_is_called_so(data: bytes) -> None:
    assert decode(data, 100) is PhotoProblem.NOT_AN_IMAGE


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"hevc", b"mif1", b"msf1"])
def test_an_iphone_photo_sent_as_a_file_is_recognised(brand: bytes) -> None:
    data = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(200)
    readable = importlib.util.find_spec("pillow_heif") is not None
    assert decode(data, 100) is (PhotoProblem.DAMAGED if readable else PhotoProblem.HEIC)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_moving_pictures_are_refused(kind: str) -> None:
    more = [Image.fromarray(np.roll(scene(), 40 * i, axis=1)) for i in (1, 2)]
    data = written(scene(), kind, save_all=True, append_images=more, duration=100)
    assert decode(data, 1000) is PhotoProblem.ANIMATED


@pytest.mark.parametrize(("width", "height"), [(1, 1), (199, 400), (400, 199)])
def test_too_few_pixels_are_refused(width: int, height: int) -> None:
    assert decode(written(scene(width, height), "PNG"), 1000) is PhotoProblem.TOO_FEW_PIXELS


def chunk(name: bytes, data: bytes) -> bytes:
    """A piece of a PNG."""
    crc = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + crc


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG whose header promises a huge black picture."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    lines = zlib.compress(bytes(1_000_000), 9)
    end = chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + end


@pytest.mark.parametrize("side", [11_000, 12_000, 30_000, 65_000])
def test_a_decompression_bomb_is_refused_by_its_header(side: int) -> None:
    assert decode(png_claiming(side, side), 1000) is PhotoProblem.TOO_MANY_PIXELS


def test_a_huge_webp_is_refused_by_its_header() -> None:
    data = bytearray(written(scene(256, 256), "WEBP", lossless=True))
    start = data.index(b"VP8L") + 8
    assert data[start] == 0x2F
    # Width and height less one, 14 bits each (RFC 9649, 3.4).
    size = int.from_bytes(data[start + 1 : start + 5], "little") & ~0xFFFFFFF
    data[start + 1 : start + 5] = (size | 15_999 | 7_999 << 14).to_bytes(4, "little")
    assert decode(bytes(data), 1000) is PhotoProblem.TOO_MANY_PIXELS


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_that_breaks_off_is_damaged(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (60, 80, 3), np.uint8)
    pixels = cv2.resize(noise, (280, 210), interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    whole = written(pixels, kind, quality=90)
    assert len(whole) > 2500
    for end in range(1000, len(whole) - 500, 1000):
        assert decode(whole[:end], 1000) is PhotoProblem.DAMAGED, end


def test_a_picture_with_a_broken_checksum_is_damaged() -> None:
    data = bytearray(written(scene(), "PNG"))
    data[len(data) // 2] ^= 0xFF
    assert decode(bytes(data), 1000) is PhotoProblem.DAMAGED


def test_a_text_that_swells_inside_a_picture_is_damage() -> None:
    whole = written(scene(), "PNG")
    swelling = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(5_000_000), 9))
    assert decode(whole[:33] + swelling + whole[33:], 1000) is PhotoProblem.DAMAGED


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photos_are_turned_upright(kind: str, orientation: int) -> None:
    turned = {
        1: scene(),
        2: scene()[:, ::-1],
        3: scene()[::-1, ::-1],
        4: scene()[::-1],
        5: scene().transpose(1, 0, 2),
        6: np.rot90(scene(), 1),
        7: scene()[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(scene(), -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read(written(np.ascontiguousarray(turned), kind, quality=95, exif=exif))
    assert (picture.width, picture.height) == (320, 240)
    assert apart(picture.pixels, scene()) < 3


def test_an_impossible_orientation_changes_nothing() -> None:
    exif = Image.Exif()
    exif[0x0112] = 77
    assert apart(read(written(scene(), "PNG", exif=exif)).pixels, scene()) == 0


def test_a_large_jpeg_is_decoded_small_and_its_real_size_is_told() -> None:
    large = cv2.resize(scene(), (4000, 3000)).astype(np.uint8)
    picture = read(written(large, "JPEG"), max_side=2600)
    assert (picture.width, picture.height) == (4000, 3000)
    # Half size needs no resampling at all and is more than three quarters of what was asked.
    assert picture.pixels.shape == (1500, 2000, 3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("max_side", [100, 333, 900])
def test_pixels_never_exceed_the_side_that_was_asked(kind: str, max_side: int) -> None:
    large = cv2.resize(scene(), (1400, 1050)).astype(np.uint8)
    picture = read(written(large, kind), max_side)
    longest = max(picture.pixels.shape)
    assert max_side * 0.75 <= longest <= max_side
    same = cv2.resize(large, picture.pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert apart(picture.pixels, same.astype(np.uint8)) < 4


def test_a_double_jpeg_of_a_phone_is_its_first_picture() -> None:
    second = Image.new("RGB", (320, 240), (0, 255, 0))
    data = written(scene(), "MPO", save_all=True, append_images=[second], quality=95)
    assert apart(read(data).pixels, scene()) < 3


def photo_with_secrets(canary: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = canary
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 7.0), 3: "E", 4: (13.0, 24.0, 0.0)}
    xmp = f"<x:xmpmeta>{canary}</x:xmpmeta>".encode()
    data = written(scene(), "JPEG", exif=exif, comment=canary, xmp=xmp)
    return data + b"PK\3\4" + canary.encode()


def test_nothing_but_pixels_survives() -> None:
    data = photo_with_secrets("canary-51f0")
    assert data.count(b"canary-51f0") == 4
    again = encode_jpeg(read(data).pixels)
    assert b"canary" not in again
    with Image.open(io.BytesIO(again)) as image:
        assert not image.getexif()
        assert set(image.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "icc_profile",
        }


def test_a_written_jpeg_says_that_it_is_srgb() -> None:
    with Image.open(io.BytesIO(encode_jpeg(scene(), 92))) as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        assert "sRGB" in ImageCms.getProfileDescription(profile)
        assert image.info["icc_profile"][24:36] == struct.pack(">6H", 2000, 1, 1, 0, 0, 0)


def test_the_same_pixels_are_always_written_the_same() -> None:
    assert encode_jpeg(scene()) == encode_jpeg(scene().copy())


@pytest.mark.parametrize(("subsampling", "blocks"), [("4:4:4", 0x11), ("4:2:0", 0x22)])
def test_colour_is_kept_at_full_size_unless_told_otherwise(subsampling: str, blocks: int) -> None:
    data = encode_jpeg(scene(), 92, subsampling)
    frame = data.index(b"\xff\xc0")
    # Ten bytes into the frame header: the first channel's sampling, across and down.
    assert data[frame + 11] == blocks


STARTS = (
    b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBPVP8 ",
    b"RIFF\0\0\0\0WEBPVP8X", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1",
    b"\0\0\0\x18ftypheic", b"GIF89a", b"II*\0",
)  # fmt: skip


@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=400))
@example(start=b"\0\0\0\0ftyp", rest=b"")
@example(start=b"\x89PNG\r\n\x1a\n", rest=b"\xff\xff\xff\xffIHDR")
def test_no_bytes_raise(start: bytes, rest: bytes) -> None:
    assert isinstance(decode(start + rest, 500), PhotoProblem)


@given(
    kind=st.sampled_from(KINDS),
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), min_size=1, max_size=12),
    cut=st.floats(0.05, 1),
)
def test_no_broken_photo_raises(kind: str, flips: list[tuple[float, int]], cut: float) -> None:
    data = bytearray(sound(kind))
    for place, change in flips:
        data[int(place * len(data))] ^= change
    answer = decode(bytes(data[: int(len(data) * cut)]), 300)
    assert isinstance(answer, Picture | PhotoProblem)
    if isinstance(answer, Picture):
        assert max(answer.pixels.shape) <= 300


@cache
def sound(kind: str) -> bytes:
    options = {"exif": Image.Exif(), "icc_profile": wide_gamut_profile()}
    return written(scene(), kind, quality=85, **options)
