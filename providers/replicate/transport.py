"""The one way to Replicate's API: an httpx transport that the SDK is given, and that mends it.

What the SDK (1.0.7) would do by itself, and what happens here instead:

- it sends without any timeout: every request has one for each step and one for the whole;
- it sends the token wherever a URL points: only the API's own origin is let through;
- it repeats GETs up to ten times in silence, for as long as the server says, and drops the
  server's `retry_after`: an answer that is no success is raised before it can see it (`Answered`);
- it does not know the status `aborted`, nor `data_removed`: both are handed over in `metrics`;
- its values print the photo and the prompt: of an answer's `input` only the seed is kept, and
  nothing of its `logs`.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any, Final

import httpx
import msgspec

DEADLINE: Final[ContextVar[int]] = ContextVar("DEADLINE")
"""Seconds after which Replicate is to stop the prediction that is being created."""
LARGEST_ANSWER: Final = 64_000_000
"""Bytes. A page of predictions may repeat a hundred photos to us."""
LONGEST_WAIT: Final = 86_400.0
KNOWN: Final = frozenset({"starting", "processing", "succeeded", "failed", "canceled"})
ABORTED: Final = "aborted"
REMOVED: Final = "data_removed"
SEED: Final = "seed"
BLIND: Final = "blind"
"""Set when an answer does not say what was sent, although it could."""


class Answered(Exception):
    """The API answered with something else than success."""

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.retry_after = retry_after
        """Seconds it asked us to wait, if it did."""


class ForeignHost(Exception):
    """A request for anywhere but the API. It was not sent."""


class Unintelligible(Exception):
    """The API answered with success and something that cannot be read."""


class Gate(httpx.AsyncBaseTransport):
    """Lets requests through to one origin, with timeouts, and cleans what comes back."""

    def __init__(self, base_url: str, *, seconds: float, inner: httpx.AsyncBaseTransport) -> None:
        """`seconds`: how long one request may take in all."""
        self._origin = _origin(httpx.URL(base_url))
        self._seconds = seconds
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, cleaned.

        Raises `ForeignHost`, `Answered`, `Unintelligible`, TimeoutError or an `httpx` error.
        """
        if _origin(request.url) != self._origin:
            raise ForeignHost
        part = self._seconds / 2
        timeouts = {"connect": min(part, 5.0), "read": self._seconds, "write": part, "pool": part}
        request.extensions["timeout"] = timeouts
        deadline = DEADLINE.get(0)
        if deadline and request.method == "POST" and request.url.path.endswith("/predictions"):
            request.headers["Cancel-After"] = f"{deadline}s"
        async with asyncio.timeout(self._seconds):
            response = await self._inner.handle_async_request(request)
            try:
                body = await _read(response)
            finally:
                await response.aclose()
        if not response.is_success:
            raise Answered(response.status_code, _retry_after(response, body))
        headers = {"content-type": "application/json"}
        return httpx.Response(response.status_code, headers=headers, content=_cleaned(body))

    async def aclose(self) -> None:
        await self._inner.aclose()


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise Unintelligible("an answer is too large")
    return bytes(body)


def _retry_after(response: httpx.Response, body: bytes) -> float | None:
    """What the body or the header says; only a number of seconds counts."""
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        said = None
    wanted = said.get("retry_after") if isinstance(said, dict) else None
    try:
        seconds = float(wanted or response.headers.get("retry-after") or "nan")
    except (TypeError, ValueError):
        return None
    # Neither "not a number" nor more than a wait can be.
    return seconds if 0 <= seconds <= LONGEST_WAIT else None


# JSON of the outside world, judged here and nowhere else.
def _cleaned(body: bytes) -> bytes:
    try:
        data: Any = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise Unintelligible("an answer is not JSON") from error
    if not isinstance(data, dict):
        raise Unintelligible("an answer is not an object")
    if isinstance(data.get("results"), list):
        data["results"] = [_prediction(one) for one in data["results"] if isinstance(one, dict)]
    elif "status" in data and "id" in data:
        data = _prediction(data)
    return msgspec.json.encode(data)


def _prediction(data: dict[str, Any]) -> dict[str, Any]:
    given = data.get("input")
    seed = given.get("seed") if isinstance(given, dict) else None
    status = data.get("status")
    removed = data.get("data_removed") is True
    metrics = {ABORTED: status == ABORTED, REMOVED: removed, BLIND: not given and not removed}
    if isinstance(seed, int):
        metrics[SEED] = seed
    return {
        "id": str(data.get("id", "")),
        "model": data.get("model") or "unknown",
        "version": data.get("version") or "hidden",
        "status": status if status in KNOWN else "canceled",
        "output": data.get("output"),
        "error": data.get("error"),
        "metrics": metrics,
    }
