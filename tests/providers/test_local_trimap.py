"""From probabilities to one shape and its band, on drawn people."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from providers.local.mesh import CHIN, OVAL
from providers.local.subject import Plane, Points
from providers.local.trimap import settle, trimap

FACE_WIDTH = 60.0
CENTRE = (120.0, 90.0)


@pytest.fixture
def points() -> Points:
    """A face: the oval is an ellipse, everything else sits in its middle."""
    points = np.zeros((468, 3), np.float32)
    points[:, :2] = CENTRE
    angles = np.linspace(0, 2 * np.pi, len(OVAL), endpoint=False)
    points[list(OVAL), 0] = CENTRE[0] + 0.5 * FACE_WIDTH * np.sin(angles)
    points[list(OVAL), 1] = CENTRE[1] - 0.65 * FACE_WIDTH * np.cos(angles)
    points[CHIN, :2] = (CENTRE[0], CENTRE[1] + 0.65 * FACE_WIDTH)
    return points


@pytest.fixture
def person() -> Plane:
    """Head and shoulders, 240 x 220, probability 0.95 and 0.02."""
    drawn = np.zeros((220, 240), np.uint8)
    cv2.ellipse(drawn, (120, 85), (42, 55), 0, 0, 360, 1, -1)
    cv2.ellipse(drawn, (120, 220), (90, 95), 0, 0, 360, 1, -1)
    return np.where(drawn > 0, np.float32(0.95), np.float32(0.02))


def no_spread(plane: Plane) -> Plane:
    return np.zeros_like(plane)


def test_a_sure_person_stays_as_drawn(person: Plane, points: Points) -> None:
    shape = settle(person, no_spread(person), points, FACE_WIDTH)

    assert np.count_nonzero(shape != (person > 0.5)) < 0.002 * shape.size


def test_what_stands_apart_is_dropped(person: Plane, points: Points) -> None:
    person[20:60, 200:235] = 0.9

    assert not settle(person, no_spread(person), points, FACE_WIDTH)[20:60, 200:235].any()


def test_what_hangs_on_by_a_thread_is_dropped(person: Plane, points: Points) -> None:
    person[60:100, 195:230] = 0.9
    person[80:82, 155:200] = 0.9

    assert not settle(person, no_spread(person), points, FACE_WIDTH)[65:95, 205:230].any()


def test_a_small_hole_that_is_not_sure_background_is_filled(person: Plane, points: Points) -> None:
    person[180:186, 100:106] = 0.3

    assert settle(person, no_spread(person), points, FACE_WIDTH)[180:186, 100:106].all()


def test_a_gap_that_is_surely_background_stays_open(person: Plane, points: Points) -> None:
    person[180:186, 100:106] = 0.02

    assert not settle(person, no_spread(person), points, FACE_WIDTH)[181:185, 101:105].any()


def test_the_face_is_the_person_even_when_the_networks_miss_it(points: Points) -> None:
    blind = np.zeros((220, 240), np.float32)

    assert settle(blind, blind, points, FACE_WIDTH)[int(CENTRE[1]), int(CENTRE[0])]


def test_the_band_runs_along_the_edge_and_nowhere_else(person: Plane, points: Points) -> None:
    shape = person > 0.5
    known = trimap(shape, person, no_spread(person), points, FACE_WIDTH)

    assert set(np.unique(known)) == {0.0, 0.5, 1.0}
    assert not (shape & (known == 0)).any()
    assert not (~shape & (known == 1)).any()
    edge = cv2.morphologyEx(shape.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    assert (known[np.asarray(edge) > 0] == 0.5).all()
    assert known[int(CENTRE[1]), int(CENTRE[0])] == 1
    assert known[5, 5] == 0


def test_the_band_is_wider_round_the_hair_than_on_the_shoulders(
    person: Plane, points: Points
) -> None:
    known = trimap(person > 0.5, person, no_spread(person), points, FACE_WIDTH)

    assert np.count_nonzero(known[70] == 0.5) > 1.5 * np.count_nonzero(known[200] == 0.5)


def test_the_band_widens_where_the_networks_disagree(person: Plane, points: Points) -> None:
    spread = no_spread(person)
    spread[:, :120] = 0.3

    known = trimap(person > 0.5, person, spread, points, FACE_WIDTH)

    assert np.count_nonzero(known[70, :120] == 0.5) > 1.5 * np.count_nonzero(known[70, 120:] == 0.5)
