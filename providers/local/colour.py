"""White balance and exposure: one tone curve per channel for the whole picture.

Everything is measured on a small view of the face, and everything is applied as three tables of
256 entries, so the grade costs one pass. The rules that keep people looking like themselves:

* The colour of the light is judged by the skin: whatever its lightness, its hue in CIELAB lies
  between about 44 and 61 degrees; only what is outside is corrected, checked against shades of
  grey (Finlayson & Trezzi 2004) over the whole picture.
* Exposure is judged by the whites of the eyes and by the highlights, **never by the lightness of
  the skin**: that would whiten dark skin. The skin is never lifted above L* 66, never by more than
  14, and contrast turns round the skin's own lightness, which therefore stays.

Lightness is CIE L* (0..100), chroma and hue are CIELAB, D65.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from providers.local.pixels import Floats, resize, resize_rgb
from providers.local.skin import (
    LUMA,
    FaceView,
    Tone,
    apply,
    eye_white,
    floats,
    light_of,
    plain,
    skin_tone,
    to_lab,
    to_light,
    to_srgb,
)
from providers.local.subject import Plane, Rgb8

SKIN_HUE = (44.0, 61.0)
"""Degrees; measured over faces of all skin tones in neutral light."""
LEAST_CHROMA = 12.0
"""Below it, skin was lit by something bluish."""
BRIGHTEST_SKIN = 66.0
"""L* above which the skin is never lifted."""
LARGEST_LIFT = 14.0
"""L*."""

_SLOPE = 1.06
_BURNT = 96.0
_LINEAR: Floats = to_light(np.arange(256, dtype=np.float32) / np.float32(255))


@dataclass(frozen=True, slots=True)
class Grade:
    """The tone curves and what they were derived from."""

    tables: Floats
    """(256, 1, 3): encoded sRGB in, encoded sRGB (0..1) out."""
    skin_before: Tone
    skin: Tone
    """Under these tables."""
    gains: tuple[float, float, float]
    """Linear light, red, green, blue."""
    stops: float
    """Exposure change; 0 when the picture was right."""


@dataclass(frozen=True, slots=True)
class _Surroundings:
    highlight: float
    """L* of the brightest two per cent of the photo as it was framed."""
    backlit: bool
    """Nothing on the person, clothes and shine included, is bright, and what is behind is burnt
    out: a white wall behind a dark suit is not enough."""


def grade(canvas: Rgb8, alpha: Plane, view: FaceView) -> Grade:
    """Find the white balance, exposure and contrast of a person in a picture.

    `alpha` is how much of each pixel is the person; it may be smaller than the picture.
    """
    before = skin_tone(view, plain())
    gains = _gains(before, _shades_of_grey(canvas, view.region))
    balanced = to_srgb(_LINEAR[:, None] * gains)[:, None, :]
    skin = skin_tone(view, balanced)
    gain = _exposure(skin, eye_white(view, balanced), _surroundings(canvas, alpha, balanced))
    pivot = float(to_srgb(floats([_luminance(_lifted(skin.lightness, gain))]))[0])
    light = _shoulder(_LINEAR[:, None] * gains, gain)
    tables = _contrast(to_srgb(light), pivot)[:, None, :]
    red, green, blue = (float(g) for g in gains)
    return Grade(tables, before, skin_tone(view, tables), (red, green, blue), math.log2(gain))


def halved(found: Grade, view: FaceView) -> Grade:
    """Half of the correction, for who finds the result not enough like their photo."""
    tables = floats((found.tables + plain()[:, :1]) / 2)
    return replace(found, tables=tables, skin=skin_tone(view, tables))


def _gains(skin: Tone, by_grey: Floats) -> Floats:
    """Gains per channel in linear light that bring the skin's hue into its range."""
    if skin.chroma < 4:  # a black-and-white photo
        return np.ones(3, np.float32)
    hue = math.radians(min(max(skin.hue, SKIN_HUE[0]), SKIN_HUE[1]))
    chroma = min(max(skin.chroma, LEAST_CHROMA), 30 + 0.06 * skin.lightness)
    wanted = Tone(skin.lightness, chroma * math.cos(hue), chroma * math.sin(hue))
    by_skin = np.log(light_of(wanted) / np.maximum(light_of(skin), 1e-4))
    sizes = float(np.linalg.norm(by_skin) * np.linalg.norm(by_grey))
    agreement = float(by_skin @ by_grey) / (sizes + 1e-6)
    strength = 0.9 if agreement > 0.3 else 0.55
    doubt = 0.25 if agreement > -0.2 else 0.06
    mild = np.log(np.clip(np.exp(by_grey), 0.85, 1.18))
    gains = np.exp(by_skin * strength + mild * doubt)
    # Strongly coloured light (a sunset, a neon sign) may be corrected further.
    room = 0.28 + 0.10 * min(max((skin.chroma - 38) / 20, 0.0), 1.0)
    gains = np.clip(gains, 1 - room, 1 + 1.4 * room)
    # What changes is the colour of the light, not how light the skin is.
    return floats(gains * (light_of(skin) @ LUMA) / ((gains * light_of(skin)) @ LUMA))


