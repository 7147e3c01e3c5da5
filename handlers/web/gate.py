"""Who may speak to the web chat: cookie, host, origin, and the headers every answer carries.

Rules: a visitor is whoever holds a 256-bit cookie; only its hash leaves this file, so neither the
journal nor memory can be turned back into somebody's session. The Host header must be a loopback
name or the public address (a foreign page that rebinds its DNS name to 127.0.0.1 fails here).
Loopback names count also when there is a public address: they are for health checks and for the
operator on the machine, and no page elsewhere can make a browser send one to us. What changes
something must come from our own page: SameSite=Strict, an Origin of our own, and a header
that a form cannot set.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from bot.model import Person

OUR_HEADER = "X-WorkShot"
COOKIE_AGE = 7 * 24 * 3600
"""Seconds; longer than anything a visitor has here is kept."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_REFUSALS: dict[int, type[web.HTTPException]] = {
    400: web.HTTPBadRequest,
    401: web.HTTPUnauthorized,
    403: web.HTTPForbidden,
    404: web.HTTPNotFound,
    408: web.HTTPRequestTimeout,
    409: web.HTTPConflict,
    421: web.HTTPMisdirectedRequest,
    429: web.HTTPTooManyRequests,
    503: web.HTTPServiceUnavailable,
}


def refusal(
    status: int, sentence: str, *, retry_after: int | None = None, **more: object
) -> web.HTTPException:
    """An error with one sentence that a person can read; raise it. `retry_after` is in seconds."""
    text = msgspec.json.encode({"error": sentence, **more}).decode()
    if status == web.HTTPRequestEntityTooLarge.status_code:
        return web.HTTPRequestEntityTooLarge(0, text=text, content_type="application/json")
    headers = None if retry_after is None else {"Retry-After": str(retry_after)}
    return _REFUSALS[status](text=text, content_type="application/json", headers=headers)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """For `Application.on_response_prepare`: what every answer carries, errors included."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")


def person_of(token: str) -> Person:
    """The person behind a cookie, without the cookie."""
    return Person("web", "", hashlib.sha256(token.encode()).hexdigest())


class Gate:
    """Decides about one request; knows the public address, if there is one."""

    def __init__(self, public_url: str | None) -> None:
        public = urlsplit(public_url or "")
        self._hosts = _LOOPBACK | ({public.hostname} if public.hostname else frozenset())
        self._origin = f"{public.scheme}://{public.netloc}" if public.hostname else None
        self._secure = public.scheme == "https"
        self._cookie = "__Host-workshot" if self._secure else "workshot"

    def check_host(self, request: web.Request) -> None:
        """Raise unless the request was addressed to us by a name of ours."""
        try:
            name = urlsplit(f"//{request.headers.get('Host', '')}").hostname
        except ValueError:
            name = None
        if name not in self._hosts:
            raise refusal(421, "This address is not configured. Set PUBLIC_URL to use it.")

    def check_origin(self, request: web.Request) -> None:
        """Raise unless the request comes from our own page."""
        origin = request.headers.get("Origin")
        ours = {f"{scheme}://{request.headers.get('Host')}" for scheme in ("http", "https")}
        if origin is None or origin not in ours | {self._origin}:
            raise refusal(403, "Only this chat's own page can do that.")
        if OUR_HEADER not in request.headers:
            raise refusal(403, "Only this chat's own page can do that.")

    def token(self, request: web.Request) -> str | None:
        """The visitor's cookie, if it can be one of ours."""
        token = request.cookies.get(self._cookie, "")
        return token if _TOKEN.fullmatch(token) else None

    def person(self, request: web.Request) -> Person:
        """The visitor; raises when there is no cookie."""
        token = self.token(request)
        if token is None:
            raise refusal(401, "Please open the chat again.")
        return person_of(token)

    def admit(self, response: web.StreamResponse, token: str | None) -> None:
        """Give the browser its cookie: the one it has for longer, or a new one."""
        response.set_cookie(
            self._cookie,
            token or secrets.token_urlsafe(32),
            max_age=COOKIE_AGE,
            path="/",
            httponly=True,
            secure=self._secure,
            samesite="Strict",
        )
