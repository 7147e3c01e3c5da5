"""A Bot API server on this machine: one bot, its chats, polling and webhook, and faults on demand.

It is stricter than the real one where the real one is vague: a method or a parameter that it does
not know is an error. ``faults`` is a script: the next call of its method meets the fault.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.telegram_chats import Chats, Json, Refusal, bad
from tests.fakes.telegram_methods import Files, Methods
from tests.fakes.telegram_spec import PARAMETERS
from tests.fakes.telegram_updates import Updates

TOKEN = "7000000001:AAtoken-CANARY_of-the-bot"


@dataclass
class Fault:
    """What happens to the next call of a method."""

    method: str
    """Or ``file``: a download."""
    answer: Refusal | None = None
    """Answered instead of doing it."""
    lost: bool = False
    """It is done, but the answer never comes."""
    cut: bool = False
    """It is not done, and the connection breaks."""
    wait: asyncio.Event | None = None
    """Waited for before anything happens."""


def flood(method: str, seconds: int) -> Fault:
    """Too many requests."""
    text = f"Too Many Requests: retry after {seconds}"
    return Fault(method, Refusal(429, text, retry_after=seconds))


@dataclass
class FakeTelegram:
    """The server; `running` starts it."""

    now: Callable[[], float] = time.time
    faults: list[Fault] = field(default_factory=list)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    """Every call that was carried out, with its parameters."""
    called_at: list[float] = field(default_factory=list)
    base: str = ""
    chats: Chats = field(init=False)
    updates: Updates = field(init=False)
    methods: Methods = field(init=False)
    _server: web.Server | None = None

    def __post_init__(self) -> None:
        self.chats = Chats(self.now)
        self.updates = Updates()
        self.methods = Methods(self.chats, self.updates)

    @property
    def connections(self) -> int:
        """How many are open."""
        assert self._server
        return len(self._server.connections)

    def count(self, method: str) -> int:
        """How often a method was carried out."""
        return Counter(name for name, _ in self.calls)[method]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve for as long as the block lasts."""
        app = web.Application(client_max_size=60 * 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await runner.setup()
        self._server = runner.server
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
            async with self.updates.delivering():
                yield
        finally:
            await runner.cleanup()

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            given, files = await _given(request)
            self._check(request.match_info["token"], method, given)
            fault, result = await self._fault(method), None
            if fault is None or not fault.cut:
                self.calls.append((method, given))
                self.called_at.append(time.monotonic())
                result = await self.methods.table[method](given, files)
        except Refusal as refusal:
            return _refused(refusal)
        if fault is not None:
            assert request.transport
            request.transport.close()
            return web.Response()
        return web.json_response({"ok": True, "result": result})

    @staticmethod
    def _check(token: str, method: str, given: Json) -> None:
        if token != TOKEN:
            raise Refusal(401, "Unauthorized")
        if method not in PARAMETERS:
            raise Refusal(404, "Not Found: method not found")
        unknown = sorted(set(given) - PARAMETERS[method])
        if unknown:
            raise bad(f"{method} has no {unknown}")

    async def _fault(self, method: str) -> Fault | None:
        """The fault that this call meets, if it goes on with it."""
        fault = next((one for one in self.faults if one.method == method), None)
        if fault is None:
            return None
        self.faults.remove(fault)
        if fault.wait:
            await fault.wait.wait()
        if fault.answer:
            raise fault.answer
        return fault if fault.lost or fault.cut else None

    async def _file(self, request: web.Request) -> web.Response:
        try:
            await self._fault("file")
        except Refusal as refusal:
            return _refused(refusal)
        path = request.match_info["path"]
        found = [one for one in self.chats.files.values() if one.path == path]
        if request.match_info["token"] != TOKEN or not found:
            return _refused(Refusal(404, "Not Found"))
        return web.Response(body=found[0].content)


def _refused(refusal: Refusal) -> web.Response:
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.code)


async def _given(request: web.Request) -> tuple[Json, Files]:
    """Parameters from wherever the Bot API takes them, and files."""
    given: Json = dict(request.query)
    files: Files = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = (value.filename, value.file.read())
        else:
            given[name] = value
    if "document" in files:  # sent under the parameter's own name
        given["document"] = "attach://document"
    return given, files
