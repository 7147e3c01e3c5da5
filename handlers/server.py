"""The one HTTP server of the process: web chat, webhooks and health share its port.

Rules: adapters add their routes to the application, nothing else listens. No access log: addresses
are nobody's business. A fault is logged as the name of its class, without text, address or
traceback, which could quote what a person sent; a connection that breaks off is no fault.
`/healthz` says that the process answers and what keeps a platform from being heard; it fails only
where starting again would help. `/readyz` says that the bot can do its work. Stopping is graceful:
no new connections, streams are told to end, requests get a few seconds.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import ClientConnectionError, web

from bot.ports import Health

SHUTDOWN_SECONDS = 10.0
LINGERING_SECONDS = 1.0
"""How long aiohttp goes on reading a body that nobody read."""
MAX_BODY = 2 * 1024 * 1024
"""Bytes, for routes that read whole bodies; photos are read by their own route and limit."""

Ready = Callable[[], Awaitable[bool]]
Healthy = Callable[[], Mapping[str, Health]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BROKEN_OFF = (ConnectionError, ClientConnectionError)
"""The other side went away."""


class OnlyTheClass(logging.Filter):
    """Reduces a warning to the class of its exception; drops chatter and broken connections."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if record.levelno < logging.WARNING or isinstance(error, BROKEN_OFF):
            return False
        name = type(error).__name__ if error else "nothing was raised"
        record.msg, record.args = "a request failed: %s", (name,)
        record.exc_info = record.exc_text = record.stack_info = None
        return True


log = logging.getLogger(__name__)
log.addFilter(OnlyTheClass())


@web.middleware
async def plain_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A fault of ours becomes one sentence for the person and one line in the log."""
    try:
        return await handler(request)
    except (web.HTTPException, *BROKEN_OFF):
        raise
    # The edge of the process towards HTTP: whatever went wrong, the text of it goes nowhere.
    except Exception:
        log.exception("a request failed")
        if request.writer.output_size > 0:
            raise ConnectionResetError from None
        return web.Response(status=500, text="Something went wrong here. Please try again.\n")


def build_app(ready: Ready, health: Healthy = dict) -> web.Application:
    """An application with the health addresses; adapters add theirs."""

    async def healthz(request: web.Request) -> web.Response:
        platforms = health()
        troubles = [f"{name}: {one.trouble}" for name, one in platforms.items() if one.trouble]
        stalled = any(one.stalled for one in platforms.values())
        return web.Response(
            status=503 if stalled else 200,
            text="\n".join(["stalled" if stalled else "ok", *troubles, ""]),
            headers={"Cache-Control": "no-store"},
        )

    async def readyz(request: web.Request) -> web.Response:
        is_ready = await ready()
        return web.Response(
            status=200 if is_ready else 503,
            text="ready\n" if is_ready else "not ready\n",
            headers={"Cache-Control": "no-store"},
        )

    app = web.Application(client_max_size=MAX_BODY, middlewares=[plain_faults])
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
        logger=log,
        shutdown_timeout=SHUTDOWN_SECONDS,
        lingering_time=LINGERING_SECONDS,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
