"""The API behind the gate: what each answer means, and what never goes further."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio
from replicate import exceptions as sdk

from bot.errors import ProviderUnavailable
from providers.replicate import catalogue
from providers.replicate.client import (
    TROUBLE,
    Api,
    Away,
    Failure,
    InDoubt,
    Locked,
    Misfit,
    NotAccepted,
    Status,
    Throttled,
    Unknown,
    failure_of,
    of_create,
    of_question,
)
from providers.replicate.transport import Answered, ForeignHost, Gate, Unintelligible
from tests.fakes.replicate_script import Answer, Cut, Fault, Garbage, Hang, Outcome
from tests.fakes.replicate_server import TOKEN, FakeReplicate

MODEL = catalogue.load()[catalogue.DEFAULT]
PHOTO = "data:image/jpeg;base64,AAAA"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def inputs(seed: int = 7) -> dict[str, object]:
    return dict(MODEL.input(photo=PHOTO, prompt="a secret prompt", seed=seed, format_="bio"))


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate().serving() as server:
        yield server


@pytest_asyncio.fixture
async def api(server: FakeReplicate) -> AsyncIterator[Api]:
    api = Api(TOKEN, server.url, seconds=0.5)
    yield api
    await api.close()


async def test_a_prediction_is_created_asked_for_and_cancelled(
    server: FakeReplicate, api: Api
) -> None:
    made = await api.create(MODEL, inputs())
    assert made.status is Status.RUNNING
    assert (await api.get(made.id)).status is Status.RUNNING
    done = await api.get(made.id)
    assert done.status is Status.SUCCEEDED
    assert done.outputs == (f"{server.url}/files/{made.id}/out.png",)
    assert (await api.cancel(made.id)).status is Status.SUCCEEDED
    (sent,) = server.predictions.values()
    assert sent.model == MODEL.ref
    assert sent.input == inputs()
    assert sent.deadline == f"{MODEL.deadline}s"


async def test_the_account_is_asked_for_the_token_s_sake(server: FakeReplicate, api: Api) -> None:
    await api.account()
    stranger = Api("r8_another", server.url)
    try:
        with pytest.raises(Locked):
            await stranger.account()
    finally:
        await stranger.close()


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (Answer(401), Locked),
        (Answer(402), Locked),
        (Answer(403), Locked),
        (Answer(404), Misfit),
        (Answer(422), Misfit),
        (Answer(429, retry_after=3), Throttled),
        (Answer(500), NotAccepted),
        (Answer(503), NotAccepted),
        (Answer(408), InDoubt),
        (Answer(502), InDoubt),
        (Answer(504), InDoubt),
        (Answer(302), InDoubt),
        (Cut(), InDoubt),
        (Hang(), InDoubt),
        (Garbage(), InDoubt),
        (Garbage(b"[]"), InDoubt),
        (Garbage(b'{"id": "", "status": "starting"}'), InDoubt),
        (Garbage(b'{"id": "../x", "status": "starting"}'), InDoubt),
    ],
    ids=str,
)
async def test_what_an_answer_to_create_means(
    server: FakeReplicate, api: Api, fault: Fault, meaning: type[ProviderUnavailable]
) -> None:
    server.on_create.append(fault)
    with pytest.raises(ProviderUnavailable) as raised:
        await api.create(MODEL, inputs())
    assert type(raised.value) is meaning
    assert raised.value.retry_after == (3 if meaning is Throttled else None)
    assert server.requests == [f"POST /v1/models/{MODEL.ref}/predictions"], "asked once"


async def test_nobody_there_means_not_accepted() -> None:
    api = Api(TOKEN, "http://127.0.0.1:9")
    try:
        with pytest.raises(NotAccepted):
            await api.create(MODEL, inputs())
        with pytest.raises(Away):
            await api.get("x")
    finally:
        await api.close()


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (Answer(401), Locked),
        (Answer(404), Unknown),
        (Answer(429, retry_after=2), Away),
        (Answer(503, retry_after=30), Away),
        (Answer(500), Away),
    ],
    ids=str,
)
async def test_what_an_answer_to_a_question_means(
    server: FakeReplicate, api: Api, fault: Answer, meaning: type[ProviderUnavailable]
) -> None:
    made = await api.create(MODEL, inputs())
    server.on_get.append(fault)
    before = len(server.requests)
    with pytest.raises(ProviderUnavailable) as raised:
        await api.get(made.id)
    assert type(raised.value) is meaning
    assert len(server.requests) == before + 1, "the SDK's own retries never begin"


@pytest.mark.parametrize(
    ("outcome", "status", "failure"),
    [
        (Outcome("failed", "Prediction failed (E005) (uIJ6l3ruRD)"), "failed", Failure.FLAGGED),
        (Outcome("failed", "Prediction interrupted; please retry (code: PA)"), "failed", "busy"),
        (Outcome("failed", "Director: unexpected error (E9828)"), "failed", Failure.BUSY),
        (Outcome("failed", "(E003) high demand"), "failed", Failure.BUSY),
        (Outcome("failed", "(E004)"), "failed", Failure.BUSY),
        (Outcome("failed", "(E001)"), "failed", Failure.LOCKED),
        (Outcome("failed", "CUDA out of memory"), "failed", Failure.OTHER),
        (Outcome("canceled"), "canceled", None),
        (Outcome("aborted"), "aborted", None),
        (Outcome("something new"), "canceled", None),
    ],
    ids=str,
)
async def test_how_a_prediction_ends(
    server: FakeReplicate, api: Api, outcome: Outcome, status: str, failure: str | None
) -> None:
    server.outcomes.append(Outcome(outcome.status, outcome.error, polls=0))
    made = await api.create(MODEL, inputs())
    ended = await api.get(made.id)
    assert (ended.status, ended.failure) == (status, failure)


async def test_removal_is_seen(server: FakeReplicate, api: Api) -> None:
    made = await api.create(MODEL, inputs())
    assert not (await api.get(made.id)).removed
    server.remove_all()
    assert (await api.get(made.id)).removed


async def test_predictions_are_found_by_seed_over_several_pages(
    server: FakeReplicate, api: Api
) -> None:
    made = [await api.create(MODEL, inputs(seed)) for seed in range(1, 9)]
    twin = await api.create(MODEL, inputs(2))
    found = await api.find({2, 7, 99}, LONG_AGO)
    assert {seed: {one.id for one in all_} for seed, all_ in found.items()} == {
        2: {made[1].id, twin.id},
        7: {made[6].id},
    }
    assert await api.find({2}, datetime.now(UTC) + timedelta(hours=1)) == {}


async def test_a_list_that_does_not_say_what_was_sent_is_no_proof(
    server: FakeReplicate, api: Api
) -> None:
    await api.create(MODEL, inputs())
    server.echoes = False
    with pytest.raises(Away):
        await api.find({7}, LONG_AGO)


def test_every_error_of_the_sdk_and_of_httpx_is_caught() -> None:
    """The SDK's own are for statuses and models' code, which the gate and `run` never reach it."""
    ours = {sdk.ReplicateException, sdk.ReplicateError, sdk.ModelError}
    named = {each for each in vars(sdk).values() if isinstance(each, type)}
    assert {each for each in named if issubclass(each, Exception)} == ours
    for each in (*_subclasses(httpx.HTTPError), httpx.StreamClosed, httpx.InvalidURL):
        assert issubclass(each, TROUBLE), each


@pytest.mark.parametrize("error", [ForeignHost(), Unintelligible(), TimeoutError(), ValueError()])
def test_every_trouble_has_a_meaning(error: Exception) -> None:
    assert isinstance(of_create(error), NotAccepted if isinstance(error, ForeignHost) else InDoubt)
    assert isinstance(of_question(error), Away)


def test_an_error_text_is_a_code_or_nothing() -> None:
    assert failure_of("somebody's name (E0055)") is Failure.OTHER


def _subclasses(of: type[Exception]) -> set[type[Exception]]:
    direct = set(of.__subclasses__())
    return direct | {each for one in direct for each in _subclasses(one)}


# --- what never goes further ----------------------------------------------------------------


async def test_no_photo_prompt_or_token_is_in_values_errors_or_logs(
    server: FakeReplicate, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="providers")
    made = await api.create(MODEL, inputs())
    shown = [repr(made), repr(await api.get(made.id)), repr(await api.get(made.id)), repr(api)]
    shown += [repr(one) for all_ in (await api.find({7}, LONG_AGO)).values() for one in all_]
    for fault in (Answer(422), Answer(401), Garbage(), Cut()):
        server.on_create.append(fault)
        with pytest.raises(ProviderUnavailable) as raised:
            await api.create(MODEL, inputs())
        shown += [repr(raised.value), str(raised.value)]
    shown.append(caplog.text)
    for secret in (PHOTO, "a secret prompt", TOKEN, "/files/"):
        assert not any(secret in one for one in shown), secret


async def test_the_sdk_s_own_value_has_no_photo_either(server: FakeReplicate, api: Api) -> None:
    made = await api.create(MODEL, inputs())
    # This is what a debugger or a crash report would print.
    raw = await api._sdk.predictions.async_get(made.id)
    assert PHOTO not in repr(raw)
    assert "secret prompt" not in repr(raw)


async def test_nothing_is_sent_to_another_host(server: FakeReplicate) -> None:
    sent: list[httpx.Request] = []

    class Listening(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return httpx.Response(200, json={})

    async with httpx.AsyncClient(
        transport=Gate("https://api.replicate.com", seconds=1, inner=Listening())
    ) as client:
        await client.get("https://api.replicate.com/v1/account")
        for url in (
            "https://api.replicate.com.example.org/v1/account",
            "http://api.replicate.com/v1/account",
            "https://api.replicate.com:8443/v1/account",
            "https://replicate.delivery/x",
        ):
            with pytest.raises(ForeignHost):
                await client.get(url)
    assert len(sent) == 1
    assert sent[0].extensions["timeout"]["read"] == 1


async def test_an_answer_without_end_is_given_up() -> None:
    class Endless(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            async def drip() -> AsyncIterator[bytes]:
                while True:
                    await asyncio.sleep(0.01)
                    yield b" "

            return httpx.Response(200, content=drip())

    api = Api(TOKEN, "https://api.replicate.com", seconds=0.1, inner=Endless())
    with pytest.raises(InDoubt):
        await api.create(MODEL, inputs())


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({}, {"retry_after": 5}, 5),
        ({"retry-after": "7"}, {}, 7),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, {}, None),
        ({}, {"retry_after": "soon"}, None),
        ({}, {"retry_after": -1}, None),
        ({}, {"retry_after": 1e12}, None),
        ({}, None, None),
    ],
)
async def test_how_long_to_wait_is_read_from_the_body_or_the_header(
    headers: dict[str, str], body: object, seconds: float | None
) -> None:
    class Busy(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(429, headers=headers, json=body)

    gate = Gate("https://api.replicate.com", seconds=1, inner=Busy())
    with pytest.raises(Answered) as raised:
        await gate.handle_async_request(httpx.Request("GET", "https://api.replicate.com/"))
    assert raised.value.retry_after == seconds
