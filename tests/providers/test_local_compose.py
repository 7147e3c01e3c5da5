"""Composition: the person untouched inside, no halo outside, one grain, no bands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from providers.local.backdrops import backdrop
from providers.local.compose import compose, face_in, frame_matrix, framed
from providers.local.detail import Finished
from providers.local.pixels import Floats, warp
from providers.local.subject import FORMATS, Cutout, Rgb8
from tests.providers.cutouts import astronaut_cutout

LINKEDIN = FORMATS["linkedin"]


@pytest.fixture
def cutout(models: Path) -> Cutout:
    return astronaut_cutout(models)


def flat(level: float) -> Floats:
    return np.full((50, 50, 3), level, np.float32)


def shot(cutout: Cutout, behind: Floats, *, grain: float = 0.0, pixels: Rgb8 | None = None) -> Rgb8:
    person = Finished(cutout.canvas if pixels is None else pixels, grain)
    return compose(cutout, person, LINKEDIN, behind)


def alpha_in_frame(cutout: Cutout) -> Floats:
    return warp(cutout.alpha, frame_matrix(cutout, LINKEDIN), (LINKEDIN.width, LINKEDIN.height))


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_has_its_size(cutout: Cutout, name: str) -> None:
    shape = FORMATS[name]
    picture = compose(cutout, Finished(cutout.canvas, 0.0), shape, flat(0.5))
    assert picture.shape == (shape.height, shape.width, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("name", FORMATS)
def test_the_person_is_where_the_frame_says(cutout: Cutout, name: str) -> None:
    shape, frame = FORMATS[name], cutout.frames[name]
    marked = np.zeros_like(cutout.canvas)
    at = np.round(cutout.landmarks[4, :2]).astype(int)
    cv2.circle(marked, (int(at[0]), int(at[1])), 6, (255, 255, 255), -1)
    picture = compose(cutout, Finished(marked, 0.0), shape, flat(0.0)).astype(float).sum(axis=2)
    rows, columns = np.mgrid[0 : shape.height, 0 : shape.width]
    dot = picture > 300
    wanted = (at + 0.5 - (frame.x, frame.y)) * shape.width / frame.width - 0.5
    assert (columns[dot].mean(), rows[dot].mean()) == pytest.approx(tuple(wanted), abs=0.15)


def test_the_middle_of_the_face_is_told_as_fractions(cutout: Cutout) -> None:
    x, y = face_in(cutout, LINKEDIN)
    assert 0.4 < x < 0.6
    assert 0.3 < y < 0.6


@pytest.mark.parametrize("look", ["white", "navy", "warm", "charcoal"])
def test_inside_the_person_only_a_faint_tint_changes(cutout: Cutout, look: str) -> None:
    plain = shot(cutout, flat(0.5)).astype(int)
    inside = cv2.erode(alpha_in_frame(cutout), np.ones((61, 61), np.uint8)) > 0.999
    assert inside.any()
    tinted = shot(cutout, backdrop(look, 300, 300, (0.5, 0.4))).astype(int)
    change = np.abs(tinted - plain)[inside]
    assert change.max() <= 0.04 * 255
    assert change.mean() < 3


def test_outside_the_person_is_nothing_but_backdrop(cutout: Cutout) -> None:
    garish = np.full_like(cutout.canvas, (255, 0, 255))
    outside = cv2.dilate(alpha_in_frame(cutout), np.ones((9, 9), np.uint8)) < 1e-4
    assert outside.mean() > 0.1
    picture = shot(cutout, flat(0.4), pixels=garish)[outside].astype(float)
    assert np.abs(picture.mean(axis=0) - 0.4 * 255).max() < 0.3
    assert np.abs(picture - 0.4 * 255).max() < 6


def edge_of(cutout: Cutout, behind: float) -> float:
    """Mean brightness of a mid-grey person just inside the edge."""
    grey = np.full_like(cutout.canvas, 110)
    alpha = alpha_in_frame(cutout)
    inner = cv2.erode(alpha, np.ones((5, 5), np.uint8)) > 0.995
    deeper = cv2.erode(alpha, np.ones((25, 25), np.uint8)) > 0.995
    return float(shot(cutout, flat(behind), pixels=grey)[inner & ~deeper].mean())


def test_bright_light_wraps_round_the_edge_and_darkness_hardly_does(cutout: Cutout) -> None:
    bright, dark = edge_of(cutout, 0.95), edge_of(cutout, 0.05)
    assert 110.5 < bright < 125
    assert 104 < dark < 110.5
    assert bright - 110 > 110 - dark


def test_a_soft_edge_mixes_person_and_backdrop_and_makes_no_halo(cutout: Cutout) -> None:
    grey = np.full_like(cutout.canvas, 60)
    picture = shot(cutout, flat(0.8), pixels=grey).astype(int)
    assert picture.min() >= 60 - 4
    assert picture.max() <= 0.8 * 255 + 6


@pytest.mark.parametrize("grain", [0.006, 0.012, 0.02])
def test_the_backdrop_has_the_grain_of_the_person(cutout: Cutout, grain: float) -> None:
    outside = cv2.dilate(alpha_in_frame(cutout), np.ones((9, 9), np.uint8)) < 1e-4
    enlarged = LINKEDIN.width / cutout.frames["linkedin"].width
    assert enlarged > 1
    pixels = shot(cutout, flat(0.5), grain=grain * enlarged)[outside][:, 1]
    assert pixels.astype(float).std() / 255 == pytest.approx(0.9 * grain, rel=0.15)


def test_grain_has_no_colour(cutout: Cutout) -> None:
    outside = cv2.dilate(alpha_in_frame(cutout), np.ones((9, 9), np.uint8)) < 1e-4
    pixels = shot(cutout, flat(0.5), grain=0.02)[outside].astype(int)
    assert np.abs(pixels[:, 0] - pixels[:, 2]).max() <= 1


@pytest.mark.parametrize("look", ["grey", "white", "navy", "charcoal"])
def test_smooth_backdrops_show_no_bands(cutout: Cutout, look: str) -> None:
    empty = replace(cutout, alpha=np.zeros_like(cutout.alpha))
    behind = backdrop(look, 300, 300, (0.5, 0.4))
    wanted = np.asarray(cv2.resize(behind, (1200, 1200), interpolation=cv2.INTER_CUBIC)) * 255

    def steps(picture: Floats) -> float:
        """Largest mean error, in levels, of the places that want the same part of a level."""
        part = np.asarray((wanted % 1) * 8, np.intp).reshape(-1)
        error = (picture - wanted).reshape(-1)
        return float(np.abs(np.bincount(part, error) / np.bincount(part)).max())

    assert steps(np.round(wanted)) > 0.4
    assert steps(shot(empty, behind, grain=0.0).astype(np.float32)) < 0.05


def test_a_picture_of_the_whole_canvas_is_framed_like_the_person(cutout: Cutout) -> None:
    height, width = cutout.alpha.shape
    across = np.linspace(0, 1, width, dtype=np.float32)
    ramp = np.repeat(np.repeat(across[None], height, axis=0)[..., None], 3, axis=2)
    small = np.asarray(cv2.resize(ramp, (40, 48), interpolation=cv2.INTER_AREA), np.float32)
    for name, shape in FORMATS.items():
        frame = cutout.frames[name]
        seen = framed(small, cutout, shape)
        assert seen.shape == (shape.height // 4, shape.width // 4, 3)
        middle = (frame.x + frame.width / 2) / width
        assert float(seen[:, seen.shape[1] // 2].mean()) == pytest.approx(middle, abs=0.01)
