"""The seven straight answers as a page, with or without a chat beside it.

Chat platforms link to it, so it is served also where the web chat is off; then it offers no way
back to a chat that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from handlers.web import pages
from handlers.web.gate import Gate, add_headers

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2})?")
_LOOKS = ("style.css", "icon.svg")

Page = Callable[[web.Request], Awaitable[web.Response]]


def privacy_page(privacy_text: Callable[[str], str], *, chat: bool) -> Page:
    """Answers with the text in the language that the browser asks for."""

    async def page(request: web.Request) -> web.Response:
        spoken = _LANGUAGE.match(request.headers.get("Accept-Language", ""))
        language = spoken.group() if spoken else "en"
        return pages.text_response(privacy_text(language), language, chat=chat)

    return page


def add_privacy_page(
    app: web.Application, privacy_text: Callable[[str], str], public_url: str | None
) -> None:
    """Serve the page, and what it is drawn with, where there is no web chat."""
    gate, answers = Gate(public_url), privacy_page(privacy_text, chat=False)

    async def page(request: web.Request) -> web.Response:
        gate.check_host(request)
        return await answers(request)

    def asset(name: str) -> Page:
        async def answer(request: web.Request) -> web.Response:
            gate.check_host(request)
            return pages.asset_response(name)

        return answer

    app.on_response_prepare.append(add_headers)
    app.add_routes([web.get("/privacy", page)])
    app.add_routes([web.get(f"/app/{name}", asset(name)) for name in _LOOKS])
