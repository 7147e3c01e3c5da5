"""How much of each pixel is the person, worked out from the colours around it.

Closed-form matting (Levin, Lischinski, Weiss 2008): in every small window the alpha is a linear
function of the colour. The matrix of that condition is never built; it is applied with box filters
(He, Sun, Tang 2010) inside conjugate gradients, on a pyramid, for the unknown pixels only. The
networks' estimate pulls weakly where colours do not decide. Window means are removed in float32,
the 3 x 3 inverses need float64: with correlated channels their determinants cancel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from providers.local.pixels import Floats, box_sum, resize, sample, size_of
from providers.local.subject import Plane, Rgb8, RgbF

_EPSILON = 4e-6
"""Noise variance of a window's colours, from 8-bit steps."""
_SMOOTHING = 1e-5
"""The same for up-sampling, where it keeps noise of the large picture out."""
_PULL = 0.01
"""Weight of the networks' estimate against the colours."""
_STRIP = 48
"""Rows inverted at once, so that float64 stays in the cache."""


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the pyramid."""

    scale: float
    radius: int
    rounds: int


_Exact: TypeAlias = NDArray[np.float64]

LEVELS = (Level(0.25, 2, 16), Level(0.5, 2, 8), Level(1.0, 1, 3))


class LocalColours:
    """Windowed colour statistics of a picture, and the linear models fitted with them.

    Everything is kept as separate planes: arithmetic on whole planes is many times faster than
    on interleaved channels, only the box filter likes four channels at once.
    """

    def __init__(self, picture: RgbF, radius: int, epsilon: float) -> None:
        self.offset = picture.reshape(-1, 3).mean(axis=0)
        self.colours = _planes(picture - self.offset)
        self.radius = radius
        self.count = box_sum(np.ones(picture.shape[:2], np.float32), radius)
        self._share = 1 / self.count
        self.means = self._mean(self.colours)
        self._inverse = self._inverses(np.float64(epsilon))

    def fit(self, alpha: Plane) -> list[Plane]:
        """a (three planes) and b of each window's best alpha = a . colour + b."""
        mean, *moments = self._mean([alpha, *(alpha * colour for colour in self.colours)])
        for moment, colour in zip(moments, self.means, strict=True):
            np.subtract(moment, colour * mean, out=moment)
        c0, c1, c2 = moments
        i = self._inverse
        a0 = i[0] * c0 + i[1] * c1 + i[2] * c2
        a1 = i[1] * c0 + i[3] * c1 + i[4] * c2
        a2 = i[2] * c0 + i[4] * c1 + i[5] * c2
        for slope, colour in zip((a0, a1, a2), self.means, strict=True):
            mean -= slope * colour
        return [a0, a1, a2, mean]

    def laplacian(self, alpha: Plane) -> Plane:
        """How far each pixel is from what its windows' linear models say; per window pixel."""
        a0, a1, a2, far = self._sum(self.fit(alpha))
        for slope, colour in zip((a0, a1, a2), self.colours, strict=True):
            far += slope * colour
        np.subtract(self.count * alpha, far, out=far)
        far *= np.float32(1 / (2 * self.radius + 1) ** 2)
        return far

    def smooth_fit(self, alpha: Plane) -> list[Plane]:
        """The windows' models averaged at each pixel."""
        return self._mean(self.fit(alpha))

    def _sum(self, planes: list[Plane]) -> list[Plane]:
        return _planes(box_sum(np.asarray(cv2.merge(planes), np.float32), self.radius))

    def _mean(self, planes: list[Plane]) -> list[Plane]:
        sums = self._sum(planes)
        for plane in sums:
            np.multiply(plane, self._share, out=plane)
        return sums

    def _inverses(self, epsilon: np.float64) -> list[Plane]:
        """The six different entries of each window's inverse covariance."""
        red, green, blue = self.colours
        moments = self._mean([red * red, red * green, red * blue])
        moments += self._mean([green * green, green * blue, blue * blue])
        out = [np.empty(self.count.shape, np.float32) for _ in range(6)]
        for top in range(0, self.count.shape[0], _STRIP):
            strip = np.s_[top : top + _STRIP]
            entries = _invert(
                [plane[strip].astype(np.float64) for plane in moments],
                [plane[strip].astype(np.float64) for plane in self.means],
                epsilon,
            )
            for plane, values in zip(out, entries, strict=True):
                plane[strip] = values
        return out


def _planes(stacked: Floats) -> list[Plane]:
    return [np.asarray(plane, np.float32) for plane in cv2.split(stacked)]


