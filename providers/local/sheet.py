"""A contact sheet of one photo: what went in, and every look that can come out, on one page.

For whoever runs the bot and wants to judge the renderer with their own eyes. It shows a person and
is written where its caller says, nowhere else.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from providers.local import compose
from providers.local.backdrops import LOOKS, OWN
from providers.local.cutting import cut_out
from providers.local.nets import Nets
from providers.local.pixels import resize_rgb, size_of, warp_rgb
from providers.local.render import Graded, grade, read, shoot
from providers.local.skin import face_view, plain, same_view, skin_tone
from providers.local.subject import FORMATS, Rgb8

COLUMNS = 4
TILE = 480
"""Pixels, width and height of one picture on the sheet."""

_CAPTION = 34
_GAP = 12
_PAPER = 245
_INK = (40, 40, 40)


def contact_sheet(nets: Nets, photo: bytes) -> bytes:
    """A PNG with the framed photo, all looks, the circle that platforms cut, and the formats.

    Raises `ProviderRefused`, and `SettingsError` when a model is missing.
    """
    graded = grade(cut_out(nets, read(nets, photo)))
    linkedin = FORMATS["linkedin"]
    looks = {look: shoot(graded, linkedin, look) for look in LOOKS}
    looks[OWN] = shoot(grade(graded.person, rim=True), linkedin, OWN)
    pictures = [
        (f"photo: {_numbers(graded)}", _photo(graded)),
        *looks.items(),
        ("circle", _circle(looks["grey"])),
        *((name, shoot(graded, shape, "grey")) for name, shape in FORMATS.items()),
    ]
    return _png(_page([_tile(picture, caption) for caption, picture in pictures]))


def _numbers(graded: Graded) -> str:
    """What a judge of the result wants to know, in one line."""
    cutout = graded.cutout
    view = face_view(cutout.canvas, cutout.landmarks)
    before = skin_tone(view, plain())
    after = skin_tone(same_view(view, graded.finished.pixels), plain())
    return (
        f"skin L* {before.lightness:.0f} to {after.lightness:.0f}, "
        f"doubt {cutout.doubt:.1f}, x{cutout.upscale:.1f}"
    )


def _photo(graded: Graded) -> Rgb8:
    """The photo as it is framed, untouched."""
    shape = FORMATS["linkedin"]
    matrix = compose.frame_matrix(graded.cutout, shape)
    return warp_rgb(graded.cutout.canvas, matrix, (shape.width, shape.height))


def _circle(square: Rgb8) -> Rgb8:
    """The square as profile pages show it."""
    side = square.shape[0]
    mask = np.zeros((side, side), np.uint8)
    cv2.circle(mask, (side // 2, side // 2), side // 2 - 2, (255,), -1, cv2.LINE_AA)
    cover = mask[..., None].astype(np.float32) / np.float32(255)
    return np.asarray(square * cover + _PAPER * (1 - cover) + 0.5, np.float32).astype(np.uint8)


def _tile(picture: Rgb8, caption: str) -> Rgb8:
    """The picture, whole, in a square with its name below."""
    width, height = size_of(picture)
    scale = TILE / max(width, height)
    small = resize_rgb(picture, (round(width * scale), round(height * scale)))
    tile = np.full((TILE + _CAPTION, TILE, 3), _PAPER, np.uint8)
    left = (TILE - small.shape[1]) // 2
    tile[: small.shape[0], left : left + small.shape[1]] = small
    at = (2, TILE + _CAPTION - 10)
    cv2.putText(tile, caption, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, _INK, 1, cv2.LINE_AA)
    return tile


def _page(tiles: Sequence[Rgb8]) -> Rgb8:
    rows = -(-len(tiles) // COLUMNS)
    high, wide = tiles[0].shape[0] + _GAP, tiles[0].shape[1] + _GAP
    page = np.full((rows * high + _GAP, COLUMNS * wide + _GAP, 3), _PAPER, np.uint8)
    for number, tile in enumerate(tiles):
        top, left = number // COLUMNS * high + _GAP, number % COLUMNS * wide + _GAP
        page[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return page


def _png(page: Rgb8) -> bytes:
    out = io.BytesIO()
    Image.fromarray(page).save(out, "PNG")
    return out.getvalue()
