"""The badge can be read, is clear of the face, and survives a round profile picture."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.errors import ProviderRefused, ProviderUnavailable
from providers.badges import OnDevicePainter
from providers.local.badge import add_badge, place
from providers.local.judging import look
from providers.workers.pool import WorkerPool
from tests.providers.portraits import jpeg
from tests.providers.test_judging import headshots, nets, selfie

SIZES = [(1200, 1200), (1200, 1500), (1200, 1600)]


def changed(before: bytes, after: bytes) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is visibly different."""
    one, other = (
        np.asarray(Image.open(io.BytesIO(photo)).convert("RGB"), np.int16)
        for photo in (before, after)
    )
    rows, columns = np.nonzero(np.abs(one - other).max(axis=2) > 24)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("words", ["AI-generated", "AI-edited"])
def test_the_badge_is_clear_of_the_face_and_nothing_else_changes(number: int, words: str) -> None:
    photo = headshots(selfie())[number].photo
    badged = add_badge(photo, words)
    left, top, right, bottom = changed(photo, badged)

    seen = look(nets(), photo)
    assert seen
    scale = 1200 / seen.pixels.shape[1]
    chin = float(seen.mesh.points[:, 1].max()) * scale
    assert top > chin
    assert left > 600
    assert 100 < right - left < 300
    assert 20 < bottom - top < 80
    with Image.open(io.BytesIO(badged)) as opened:
        assert opened.size == SIZES[number]
        assert opened.format == "JPEG"
        assert not opened.getexif()


def test_on_a_square_it_lies_inside_the_circle() -> None:
    photo = headshots(selfie())[0].photo
    left, top, right, bottom = changed(photo, add_badge(photo, "AI-generated"))

    corners = [(x, y) for x in (left, right) for y in (top, bottom)]
    assert max(math.hypot(x - 600, y - 600) for x, y in corners) < 600


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("badge", [(60, 30), (220, 50), (500, 60)])
def test_it_never_leaves_the_picture(size: tuple[int, int], badge: tuple[int, int]) -> None:
    left, top = place(size, badge)

    assert 0 <= left <= size[0] - badge[0]
    assert 0 <= top <= size[1] - badge[1]


def test_on_a_small_picture_it_is_small() -> None:
    small = jpeg(np.full((400, 400, 3), 120, np.uint8))
    left, _, right, _ = changed(small, add_badge(small, "AI-edited"))

    assert 30 < right - left < 100


def test_what_is_no_picture_gets_no_badge() -> None:
    with pytest.raises(ProviderRefused):
        add_badge(b"nothing", "AI-edited")


async def test_a_worker_paints(models: Path) -> None:
    async with WorkerPool(1, models) as pool:
        photo = jpeg(np.full((600, 600, 3), 120, np.uint8))
        assert changed(photo, await OnDevicePainter(pool).paint(photo, "AI-edited"))
        with pytest.raises(ProviderUnavailable):
            await OnDevicePainter(pool).paint(b"nothing", "AI-edited")
