"""Another person does not pass where faces may be compared; elsewhere nothing is measured.

The tests with the real network are there when the extra ``workshot[likeness]`` is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.app.foundation import checks_likeness, terms_of
from bot.errors import ProviderUnavailable, SettingsError
from bot.model import Fault, Made, Verdict
from bot.photo import encode_jpeg
from providers.judge import OnDeviceJudge
from providers.local.judging import judge, look
from providers.local.likeness import FARTHEST, Likeness, chip, is_installed
from providers.local.subject import Points, Rgb8
from providers.workers.pool import WorkerPool
from tests.e2e.living import settings
from tests.providers import edits
from tests.providers.test_judging import headshots, nets, selfie


class Apart:
    """Says of any two faces that they are so far apart, and remembers that it was asked."""

    def __init__(self, distance: float) -> None:
        self._distance = distance
        self.asked = 0

    def distance(self, one: Rgb8, its: Points, other: Rgb8, those: Points) -> float:
        self.asked += 1
        assert one.shape != ()
        assert len(its) == len(those) == 468
        return self._distance


def honest() -> Made:
    return headshots(selfie())[0]


@pytest.mark.parametrize(
    ("distance", "faults"),
    [(0.0, ()), (FARTHEST - 0.01, ()), (FARTHEST + 0.01, (Fault.SOMEBODY_ELSE,))],
)
def test_somebody_else_does_not_pass(distance: float, faults: tuple[Fault, ...]) -> None:
    (verdict,) = judge(nets(), selfie(), [honest()], Apart(distance).distance)

    assert verdict.faults == faults


def test_a_verdict_holds_no_number_of_anybodys_face() -> None:
    (verdict,) = judge(nets(), selfie(), [honest()], Apart(0.9).distance)

    assert verdict == Verdict((Fault.SOMEBODY_ELSE,))
    assert Verdict.__struct_fields__ == ("faults",)


def test_nothing_is_measured_where_there_is_no_face() -> None:
    likeness = Apart(0.0)
    judge(nets(), selfie(), [Made(b"no picture", "linkedin", "grey")], likeness.distance)

    assert likeness.asked == 0


def test_the_network_sees_the_face_upright_and_whole() -> None:
    seen = look(nets(), honest().photo)
    assert seen
    face = chip(seen.pixels, seen.mesh.points)

    again = look(nets(), encode_jpeg(np.kron(face, np.ones((4, 4, 1), np.uint8))))
    assert face.shape == (150, 150, 3)
    assert again
    assert abs(again.mesh.roll) < 6
    assert 0.5 < again.mesh.width / 600 < 0.95


def test_question_four_is_asked_as_the_operator_says(tmp_path: Path, models: Path) -> None:
    assert not checks_likeness(settings(tmp_path, models, likeness_check=False))
    assert checks_likeness(settings(tmp_path, models, likeness_check=None)) == is_installed()
    if is_installed():
        assert terms_of(settings(tmp_path, models, likeness_check=True)).likeness
    else:
        with pytest.raises(SettingsError, match="not installed"):
            checks_likeness(settings(tmp_path, models, likeness_check=True))


if is_installed():

    def somebody_else() -> Made:
        """The same light and background, another face: much wider, with much smaller eyes."""
        seen = look(nets(), honest().photo)
        assert seen
        points = seen.mesh.points
        wider = edits.slimmed(seen.pixels, points, -0.3)
        return Made(encode_jpeg(edits.wide_eyed(wider, points, -0.4)), "linkedin", "grey")

    def test_the_same_person_is_near_and_another_face_is_far() -> None:
        found = judge(
            nets(), selfie(), [*headshots(selfie()), somebody_else()], Likeness().distance
        )

        assert [one.passed for one in found] == [True, True, True, True, False]
        assert found[-1].faults == (Fault.SOMEBODY_ELSE,)

    async def test_a_worker_compares_only_when_asked_to(models: Path) -> None:
        async with WorkerPool(1, models) as pool:
            made = [honest(), somebody_else()]
            compared = await OnDeviceJudge(pool).judge(selfie(), made, likeness=True)
            not_compared = await OnDeviceJudge(pool).judge(selfie(), made, likeness=False)

        assert [one.faults for one in compared] == [(), (Fault.SOMEBODY_ELSE,)]
        assert Fault.SOMEBODY_ELSE not in not_compared[1].faults

else:

    async def test_a_worker_without_the_extra_lets_nothing_pass_unmeasured(models: Path) -> None:
        async with WorkerPool(1, models) as pool:
            with pytest.raises(ProviderUnavailable):
                await OnDeviceJudge(pool).judge(selfie(), [honest()], likeness=True)
