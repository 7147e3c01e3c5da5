"""The measured face: where its points lie, which way it looks, whether it is one at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from providers.local.faces import detect
from providers.local.mesh import CHIN, LEFT_EYE, OVAL, RIGHT_EYE, landmarks, moved, pose
from providers.local.nets import Nets
from providers.local.subject import Face, Rgb8


def a_picture(name: str) -> Rgb8:
    """One of scikit-image's sample pictures; grey ones have two axes."""
    return np.asarray(getattr(data, name)(), np.uint8)


@pytest.fixture(scope="module")
def nets() -> Nets:
    return Nets(Path(__file__).parents[2] / "models")


@pytest.fixture(scope="module")
def astronaut() -> Rgb8:
    return a_picture("astronaut")


@pytest.fixture(scope="module")
def face(nets: Nets, astronaut: Rgb8) -> Face:
    return detect(nets, astronaut, points=True)[0]


def test_the_points_lie_where_the_detector_sees_eyes(
    nets: Nets, astronaut: Rgb8, face: Face
) -> None:
    mesh = landmarks(nets, astronaut, face)

    assert mesh.points.shape == (468, 3)
    assert mesh.presence > 0.9
    for eye, seen in ((RIGHT_EYE, face.keypoints[0]), (LEFT_EYE, face.keypoints[1])):
        assert np.linalg.norm(mesh.points[list(eye), :2].mean(axis=0) - seen) < 0.1 * face.width


def test_turning_the_photo_turns_the_roll_with_it(nets: Nets, astronaut: Rgb8, face: Face) -> None:
    upright = landmarks(nets, astronaut, face)
    # cv2 turns anticlockwise for positive angles.
    matrix = cv2.getRotationMatrix2D((222.0, 130.0), -20, 1.0)
    turned = np.asarray(cv2.warpAffine(astronaut, matrix, (512, 512)), np.uint8)

    (leaning,) = detect(nets, turned, points=True)
    mesh = landmarks(nets, turned, leaning)

    assert mesh.roll - upright.roll == pytest.approx(20, abs=3)
    assert mesh.width == pytest.approx(upright.width, rel=0.1)


def test_mirroring_the_photo_mirrors_the_yaw(nets: Nets, astronaut: Rgb8, face: Face) -> None:
    plain = landmarks(nets, astronaut, face)
    mirrored = np.ascontiguousarray(astronaut[:, ::-1])

    mesh = landmarks(nets, mirrored, detect(nets, mirrored, points=True)[0])

    assert mesh.yaw == pytest.approx(-plain.yaw, abs=4)


def test_a_wall_is_not_present_as_a_face(nets: Nets, face: Face) -> None:
    brick = np.repeat(a_picture("brick")[..., None], 3, axis=2)

    assert landmarks(nets, brick, replace(face, score=0.6)).presence < 0.5


def test_the_size_of_the_photo_does_not_move_the_points(
    nets: Nets, astronaut: Rgb8, face: Face
) -> None:
    large = np.asarray(cv2.resize(astronaut, (2048, 2048), interpolation=cv2.INTER_CUBIC), np.uint8)

    small_mesh = landmarks(nets, astronaut, face)
    large_mesh = landmarks(nets, large, detect(nets, large, points=True)[0])

    far = np.abs(large_mesh.points[:, :2] / 4 - small_mesh.points[:, :2])
    assert float(np.median(far)) < 2.0


def test_a_head_turned_about_its_axis_has_that_yaw(nets: Nets, astronaut: Rgb8, face: Face) -> None:
    points = landmarks(nets, astronaut, face).points
    before = pose(points)[0]
    angle = np.radians(15)
    turn = np.array(
        [[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]]
    )

    after = pose((points @ turn.T).astype(np.float32))[0]

    assert after - before == pytest.approx(15, abs=2)


def test_moving_points_scales_their_depth_along(nets: Nets, astronaut: Rgb8, face: Face) -> None:
    points = landmarks(nets, astronaut, face).points

    placed = moved(points, np.array([[2.0, 0.0, 5.0], [0.0, 2.0, -3.0]]))

    assert placed[CHIN] == pytest.approx(points[CHIN] * 2 + np.array([5, -3, 0]), abs=1e-3)
    assert np.ptp(placed[list(OVAL), 2]) == pytest.approx(
        2 * np.ptp(points[list(OVAL), 2]), rel=1e-4
    )
