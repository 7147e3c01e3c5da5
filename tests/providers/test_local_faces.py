"""Finding faces: boxes, at any photo size, and none where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage import data

from bot.errors import SettingsError
from providers.inspection.reading import Reader
from providers.inspection.survey import inspect
from providers.local.faces import detect
from providers.local.nets import Nets
from providers.local.pixels import Floats, resize_rgb
from providers.local.subject import Face, Rgb8
from tests.providers import portraits, scenes

MODELS = Path(__file__).parents[2] / "models"
ASTRONAUT_FACE = (170.0, 70.0, 275.0, 190.0)
"""Left, top, right, bottom, read off the picture by eye, within a few pixels."""


def a_picture(name: str) -> Rgb8:
    """One of scikit-image's sample pictures; grey ones have two axes."""
    return np.asarray(getattr(data, name)(), np.uint8)


@pytest.fixture(scope="module")
def nets() -> Nets:
    return Nets(MODELS)


@pytest.fixture(scope="module")
def astronaut() -> Rgb8:
    return a_picture("astronaut")


def overlap(face: Face, box: tuple[float, float, float, float]) -> float:
    """Intersection over union."""
    left, top, right, bottom = box
    across = min(face.right, right) - max(face.left, left)
    down = min(face.bottom, bottom) - max(face.top, top)
    shared = max(0.0, across) * max(0.0, down)
    whole = face.width * (face.bottom - face.top) + (right - left) * (bottom - top)
    return shared / (whole - shared)


def test_the_one_face_of_a_portrait_is_found_where_it_is(nets: Nets, astronaut: Rgb8) -> None:
    (face,) = detect(nets, astronaut)

    assert overlap(face, ASTRONAUT_FACE) > 0.6
    assert face.score > 0.8


class BoxesOnly(Nets):
    """The detector without its key-point columns: whoever reads them gets an error."""

    def faces(self, square: Rgb8) -> tuple[Floats, Floats]:
        logits, values = super().faces(square)
        return logits, values[:, :4]


@pytest.fixture(scope="module")
def boxes_only() -> Nets:
    return BoxesOnly(MODELS)


def test_without_points_the_key_points_are_never_read(
    nets: Nets, boxes_only: Nets, astronaut: Rgb8
) -> None:
    (face,) = detect(boxes_only, astronaut)

    assert face.keypoints.shape == (0, 2)
    (whole,) = detect(nets, astronaut, points=True)
    assert (face.left, face.bottom) == (whole.left, whole.bottom)
    with pytest.raises(ValueError, match="reshape"):
        detect(boxes_only, astronaut, points=True)


@pytest.mark.parametrize("leaving", [False, True])
def test_screening_reads_no_key_points(boxes_only: Nets, models: Path, leaving: bool) -> None:
    photo = portraits.jpeg(scenes.with_paper(scenes.lady()))

    findings = inspect(boxes_only, Reader(models), photo, leaving=leaving)

    assert findings.problem is None
    assert findings.marks
    assert not findings.unchecked
    assert len(findings.faces) == 1


def test_the_six_points_lie_on_the_face_in_the_subjects_order(nets: Nets, astronaut: Rgb8) -> None:
    (face,) = detect(nets, astronaut, points=True)

    right_eye, left_eye, nose, mouth, right_ear, left_ear = face.keypoints
    assert right_ear[0] < right_eye[0] < nose[0] < left_eye[0] < left_ear[0]
    assert right_eye[1] < nose[1] < mouth[1]


def test_a_large_photo_gives_the_same_box_in_its_own_pixels(nets: Nets, astronaut: Rgb8) -> None:
    large = resize_rgb(astronaut, (2560, 2560))

    (face,) = detect(nets, large)

    left, top, right, bottom = (5 * edge for edge in ASTRONAUT_FACE)
    assert overlap(face, (left, top, right, bottom)) > 0.6


def test_a_face_at_the_end_of_a_long_photo_is_found(nets: Nets, astronaut: Rgb8) -> None:
    wide = np.full((512, 1700, 3), 90, np.uint8)
    wide[:, 1188:] = astronaut

    (face,) = detect(nets, wide)

    left, top, right, bottom = ASTRONAUT_FACE
    assert overlap(face, (left + 1188, top, right + 1188, bottom)) > 0.6


def test_two_faces_come_largest_first(nets: Nets, astronaut: Rgb8) -> None:
    both = np.full((512, 900, 3), 120, np.uint8)
    both[100:484, :384] = resize_rgb(astronaut, (384, 384))
    both[:, 388:] = astronaut

    large, small = detect(nets, both)

    assert large.left > 388
    assert small.right < 384


def test_a_small_face_in_a_big_room_is_still_seen(nets: Nets, astronaut: Rgb8) -> None:
    room = np.full((1000, 1500, 3), 150, np.uint8)
    room[500:900, 900:1300] = resize_rgb(astronaut, (400, 400))

    (face,) = detect(nets, room)

    left, top, right, bottom = (400 / 512 * edge for edge in ASTRONAUT_FACE)
    assert overlap(face, (left + 900, top + 500, right + 900, bottom + 500)) > 0.5


@pytest.mark.parametrize("picture", ["brick", "grass", "coffee", "page"])
def test_there_are_no_faces_in_things(nets: Nets, picture: str) -> None:
    pixels = a_picture(picture)
    rgb = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)

    assert detect(nets, rgb) == []


def test_a_missing_model_names_the_mending_command(tmp_path: Path, astronaut: Rgb8) -> None:
    with pytest.raises(SettingsError, match="`workshot setup`"):
        detect(Nets(tmp_path), astronaut)
