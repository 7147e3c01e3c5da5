"""Replicate's API as far as it is used here: create, get, cancel, find again, whose token it is.

The SDK does the first three, through `transport.Gate`; it is imported when a client is opened,
because it is slow to load and nobody else needs it. Whatever goes wrong becomes one of the errors
below, by what it means for money and for whether to go on; nothing in them repeats what was sent.
What a prediction failed of is a code in its `error` text; which codes there are was collected from
public reports, as Replicate publishes no list.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import httpx
import msgspec

from bot.errors import ProviderUnavailable
from providers.replicate.catalogue import Model
from providers.replicate.transport import (
    ABORTED,
    BLIND,
    DEADLINE,
    REMOVED,
    SEED,
    Answered,
    ForeignHost,
    Gate,
    Unintelligible,
)

if TYPE_CHECKING:
    from replicate.client import Client as Sdk

SECONDS: Final = 20.0
"""How long one request may take."""
PAGES: Final = 10
"""How many pages of a list are looked through: a thousand predictions."""
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class NotAccepted(ProviderUnavailable):
    """Nothing has begun and nothing is owed: it may be tried again."""


class Throttled(NotAccepted):
    """As above: we ask too often."""


class InDoubt(ProviderUnavailable):
    """It may have begun: look for it before paying again."""


class Locked(ProviderUnavailable):
    """Token, billing or access: whoever runs the bot must act (401, 402, 403)."""


class Misfit(ProviderUnavailable):
    """The API does not take what we asked for in this form: another time will not help."""


class Away(ProviderUnavailable):
    """No answer to a question that costs nothing: ask again."""


class Unknown(ProviderUnavailable):
    """There is no such prediction (any more)."""


class Failure(StrEnum):
    """What a prediction that failed has failed of."""

    BUSY = "busy"
    """Theirs, and passing: interrupted, overloaded, out of order."""
    FLAGGED = "flagged"
    """Their moderation does not take the picture."""
    LOCKED = "locked"
    """Their account with the model's maker."""
    OTHER = "other"


_CODES: Final = (
    (re.compile(r"\bE005\b|flagged as sensitive|NSFW", re.IGNORECASE), Failure.FLAGGED),
    (re.compile(r"\bE00[12]\b"), Failure.LOCKED),
    (re.compile(r"\bE00[34]\b|code: PA\b|^Director\b"), Failure.BUSY),
)


class Status(StrEnum):
    """Where a prediction stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    """Stopped while it ran: paid."""
    ABORTED = "aborted"
    """Stopped before it began: not paid."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A prediction, without what was sent for it."""

    id: str
    status: Status
    failure: Failure | None = None
    outputs: tuple[str, ...] = field(default=(), repr=False)
    """Addresses of the pictures."""
    removed: bool = False
    """Whether Replicate has removed the input and the outputs."""
    seed: int | None = None


