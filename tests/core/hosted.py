"""A house with a hosted provider in front of its own, both fake."""

from __future__ import annotations

from msgspec.structs import replace

from bot.terms import Hosted
from tests.core.house import TERMS, House
from tests.fakes.inspector import FakeInspector
from tests.fakes.provider import FakeProvider

HOSTED = replace(
    TERMS,
    local_provider="local",
    host="our server",
    hosted=Hosted("hosted", "Pictures", "US", ("Makers",)),
)
EACH = 100


def hosted_house() -> House:
    house = House(
        terms=HOSTED,
        inspector=FakeInspector(removes_background=True),
        provider=FakeProvider("hosted", sends_photo_to="Pictures, Makers", each=EACH),
        more_providers=(FakeProvider("local"),),
    )
    house.provider.kept_until = house.clock.now().replace(hour=10, minute=30)
    return house


async def orders(house: House, place: str = "hosted") -> None:
    await house.agrees_up_to_the_crop()
    await house.taps(place)
    await house.sees("Thanks")
    await house.taps("navy")
