"""The ensemble's estimate of the person."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage import data

from providers.local.faces import detect
from providers.local.mask import PersonMask, person
from providers.local.nets import Nets
from providers.local.subject import Rgb8


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
def mask(nets: Nets, astronaut: Rgb8) -> PersonMask:
    return person(nets, astronaut, detect(nets, astronaut)[0])


def test_face_and_suit_are_the_person_and_the_flag_is_not(mask: PersonMask) -> None:
    assert mask.scale == 1
    assert float(mask.mean[90:180, 190:255].min()) > 0.95
    assert float(mask.mean[250:400, 120:250].min()) > 0.8
    assert float(mask.mean[10:120, 10:130].max()) < 0.1


def test_probability_and_spread_stay_in_their_ranges(mask: PersonMask) -> None:
    assert mask.mean.shape == mask.spread.shape == (512, 512)
    assert 0 <= float(mask.mean.min()) <= float(mask.mean.max()) <= 1
    assert 0 <= float(mask.spread.min()) <= float(mask.spread.max()) <= 0.5


def test_the_spread_lives_on_the_outline_not_in_the_face(mask: PersonMask) -> None:
    assert float(mask.spread[90:180, 190:255].max()) < 0.05
    assert float(mask.spread.max()) > 0.1


def test_a_mirrored_photo_has_a_mirrored_mask(
    nets: Nets, astronaut: Rgb8, mask: PersonMask
) -> None:
    mirrored = np.ascontiguousarray(astronaut[:, ::-1])

    other = person(nets, mirrored, detect(nets, mirrored)[0])

    assert float(np.abs(other.mean[:, ::-1] - mask.mean).mean()) < 0.01


def test_a_large_photo_is_looked_at_on_a_smaller_copy(nets: Nets, astronaut: Rgb8) -> None:
    large = np.ascontiguousarray(np.repeat(np.repeat(astronaut, 4, axis=0), 4, axis=1))

    mask = person(nets, large, detect(nets, large)[0])

    assert max(mask.mean.shape) <= 600
    assert mask.mean.shape[0] == round(2048 * mask.scale)
    assert float(mask.mean[mask.mean.shape[0] // 4, int(0.43 * mask.mean.shape[1])]) > 0.9


def test_the_estimate_is_the_same_every_time(nets: Nets, astronaut: Rgb8, mask: PersonMask) -> None:
    again = person(nets, astronaut, detect(nets, astronaut)[0])

    assert np.array_equal(again.mean, mask.mean)
    assert np.array_equal(again.spread, mask.spread)
