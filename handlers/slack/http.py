"""What Slack calls: events, taps and commands at one address, and installing at two others.

Rules: the signature is checked here, before anything looks at a body, and whoever cannot sign gets
401 whatever they send; nothing of a body is logged. The answer goes out after the listener, so 200
means that a delivery is durable. https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"

BODY_SECONDS = 10
MOST_DIGITS = 15
"""Of a time in seconds."""

Answer = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


def add_routes(
    app: web.Application, bolt: AsyncApp, flow: AsyncOAuthFlow, signing_secret: str
) -> None:
    """Serve Slack's addresses from this application."""
    verifier = SignatureVerifier(signing_secret)

    async def events(request: web.Request) -> web.Response:
        if not await _is_slacks(request, verifier):
            return web.Response(status=401, text="This is for Slack to call.\n")
        return await to_aiohttp_response(await bolt.async_dispatch(await to_bolt_request(request)))

    app.add_routes(
        [
            web.post(EVENTS, events),
            web.get(INSTALL, _page(flow.handle_installation)),
            web.get(REDIRECT, _page(flow.handle_callback)),
        ]
    )


async def _is_slacks(request: web.Request, verifier: SignatureVerifier) -> bool:
    """Whether Slack has signed it, within the last five minutes."""
    sent = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    # The SDK takes anything for a number and for a text.
    plain = sent.isascii() and signature.isascii()
    if not (plain and sent.isdecimal() and len(sent) <= MOST_DIGITS):
        return False
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = (await request.read()).decode()
    except (UnicodeDecodeError, TimeoutError):
        return False
    return verifier.is_valid(body, sent, signature)


def _page(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def page(request: web.Request) -> web.Response:
        response = await to_aiohttp_response(await answer(await to_bolt_request(request)))
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return page