def _shades_of_grey(canvas: Rgb8, face: tuple[int, int, int, int]) -> Floats:
    """Log gains that make the Minkowski mean (p = 5) of the picture, without the face, grey."""
    height, width = canvas.shape[:2]
    left, top, right, bottom = face
    counts = np.ones((96, 96), bool)
    across, down = 96 / width, 96 / height
    counts[
        int(top * down) : int(bottom * down) + 1, int(left * across) : int(right * across) + 1
    ] = 0
    light = _LINEAR[resize_rgb(canvas, (96, 96))[counts]]
    light = light[light.max(axis=1) < 0.97]
    if not len(light):
        return np.zeros(3, np.float32)
    mean = np.maximum((light**5).mean(axis=0) ** 0.2, 1e-3)
    return floats(np.log(mean.mean() / mean))


def _exposure(skin: Tone, white: float | None, around: _Surroundings) -> float:
    """The gain in linear light: above 1 lifts with a soft shoulder, below 1 darkens."""
    stops = 0.0
    if white is not None and white < 62 and around.highlight < 93:
        stops = min(1.2, (64 - white) / 18)
    elif white is None and around.highlight < 70:
        # No eye white to go by: only what is dull all over is lifted, and only a little.
        stops = min(0.5, (80 - around.highlight) / 40)
    elif white is None and skin.lightness < 42 and around.backlit:
        stops = 0.45
    elif skin.lightness > 77 and around.highlight > 92:
        stops = -min(0.4, (skin.lightness - 76) / 20)
    if stops <= 0:
        return float(2.0**stops)
    allowed = _gain_to(skin.lightness, min(BRIGHTEST_SKIN, skin.lightness + LARGEST_LIFT))
    return max(1.0, min(float(2.0**stops), allowed))


def _gain_to(lightness: float, wanted: float) -> float:
    """The gain that takes one L* to another through the shoulder."""
    now, then = _luminance(lightness), _luminance(wanted)
    return 1.0 if then <= now else then * (1 - now) / max(now * (1 - then), 1e-6)


def _lifted(lightness: float, gain: float) -> float:
    light = float(_shoulder(floats([_luminance(lightness)]), gain)[0])
    return 116.0 * float(np.cbrt(light)) - 16.0


def _surroundings(canvas: Rgb8, alpha: Plane, tables: Floats) -> _Surroundings:
    person = resize(alpha, (128, 128))
    lightness = to_lab(apply(tables, resize_rgb(canvas, (128, 128))))[..., 0]
    inside, outside = lightness[person > 0.95], lightness[person < 0.05]
    backlit = len(inside) > 50 and len(outside) > 50
    if backlit:
        backlit = (
            float(np.percentile(inside, 98)) < 70 and float(np.percentile(outside, 75)) > _BURNT
        )
    return _Surroundings(float(np.percentile(lightness, 98)), backlit)


def _shoulder(light: Floats, gain: float) -> Floats:
    """Multiply; above 1 white stays white instead of clipping."""
    if gain <= 1:
        return floats(light * gain)
    return floats(light * gain / (1 + np.clip(light, 0, 1) * (gain - 1)))


def _contrast(encoded: Floats, pivot: float) -> Floats:
    """A little contrast (slope 1.06) round the pivot, which stays, as do black and white."""
    pivot = min(max(pivot, 0.1), 0.9)
    dark = pivot * (np.clip(encoded, 0, pivot) / pivot) ** _SLOPE
    bright = 1 - (1 - pivot) * (np.clip(1 - encoded, 0, 1) / (1 - pivot)) ** _SLOPE
    return floats(np.where(encoded < pivot, dark, bright))


def _luminance(lightness: float) -> float:
    return float(((max(lightness, 8.0) + 16) / 116) ** 3)
