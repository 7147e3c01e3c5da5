"""The person's own colours, on pictures composed from known ones."""

from __future__ import annotations

import numpy as np
import pytest

from providers.local.foreground import foreground
from providers.local.subject import Plane, Rgb8, RgbF

HAIR = np.array([0.22, 0.14, 0.10], np.float32)
SIDE = 200


@pytest.fixture
def alpha() -> Plane:
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    far = np.hypot(x - SIDE / 2, y - SIDE / 2)
    return np.asarray(np.clip((60 - far) / 12 + 0.5, 0, 1), np.float32)


def photographed(own: RgbF, old: RgbF, alpha: Plane) -> Rgb8:
    share = alpha[..., None]
    return np.asarray(np.round((share * own + (1 - share) * old) * 255), np.uint8)


def a_flat(colour: object) -> RgbF:
    return np.broadcast_to(np.asarray(colour, np.float32), (SIDE, SIDE, 3)).copy()


@pytest.mark.parametrize(
    "background", [(0.95, 0.95, 0.97), (0.02, 0.02, 0.03), (0.1, 0.8, 0.3), (0.2, 0.7, 0.9)]
)
def test_the_old_background_is_gone_from_the_soft_edge(
    alpha: Plane, background: tuple[float, float, float]
) -> None:
    photo = photographed(a_flat(HAIR), a_flat(background), alpha)

    own = foreground(photo, alpha, 90.0)

    edge = (alpha > 0.1) & (alpha < 0.95)
    left = np.abs(own[edge] - HAIR).max(axis=1)
    mixed = np.abs(photo[edge] / 255 - HAIR).max(axis=1)
    assert float(left.mean()) < 0.15 * float(mixed.mean()) + 0.01


def test_the_solid_person_keeps_every_pixel(alpha: Plane) -> None:
    rng = np.random.default_rng(1)
    photo = rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)

    own = foreground(photo, alpha, 90.0)

    solid = alpha >= 1
    assert np.allclose(own[solid], photo[solid] / 255, atol=1e-6)


def test_texture_along_the_edge_is_kept(alpha: Plane) -> None:
    stripes = a_flat(HAIR)
    stripes[:, ::4] += 0.25
    photo = photographed(stripes, a_flat((0.9, 0.9, 0.9)), alpha)

    own = foreground(photo, alpha, 90.0)

    edge = (alpha > 0.6) & (alpha < 0.97)
    bright, dark = np.zeros_like(edge), np.zeros_like(edge)
    bright[:, ::4], dark[:, 2::4] = edge[:, ::4], edge[:, 2::4]
    assert float(own[bright].mean() - own[dark].mean()) > 0.1


def test_the_result_is_a_picture(alpha: Plane) -> None:
    photo = photographed(a_flat(HAIR), a_flat((1, 1, 1)), alpha)

    own = foreground(photo, alpha, 90.0)

    assert own.shape == (SIDE, SIDE, 3)
    assert own.dtype == np.float32
    assert 0 <= float(own.min()) <= float(own.max()) <= 1
