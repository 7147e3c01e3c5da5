"""Whatever colours a photo was written in, they become sRGB."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from bot.photo import BEHIND_TRANSPARENCY
from tests.core.pictures import apart, read, scene, wide_gamut_profile, written


def srgb_of_wide(colour: tuple[int, int, int]) -> list[float]:
    """What a colour of that profile is in sRGB, by the matrices of both."""
    light = (np.array(colour) / 255) ** 2.2
    to_xyz = np.array(
        [[0.51512, 0.29198, 0.1571], [0.2412, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
    )
    srgb = np.array(
        [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.7141]]
    )
    linear = np.clip(np.linalg.inv(srgb) @ to_xyz @ light, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return [float(v) * 255 for v in encoded]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("colour", [(200, 120, 90), (90, 140, 110), (60, 60, 120), (250, 250, 250)])
def test_wide_gamut_colours_become_srgb(kind: str, colour: tuple[int, int, int]) -> None:
    flat = np.full((240, 240, 3), colour, np.uint8)
    options = {"quality": 98} | ({"subsampling": 0} if kind == "JPEG" else {})
    data = written(flat, kind, icc_profile=wide_gamut_profile(), **options)
    middle = read(data).pixels[100:140, 100:140].reshape(-1, 3).mean(axis=0)
    assert np.abs(middle - srgb_of_wide(colour)).max() < (2 if kind == "PNG" else 4)


def test_a_broken_profile_is_left_aside() -> None:
    assert apart(read(written(scene(), "PNG", icc_profile=b"junk" * 50)).pixels, scene()) == 0


def test_printing_colours_are_turned_into_light() -> None:
    cmyk = Image.new("CMYK", (240, 240), (0, 255, 255, 0))
    out = io.BytesIO()
    cmyk.save(out, "JPEG", quality=95)
    red, green, blue = read(out.getvalue()).pixels[120, 120]
    assert red > 240
    assert max(green, blue) < 15


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_become_eight(channels: int) -> None:
    deep = np.linspace(0, 65535, 256 * 240).astype(np.uint16).reshape(240, 256)
    data = cv2.imencode(".png", deep if channels == 1 else np.dstack([deep] * 3))[1].tobytes()
    pixels = read(data).pixels
    assert pixels.shape == (240, 256, 3)
    assert np.abs(pixels[..., 0] - deep / 257.0).max() <= 1


def test_a_palette_is_looked_up() -> None:
    data = io.BytesIO()
    Image.fromarray(scene()).quantize(256).save(data, "PNG")
    assert apart(read(data.getvalue()).pixels, scene()) < 8


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_light_grey_shows_through_what_is_transparent(mode: str) -> None:
    clear = Image.new("RGBA", (240, 240), (10, 10, 10, 0))
    clear.paste((200, 200, 200, 255), (0, 0, 120, 240))
    out = io.BytesIO()
    clear.convert(mode).save(out, "PNG")
    pixels = read(out.getvalue()).pixels
    assert set(pixels[:, 130:].reshape(-1).tolist()) == {BEHIND_TRANSPARENCY}
    assert np.abs(pixels[:, :110].astype(int) - 200).max() <= 2
