"""White balance and exposure: what may change, and above all what may not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from providers.local.colour import BRIGHTEST_SKIN, LARGEST_LIFT, SKIN_HUE, Grade, grade
from providers.local.skin import apply, eye_white, plain, skin_tone
from providers.local.subject import Cutout
from tests.providers.cutouts import Colour, astronaut_cutout, lit, painted, recoloured, view_of

DARK: Colour = (92, 62, 46)
BROWN: Colour = (141, 101, 78)
LIGHT: Colour = (205, 160, 138)
WHITE: Colour = (205, 200, 195)
GREY: Colour = (120, 120, 120)


@pytest.fixture
def cutout(models: Path) -> Cutout:
    return astronaut_cutout(models)


def graded(cutout: Cutout) -> Grade:
    return grade(cutout.canvas, cutout.alpha, view_of(cutout))


@pytest.mark.parametrize("skin", [DARK, BROWN, LIGHT])
def test_the_tone_of_the_skin_is_read_as_it_was_painted(cutout: Cutout, skin: Colour) -> None:
    face = painted(cutout, skin=skin, eyes=WHITE, clothes=GREY, background=GREY)
    tone = skin_tone(view_of(face), plain())
    flat = recoloured(cutout, np.full_like(cutout.canvas, skin))
    assert tone.lightness == pytest.approx(skin_tone(view_of(flat), plain()).lightness, abs=0.3)


def test_a_fringe_and_glasses_are_not_taken_for_skin(cutout: Cutout) -> None:
    face = painted(cutout, skin=LIGHT, eyes=WHITE, clothes=GREY, background=GREY)
    canvas = face.canvas.copy()
    # Forehead and upper cheeks, without the nose and the lower cheeks.
    brows, cheeks = face.landmarks[[9, 101], 1].astype(int)
    canvas[:brows] = (60, 45, 40)
    canvas[brows : cheeks - 2] = (30, 30, 30)
    covered = recoloured(face, canvas)
    tone, free = (skin_tone(view_of(picture), plain()) for picture in (covered, face))
    assert tone.lightness == pytest.approx(free.lightness, abs=0.5)


@pytest.mark.parametrize("skin", [DARK, BROWN, LIGHT])
@pytest.mark.parametrize("background", [(60, 60, 60), (120, 120, 120), (200, 200, 200)])
def test_skin_of_any_tone_keeps_its_lightness_when_the_eyes_say_the_light_is_right(
    cutout: Cutout, skin: Colour, background: Colour
) -> None:
    face = painted(cutout, skin=skin, eyes=WHITE, clothes=(40, 40, 45), background=background)
    result = graded(face)
    assert result.stops == 0
    assert result.skin.lightness == pytest.approx(result.skin_before.lightness, abs=0.3)


def test_dark_skin_is_not_lifted_because_the_eyes_are_hidden(cutout: Cutout) -> None:
    for clothes, background in [((230, 230, 230), WHITE), (GREY, (190, 190, 190))]:
        face = painted(cutout, skin=DARK, eyes=None, clothes=clothes, background=background)
        assert eye_white(view_of(face), plain()) is None
        assert graded(face).stops == 0


def test_a_dark_photo_is_lifted_by_the_whites_of_the_eyes(cutout: Cutout) -> None:
    face = painted(cutout, skin=BROWN, eyes=WHITE, clothes=GREY, background=GREY)
    result = graded(lit(face, (0.3, 0.3, 0.3)))
    assert result.stops > 0.5
    assert result.skin.lightness > result.skin_before.lightness + 8


@pytest.mark.parametrize("strength", [0.5, 0.3, 0.2, 0.12, 0.08])
@pytest.mark.parametrize("skin", [DARK, BROWN, LIGHT])
def test_no_skin_is_lifted_further_than_the_limits(
    cutout: Cutout, skin: Colour, strength: float
) -> None:
    face = painted(cutout, skin=skin, eyes=WHITE, clothes=GREY, background=GREY)
    result = graded(lit(face, (strength, strength, strength)))
    before, after = result.skin_before.lightness, result.skin.lightness
    assert after <= before + LARGEST_LIFT + 0.5
    assert after <= max(before, BRIGHTEST_SKIN) + 0.5


@pytest.mark.parametrize(
    ("skin", "eyes", "limit"),
    [
        ((118, 82, 64), (100, 98, 96), "by 14"),
        ((176, 136, 116), (130, 128, 125), "to 66"),
    ],
)
def test_the_lift_stops_exactly_at_its_limit(
    cutout: Cutout, skin: Colour, eyes: Colour, limit: str
) -> None:
    # The eyes ask for more than a stop, which would take the skin beyond the limit.
    face = painted(cutout, skin=skin, eyes=eyes, clothes=GREY, background=GREY)
    result = graded(face)
    lift = result.skin.lightness - result.skin_before.lightness
    if limit == "by 14":
        assert lift == pytest.approx(LARGEST_LIFT, abs=0.7)
    else:
        assert result.skin.lightness == pytest.approx(BRIGHTEST_SKIN, abs=0.7)
        assert 0 < lift < LARGEST_LIFT + 0.7


def test_a_photo_with_bright_light_in_it_is_not_lifted(cutout: Cutout) -> None:
    face = painted(cutout, skin=BROWN, eyes=(110, 108, 105), clothes=GREY, background=(250,) * 3)
    assert eye_white(view_of(face), plain()) is not None
    assert graded(face).stops == 0


def test_a_face_against_the_light_is_lifted_a_little(cutout: Cutout) -> None:
    face = painted(cutout, skin=DARK, eyes=None, clothes=(50, 50, 50), background=(252,) * 3)
    result = graded(face)
    assert 0 < result.stops <= 0.5
    assert result.skin.lightness - result.skin_before.lightness < 7


def test_burnt_skin_is_darkened(cutout: Cutout) -> None:
    face = painted(cutout, skin=(250, 222, 205), eyes=WHITE, clothes=GREY, background=(255,) * 3)
    result = graded(face)
    assert result.stops < 0
    assert result.skin.lightness < result.skin_before.lightness - 1


@pytest.mark.parametrize("gains", [(1.0, 0.78, 1.0), (0.95, 1.12, 0.9), (1.2, 0.68, 0.9)])
def test_a_cast_outside_the_range_of_skin_is_taken_back(
    cutout: Cutout, gains: tuple[float, float, float]
) -> None:
    face = painted(cutout, skin=BROWN, eyes=WHITE, clothes=GREY, background=GREY)
    result = graded(lit(face, gains))

    def outside(hue: float) -> float:
        return max(SKIN_HUE[0] - hue, hue - SKIN_HUE[1], 0.0)

    assert outside(result.skin_before.hue) > 4
    assert outside(result.skin.hue) < outside(result.skin_before.hue) / 2
    assert result.skin.lightness == pytest.approx(result.skin_before.lightness, abs=1.0)


@pytest.mark.parametrize("skin", [DARK, BROWN, LIGHT])
def test_neutral_light_stays_as_it_is(cutout: Cutout, skin: Colour) -> None:
    face = painted(cutout, skin=skin, eyes=WHITE, clothes=GREY, background=GREY)
    assert graded(face).gains == pytest.approx((1, 1, 1), abs=0.04)


def test_a_black_and_white_photo_stays_black_and_white(cutout: Cutout) -> None:
    grey = cutout.canvas.mean(axis=2, keepdims=True).astype(np.uint8)
    face = recoloured(cutout, np.repeat(grey, 3, axis=2))
    shown = apply(graded(face).tables, face.canvas)
    assert float(np.ptp(shown, axis=2).max()) < 0.002


def test_tone_curves_only_rise_and_keep_black_and_white(cutout: Cutout) -> None:
    for strength in (1.0, 0.5, 0.2):
        tables = graded(lit(cutout, (strength, strength, strength * 0.8))).tables
        assert tables.shape == (256, 1, 3)
        assert (np.diff(tables, axis=0) >= 0).all()
        assert float(tables[0].max()) == 0
        assert float(tables[-1].min()) > 0.9
        assert float(tables.max()) <= 1
