"""``/metrics``: how good the results are, for whoever runs the bot, as numbers.

Only this machine itself gets an answer. On a small installation even a count can tell that somebody
was here today, so everybody else is told that there is no such page: another address, a request
that a proxy passed on, and a web page that made a browser ask under a name of its own.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def add_metrics(app: web.Application, exposition: Callable[[], str]) -> None:
    """Serve the numbers."""

    async def metrics(request: web.Request) -> web.Response:
        if not _from_here(request):
            raise web.HTTPNotFound
        headers = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}
        return web.Response(body=exposition().encode(), headers=headers)

    app.router.add_get("/metrics", metrics)


def _from_here(request: web.Request) -> bool:
    passed_on = any(name in request.headers for name in PASSED_ON)
    asked_for = urlsplit(f"//{request.host}").hostname or ""
    return not passed_on and _is_loopback(request.remote or "") and _is_loopback(asked_for)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