def _invert(moments: list[_Exact], means: list[_Exact], epsilon: np.float64) -> list[_Exact]:
    """Inverse of the covariance plus epsilon, by cofactors."""
    m0, m1, m2 = means
    rr = np.maximum(moments[0] - m0 * m0, 0) + epsilon
    rg = moments[1] - m0 * m1
    rb = moments[2] - m0 * m2
    gg = np.maximum(moments[3] - m1 * m1, 0) + epsilon
    gb = moments[4] - m1 * m2
    bb = np.maximum(moments[5] - m2 * m2, 0) + epsilon
    i00, i01, i02 = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    i11, i12, i22 = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    scale = 1 / np.maximum(rr * i00 + rg * i01 + rb * i02, 0.5 * epsilon**3)
    return [entry * scale for entry in (i00, i01, i02, i11, i12, i22)]


def matte(
    picture: RgbF,
    known: Plane,
    estimate: Plane,
    trust: Plane,
    *,
    levels: tuple[Level, ...] = LEVELS,
) -> Plane:
    """Alpha (0..1) of a picture.

    `known` is a trimap (0, 0.5, 1) and is kept where it is not 0.5; `estimate` is what the
    networks think, `trust` (0..1) how far. All of one size. The last level must be full size.
    """
    rows, columns = np.nonzero(known == 0.5)
    alpha = known.copy()
    if not len(rows):
        return alpha
    top, bottom = max(0, int(rows.min()) - 8), int(rows.max()) + 9
    left, right = max(0, int(columns.min()) - 8), int(columns.max()) + 9
    window = np.s_[top:bottom, left:right]
    guess: Plane | None = None
    for level in levels:
        guess = _refined(
            level, picture[window], known[window], (estimate[window], trust[window]), guess
        )
    if guess is not None:
        alpha[window] = guess
    return alpha


def _refined(
    level: Level, picture: RgbF, known: Plane, said: tuple[Plane, Plane], guess: Plane | None
) -> Plane:
    """Alpha at the level's size, starting from the coarser guess."""
    width, height = size_of(known)
    size = (max(16, round(width * level.scale)), max(16, round(height * level.scale)))
    if level.scale == 1:
        size = (width, height)
    mapped = resize(known, size)
    mapped = np.where(mapped > 0.99, 1, np.where(mapped < 0.01, 0, 0.5)).astype(np.float32)
    estimate, trust = said
    pull = _Pull(resize(estimate, size), resize(trust, size) * np.float32(_PULL))
    start = pull.towards if guess is None else resize(guess, size)
    colours = LocalColours(resize(picture, size), level.radius, _EPSILON)
    return _solve(colours, mapped, pull, start, level.rounds)


@dataclass(frozen=True, slots=True)
class _Pull:
    towards: Plane
    weight: Plane


def _solve(colours: LocalColours, known: Plane, pull: _Pull, start: Plane, rounds: int) -> Plane:
    """Conjugate gradients over the unknown pixels of `laplacian + pull`, diagonal scaling."""
    free = (known == 0.5).astype(np.float32)
    alpha = np.where(known == 0.5, start, known).astype(np.float32)
    residual = free * (pull.weight * (pull.towards - alpha) - colours.laplacian(alpha))
    scaling = free / (pull.weight + np.float32(1))
    step = scaling * residual
    energy = float(np.vdot(residual, step))
    for _ in range(rounds):
        if energy < 1e-9:
            break
        pushed = free * (colours.laplacian(step) + pull.weight * step)
        length = np.float32(energy / max(float(np.vdot(step, pushed)), 1e-12))
        alpha += length * step
        residual -= length * pushed
        scaled = scaling * residual
        fresh = float(np.vdot(residual, scaled))
        step *= np.float32(fresh / energy)
        step += scaled
        energy = fresh
    return np.clip(alpha, 0, 1)


def enlarge(alpha: Plane, small: RgbF, large: Rgb8, known: Plane) -> Plane:
    """Alpha of the large picture from that of its smaller copy.

    Guided up-sampling (He, Sun 2015): the linear models are fitted on the small picture and
    applied to the colours of the large one, so that strands get its sharpness. `known` is the
    trimap at the small size; what it decides stays decided.
    """
    colours = LocalColours(small, 2, _SMOOTHING)
    models = np.asarray(cv2.merge(colours.smooth_fit(alpha)), np.float32)
    enlarged = resize(known, size_of(large))
    rows, columns = np.nonzero((enlarged > 0.01) & (enlarged < 0.99))
    enlarged = np.round(enlarged)
    if not len(rows):
        return enlarged
    *slopes, said = sample(models, size_of(large), (rows, columns)).T
    for channel, slope in enumerate(slopes):
        seen = large[rows, columns, channel] * np.float32(1 / 255) - colours.offset[channel]
        said += slope * seen
    enlarged[rows, columns] = np.clip(said, 0, 1)
    return enlarged
