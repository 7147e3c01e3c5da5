"""Matting on pictures whose alpha is known."""

from __future__ import annotations

import numpy as np
import pytest

from providers.local.matting import Level, LocalColours, enlarge, matte
from providers.local.pixels import blur, resize, unit
from providers.local.subject import Plane, RgbF

SIDE = 96
RED, BLUE = np.array([0.8, 0.2, 0.15], np.float32), np.array([0.1, 0.25, 0.7], np.float32)


def a_soft_disc(side: int = SIDE, softness: float = 0.03) -> Plane:
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    far = np.hypot(x - side / 2, y - side / 2) / side
    return np.asarray(np.clip((0.3 - far) / softness + 0.5, 0, 1), np.float32)


def two_colours(alpha: Plane) -> RgbF:
    share = alpha[..., None]
    return np.asarray(share * RED + (1 - share) * BLUE, np.float32)


def a_band(alpha: Plane) -> Plane:
    """A trimap whose unknown band is three times as wide as the soft edge."""
    near = blur(((alpha > 0) & (alpha < 1)).astype(np.float32), 2.0) > 0.02
    return np.where(near, np.float32(0.5), np.round(alpha)).astype(np.float32)


def nothing(alpha: Plane) -> tuple[Plane, Plane]:
    """An estimate that knows nothing, and no trust in it."""
    return np.full_like(alpha, 0.5), np.zeros_like(alpha)


def test_two_colours_give_back_the_planted_alpha() -> None:
    planted = a_soft_disc()

    found = matte(two_colours(planted), a_band(planted), *nothing(planted))

    assert float(np.abs(found - planted).max()) < 0.12
    assert float(np.abs(found - planted).mean()) < 0.01


def test_given_enough_rounds_two_colours_give_it_back_exactly() -> None:
    planted = a_soft_disc()
    patient = (Level(1.0, 1, 400),)

    found = matte(two_colours(planted), a_band(planted), *nothing(planted), levels=patient)

    assert float(np.abs(found - planted).max()) < 0.02


def test_known_pixels_keep_their_value() -> None:
    planted = a_soft_disc()
    known = a_band(planted)

    found = matte(two_colours(planted), known, *nothing(planted))

    decided = known != 0.5
    assert np.array_equal(found[decided], known[decided])


def test_without_an_unknown_band_the_map_is_the_answer() -> None:
    known = np.round(a_soft_disc())

    assert np.array_equal(matte(two_colours(known), known, *nothing(known)), known)


@pytest.mark.parametrize("said", [0.1, 0.9])
def test_where_colours_say_nothing_the_trusted_estimate_decides(said: float) -> None:
    flat = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    known = np.full((SIDE, SIDE), 0.5, np.float32)

    found = matte(flat, known, np.full_like(known, said), np.ones_like(known))

    assert float(np.abs(found - said).max()) < 0.01


def test_the_same_picture_gives_the_same_matte() -> None:
    planted = a_soft_disc()
    noisy = two_colours(planted) + np.random.default_rng(3).normal(0, 0.02, (SIDE, SIDE, 3))
    picture = np.clip(noisy, 0, 1).astype(np.float32)

    first = matte(picture, a_band(planted), *nothing(planted))
    second = matte(picture, a_band(planted), *nothing(planted))

    assert np.array_equal(first, second)


def test_the_operator_is_symmetric_and_blind_to_what_the_colours_explain() -> None:
    rng = np.random.default_rng(5)
    colours = LocalColours(rng.random((40, 50, 3), np.float32), 1, 1e-5)
    x, y = rng.random((40, 50), np.float32), rng.random((40, 50), np.float32)

    assert float(np.vdot(x, colours.laplacian(y))) == pytest.approx(
        float(np.vdot(y, colours.laplacian(x))), rel=1e-3
    )
    explained = 0.3 * colours.colours[0] - 0.2 * colours.colours[2] + np.float32(0.4)
    assert float(np.abs(colours.laplacian(explained)).max()) < 1e-3


def test_strongly_correlated_colours_do_not_break_the_inverse() -> None:
    grey = resize(np.random.default_rng(7).random((12, 12), np.float32), (SIDE, SIDE))
    planted = a_soft_disc()
    value = planted * (0.7 + 0.2 * grey) + (1 - planted) * 0.1 * grey
    picture = np.repeat(value[..., None], 3, axis=2).astype(np.float32)

    found = matte(picture, a_band(planted), *nothing(planted))

    assert np.isfinite(found).all()
    assert float(np.abs(found - planted).mean()) < 0.02


def test_enlarging_follows_the_sharp_picture() -> None:
    large = a_soft_disc(192, softness=0.01)
    picture = np.round(two_colours(large) * 255).astype(np.uint8)
    small_picture, small = resize(unit(picture), (SIDE, SIDE)), resize(large, (SIDE, SIDE))

    guided = enlarge(small, small_picture, picture, a_band(small))

    plain = resize(small, (192, 192))
    assert float(np.abs(guided - large).mean()) < 0.3 * float(np.abs(plain - large).mean())


def test_enlarging_leaves_decided_pixels_decided() -> None:
    large = a_soft_disc(192)
    picture = np.round(two_colours(large) * 255).astype(np.uint8)
    small = resize(large, (SIDE, SIDE))

    guided = enlarge(small, resize(unit(picture), (SIDE, SIDE)), picture, np.round(small))

    assert set(np.unique(guided[:30])) == {0.0}
    assert float(guided[90:100, 90:100].min()) == 1
