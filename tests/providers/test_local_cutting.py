"""The whole way from a photo to the person, cut out; and the photos that are refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from bot.errors import ProviderRefused
from bot.model import PhotoProblem
from providers.local.cutting import cut_out
from providers.local.nets import Nets
from providers.local.pixels import Floats
from providers.local.subject import DOUBTFUL, FORMATS, Cutout, Rgb8

MODELS = Path(__file__).parents[2] / "models"


def a_picture(name: str) -> Rgb8:
    """One of scikit-image's sample pictures; grey ones have two axes."""
    return np.asarray(getattr(data, name)(), np.uint8)


@pytest.fixture(scope="module")
def nets() -> Nets:
    return Nets(MODELS)


@pytest.fixture(scope="module")
def portrait() -> Rgb8:
    """The astronaut at twice her size: her face is wide enough for a headshot."""
    astronaut = a_picture("astronaut")
    return np.asarray(cv2.resize(astronaut, (1024, 1024), interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.fixture(scope="module")
def cutout(nets: Nets, portrait: Rgb8) -> Cutout:
    return cut_out(nets, portrait)


def refused(nets: Nets, rgb: Rgb8) -> PhotoProblem:
    with pytest.raises(ProviderRefused) as caught:
        cut_out(nets, rgb)
    return caught.value.problem


def test_all_planes_have_the_size_of_the_canvas(cutout: Cutout) -> None:
    height, width = cutout.alpha.shape
    assert cutout.canvas.shape == cutout.foreground.shape == (height, width, 3)
    assert cutout.canvas.dtype == np.uint8
    assert cutout.alpha.dtype == cutout.foreground.dtype == np.float32
    assert 0 <= float(cutout.alpha.min()) <= float(cutout.alpha.max()) <= 1
    assert cutout.landmarks.shape == (468, 3)
    assert set(cutout.frames) == set(FORMATS)


def test_the_face_is_solid_and_the_background_is_gone(cutout: Cutout) -> None:
    hull = cv2.convexHull(cutout.landmarks[:, :2].astype(np.int32))
    face = cv2.fillConvexPoly(np.zeros(cutout.alpha.shape, np.uint8), hull, 1)
    inner = cv2.erode(face, np.ones((15, 15), np.uint8))

    assert float(cutout.alpha[np.asarray(inner) > 0].min()) > 0.98
    assert float(cutout.alpha[:100, :60].max()) == 0


def test_a_clear_portrait_is_trusted(cutout: Cutout) -> None:
    assert cutout.doubt < DOUBTFUL
    assert abs(cutout.yaw) < 25


def test_the_canvas_is_never_larger_than_the_photos_own_pixels(
    cutout: Cutout, portrait: Rgb8
) -> None:
    assert cutout.upscale > 1
    assert cutout.face_width < 0.25 * portrait.shape[1]


def test_the_same_photo_gives_the_same_cutout(nets: Nets, portrait: Rgb8, cutout: Cutout) -> None:
    again = cut_out(nets, portrait)

    assert np.array_equal(again.alpha, cutout.alpha)
    assert np.array_equal(again.foreground, cutout.foreground)
    assert again.frames == cutout.frames
    assert again.doubt == cutout.doubt


def test_the_photo_itself_is_not_changed(nets: Nets, portrait: Rgb8) -> None:
    before = portrait.copy()

    cut_out(nets, portrait)

    assert np.array_equal(portrait, before)


def composed(cutout: Cutout, background: Floats) -> Rgb8:
    share = cutout.alpha[..., None]
    mixed = share * cutout.foreground + (1 - share) * background
    return np.asarray(np.round(np.clip(mixed, 0, 1) * 255), np.uint8)


def test_a_planted_person_is_found_again(nets: Nets, cutout: Cutout) -> None:
    grass = a_picture("grass").astype(np.float32) / 255
    height, width = cutout.alpha.shape
    texture = np.asarray(cv2.resize(grass, (width, height)), np.float32)
    planted = composed(cutout, np.repeat(texture[..., None], 3, axis=2))

    found = cut_out(nets, planted)

    # Same head in the same place: compare where both canvases show it, in units of the face.
    unit = cutout.face_width / found.face_width
    step = np.median(cutout.landmarks[:, :2] - unit * found.landmarks[:, :2], axis=0)
    matrix = np.array([[unit, 0, step[0]], [0, unit, step[1]]])
    placed = cv2.warpAffine(found.alpha, matrix, (width, height), flags=cv2.INTER_LINEAR)
    here = cv2.warpAffine(np.ones_like(found.alpha), matrix, (width, height)) > 0.99
    assert here.mean() > 0.8
    assert float(np.abs(np.asarray(placed) - cutout.alpha)[here].mean()) < 0.02


def test_stages_are_told_in_order(nets: Nets, portrait: Rgb8) -> None:
    told: list[str] = []

    cut_out(nets, portrait, told.append)

    assert told == ["reading", "cutting"]


def test_a_photo_without_a_face_is_refused(nets: Nets) -> None:
    assert refused(nets, a_picture("coffee")) is PhotoProblem.NO_FACE


def test_two_comparable_faces_are_refused(nets: Nets, portrait: Rgb8) -> None:
    both = np.concatenate([portrait, portrait], axis=1)

    assert refused(nets, both) is PhotoProblem.SEVERAL_FACES


def test_a_much_smaller_second_face_is_a_bystander(nets: Nets, portrait: Rgb8) -> None:
    crowded = portrait.copy()
    crowded[650:1010, 10:370] = cv2.resize(portrait, (360, 360), interpolation=cv2.INTER_AREA)

    assert cut_out(nets, crowded).face_width == pytest.approx(
        cut_out(nets, portrait).face_width, rel=0.05
    )


def test_a_small_face_is_refused(nets: Nets) -> None:
    assert refused(nets, a_picture("astronaut")) is PhotoProblem.FACE_TOO_SMALL


class _NoOneLooksHere(Nets):
    """A mesh network that sees no face from the front."""

    def mesh(self, square: Rgb8) -> tuple[Floats, float]:
        points, _ = super().mesh(square)
        return points, -8.0


def test_a_head_seen_from_behind_is_refused(portrait: Rgb8) -> None:
    assert refused(_NoOneLooksHere(MODELS), portrait) is PhotoProblem.TURNED_AWAY


class _Turned(Nets):
    """A mesh network whose faces are turned by 60 degrees about their axis."""

    def mesh(self, square: Rgb8) -> tuple[Floats, float]:
        points, presence = super().mesh(square)
        angle = np.radians(60)
        x = (points[:, 0] - 96) * np.cos(angle) - points[:, 2] * np.sin(angle)
        z = (points[:, 0] - 96) * np.sin(angle) + points[:, 2] * np.cos(angle)
        turned = np.stack([x * 2 + 96, points[:, 1], z * 2], axis=1)
        return turned.astype(np.float32), presence


def test_a_face_in_profile_is_refused(portrait: Rgb8) -> None:
    assert refused(_Turned(MODELS), portrait) is PhotoProblem.TURNED_AWAY
