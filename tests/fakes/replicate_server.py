"""Replicate's API on a free port of this machine, with a script of faults.

It speaks as Replicate's OpenAPI document (2026-03) says, and checks what it is sent: the token, the
shape of the body, and that the photo comes as a data URI. ``on_create`` says what the next requests
to create do, ``outcomes`` how the predictions end that they make; empty scripts mean that all goes
well. Everything is remembered for tests to look at.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.fakes.replicate_script import (
    Answer,
    Cut,
    Fault,
    Garbage,
    Hang,
    Json,
    Outcome,
    Prediction,
    pictured,
)

TOKEN = "r8_not_a_real_token"  # the fake's own


@dataclass
class FakeReplicate:
    """The server's state."""

    url: str = ""
    on_create: deque[Fault] = field(default_factory=deque)
    outcomes: deque[Outcome] = field(default_factory=deque)
    on_get: deque[Answer] = field(default_factory=deque)
    on_list: deque[Answer] = field(default_factory=deque)
    on_cancel: deque[Answer] = field(default_factory=deque)
    default: Outcome = field(default_factory=Outcome)
    hides_new: bool = False
    """Whether lists leave out what is made from now on."""
    latency: float = 0.0
    """Seconds before and after everything it does."""
    page: int = 3
    """Predictions on one page of a list."""
    echoes: bool = True
    """Whether answers repeat what was sent."""
    draw: Callable[[Mapping[str, Any]], bytes] = pictured
    predictions: dict[str, Prediction] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    """Method and path of every request."""
    strangers: list[str] = field(default_factory=list)
    """What came with a wrong token, or with the token where none belongs."""
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    def by_seed(self) -> dict[int, list[Prediction]]:
        found: dict[int, list[Prediction]] = {}
        for one in self.predictions.values():
            found.setdefault(one.seed, []).append(one)
        return found

    def every(self, outcome: Outcome) -> None:
        """How all predictions end from now on, also those that run."""
        self.default = outcome
        for one in self.predictions.values():
            one.outcome = outcome

    def remove_all(self) -> None:
        """An hour has passed."""
        for one in self.predictions.values():
            one.removed = True

    # --- the API ------------------------------------------------------------------------------

    async def create(self, request: web.Request) -> web.StreamResponse:
        model = "{owner}/{name}".format(**request.match_info)
        body = await request.json()
        if set(body) != {"input"} or not _photo_in(body["input"]):
            return problem(422, "the input is not valid")
        fault = self.on_create.popleft() if self.on_create else None
        if fault is None:
            made = self._make(model, body["input"], request.headers.get("Cancel-After"))
            return web.json_response(self.body(made), status=201)
        if fault.accepted:
            self._make(model, body["input"], request.headers.get("Cancel-After"))
        return await self._fail(request, fault)

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        match fault:
            case Answer(status, retry_after):
                return problem(status, "as the script says", retry_after)
            case Garbage(content):
                return web.Response(status=201, body=content, content_type="application/json")
            case Hang():
                await self.hanging.wait()
            case Cut():
                pass
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _make(self, model: str, given: Json, deadline: str | None) -> Prediction:
        made = Prediction(
            id=f"pred{next(self.ids):04}abcdef",
            model=model,
            input=given,
            outcome=self.outcomes.popleft() if self.outcomes else self.default,
            created_at=datetime.now(UTC),
            deadline=deadline,
            hidden=self.hides_new,
        )
        self.predictions[made.id] = made
        return made

    async def get(self, request: web.Request) -> web.Response:
        if self.on_get:
            fault = self.on_get.popleft()
            return problem(fault.status, "as the script says", fault.retry_after)
        one = self.predictions.get(request.match_info["id"])
        if one is None:
            return problem(404, "no such prediction")
        self._goes_on(one)
        return web.json_response(self.body(one))

    @staticmethod
    def _goes_on(one: Prediction) -> None:
        one.polls += 1
        if not one.ended:
            one.status = one.outcome.status if one.polls > one.outcome.polls else "processing"

    async def cancel(self, request: web.Request) -> web.Response:
        if self.on_cancel:
            return problem(self.on_cancel.popleft().status, "as the script says")
        one = self.predictions.get(request.match_info["id"])
        if one is None:
            return problem(404, "no such prediction")
        one.cancelled = True
        if not one.ended:
            one.status = "canceled"
        return web.json_response(self.body(one))

    async def list(self, request: web.Request) -> web.Response:
        if self.on_list:
            return problem(self.on_list.popleft().status, "as the script says")
        after = datetime.fromisoformat(request.query.get("created_after", "2000-01-01T00:00:00Z"))
        shown = [p for p in self.predictions.values() if not p.hidden and p.created_at >= after]
        shown.reverse()
        start = int(request.query.get("cursor", 0))
        more = start + self.page < len(shown)
        following = request.url.update_query(cursor=start + self.page)
        results = [self.body(one) for one in shown[start : start + self.page]]
        return web.json_response(
            {"previous": None, "next": str(following) if more else None, "results": results}
        )

    async def account(self, _request: web.Request) -> web.Response:
        return web.json_response({"type": "organization", "username": "somebody"})

    def body(self, one: Prediction) -> Json:
        """A prediction as the API shows it."""
        api = f"{self.url}/v1/predictions/{one.id}"
        moment = one.created_at.isoformat().replace("+00:00", "Z")
        later = (one.created_at + timedelta(seconds=9)).isoformat().replace("+00:00", "Z")
        body: Json = {
            "id": one.id,
            "model": one.model,
            "version": "hidden",
            "source": "api",
            "status": one.status,
            "input": one.input if self.echoes and not one.removed else {},
            "output": self._output(one),
            "error": one.outcome.error if one.status == "failed" else None,
            "logs": f"Prompt: {one.input.get('prompt', '')}",
            "data_removed": one.removed,
            "created_at": moment,
            "metrics": {"total_time": 9.0} if one.ended else {},
            "urls": {
                "web": f"https://replicate.com/p/{one.id}",
                "get": api,
                "cancel": f"{api}/cancel",
            },
        }
        if one.ended:
            body |= {"started_at": moment, "completed_at": later}
        return body

    def _output(self, one: Prediction) -> object:
        if one.status != "succeeded" or one.removed:
            return None
        match one.outcome.output:
            case "none":
                return None
            case "foreign":
                return "https://pictures.example.com/out.png"
            case _:
                return f"{self.url}/files/{one.id}/out.png"

    # --- the outputs --------------------------------------------------------------------------

    async def file(self, request: web.Request) -> web.Response:
        one = self.predictions[request.match_info["id"]]
        one.polls += 1
        match one.outcome.output:
            case "text":
                return web.Response(text="not a picture")
            case "huge":
                return web.Response(body=b"\x89PNG" + bytes(30_000_000), content_type="image/png")
            case "broken":
                return web.Response(body=b"\x89PNG\r\n\x1a\nbroken", content_type="image/png")
            case "gone":
                return web.Response(status=404)
            case "flaky" if one.polls % 3:
                return web.Response(status=503)
            case _:
                return web.Response(body=self.draw(one.input), content_type="image/png")

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[FakeReplicate]:
        """Serve while the block lasts."""
        app = web.Application(client_max_size=2**22, middlewares=[self._watch])
        app.add_routes(
            [
                web.post("/v1/models/{owner}/{name}/predictions", self.create),
                web.get("/v1/predictions", self.list),
                web.get("/v1/predictions/{id}", self.get),
                web.post("/v1/predictions/{id}/cancel", self.cancel),
                web.get("/v1/account", self.account),
                web.get("/files/{id}/out.png", self.file),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            _host, port, *_ = runner.addresses[0]
            self.url = f"http://127.0.0.1:{port}"
            yield self
        finally:
            self.hanging.set()
            await runner.cleanup()

    # aiohttp's middlewares are typed by what they are given.
    @web.middleware
    async def _watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        given = request.headers.get("Authorization")
        expected = None if request.path.startswith("/files/") else f"Bearer {TOKEN}"
        if given != expected:
            self.strangers.append(f"{request.method} {request.path}")
            return problem(401, "unauthenticated")
        await asyncio.sleep(self.latency)
        answer: web.StreamResponse = await handler(request)
        await asyncio.sleep(self.latency)
        return answer


def problem(status: int, detail: str, retry_after: float | None = None) -> web.Response:
    """An error as the API tells it."""
    body: Json = {"title": "A problem", "detail": detail, "status": status}
    if retry_after is not None:
        body["retry_after"] = retry_after
    return web.json_response(body, status=status, content_type="application/problem+json")


def _photo_in(given: Mapping[str, Any]) -> bool:
    """Whether there is one photo in an input, as a data URI of a small JPEG."""
    return len(photos_in(given)) == 1


def photos_in(given: Mapping[str, Any]) -> list[bytes]:
    """The photos that were sent."""
    start = "data:image/jpeg;base64,"
    values = [
        v for value in given.values() for v in (value if isinstance(value, list) else [value])
    ]
    found = [v.removeprefix(start) for v in values if isinstance(v, str) and v.startswith(start)]
    return [base64.b64decode(one, validate=True) for one in found]
