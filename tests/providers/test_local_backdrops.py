"""Backdrops: pleasant, smooth, the same for everybody; and the own one tells nothing."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from providers.local.backdrops import LOOKS, OWN, alternative, backdrop, own, swatch
from providers.local.pixels import Floats
from providers.local.skin import plain
from providers.local.subject import Cutout, Rgb8
from tests.providers.cutouts import astronaut_cutout, recoloured

MIDDLE = (0.5, 0.4)
STUDIOS = [look for look in LOOKS if look != "office"]


@pytest.fixture
def cutout(models: Path) -> Cutout:
    return astronaut_cutout(models)


def test_six_looks_are_offered() -> None:
    assert LOOKS == ("grey", "white", "navy", "warm", "charcoal", "office")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", [(300, 300), (300, 375), (300, 400)])
def test_a_backdrop_fills_its_frame(look: str, size: tuple[int, int]) -> None:
    painted = backdrop(look, *size, MIDDLE)
    assert painted.shape == (size[1], size[0], 3)
    assert painted.dtype == np.float32
    assert float(painted.min()) >= 0
    assert float(painted.max()) <= 1


@pytest.mark.parametrize("look", LOOKS)
def test_a_backdrop_is_the_same_every_time(look: str) -> None:
    assert np.array_equal(backdrop(look, 120, 150, MIDDLE), backdrop(look, 120, 150, MIDDLE))


def test_a_look_looks_like_its_name() -> None:
    grey, white, navy, warm, charcoal, _ = (
        backdrop(look, 100, 100, MIDDLE).mean(axis=(0, 1)) for look in LOOKS
    )
    assert white.min() > 0.85
    assert charcoal.max() < 0.3 < grey.min()
    assert np.ptp(grey) < 0.03
    assert navy[2] > navy[0] + 0.08
    assert warm[0] > warm[2] + 0.05


@pytest.mark.parametrize("look", STUDIOS)
def test_the_light_follows_the_face(look: str) -> None:
    def brightest(x: float) -> float:
        light = cv2.GaussianBlur(backdrop(look, 200, 200, (x, 0.4)).mean(axis=2), (0, 0), 6)
        return float(np.asarray(light).max(axis=0).argmax()) / 200

    assert brightest(0.35) < brightest(0.55)


@pytest.mark.parametrize("look", STUDIOS)
def test_studio_backdrops_have_no_edges(look: str) -> None:
    painted = backdrop(look, 300, 400, MIDDLE)
    assert float(np.abs(np.diff(painted, axis=0)).max()) < 0.012
    assert float(np.abs(np.diff(painted, axis=1)).max()) < 0.012


def test_the_office_is_a_room_far_out_of_focus() -> None:
    room = backdrop("office", 300, 300, MIDDLE)
    # Windows and dark corners are there, and no edge is sharper than a wide lens leaves it.
    assert float(room.max()) > 0.9
    assert float(room.min()) < 0.35
    assert float(np.abs(np.diff(room, axis=1)).max()) < 0.09


def test_the_office_has_its_windows_where_the_light_comes_from() -> None:
    right, left = (backdrop("office", 300, 300, MIDDLE, mirrored=m) for m in (False, True))
    assert float(right[:, 200:].mean()) > float(right[:, :100].mean()) + 0.1
    assert np.allclose(left, right[:, ::-1], atol=1e-5)


def test_each_look_has_a_complement_of_another_kind() -> None:
    for look in (*LOOKS, OWN):
        assert alternative(look) in LOOKS
        assert alternative(look) != look


@pytest.mark.parametrize("look", LOOKS)
def test_a_swatch_is_a_small_picture_of_the_look(look: str) -> None:
    with Image.open(io.BytesIO(swatch(look))) as image:
        assert image.format == "JPEG"
        assert image.size == (160, 160)
        shown = np.asarray(image, np.float32).mean(axis=(0, 1)) / 255
    assert np.abs(shown - backdrop(look, 100, 100, (0.5, 0.42)).mean(axis=(0, 1))).max() < 0.02
    assert len(swatch(look, 64)) < len(swatch(look)) < 12_000


def written_over(cutout: Cutout, text: str) -> Cutout:
    """The same photo with a line of large print on the wall beside the head."""
    canvas: Rgb8 = cutout.canvas.copy()
    size = cutout.face_width / 100
    for row in range(3):
        at = (5, int(cutout.face_width * (0.35 + row * 0.4)))
        cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), 3)
    person = cutout.alpha > 0.02
    canvas[person] = cutout.canvas[person]
    return recoloured(cutout, canvas)


def own_of(cutout: Cutout) -> Floats:
    return own(cutout, plain())


def test_print_on_the_wall_cannot_be_read(cutout: Cutout) -> None:
    one, other = written_over(cutout, "NAVAHO"), written_over(cutout, "OHAVAN")
    printed = np.abs(one.canvas.astype(float) - other.canvas).max()
    assert printed > 100
    assert float(np.abs(own_of(one) - own_of(other)).max()) < 0.03


def test_the_own_background_has_few_pixels(cutout: Cutout) -> None:
    height, width = own_of(cutout).shape[:2]
    assert width * cutout.face_width / cutout.alpha.shape[1] < 18
    assert height * cutout.face_width / cutout.alpha.shape[0] < 18


def test_the_own_background_does_not_show_the_person(cutout: Cutout) -> None:
    canvas = cutout.canvas.copy()
    canvas[cutout.alpha > 0.5] = (255, 0, 255)
    assert float(np.abs(own_of(cutout) - own_of(recoloured(cutout, canvas))).max()) < 0.02


def test_the_own_background_is_where_it_was(cutout: Cutout) -> None:
    canvas = np.full_like(cutout.canvas, 90)
    canvas[:, cutout.canvas.shape[1] // 2 :] = (200, 60, 60)
    blurred = own_of(recoloured(cutout, canvas))
    assert blurred[3, -2, 0] > blurred[3, -2, 2] + 0.2
    assert abs(blurred[3, 1, 0] - blurred[3, 1, 2]) < 0.05


def test_a_burnt_sky_stays_white_under_any_white_balance(cutout: Cutout) -> None:
    tables = plain() * np.array([0.85, 1, 0.97], np.float32)
    sky = recoloured(cutout, np.full_like(cutout.canvas, 254))
    wall = recoloured(cutout, np.full_like(cutout.canvas, 180))

    assert float(np.ptp(own(sky, tables), axis=2).max()) < 0.01
    assert float(np.ptp(own(wall, tables), axis=2).min()) > 0.05


def test_the_dim_one_is_darker(cutout: Cutout) -> None:
    assert own(cutout, plain(), dim=True).mean() < own_of(cutout).mean() * 0.85


def test_a_person_who_fills_the_frame_leaves_something_to_blur(cutout: Cutout) -> None:
    full = replace(cutout, alpha=np.ones_like(cutout.alpha))
    assert np.isfinite(own_of(full)).all()
