"""Where barcodes and QR codes are. What they say is not kept."""

from __future__ import annotations

import zxingcpp

from bot.model import Box
from providers.local.pixels import size_of
from providers.local.subject import Rgb8

_UNMISTAKABLE = frozenset(
    {zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Aztec, zxingcpp.BarcodeFormat.PDF417}
)
"""Kinds with marks of their own; round coins have been taken for a damaged Data Matrix."""


def find(picture: Rgb8) -> list[Box]:
    """Boxes of the codes, in fractions of the picture.

    A code that is seen but cannot be read here may well be read elsewhere, so it counts as well.
    """
    width, height = size_of(picture)
    boxes = []
    for code in zxingcpp.read_barcodes(picture, return_errors=True):
        if not (code.valid or code.format in _UNMISTAKABLE):
            continue
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        across, down = [corner.x for corner in corners], [corner.y for corner in corners]
        boxes.append(
            Box(
                left=max(0.0, min(across) / width),
                top=max(0.0, min(down) / height),
                right=min(1.0, max(across) / width),
                bottom=min(1.0, max(down) / height),
            )
        )
    return boxes
