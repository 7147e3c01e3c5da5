"""Restarts, cancelling and forgetting: nothing is lost, nothing goes on that nobody wants."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import OrderLost, ProviderUnavailable
from bot.model import Erased, Ticket, Trace
from providers.breaker import FAULTS
from providers.replicate import catalogue, slip
from providers.replicate.slip import State
from tests.contracts.provider import Notes
from tests.fakes.clock import HandClock
from tests.fakes.replicate_script import ENDLESS, Answer, Cut, Outcome
from tests.fakes.replicate_server import FakeReplicate
from tests.providers.hosted import ONE, Hosted, Run, at, outcome_of

PRICE = catalogue.load()[catalogue.DEFAULT].price
CHEAPER = catalogue.load()["flux-kontext-pro"].price
BUSY = Outcome("failed", "Prediction interrupted; please retry (code: PA)")
FLAGGED = Outcome("failed", "The input was flagged as sensitive (E005)")


# --- after a restart ---------------------------------------------------------------------------


async def test_a_restart_goes_on_from_every_ticket_without_paying_again(
    server: FakeReplicate, run: Run
) -> None:
    await run.make()
    paid = len(server.predictions)
    for ticket in run.notes.seen:
        async with at(server) as reopened:
            assert len(await Run(reopened).wait(ticket)) == 4
    first = run.notes.seen[0]
    assert all(piece.state is State.PLANNED for piece in slip.read(first).pieces)
    # From the very first ticket nothing was known to be sent; every later one finds all there is.
    assert len(server.predictions) == 2 * paid


async def test_an_old_ticket_finds_what_it_does_not_know_of(
    server: FakeReplicate, run: Run
) -> None:
    await run.make()
    intended = run.notes.seen[1]
    assert all(piece.state is State.INTENDED for piece in slip.read(intended).pieces)
    async with at(server) as reopened:
        assert len(await Run(reopened).wait(intended)) == 4
    assert len(server.predictions) == 4


async def test_trouble_while_asking_never_loses_an_order(server: FakeReplicate, run: Run) -> None:
    server.on_get.extend([Answer(500), Answer(503), Answer(429), Answer(401), Answer(504)] * 2)
    assert len(await run.make(ONE)) == 1
    assert len(server.predictions) == 1


# --- stopping ---------------------------------------------------------------------------------


async def test_cancelled_in_mid_create_it_waits_for_the_id_and_forgets_it(
    server: FakeReplicate, hosted: Hosted
) -> None:
    notes = Notes()
    run = Run(hosted, notes)
    async with asyncio.TaskGroup() as group:
        making = group.create_task(run.make())
        async with asyncio.timeout(5):
            while not server.requests:
                await asyncio.sleep(0)
        making.cancel()
    assert State.INTENDED not in run.states, "every id has arrived"
    erased = await hosted.provider.forget(run.newest)
    assert erased.counts == {"orders": 1}
    assert all(one.cancelled for one in server.predictions.values())


async def test_forgetting_after_a_crash_cancels_what_no_ticket_knows_of(
    server: FakeReplicate, hosted: Hosted
) -> None:
    server.default = Outcome(polls=ENDLESS)
    run = Run(hosted)
    async with asyncio.TaskGroup() as group:
        making = group.create_task(run.make())
        async with asyncio.timeout(5):
            while len(server.predictions) < 4:
                await asyncio.sleep(0.005)
        making.cancel()
    intended = run.notes.seen[1]
    async with at(server) as reopened:
        erased = await reopened.provider.forget(intended)
    assert [one.trace for one in erased.remains] == [Trace.PROVIDER]
    assert all(one.cancelled for one in server.predictions.values())


async def test_when_nobody_waits_any_more_it_stops_there_and_here(
    server: FakeReplicate, hosted: Hosted
) -> None:
    server.default = Outcome(polls=ENDLESS)

    class Gone(Notes):
        async def __call__(self, ticket: Ticket) -> bool:
            await super().__call__(ticket)
            return not any(p.state is State.CREATED for p in slip.read(ticket).pieces)

    with pytest.raises(OrderLost):
        await Run(hosted, Gone()).make(ONE)
    (one,) = server.predictions.values()
    assert one.cancelled


async def test_forgetting_goes_on_until_everything_is_stopped(
    server: FakeReplicate, hosted: Hosted
) -> None:
    server.default = Outcome(polls=ENDLESS)
    clock, run = HandClock(), Run(hosted)
    async with asyncio.TaskGroup() as group:
        making = group.create_task(run.make(ONE))
        async with asyncio.timeout(5):
            while not server.predictions:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.05)
        making.cancel()
    server.on_cancel.append(Answer(503))
    with pytest.raises(ProviderUnavailable):
        await hosted.provider.forget(run.newest)
    assert (await hosted.provider.forget(run.newest)).counts == {"orders": 1}
    # With a token that was withdrawn nothing can be stopped, and after its deadline nothing runs.
    server.on_cancel.extend([Answer(401)] * 2)
    clock.move(seconds=1000)
    async with at(server, clock) as later:
        assert (await later.provider.forget(run.newest)).remains


async def test_what_remains_there_is_said_for_about_an_hour(
    server: FakeReplicate, hosted: Hosted
) -> None:
    run = Run(hosted)
    await run.make(ONE)
    ((trace, until),) = [
        (r.trace, r.until) for r in (await hosted.provider.forget(run.newest)).remains
    ]
    assert trace is Trace.PROVIDER
    assert until is not None
    assert 3600 < (until - hosted.clock.now()).total_seconds() < 4000
    later = HandClock(until)
    async with at(server, later) as reopened:
        assert await reopened.provider.forget(run.newest) == Erased({"orders": 1})


async def test_removal_is_confirmed_when_everything_is_gone(
    server: FakeReplicate, hosted: Hosted
) -> None:
    server.outcomes.append(BUSY)
    run = Run(hosted)
    await run.make(ONE)
    assert not await hosted.provider.removed(run.newest)
    first, second = server.predictions.values()
    second.removed = True
    assert not await hosted.provider.removed(run.newest), "the one that failed had the photo too"
    first.removed = True
    assert await hosted.provider.removed(run.newest)
    server.predictions.clear()
    assert await hosted.provider.removed(run.newest)


async def test_what_nobody_can_account_for_is_never_called_removed(
    server: FakeReplicate, run: Run
) -> None:
    server.on_list.extend([Answer(503)] * 3)
    server.on_create.append(Cut())
    assert await outcome_of(run.make(ONE)) is not None
    (one,) = server.predictions.values()
    one.removed = True
    assert not await run.hosted.provider.removed(run.newest)
    assert (await run.hosted.provider.forget(run.newest)).remains


async def test_what_was_never_accepted_leaves_nothing_there(
    server: FakeReplicate, run: Run
) -> None:
    server.on_create.extend([Answer(503)] * 4)
    assert await outcome_of(run.make(ONE)) is not None
    assert await run.hosted.provider.removed(run.newest)
    assert (await run.hosted.provider.forget(run.newest)).remains == ()


async def test_an_attempt_that_waited_for_a_restart_is_young_again(
    server: FakeReplicate, run: Run
) -> None:
    await run.make(ONE)
    intended = run.notes.seen[1]
    server.predictions.clear()
    clock = HandClock()
    clock.move(hours=1)
    async with at(server, clock) as later:
        again = Run(later)
        assert len(await again.wait(intended)) == 1
    (piece,) = slip.read(again.newest).pieces
    assert piece.at == clock.now()
    assert slip.read(again.notes.seen[0]).pieces[0].state is State.INTENDED


# --- the breaker ------------------------------------------------------------------------------


async def test_a_provider_that_is_down_is_not_asked(server: FakeReplicate, run: Run) -> None:
    server.on_create.extend([Answer(503)] * 1000)
    for _ in range(FAULTS):
        await outcome_of(run.make(ONE))
    asked = len(server.requests)
    with pytest.raises(ProviderUnavailable):
        await run.hosted.provider.start(ONE)
    assert len(server.requests) == asked


@pytest.mark.parametrize("status", [401, 402, 403])
async def test_what_the_operator_must_mend_is_not_asked_again(
    server: FakeReplicate, run: Run, status: int
) -> None:
    server.on_create.append(Answer(status))
    await outcome_of(run.make(ONE))
    with pytest.raises(ProviderUnavailable):
        await run.hosted.provider.start(ONE)


@pytest.mark.parametrize("fault", [Answer(422), Answer(429, retry_after=600)], ids=str)
async def test_what_is_not_their_fault_does_not_count(
    server: FakeReplicate, run: Run, fault: Answer
) -> None:
    for _ in range(2 * FAULTS):
        server.on_create.append(fault)
        await outcome_of(run.make(ONE))
    await run.hosted.provider.start(ONE)


async def test_moderation_is_no_fault_of_theirs(server: FakeReplicate, run: Run) -> None:
    server.default = FLAGGED
    for _ in range(2 * FAULTS):
        await outcome_of(run.make(ONE))
    await run.hosted.provider.start(ONE)