class Api:
    """One account at Replicate."""

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        seconds: float = SECONDS,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`inner` is what really sends; tests bring their own."""
        # See the module's text.
        from replicate.client import Client  # noqa: PLC0415

        inner = inner or httpx.AsyncHTTPTransport(retries=0)
        self._gate = Gate(base_url, seconds=seconds, inner=inner)
        self._sdk: Sdk = Client(token, base_url=base_url, transport=self._gate)
        headers = {"Authorization": f"Bearer {token}"}
        self._plain = httpx.AsyncClient(base_url=base_url, headers=headers, transport=self._gate)

    async def close(self) -> None:
        """Close the connections."""
        await self._gate.aclose()

    async def create(self, model: Model, inputs: Mapping[str, Any]) -> Prediction:
        """Begin a prediction: from here on it costs.

        Raises `NotAccepted`, `InDoubt`, `Locked` or `Misfit`.
        """
        before = DEADLINE.set(model.deadline)
        try:
            return _read(await self._sdk.models.predictions.async_create(model.ref, dict(inputs)))
        except TROUBLE as error:
            raise of_create(error) from error
        finally:
            DEADLINE.reset(before)

    async def get(self, prediction: str) -> Prediction:
        """Where it stands. Raises `Away`, `Unknown` or `Locked`."""
        try:
            return _read(await self._sdk.predictions.async_get(prediction))
        except TROUBLE as error:
            raise of_question(error) from error

    async def cancel(self, prediction: str) -> Prediction:
        """Stop it; one that has ended stays as it is. Raises `Away`, `Unknown` or `Locked`."""
        try:
            return _read(await self._sdk.predictions.async_cancel(prediction))
        except TROUBLE as error:
            raise of_question(error) from error

    async def find(self, seeds: Collection[int], since: datetime) -> Mapping[int, list[Prediction]]:
        """The predictions made since then with one of these seeds, by seed.

        Raises `Away` or `Locked`, also when the list is too long to be looked through, or does not
        say what was sent.
        """
        found: dict[int, list[Prediction]] = {}
        after = since.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        where, query = "/v1/predictions", {"created_after": after}
        for _ in range(PAGES):
            listed, where = await self._page(where, query)
            for one in listed:
                if one.seed in seeds and one.seed is not None:
                    found.setdefault(one.seed, []).append(one)
            if not where:
                return found
            query = {}
        raise Away("the list is too long")

    async def _page(self, where: str, query: dict[str, str]) -> tuple[list[Prediction], str]:
        """Predictions, and where the next page is."""
        try:
            page = _answer(await self._plain.get(where, params=query or None))
            return [_listed(one) for one in page.get("results", ())], str(page.get("next") or "")
        except TROUBLE as error:
            raise of_question(error) from error

    async def account(self) -> None:
        """Ask whether the token is good. Raises `Away` or `Locked`."""
        try:
            _answer(await self._plain.get("/v1/account"))
        except TROUBLE as error:
            raise of_question(error) from error


TROUBLE: Final[tuple[type[Exception], ...]] = (
    # The SDK's values are pydantic's version 1, whose error is a ValueError.
    httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, TimeoutError, ValueError,
    Answered, ForeignHost, Unintelligible,
)  # fmt: skip
"""All that the SDK and httpx are known to raise below `Gate`."""
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, ForeignHost)
_NOT_BEGUN: Final = frozenset({500, 503})
_OURS: Final = frozenset(range(400, 500)) - {408}
"""Our mistake, but for a request that took too long to arrive."""
_OPERATOR: Final = frozenset({401, 402, 403})


def of_create(error: Exception) -> ProviderUnavailable:
    """What an error of `Api.create` means."""
    match error:
        case Answered(status=status) if status in _OPERATOR:
            return Locked(f"status {status}")
        case Answered(status=429, retry_after=wait):
            return Throttled("status 429", retry_after=wait)
        case Answered(status=status, retry_after=wait) if status in _NOT_BEGUN:
            return NotAccepted(f"status {status}", retry_after=wait)
        case Answered(status=status) if status in _OURS:
            return Misfit(f"status {status}")
        case _ if isinstance(error, _NEVER_SENT):
            return NotAccepted(type(error).__name__)
        case _:
            return InDoubt(type(error).__name__)


def of_question(error: Exception) -> ProviderUnavailable:
    """What an error of the other requests means."""
    match error:
        case Answered(status=status) if status in _OPERATOR:
            return Locked(f"status {status}")
        case Answered(status=404):
            return Unknown("status 404")
        case Answered(status=status, retry_after=wait):
            return Away(f"status {status}", retry_after=wait)
        case _:
            return Away(type(error).__name__)


# The SDK's values, and JSON, are untyped where it matters; this is where they end.
def _read(given: Any) -> Prediction:
    return _prediction(given.id, given.status, given.output, given.error, given.metrics or {})


def _answer(response: httpx.Response) -> dict[str, Any]:
    return msgspec.json.decode(response.content, type=dict[str, Any])


def _listed(given: dict[str, Any]) -> Prediction:
    if given["metrics"].get(BLIND):
        raise Unintelligible("a list does not say what was sent")
    return _prediction(*(given[name] for name in ("id", "status", "output", "error", "metrics")))


def _prediction(
    id_: str, status: str, output: object, error: object, metrics: dict[str, Any]
) -> Prediction:
    if not _ID.fullmatch(id_):
        raise Unintelligible("an answer without a usable id")
    if metrics.get(ABORTED):
        stands = Status.ABORTED
    else:
        stands = Status.RUNNING if status in {"starting", "processing"} else Status(status)
    listed = output if isinstance(output, list) else [output]
    return Prediction(
        id=id_,
        status=stands,
        failure=failure_of(str(error or "")) if stands is Status.FAILED else None,
        outputs=tuple(one for one in listed if isinstance(one, str)),
        removed=metrics.get(REMOVED) is True,
        seed=metrics.get(SEED),
    )


def failure_of(error: str) -> Failure:
    """What an error text says; the text itself goes no further."""
    return next((failure for code, failure in _CODES if code.search(error)), Failure.OTHER)
