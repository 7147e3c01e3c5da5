"""Frames never show what the photo does not have, whatever the person and the photo look like."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from providers.local.framing import Framing, frame
from providers.local.mesh import BROW_TOP, CHIN, LEFT_EYE, OVAL, RIGHT_EYE
from providers.local.subject import FORMATS, Points, Rect


def a_face(x: float, y: float, width: float, roll: float) -> Points:
    """Points of a face round (x, y), leaning clockwise by `roll` degrees."""
    points = np.zeros((468, 3), np.float64)
    angles = np.linspace(0, 2 * math.pi, len(OVAL), endpoint=False)
    points[list(OVAL), 0] = 0.5 * width * np.sin(angles)
    points[list(OVAL), 1] = -0.62 * width * np.cos(angles)
    points[BROW_TOP, :2], points[CHIN, :2] = (0, -0.62 * width), (0, 0.62 * width)
    points[list(RIGHT_EYE), :2] = (-0.2 * width, -0.15 * width)
    points[list(LEFT_EYE), :2] = (0.2 * width, -0.15 * width)
    angle = math.radians(roll)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points[:, :2] = points[:, :2] @ turn.T + (x, y)
    return points.astype(np.float32)


def a_person(
    size: tuple[int, int], x: float, y: float, width: float, shoulders: float
) -> NDArray[np.bool_]:
    drawn = np.zeros((size[1], size[0]), np.uint8)
    head = (round(0.62 * width), round(0.85 * width))
    cv2.ellipse(drawn, (round(x), round(y - 0.1 * width)), head, 0, 0, 360, 1, -1)
    body = (round(shoulders * width), round(1.3 * width))
    cv2.ellipse(drawn, (round(x), round(y + 2.2 * width)), body, 0, 0, 360, 1, -1)
    cv2.rectangle(
        drawn,
        (round(x - shoulders * width), round(y + 2.2 * width)),
        (round(x + shoulders * width), size[1]),
        1,
        -1,
    )
    return drawn > 0


def shows_missing(framing: Framing, rect: Rect, person: NDArray[np.bool_]) -> bool:
    """Looks at a grid of points of a frame; independent of how the search does it."""
    x = np.linspace(rect.x + 0.5, rect.x + rect.width - 0.5, 160)
    y = np.linspace(rect.y + 0.5, rect.y + rect.height - 0.5, 160)
    grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2) - 0.5
    turn, shift = framing.matrix[:, :2], framing.matrix[:, 2]
    photo = (grid - shift) @ np.linalg.inv(turn).T
    height, width = person.shape
    nearest = np.clip(np.round(photo), 0, (width - 1, height - 1)).astype(int)
    outside = (
        (photo[:, 0] < -0.5)
        | (photo[:, 1] < -0.5)
        | (photo[:, 0] > width - 0.5)
        | (photo[:, 1] > height - 0.5)
    )
    return bool((outside & person[nearest[:, 1], nearest[:, 0]]).any())


@settings(deadline=None, max_examples=60)
@given(
    wide=st.integers(240, 900),
    tall=st.integers(240, 900),
    across=st.floats(0.25, 0.75),
    down=st.floats(0.2, 0.7),
    share=st.floats(0.12, 0.5),
    roll=st.floats(-25, 25),
    shoulders=st.floats(0.8, 1.8),
)
def test_no_frame_ever_shows_a_missing_piece_of_the_person(
    *, wide: int, tall: int, across: float, down: float, share: float, roll: float, shoulders: float
) -> None:
    width = share * min(wide, tall)
    x, y = across * wide, down * tall
    person = a_person((wide, tall), x, y, width, shoulders)

    framing = frame(person, 1.0, a_face(x, y, width, roll), roll)

    assert abs(framing.turned) <= 10
    for name, rect in framing.frames.items():
        assert not shows_missing(framing, rect, person)
        wanted = FORMATS[name].width / FORMATS[name].height
        assert rect.width / rect.height == pytest.approx(wanted, rel=1e-6)
        assert rect.x >= -1e-6
        assert rect.y >= -1e-6
        assert rect.x + rect.width <= framing.size[0] + 1e-6
        assert rect.y + rect.height <= framing.size[1] + 1e-6


def a_roomy_scene() -> tuple[NDArray[np.bool_], Points]:
    return a_person((1400, 1500), 700, 500, 300, 1.6), a_face(700, 500, 300, 0)


def test_a_roomy_photo_gives_every_format_its_head_height() -> None:
    person, points = a_roomy_scene()
    top = float(np.flatnonzero(person.any(axis=1))[0])
    head = float(points[CHIN, 1]) - top

    framing = frame(person, 1.0, points, 0.0)

    grown = float(framing.matrix[0, 0])
    for name, rect in framing.frames.items():
        assert head * grown / rect.height == pytest.approx(FORMATS[name].head, rel=0.03)
        hair = top * grown + framing.matrix[1, 2] - rect.y
        assert hair / rect.height == pytest.approx(0.10, abs=0.02)
        middle = 700 * grown + framing.matrix[0, 2] - rect.x
        assert middle / rect.width == pytest.approx(0.5, abs=0.02)


def test_leaning_eyes_are_levelled_when_there_is_room() -> None:
    person = a_person((1400, 1500), 700, 500, 300, 0.9)

    framing = frame(person, 1.0, a_face(700, 500, 300, 8.0), 8.0)

    assert framing.turned == pytest.approx(7.2)
    angle = math.degrees(math.atan2(-framing.matrix[1, 0], framing.matrix[0, 0]))
    assert angle == pytest.approx(7.2)


def test_the_canvas_never_has_more_pixels_than_the_photo() -> None:
    person = a_person((420, 450), 210, 150, 90, 1.6)

    framing = frame(person, 1.0, a_face(210, 150, 90, 0), 0.0)

    assert float(framing.matrix[0, 0]) == pytest.approx(1.0)
    assert framing.upscale > 2


def test_a_large_photo_is_brought_to_output_scale() -> None:
    person = a_person((1000, 1050), 500, 350, 210, 1.6)
    points = a_face(2000, 1400, 840, 0)

    framing = frame(person, 0.25, points, 0.0)

    assert framing.frames["bio"].height == pytest.approx(1600, abs=2)
    assert framing.upscale == pytest.approx(float(framing.matrix[0, 0]), rel=1e-3)
    assert framing.upscale < 1


def test_hair_cut_by_the_photo_stays_cut_by_the_frame() -> None:
    person = a_person((1000, 1200), 500, 200, 300, 1.6)
    assert person[0].any()

    framing = frame(person, 1.0, a_face(500, 200, 300, 0), 0.0)

    for rect in framing.frames.values():
        assert rect.y >= framing.matrix[1, 2] - 1


def test_a_person_who_fills_the_photo_still_gets_frames_inside_it() -> None:
    framing = frame(np.ones((500, 400), np.bool_), 1.0, a_face(200, 250, 330, 6), 6.0)

    for rect in framing.frames.values():
        assert not shows_missing(framing, rect, np.ones((500, 400), np.bool_))
        assert rect.width > 100


def test_a_person_as_wide_as_the_photo_keeps_the_crown_in_the_square() -> None:
    person = np.zeros((800, 600), np.bool_)
    y, x = np.mgrid[0:800, 0:600]
    person[np.hypot((x - 300) / 320, (y - 420) / 340) < 1] = True
    person[420:] = True
    top = float(np.flatnonzero(person.any(axis=1))[0])
    assert top == pytest.approx(80, abs=1)
    points = a_face(300, 400, 300, 4.0)
    chin = float(points[CHIN, 1])
    assert 500 < chin - top < 520

    framing = frame(person, 1.0, points, 4.0)

    square = framing.frames["linkedin"]
    grown = float(np.hypot(framing.matrix[0, 0], framing.matrix[1, 0]))
    assert framing.turned == 0
    assert square.y <= top * grown + framing.matrix[1, 2]
    assert square.y + square.height > chin * grown + framing.matrix[1, 2]
    assert square.width > 0.97 * 600 * grown
    assert not shows_missing(framing, square, person)
