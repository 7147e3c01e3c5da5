"""Detail: clarity and less noise, with skin's texture and everybody's shape left alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from providers.local.colour import grade
from providers.local.detail import dither, finish, noise_of
from providers.local.mesh import landmarks
from providers.local.pixels import Floats
from providers.local.subject import Cutout, Face, Plane, Rgb8
from tests.providers.cutouts import astronaut_cutout, nets, painted, recoloured, view_of


@pytest.fixture
def cutout(models: Path) -> Cutout:
    return astronaut_cutout(models)


@pytest.fixture
def face(cutout: Cutout) -> Cutout:
    return painted(
        cutout,
        skin=(170, 126, 104),
        eyes=(205, 200, 195),
        clothes=(95, 95, 95),
        background=(120, 120, 120),
    )


def finished(cutout: Cutout, like: Cutout | None = None) -> Rgb8:
    """The pixels after this stage alone, in even light; graded as `like` when it is given."""
    graded_like = cutout if like is None else like
    view = view_of(graded_like)
    even: Plane = np.ones((16, 16), np.float32)
    return finish(cutout, view, grade(graded_like.canvas, graded_like.alpha, view), even).pixels


def noisy(cutout: Cutout, sigma: float, *, coloured: bool = False) -> Cutout:
    random = np.random.default_rng(4)
    shape = (*cutout.alpha.shape, 3 if coloured else 1)
    noise = random.normal(0, sigma * 255, shape)
    return recoloured(cutout, np.clip(cutout.canvas + noise + 0.5, 0, 255).astype(np.uint8))


def cheek(cutout: Cutout, picture: Rgb8, point: int = 50) -> Floats:
    x, y = cutout.landmarks[point, :2].astype(int)
    side = int(cutout.face_width * 0.06)
    return picture[y - side : y + side, x - side : x + side].astype(np.float32)


@pytest.mark.parametrize("sigma", [0.01, 0.02, 0.04])
def test_noise_is_measured(face: Cutout, sigma: float) -> None:
    spoilt = noisy(face, sigma)
    assert noise_of(spoilt.canvas, spoilt.alpha) == pytest.approx(sigma, rel=0.25)


def test_texture_of_skin_is_kept(face: Cutout) -> None:
    # Pores: a fine weave of four levels, with no noise anywhere else.
    y, x = np.mgrid[0 : face.alpha.shape[0], 0 : face.alpha.shape[1]]
    weave = 4 * (np.sin(x * 1.6) * np.sin(y * 1.6))
    textured = recoloured(face, (face.canvas + weave[..., None] + 0.5).astype(np.uint8))
    before = cheek(face, textured.canvas).mean(axis=2)
    after = cheek(face, finished(textured, like=face)).mean(axis=2)
    strength = float((before - before.mean()).std())
    kept = float(((after - after.mean()) * (before - before.mean())).mean()) / strength**2
    assert kept > 0.9


def test_noise_is_reduced_where_there_is_noise(face: Cutout) -> None:
    spoilt = noisy(face, 0.03)
    before = float(cheek(face, spoilt.canvas).mean(axis=2).std())
    assert float(cheek(face, finished(spoilt, like=face)).mean(axis=2).std()) < before * 0.8


def test_noise_of_colour_is_reduced(face: Cutout) -> None:
    def specks(picture: Rgb8) -> float:
        patch = cheek(face, picture)
        return float((patch[..., 0] - patch[..., 2]).std())

    spoilt = noisy(face, 0.02, coloured=True)
    assert specks(finished(spoilt, like=face)) < specks(spoilt.canvas) * 0.7


def test_blotches_of_colour_are_evened_and_lightness_is_not(face: Cutout) -> None:
    x, y = face.landmarks[50, :2]
    spot = np.zeros(face.alpha.shape, np.float32)
    cv2.circle(spot, (int(x), int(y)), int(face.face_width * 0.03), (1.0,), -1)
    spot = np.asarray(cv2.GaussianBlur(spot, (0, 0), face.face_width * 0.01), np.float32)

    def seen(picture: Rgb8) -> float:
        """How far the spot differs from the skin around it in colour, red over green."""
        patch = picture[int(y), int(x)].astype(float)
        return float(patch[0] - patch[1])

    # Redder at equal luma: 0.299 r + 0.587 g stays.
    red = face.canvas + spot[..., None] * np.array([20, -10.2, 0])
    blotched = recoloured(face, np.clip(red + 0.5, 0, 255).astype(np.uint8))
    plain_skin = finished(face)
    excess = seen(blotched.canvas) - seen(face.canvas)
    assert 0.4 < (seen(finished(blotched, like=face)) - seen(plain_skin)) / excess < 0.85
    mole = recoloured(face, np.clip(face.canvas - spot[..., None] * 40, 0, 255).astype(np.uint8))
    depth = cheek(face, plain_skin).mean() - float(finished(mole, like=face)[int(y), int(x)].mean())
    assert depth > 36


def test_edges_get_no_halo(face: Cutout) -> None:
    striped = face.canvas.copy()
    x, y = face.landmarks[152, :2].astype(int)
    top = y + int(face.face_width * 0.45)
    striped[top:, : x - 3] = 60
    striped[top:, x - 3 :] = 170
    result = finished(recoloured(face, striped), like=face)
    row = result[top + 20, x - 12 : x + 8].astype(float).mean(axis=1)
    away = result[top + 20, x - 40 : x + 40].astype(float).mean(axis=1)
    # Overshoot beside the edge, in levels, against the flat areas.
    assert row.max() - away[-10:].mean() < 10
    assert away[:10].mean() - row.min() < 10


def test_a_soft_edge_becomes_a_little_steeper(face: Cutout) -> None:
    x, y = face.landmarks[152, :2].astype(int)
    top = y + int(face.face_width * 0.45)
    stepped = face.canvas.copy()
    stepped[top:, :x], stepped[top:, x:] = 95, 115
    soft = np.asarray(cv2.GaussianBlur(stepped, (0, 0), 1.2), np.uint8)
    result = finished(recoloured(face, soft), like=face)

    def steepest(picture: Rgb8) -> float:
        rows = picture[top + 10 : top + 40, x - 10 : x + 10].astype(float).mean(axis=(0, 2))
        return float(np.diff(rows).max())

    assert steepest(soft) * 1.1 < steepest(result) < steepest(soft) * 1.8


def test_features_become_clearer(cutout: Cutout) -> None:
    result = finished(cutout)
    x0, y0 = cutout.landmarks[[33, 159], :2].min(axis=0).astype(int)
    x1, y1 = cutout.landmarks[[133, 145], :2].max(axis=0).astype(int)
    before, after = (p[y0 - 2 : y1 + 2, x0:x1].mean(axis=2).std() for p in (cutout.canvas, result))
    assert after > before * 1.01


def test_the_face_keeps_its_shape(cutout: Cutout, models: Path) -> None:
    x0, y0 = cutout.landmarks[:, :2].min(axis=0)
    x1, y1 = cutout.landmarks[:, :2].max(axis=0)
    eyes = cutout.landmarks[[33, 263, 4, 13, 234, 454], :2]
    box = Face(float(x0), float(y0), float(x1), float(y1), 1.0, eyes)
    before, after = (
        landmarks(nets(models), picture, box).points[:, :2]
        for picture in (cutout.canvas, finished(cutout))
    )
    moved = np.linalg.norm(after - before, axis=1) / cutout.face_width
    assert float(np.median(moved)) < 0.01
    assert float(moved.max()) < 0.03


def test_dither_has_no_pattern_and_no_bias() -> None:
    noise = dither(700, 600)
    assert noise.shape == (600, 700, 3)
    assert abs(float(noise.mean())) < 0.01
    assert float(np.abs(noise).max()) <= 1
    assert abs(float((noise[:, 1:] * noise[:, :-1]).mean())) < 0.01


def test_a_slow_gradient_survives_eight_bits(face: Cutout) -> None:
    height, width = face.alpha.shape
    slope = np.linspace(100, 104, width, dtype=np.float32)
    canvas = np.repeat(slope[None, :, None], height, axis=0).repeat(3, axis=2)
    smooth = recoloured(face, np.round(canvas).astype(np.uint8))
    rows = finished(smooth, like=face)[-40:].astype(float).mean(axis=(0, 2))
    assert len(np.unique(np.round(rows, 2))) > 50
