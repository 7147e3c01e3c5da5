"""The few filters that are our own and not OpenCV's."""

from __future__ import annotations

import numpy as np
import pytest

from providers.local.pixels import (
    blur,
    component_with,
    resize,
    resize_rgb,
    sample,
    warp_rgb,
)


@pytest.mark.parametrize("count", [1, 1023, 1024, 5000])
def test_sampling_some_pixels_equals_resizing_all(count: int) -> None:
    rng = np.random.default_rng(count)
    planes = rng.random((40, 30, 3), np.float32)
    places = rng.integers(0, 160, count), rng.integers(0, 120, count)

    found = sample(planes, (120, 160), places)

    assert found.shape == (count, 3)
    assert np.allclose(found, resize(planes, (120, 160))[places], atol=0.02)


def test_shrinking_does_not_alias() -> None:
    stripes = np.zeros((64, 64), np.float32)
    stripes[:, ::2] = 1

    assert np.allclose(resize(stripes, (16, 16)), 0.5, atol=1e-6)


def test_a_wide_blur_on_a_small_copy_looks_like_the_real_one() -> None:
    plane = np.zeros((200, 200), np.float32)
    plane[80:120, 80:120] = 1

    wide = blur(plane, 12.0)
    stepwise = plane
    for _ in range(9):
        stepwise = blur(stepwise, 4.0)

    assert float(np.abs(wide - stepwise).max()) < 0.03


def test_warping_down_first_averages() -> None:
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    small = warp_rgb(stripes, np.array([[0.25, 0.0, 0.0], [0.0, 0.25, 0.0]]), (100, 100))

    assert int(np.ptp(small[10:-10, 10:-10].astype(int))) < 60


def test_warping_by_a_scale_lands_where_resizing_does() -> None:
    rng = np.random.default_rng(2)
    coarse = rng.integers(0, 256, (20, 20, 3), np.uint8)
    photo = resize_rgb(coarse, (400, 400))
    half = (0.25 - 1) / 2

    warped = warp_rgb(photo, np.array([[0.25, 0.0, half], [0.0, 0.25, half]]), (100, 100))

    far = np.abs(warped.astype(int) - resize_rgb(photo, (100, 100)).astype(int))
    assert float(far[3:-3, 3:-3].mean()) < 3


def test_of_several_parts_the_one_with_the_seed_is_kept() -> None:
    mask = np.zeros((10, 20), np.bool_)
    mask[2:5, 2:5] = mask[2:8, 10:18] = True
    seed = np.zeros_like(mask)
    seed[3, 3] = True

    kept = component_with(mask, seed)

    assert kept[3, 3]
    assert not kept[:, 10:].any()
