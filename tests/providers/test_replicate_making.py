"""What is paid is paid once, and each failure leads where it should."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import ProviderRefused, ProviderUnavailable
from bot.model import PhotoProblem, Ticket
from providers.replicate import catalogue, slip
from providers.replicate.slip import State
from tests.contracts.provider import ORDER, Notes
from tests.fakes.clock import HandClock
from tests.fakes.replicate_script import ENDLESS, Answer, Cut, Fault, Garbage, Hang, Outcome
from tests.fakes.replicate_server import FakeReplicate, photos_in
from tests.providers.hosted import ONE, PHOTO, Hosted, Run, at, outcome_of

PRICE = catalogue.load()[catalogue.DEFAULT].price
CHEAPER = catalogue.load()["flux-kontext-pro"].price
BUSY = Outcome("failed", "Prediction interrupted; please retry (code: PA)")
FLAGGED = Outcome("failed", "The input was flagged as sensitive (E005)")


def paid_once(server: FakeReplicate) -> bool:
    return all(len(made) == 1 for made in server.by_seed().values())


async def test_four_headshots_are_four_predictions_of_exactly_the_crop(
    server: FakeReplicate, run: Run
) -> None:
    made = await run.make()
    assert [one.format for one in made] == ["linkedin", "resume", "bio", "linkedin"]
    assert [one.look for one in made] == ["grey", "grey", "grey", "office"]
    assert {one.by for one in made} == {"replicate"}
    assert len(server.predictions) == 4
    assert all(photos_in(each.input) == [PHOTO] for each in server.predictions.values())
    assert run.cost == 4 * PRICE == run.hosted.provider.price(ORDER)
    assert run.stages.seen == ["queued", "sending", "making", "finishing"]


async def test_they_are_made_together(server: FakeReplicate, run: Run) -> None:
    server.default = Outcome(polls=ENDLESS)
    async with asyncio.TaskGroup() as group:
        making = group.create_task(run.make())
        async with asyncio.timeout(5):
            while len(server.predictions) < 4:
                await asyncio.sleep(0.005)
        making.cancel()


async def test_an_attempt_is_written_down_before_it_is_created_and_its_id_right_after(
    server: FakeReplicate, hosted: Hosted
) -> None:
    asked: list[tuple[int, State]] = []

    class Watching(Notes):
        async def __call__(self, ticket: Ticket) -> bool:
            (piece,) = slip.read(ticket).pieces
            asked.append((len(server.predictions), piece.state))
            return await super().__call__(ticket)

    await Run(hosted, Watching()).make(ONE)
    assert asked == [(0, State.INTENDED), (1, State.CREATED), (1, State.MADE)]


async def test_there_is_nothing_of_the_photo_or_the_prompt_in_a_ticket(run: Run) -> None:
    await run.make()
    for ticket in run.notes.seen:
        assert "base64" not in ticket.value
        assert "headshot of the same person" not in ticket.value
        assert "http" not in ticket.value


# --- creating: again only where nothing has begun ---------------------------------------------


@pytest.mark.parametrize(
    "fault", [Answer(429, retry_after=0.01), Answer(500), Answer(503)], ids=str
)
async def test_what_was_not_accepted_is_tried_again(
    server: FakeReplicate, run: Run, fault: Answer
) -> None:
    server.on_create.extend([fault] * 2)
    assert len(await run.make(ONE)) == 1
    assert len(server.predictions) == 1
    assert run.cost == PRICE


async def test_who_is_told_to_wait_for_minutes_goes_elsewhere(
    server: FakeReplicate, run: Run
) -> None:
    server.on_create.append(Answer(429, retry_after=600))
    with pytest.raises(ProviderUnavailable):
        await run.make(ONE)
    assert run.cost == 0


@pytest.mark.parametrize(
    "fault",
    [Answer(502, accepted=True), Answer(504, accepted=True), Cut(), Garbage()],
    ids=str,
)
async def test_what_may_have_been_accepted_is_looked_for_and_not_paid_again(
    server: FakeReplicate, run: Run, fault: Fault
) -> None:
    server.on_create.append(fault)
    assert len(await run.make()) == 4
    assert len(server.predictions) == 4
    assert paid_once(server)
    assert run.cost == 4 * PRICE


async def test_an_answer_that_never_comes_is_looked_for(server: FakeReplicate) -> None:
    server.on_create.append(Hang())
    async with at(server, seconds=0.2) as hosted:
        assert len(await Run(hosted).make(ONE)) == 1
    assert len(server.predictions) == 1


async def test_what_was_not_accepted_after_all_is_created_then(
    server: FakeReplicate, run: Run
) -> None:
    server.on_create.append(Cut(accepted=False))
    assert len(await run.make(ONE)) == 1
    assert paid_once(server)
    assert run.cost == PRICE


async def test_a_list_that_hides_it_is_the_one_way_to_pay_twice(
    server: FakeReplicate, run: Run
) -> None:
    server.hides_new = True
    server.on_create.append(Cut())
    assert len(await run.make(ONE)) == 1
    ((first, second),) = server.by_seed().values()
    server.hides_new = first.hidden = second.hidden = False
    await run.hosted.provider.forget(run.newest)


@pytest.mark.parametrize("blind", [True, False])
async def test_what_nobody_can_tell_counts_as_spent(
    server: FakeReplicate, run: Run, blind: bool
) -> None:
    server.echoes = not blind
    server.on_list.extend([] if blind else [Answer(503)] * 3)
    server.on_create.append(Cut())
    with pytest.raises(ProviderUnavailable):
        await run.make(ONE)
    assert run.states == [State.LOST]
    assert run.cost == PRICE
    assert len(server.predictions) == 1


async def test_a_model_without_a_seed_is_never_created_again(server: FakeReplicate) -> None:
    server.on_create.append(Cut(accepted=False))
    async with at(server, model="nano-banana-2") as hosted:
        run = Run(hosted)
        with pytest.raises(ProviderUnavailable):
            await run.make(ONE)
        assert run.cost == catalogue.load()["nano-banana-2"].price
    assert len(server.requests) == 1


async def test_doubt_has_an_end(server: FakeReplicate, run: Run) -> None:
    server.on_create.extend([Cut(accepted=False)] * 100)
    with pytest.raises(ProviderUnavailable):
        await run.make(ONE)
    assert server.requests.count("POST /v1/models/black-forest-labs/flux-2-pro/predictions") == 3


# --- how predictions end -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", ["(code: PA)", "Director: unexpected error (E6716)", "(E003)", "(E004)"]
)
async def test_a_passing_failure_is_tried_once_more(
    server: FakeReplicate, run: Run, error: str
) -> None:
    server.outcomes.append(Outcome("failed", error))
    assert len(await run.make(ONE)) == 1
    assert [one.model for one in server.predictions.values()] == [
        "black-forest-labs/flux-2-pro"
    ] * 2
    assert len(server.by_seed()) == 2, "a new prediction has a seed of its own"
    assert run.cost == PRICE


async def test_then_by_the_model_that_stands_in(server: FakeReplicate, run: Run) -> None:
    server.outcomes.extend([BUSY, BUSY])
    assert len(await run.make(ONE)) == 1
    assert [one.model for one in server.predictions.values()][2:] == [
        "black-forest-labs/flux-kontext-pro"
    ]
    assert run.cost == CHEAPER


async def test_then_not_at_all(server: FakeReplicate, run: Run) -> None:
    server.default = BUSY
    with pytest.raises(ProviderUnavailable):
        await run.make(ONE)
    assert len(server.predictions) == 3
    assert run.cost == 0


async def test_without_a_model_that_stands_in_after_two(server: FakeReplicate) -> None:
    server.default = BUSY
    async with at(server, model="flux-kontext-pro") as hosted:
        with pytest.raises(ProviderUnavailable):
            await Run(hosted).make(ONE)
    assert len(server.predictions) == 2


async def test_what_moderation_flags_is_refused_and_tried_nowhere_else(
    server: FakeReplicate, run: Run
) -> None:
    server.default = FLAGGED
    with pytest.raises(ProviderRefused) as refused:
        await run.make()
    assert refused.value.problem is PhotoProblem.DECLINED
    assert len(server.predictions) == 4
    assert run.cost == 0
    async with at(server) as reopened:
        with pytest.raises(ProviderRefused):
            await Run(reopened).wait(run.newest)
    assert len(server.predictions) == 4


async def test_one_that_fails_does_not_lose_the_others(server: FakeReplicate, run: Run) -> None:
    server.outcomes.extend([FLAGGED, Outcome("failed", "CUDA error"), Outcome("canceled")])
    assert len(await run.make()) == 1
    assert sorted(run.states) == ["lost", "lost", "lost", "made"]
    assert run.cost == 2 * PRICE, "failed ones are free, the cancelled one is not"


async def test_an_aborted_one_is_free(server: FakeReplicate, run: Run) -> None:
    server.default = Outcome("aborted")
    with pytest.raises(ProviderUnavailable):
        await run.make(ONE)
    assert run.cost == 0


@pytest.mark.parametrize("output", ["none", "foreign", "text", "huge", "broken", "gone"])
async def test_an_output_that_cannot_be_used_is_paid_and_left_out(
    server: FakeReplicate, run: Run, output: str
) -> None:
    server.outcomes.append(Outcome(output=output))
    assert len(await run.make()) == 3
    assert run.cost == 4 * PRICE


async def test_a_download_that_fails_is_tried_again(server: FakeReplicate, run: Run) -> None:
    server.default = Outcome(output="flaky")
    assert len(await run.make()) == 4
    assert len(server.predictions) == 4


async def test_one_past_its_deadline_is_cancelled_and_paid(server: FakeReplicate) -> None:
    server.default = Outcome(polls=ENDLESS)
    clock = HandClock()
    async with at(server, clock) as hosted, asyncio.TaskGroup() as group:
        run = Run(hosted)
        making = group.create_task(outcome_of(run.make(ONE)))
        async with asyncio.timeout(5):
            while not any(one.polls > 1 for one in server.predictions.values()):
                await asyncio.sleep(0.005)
            clock.move(seconds=1000)
            assert isinstance(await making, ProviderUnavailable)
    (one,) = server.predictions.values()
    assert one.cancelled
    assert run.cost == PRICE
