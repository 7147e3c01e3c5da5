"""The relight: gentle, smooth, and never at the cost of the skin's own lightness."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from providers.local.colour import grade
from providers.local.light import light_map, relight, split
from providers.local.skin import apply, plain, same_view, skin_tone
from providers.local.subject import Cutout, Plane
from tests.providers.cutouts import astronaut_cutout, painted, recoloured, view_of


@pytest.fixture
def cutout(models: Path) -> Cutout:
    return astronaut_cutout(models)


def face_of(cutout: Cutout, level: int = 150) -> Cutout:
    skin = (level, round(level * 0.74), round(level * 0.6))
    return painted(
        cutout, skin=skin, eyes=(200, 200, 200), clothes=(90, 90, 90), background=(120, 120, 120)
    )


def side_lit(cutout: Cutout, stops: float) -> Cutout:
    """Brighter on the image's left by so many stops, halfway across the face."""
    middle = float(cutout.landmarks[4, 0])
    across = (np.arange(cutout.alpha.shape[1]) - middle) / (cutout.face_width * 0.12)
    gain = 2.0 ** (-stops / 2 * np.tanh(across))
    light = (cutout.canvas / 255.0) ** 2.2 * gain[None, :, None]
    return recoloured(cutout, (np.clip(light, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8))


def map_of(cutout: Cutout) -> Plane:
    view = view_of(cutout)
    return light_map(cutout, view, grade(cutout.canvas, cutout.alpha, view))


@pytest.mark.parametrize("level", [70, 110, 150, 210])
@pytest.mark.parametrize("stops", [0.0, 1.0])
def test_skin_keeps_its_lightness_in_any_light(cutout: Cutout, level: int, stops: float) -> None:
    face = side_lit(face_of(cutout, level), stops)
    view = view_of(face)
    graded = grade(face.canvas, face.alpha, view)
    shown = apply(graded.tables, face.canvas)
    relight(shown, light_map(face, view, graded))
    after = same_view(view, (np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8))
    assert skin_tone(after, plain()).lightness == pytest.approx(graded.skin.lightness, abs=0.8)


def test_the_bright_side_is_told_from_the_dark_one(cutout: Cutout) -> None:
    even, left = face_of(cutout), side_lit(face_of(cutout), 1.0)
    for face, least, most in ((even, -0.05, 0.05), (left, 0.6, 1.2)):
        view = view_of(face)
        assert least < split(view, grade(face.canvas, face.alpha, view)) < most


def test_part_of_a_harsh_split_is_filled_and_part_of_it_stays(cutout: Cutout) -> None:
    face = side_lit(face_of(cutout), 1.2)
    view = view_of(face)
    graded = grade(face.canvas, face.alpha, view)
    shown = apply(graded.tables, face.canvas)
    relight(shown, light_map(face, view, graded))
    after = same_view(view, (np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8))
    was = split(view, graded)
    now = split(after, replace(graded, tables=plain()))
    assert was * 0.5 < now < was - 0.05


def test_the_face_stays_the_brightest_part_of_the_person(cutout: Cutout) -> None:
    factors = map_of(face_of(cutout))
    height, width = factors.shape
    scale = width / cutout.alpha.shape[1]
    x, y = (cutout.landmarks[4, :2] * scale).astype(int)
    corner = float(factors[height - 3 :, :3].mean())
    assert float(factors[y - 3 : y + 4, x - 3 : x + 4].mean()) > corner


def test_the_light_is_gentle_and_smooth(cutout: Cutout) -> None:
    for stops in (0.0, 2.0):
        factors = map_of(side_lit(face_of(cutout), stops))
        assert float(factors.min()) > 0.75
        assert float(factors.max()) < 1.3
        # No step between neighbours that an eye could see as an edge.
        assert float(np.abs(np.diff(factors, axis=1)).max()) < 0.02
        assert float(np.abs(np.diff(factors, axis=0)).max()) < 0.02


def test_light_multiplies_linear_light(cutout: Cutout) -> None:
    grey = np.full((40, 40, 3), 0.5, np.float32)
    relight(grey, np.full((10, 10), 2 ** (1 / 2.4), np.float32))
    before, after = (((v + 0.055) / 1.055) ** 2.4 for v in (0.5, float(grey[20, 20, 1])))
    assert after == pytest.approx(2 * before, rel=1e-3)


def test_a_face_at_the_edge_of_the_canvas_is_lit_too(cutout: Cutout) -> None:
    top = int(cutout.landmarks[:, 1].min() + cutout.face_width * 0.2)
    cut = recoloured(
        replace(
            cutout,
            alpha=cutout.alpha[top:].copy(),
            landmarks=cutout.landmarks - np.array([0, top, 0], np.float32),
        ),
        cutout.canvas[top:].copy(),
    )
    factors = map_of(cut)
    assert np.isfinite(factors).all()
    assert cv2.minMaxLoc(factors)[1] < 1.3
