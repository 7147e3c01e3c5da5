"""When a cut-out must not be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from providers.local.doubt import doubt_of
from providers.local.mesh import CHIN
from providers.local.subject import DOUBTFUL, Plane, Points

SIDE = 300
FACE_WIDTH = 100.0


def a_head() -> Plane:
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    far = np.hypot((x - 150) / 60, (y - 110) / 75)
    return np.asarray(np.clip((1 - far) * 30 + 0.5, 0, 1), np.float32)


def points() -> Points:
    points = np.zeros((468, 3), np.float32)
    points[CHIN, :2] = (150, 185)
    return points


@dataclass
class Seen:
    alpha: Plane = field(default_factory=a_head)
    estimate: Plane = field(default_factory=a_head)
    spread: Plane = field(default_factory=lambda: np.zeros((SIDE, SIDE), np.float32))
    face_px: float = 400.0

    def doubt(self) -> float:
        return doubt_of(
            alpha=self.alpha,
            estimate=self.estimate,
            spread=self.spread,
            points=points(),
            face_width=FACE_WIDTH,
            face_px=self.face_px,
        )


def test_agreement_on_a_clean_head_leaves_no_doubt() -> None:
    assert Seen().doubt() < 0.2


def test_a_dark_disc_beside_the_head_is_doubtful() -> None:
    seen = Seen()
    seen.alpha[90:115, 215:240] = 0.7

    assert seen.doubt() >= DOUBTFUL


def test_networks_that_disagree_beside_the_head_are_doubtful() -> None:
    seen = Seen()
    seen.spread[60:120, 215:245] = 0.4

    assert seen.doubt() >= DOUBTFUL


def test_broad_half_covered_areas_are_doubtful() -> None:
    seen = Seen()
    seen.alpha[50:130, 208:250] = seen.estimate[50:130, 208:250] = 0.5

    assert seen.doubt() >= DOUBTFUL


def test_a_face_of_few_pixels_is_doubtful() -> None:
    assert Seen(face_px=100).doubt() >= DOUBTFUL
    assert Seen(face_px=180).doubt() < DOUBTFUL
    assert Seen(face_px=230).doubt() == Seen().doubt()


def test_thin_soft_hair_is_not_doubtful() -> None:
    seen = Seen()
    for column in range(214, 250, 6):
        seen.alpha[60:160, column] = 0.6

    assert seen.doubt() < 0.3


def test_faults_in_the_cloth_far_below_do_not_count() -> None:
    seen = Seen()
    seen.spread[290:] = 0.5

    assert seen.doubt() == pytest.approx(Seen().doubt())


def test_small_doubts_add_up() -> None:
    one, other, both = Seen(face_px=140), Seen(), Seen(face_px=140)
    for seen in (other, both):
        seen.alpha[90:106, 215:231] = 0.7

    assert both.doubt() > max(one.doubt(), other.doubt())
