"""Shallow focus: the photo goes on past the outline, and fades where nobody looks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from providers.local.focus import shallow
from providers.local.subject import Cutout
from tests.providers.cutouts import astronaut_cutout


@pytest.fixture(scope="module")
def cutout(models: Path) -> Cutout:
    return astronaut_cutout(models)


def _far(cutout: Cutout, faces: float) -> NDArray[np.bool_]:
    """Where the person is further away than so many face widths."""
    person = (cutout.alpha > 0.05).astype(np.uint8)
    away = cv2.distanceTransform(1 - person, cv2.DIST_L2, 5)
    return np.asarray(away > faces * cutout.face_width, np.bool_)


def test_the_person_is_the_photo_itself(cutout: Cutout) -> None:
    seen = shallow(cutout)
    solid = (cutout.alpha > 0.99).astype(np.uint8)
    margin = round(cutout.face_width * 0.03)
    inside = cv2.erode(solid, np.ones((margin, margin), np.uint8)) > 0

    assert np.abs(seen.foreground - cutout.canvas / 255)[inside].max() < 0.5 / 255
    assert seen.alpha[inside].min() > 0.99


def test_no_pixel_of_the_person_gets_less_cover(cutout: Cutout) -> None:
    assert (shallow(cutout).alpha >= cutout.alpha).all()


def test_the_photo_ends_before_its_background_can_be_read(cutout: Cutout) -> None:
    seen = shallow(cutout)

    assert seen.alpha[_far(cutout, 0.35)].max(initial=0) < 0.02


def test_the_rim_fades_without_a_step(cutout: Cutout) -> None:
    plain = replace(cutout, alpha=(cutout.alpha > 0.5).astype(np.float32))
    cover = shallow(plain).alpha
    outside = _far(plain, 0.02)

    steps = np.abs(np.diff(cover, axis=1))[outside[:, 1:] & outside[:, :-1]]
    assert steps.max() < 12 / cutout.face_width
