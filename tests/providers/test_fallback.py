"""Only ever from the hosted provider to this machine, and both are let go of."""

from __future__ import annotations

import pytest

from bot.errors import OrderLost, ProviderRefused, ProviderUnavailable
from bot.model import Erased, PhotoProblem, Ticket, Trace
from providers.fallback import Fallback
from tests.contracts.provider import ORDER, Notes, Stages, approved
from tests.fakes.provider import FakeProvider

PHOTO = b"a crop"
EACH = 100


@pytest.fixture
def hosted() -> FakeProvider:
    return FakeProvider("hosted", sends_photo_to="Somebody", each=EACH)


@pytest.fixture
def local() -> FakeProvider:
    return FakeProvider("local")


@pytest.fixture
def both(hosted: FakeProvider, local: FakeProvider) -> Fallback:
    return Fallback(hosted, local)


async def test_it_is_the_hosted_one_to_everybody(both: Fallback) -> None:
    assert (both.name, both.sends_photo_to, both.price(ORDER)) == ("hosted", "Somebody", 4 * EACH)


async def test_who_made_them_is_on_each_headshot(
    both: Fallback, hosted: FakeProvider, local: FakeProvider
) -> None:
    made = await both.wait(await both.start(ORDER), approved(PHOTO), Stages(), Notes())
    assert {one.by for one in made} == {"hosted"}
    hosted.on_wait.append(ProviderUnavailable())
    made = await both.wait(await both.start(ORDER), approved(PHOTO), Stages(), Notes())
    assert {one.by for one in made} == {"local"}
    assert local.given == [PHOTO]


async def test_one_that_is_known_to_be_down_is_not_even_asked(
    both: Fallback, hosted: FakeProvider
) -> None:
    hosted.on_start.append(ProviderUnavailable())
    stages = Stages()
    ticket = await both.start(ORDER)
    made = await both.wait(ticket, approved(PHOTO), stages, Notes())
    assert {one.by for one in made} == {"local"}
    assert hosted.given == []
    assert stages.seen[0] == "instead"
    assert (await both.forget(ticket)).remains == ()


async def test_the_change_is_written_down_before_this_machine_begins(
    both: Fallback, hosted: FakeProvider, local: FakeProvider
) -> None:
    hosted.on_wait.append(ProviderUnavailable())
    local.on_wait.append(ProviderUnavailable())
    notes = Notes()
    with pytest.raises(ProviderUnavailable):
        await both.wait(await both.start(ORDER), approved(PHOTO), Stages(), notes)
    made = await both.wait(notes.seen[-1], approved(PHOTO), Stages(), notes)
    assert {one.by for one in made} == {"local"}
    assert len(hosted.given) == 1, "the hosted one is not asked again"
    assert len(local.started) == 1


async def test_what_is_refused_there_is_not_made_here(
    both: Fallback, hosted: FakeProvider, local: FakeProvider
) -> None:
    hosted.on_wait.append(ProviderRefused(PhotoProblem.DECLINED))
    with pytest.raises(ProviderRefused):
        await both.wait(await both.start(ORDER), approved(PHOTO), Stages(), Notes())
    assert local.given == []


async def test_an_order_that_nobody_wants_is_not_made_here_either(
    both: Fallback, hosted: FakeProvider, local: FakeProvider
) -> None:
    hosted.on_wait.append(ProviderUnavailable())
    with pytest.raises(OrderLost):
        await both.wait(await both.start(ORDER), approved(PHOTO), Stages(), Notes(wanted=False))
    assert local.given == []


async def test_both_forget_and_what_remains_there_is_said(
    both: Fallback, hosted: FakeProvider, local: FakeProvider
) -> None:
    hosted.on_wait.append(ProviderUnavailable())
    notes = Notes()
    ticket = await both.start(ORDER)
    hosted.costs["hosted-1"] = EACH
    await both.wait(ticket, approved(PHOTO), Stages(), notes)
    erased = await both.forget(notes.seen[-1])
    assert erased.counts == {"orders": 1}
    assert [one.trace for one in erased.remains] == [Trace.PROVIDER]
    assert hosted.orders == local.orders == {}
    assert both.cost(notes.seen[-1]) == EACH, "what was spent there was spent"
    assert not await both.removed(notes.seen[-1])
    hosted.gone = True
    assert await both.removed(notes.seen[-1])


async def test_a_foreign_ticket_is_nobody_s(both: Fallback) -> None:
    foreign = Ticket("hosted", "nonsense")
    assert await both.forget(foreign) == Erased()
    assert both.cost(foreign) == 0
    assert await both.removed(foreign)
