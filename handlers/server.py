"""The one HTTP server of the process: web chat, webhooks and health share its port.

Rules: adapters add their routes to the application, nothing else listens. No access log: addresses
are nobody's business. `/healthz` says that the process answers; `/readyz` that it can do its work.
Stopping is graceful: no new connections, streams are told to end, requests get a few seconds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

SHUTDOWN_SECONDS = 10.0
LINGERING_SECONDS = 1.0
"""How long aiohttp goes on reading a body that nobody read."""
MAX_BODY = 2 * 1024 * 1024
"""Bytes, for routes that read whole bodies; photos are read by their own route and limit."""

Ready = Callable[[], Awaitable[bool]]


def build_app(ready: Ready) -> web.Application:
    """An application with the health addresses; adapters add theirs."""

    async def healthz(request: web.Request) -> web.Response:
        return web.Response(text="ok\n", headers={"Cache-Control": "no-store"})

    async def readyz(request: web.Request) -> web.Response:
        is_ready = await ready()
        return web.Response(
            status=200 if is_ready else 503,
            text="ready\n" if is_ready else "not ready\n",
            headers={"Cache-Control": "no-store"},
        )

    app = web.Application(client_max_size=MAX_BODY)
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz)])
    return app


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve for as long as the block lasts; yields the port (useful when `port` is 0).

    Raises `OSError` when the address is taken.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=SHUTDOWN_SECONDS,
        lingering_time=LINGERING_SECONDS,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
