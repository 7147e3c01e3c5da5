"""How what happens reaches the bot: signed requests, or envelopes on a socket.

As Slack does it: what is not taken is sent again, with the same ids. A `Line` can also be told to
send everything several times and late, which is what a bad day looks like.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlencode

import aiohttp

from tests.fakes.slack.server import FakeSlack

Payload: TypeAlias = dict[str, Any]
SECRET = "signing-secret-CANARY"
TRIES = 3
ANSWER_SECONDS = 3.0
"""As long as Slack waits."""


class NotTaken(Exception):
    """The bot did not take it."""


class Way(Protocol):
    """One way to the bot."""

    async def send(self, kind: str, payload: Payload, retry: int) -> Payload:
        """Deliver once; returns what the bot answered. Raises `NotTaken`."""
        ...


def signed(secret: str, body: str, at: float | None = None) -> dict[str, str]:
    """The headers that prove that Slack sent it."""
    sent = str(int(at if at is not None else time.time()))
    told = hmac.new(secret.encode(), f"v0:{sent}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": sent, "X-Slack-Signature": f"v0={told}"}


def encoded(kind: str, payload: Payload) -> tuple[str, str]:
    """Body and content type, as each kind has them."""
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    if kind == "slash_commands":
        return urlencode(payload), "application/x-www-form-urlencoded"
    return urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"


class OverHttp:
    """Signed requests to the bot's address."""

    def __init__(self, url: str, secret: str = SECRET) -> None:
        self.url = url
        self.secret = secret

    async def send(self, kind: str, payload: Payload, retry: int) -> Payload:
        body, content_type = encoded(kind, payload)
        headers: Mapping[str, str] = {
            "Content-Type": content_type,
            **signed(self.secret, body),
            **({"X-Slack-Retry-Num": str(retry)} if retry else {}),
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/slack/events", data=body, headers=headers) as response,
        ):
            text = await response.text()
            if response.status != 200:
                raise NotTaken(response.status)
        try:
            answer = json.loads(text or "{}")
        except ValueError:
            return {"text": text}
        return answer if isinstance(answer, dict) else {"text": text}


class OverSocket:
    """Envelopes on whichever socket is open."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack

    async def send(self, kind: str, payload: Payload, retry: int) -> Payload:
        envelope = str(uuid.uuid4())
        async with asyncio.timeout(20):
            while not self._slack.sockets:
                await asyncio.sleep(0.02)
        sent = {"type": kind, "envelope_id": envelope, "payload": payload}
        try:
            await self._slack.sockets[-1].send_json(sent | {"retry_attempt": retry})
            async with asyncio.timeout(ANSWER_SECONDS):
                while envelope not in self._slack.acknowledged:
                    await asyncio.sleep(0.005)
        except (TimeoutError, ConnectionError):
            raise NotTaken(kind) from None
        return self._slack.acknowledged[envelope]


class Line:
    """Slack's patience: tries again, and on a bad day says everything three times and late."""

    def __init__(self, way: Way, *, bad_day: bool = False) -> None:
        self.way = way
        self.bad_day = bad_day
        self.sent: list[tuple[str, Payload]] = []
        self._late: list[tuple[str, Payload]] = []

    async def deliver(self, kind: str, payload: Payload) -> Payload:
        """Deliver until it is taken."""
        self.sent.append((kind, payload))
        answer = await self._until_taken(kind, payload)
        if self.bad_day:
            late, self._late = self._late, [(kind, payload)]
            await self._until_taken(kind, payload)
            for one in late:
                await self._until_taken(*one)
        return answer

    async def again(self) -> None:
        """Deliver the last thing once more."""
        await self._until_taken(*self.sent[-1])

    async def _until_taken(self, kind: str, payload: Payload) -> Payload:
        for retry in range(TRIES):
            try:
                return await self.way.send(kind, payload, retry)
            except (NotTaken, aiohttp.ClientError):
                await asyncio.sleep(0.05)
        raise NotTaken(kind)
