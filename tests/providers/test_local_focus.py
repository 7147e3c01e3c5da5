"""Shallow focus: the photo goes on past the outline, and fades where nobody looks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from providers.local.focus import burnt_around, burnt_out, neutral, shallow
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
    solid = ((cutout.alpha > 0.99) & (cutout.estimate > 0.9)).astype(np.uint8)
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


def _edge(cutout: Cutout) -> tuple[int, int]:
    """Row and column of the outline on the image's left, at the height of the nose."""
    row = int(cutout.landmarks[4, 1])
    return row, int(np.flatnonzero(cutout.alpha[row] > 0.5)[0])


def _with_chip(cutout: Cutout, *, estimated: bool) -> tuple[Cutout, tuple[slice, slice]]:
    """Stripes stuck to the outline that the matte takes for the person."""
    row, column = _edge(cutout)
    reach = round(cutout.face_width * 0.12)
    chip = slice(row - reach, row + reach), slice(column - reach, column - reach // 3)
    canvas, alpha, estimate = cutout.canvas.copy(), cutout.alpha.copy(), cutout.estimate.copy()
    canvas[chip] = 20
    canvas[chip][::4] = canvas[chip][1::4] = 235
    alpha[chip[0], chip[1].start : column + reach] = 1
    if estimated:
        estimate[chip[0], chip[1].start : column + reach] = 1
    return replace(cutout, canvas=canvas, alpha=alpha, estimate=estimate), chip


def test_a_chip_of_background_that_only_the_colours_believe_in_is_not_sharp(
    cutout: Cutout,
) -> None:
    chipped, chip = _with_chip(cutout, estimated=False)
    agreed, _ = _with_chip(cutout, estimated=True)

    def contrast(seen: Cutout) -> float:
        return float(seen.foreground[chip].std(axis=0).mean())

    assert contrast(shallow(agreed)) > 0.3
    assert contrast(shallow(chipped)) < 0.1


def test_a_lump_on_a_thread_is_not_sharp(cutout: Cutout) -> None:
    row, column = _edge(cutout)
    unit = cutout.face_width
    near, far, half = column - round(0.1 * unit), column - round(0.25 * unit), round(0.08 * unit)
    lump, thread = np.s_[row - half : row + half, far:near], np.s_[row : row + 3, far : column + 9]
    planes = cutout.alpha.copy(), cutout.estimate.copy()
    canvas = cutout.canvas.copy()
    canvas[lump] = 20
    canvas[lump][::4] = canvas[lump][1::4] = 235
    for plane in planes:
        plane[row - 2 * half : row + 2 * half, : near + 1] = 0
        plane[lump] = plane[thread] = 1
    seen = shallow(replace(cutout, canvas=canvas, alpha=planes[0], estimate=planes[1]))

    assert seen.foreground[lump].std(axis=0).mean() < 0.1


def test_what_is_burnt_out_stays_white_and_colours_stay() -> None:
    photo = np.array([[[1, 1, 1], [0.9, 0.5, 0.4], [0.98, 0.99, 0.98]]], np.float32)
    tinted = np.array([[[225, 255, 250], [200, 130, 100], [222, 252, 247]]], np.uint8)

    seen = neutral(tinted, burnt_out(photo))

    assert seen.tolist() == [[[255, 255, 255], [200, 130, 100], [252, 252, 252]]]


def test_hair_before_a_burnt_sky_has_no_coloured_halo(cutout: Cutout) -> None:
    canvas = cutout.canvas.copy()
    canvas[cutout.alpha < 0.5] = 255
    seen = shallow(replace(cutout, canvas=canvas))
    burnt = burnt_around(seen)
    person = (cutout.alpha > 0.99) & (cutout.estimate > 0.9)
    solid = cv2.erode(person.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    halo = (seen.foreground.min(axis=2) > 0.8) & (cutout.estimate < 0.05) & ~solid

    # Narrow corners, between ear and collar, have too little sky around them to tell.
    assert (burnt[halo] > 0.5).mean() > 0.99
    without = burnt_out(seen.foreground)[halo]
    assert (without > 0.5).mean() < (burnt[halo] > 0.5).mean()
    assert burnt[solid & (canvas.min(axis=2) < 150)].max() == 0
