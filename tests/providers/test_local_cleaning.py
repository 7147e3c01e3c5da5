"""What is taken out of a matte by its shape alone, and what must stay."""

from __future__ import annotations

import numpy as np
import pytest

from providers.local.cleaning import (
    without_blobs,
    without_crumbs,
    without_tufts,
    without_veils,
)
from providers.local.subject import Plane

FACE_WIDTH = 100.0
CHIN = 150.0


@pytest.fixture
def alpha() -> Plane:
    """300 x 300: a head over shoulders with hard edges."""
    y, x = np.mgrid[0:300, 0:300].astype(np.float32)
    head = np.hypot((x - 150) / 60, (y - 90) / 75) < 1
    shoulders = (y > 180) & (np.abs(x - 150) < 110)
    neck = (np.abs(x - 150) < 30) & (y > 90)
    return np.asarray(head | shoulders | neck, np.float32)


def test_a_lump_that_only_the_colours_believe_in_is_taken_out(alpha: Plane) -> None:
    estimate = alpha * np.float32(0.95)
    alpha[60:100, 205:240] = 0.8

    clean = without_blobs(alpha, estimate, FACE_WIDTH, CHIN)

    assert float(clean[65:95, 210:235].max()) < 0.15
    assert float(clean[90, 150]) == 1


def test_strands_beside_the_head_are_no_lumps(alpha: Plane) -> None:
    estimate = alpha * np.float32(0.95)
    alpha[60:140, 215:218] = 0.8

    assert np.array_equal(without_blobs(alpha, estimate, FACE_WIDTH, CHIN), alpha)


def test_below_the_chin_the_colours_are_believed(alpha: Plane) -> None:
    estimate = alpha * np.float32(0.95)
    estimate[200:260, 60:120] = 0

    clean = without_blobs(alpha, estimate, FACE_WIDTH, CHIN)

    assert np.array_equal(clean, alpha)


def test_haze_far_from_anything_solid_goes(alpha: Plane) -> None:
    hazy = np.maximum(alpha, np.float32(0.15))

    clean = without_veils(hazy, FACE_WIDTH)

    assert float(clean[20:100, 5:60].max()) == 0
    assert float(clean[90, 150]) == 1


def test_a_tuft_on_the_shoulder_goes_and_the_shoulder_stays(alpha: Plane) -> None:
    alpha[210:215, 259:267] = 1

    clean = without_tufts(alpha, FACE_WIDTH, CHIN)

    assert float(clean[210:215, 261:267].max()) < 0.01
    assert float(clean[200:, 60:240].min()) == 1


def test_thin_hair_above_the_chin_is_no_tuft(alpha: Plane) -> None:
    alpha[40:120, 212:214] = 1

    clean = without_tufts(alpha, FACE_WIDTH, CHIN)

    assert np.allclose(clean[:130], alpha[:130], atol=0.01)


def test_a_crumb_that_floats_free_goes(alpha: Plane) -> None:
    whole = alpha.copy()
    alpha[50:60, 250:262] = 0.9

    assert np.array_equal(without_crumbs(alpha, 150, 90), whole)
