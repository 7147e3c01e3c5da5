"""The label follows from who made the pixels, and every headshot that is kept has one."""

from __future__ import annotations

import io
import zipfile
from functools import partial

import pytest

from bot.captions import strongest
from bot.disclosure import Source, disclosure
from bot.errors import ProviderUnavailable
from bot.finishers import Labeller
from bot.model import Headshot, Made, PhotoId
from tests.contracts.labeller import LabellerContract
from tests.core.house import House, until
from tests.fakes.labeller import MARK, FakeLabeller


class TestFakeLabeller(LabellerContract):
    @pytest.fixture
    def labeller(self) -> Labeller:
        return FakeLabeller()


@pytest.mark.parametrize(
    ("made", "source"),
    [
        (Made(b"", "bio", "navy", by="acme", model="acme/model"), Source.GENERATED),
        (Made(b"", "bio", "own", by="acme", model="acme/model"), Source.GENERATED),
        (Made(b"", "bio", "navy"), Source.COMPOSITE),
        (Made(b"", "bio", "own"), Source.ENHANCED),
    ],
)
def test_a_label_says_what_truly_happened(made: Made, source: Source) -> None:
    said = disclosure(made)

    assert said.source is source
    assert ("AI-generated" in said.said) == (source is Source.GENERATED)
    assert (said.system == "acme/model") == (source is Source.GENERATED)


def test_of_several_ways_of_making_the_strongest_is_told() -> None:
    shots = [Headshot(PhotoId(look), "bio", look, by) for look, by in
             (("own", "local"), ("navy", "local"), ("navy", "acme"))]  # fmt: skip

    assert strongest((shots[0],)) is Source.ENHANCED
    assert strongest((shots[0], shots[1])) is Source.COMPOSITE
    assert strongest(tuple(shots)) is Source.GENERATED


async def test_whoever_gets_a_headshot_gets_its_label() -> None:
    house = House()
    async with house.running():
        await house.gets_headshots()
        delivered = [photo for one in house.chat.pictures for photo in one if MARK in photo]
        await house.writes("/mydata")
        await house.sees("Here is a copy")

    assert len(delivered) == 3
    packed = zipfile.ZipFile(io.BytesIO(house.chat.pictures[-1][0]))
    headshots = [packed.read(name) for name in packed.namelist() if name.startswith("headshots/")]
    assert headshots == delivered, "a copy of the data is labelled as well"


def is_left(labeller: FakeLabeller, count: int) -> bool:
    return len(labeller.script) == count


async def test_a_headshot_without_its_label_is_not_handed_over() -> None:
    house = House()
    house.labeller.script.extend([ProviderUnavailable()] * 4)
    async with house.running():
        await house.orders()
        for left in (3, 2, 1, 0):
            await until(partial(is_left, house.labeller, left))
            await house.time_passes(minutes=10)
        await house.sees("I couldn't make your headshots this time")

    assert not any(MARK in photo for one in house.chat.pictures for photo in one)


async def test_a_label_that_fails_once_is_tried_again() -> None:
    house = House()
    house.labeller.script.append(ProviderUnavailable())
    async with house.running():
        await house.orders()
        await until(lambda: not house.labeller.script)
        await house.time_passes(minutes=5)
        await house.sees("Your 3 headshots")

    assert len(house.labeller.labelled) == 3
