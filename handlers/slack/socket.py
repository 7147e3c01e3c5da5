"""News over a socket: nothing of ours has to be reachable from outside.

The SDK's client connects, pings and connects again. It is known to fall silent all the same
(https://github.com/slackapi/bolt-python/issues/417), so this watches it from outside, makes a new
one when it is not connected for a while, and says so. Whatever the SDK started has ended when this
ends: what it was taking is committed or not, and what was not is sent again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from handlers.slack.chat import SlackChat
from handlers.slack.web_api import quiet

PULSE = 0.5
"""Seconds between looks at the connection."""
TROUBLE_AFTER, RENEW_AFTER, STALLED_AFTER = 5.0, 60.0, 300.0
"""Seconds without a connection until it is told, until a new client is made, until we stall."""
PING_SECONDS = 5.0


class Tracked(AsyncSocketModeHandler):
    """Knows which requests are being answered."""

    def __init__(self, bolt: AsyncApp, chat: SlackChat) -> None:
        super().__init__(
            bolt,
            chat.config.app_token,
            logger=quiet,
            web_client=chat.clients.client(None),
            ping_interval=PING_SECONDS,
        )
        self.answering: set[asyncio.Task[None]] = set()

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Answer one request; the SDK has made a task of it and forgotten it."""
        task = asyncio.current_task()
        if task is not None:
            self.answering.add(task)
            task.add_done_callback(self.answering.discard)
        # The adapter names one kind of client; all of them can answer.
        await super().handle(client, req)  # type: ignore[arg-type]


class Socket:
    """The loop that hears Slack."""

    def __init__(self, chat: SlackChat, bolt: AsyncApp) -> None:
        self._chat = chat
        self._bolt = bolt
        self._heard = time.monotonic()

    async def listen(self) -> None:
        """Until cancelled."""
        self._heard = time.monotonic()
        while True:
            async with self._connecting() as client:
                began = time.monotonic()
                while time.monotonic() - max(began, self._heard) < RENEW_AFTER:
                    self._judge(connected=await _alive(client))
                    await asyncio.sleep(PULSE)

    def _judge(self, *, connected: bool) -> None:
        now = time.monotonic()
        if connected:
            self._heard = now
        silent = now - self._heard
        self._chat.stalled = silent > STALLED_AFTER
        self._chat.trouble = (
            "the socket to Slack is not connected" if silent > TROUBLE_AFTER else ""
        )

    @asynccontextmanager
    async def _connecting(self) -> AsyncIterator[SocketModeClient]:
        handler = Tracked(self._bolt, self._chat)
        client = handler.client
        async with asyncio.TaskGroup() as tasks:
            # The SDK does not say what these return.
            connect = tasks.create_task(client.connect())  # type: ignore[no-untyped-call]
            try:
                yield client
            finally:
                connect.cancel()
                # As above.
                await client.close()  # type: ignore[no-untyped-call]
                await _ended(client, handler.answering)


async def _alive(client: SocketModeClient) -> bool:
    """Whether it is connected and somebody reads what comes."""
    reader = client.message_receiver
    return bool(reader and not reader.done() and await client.is_connected())


async def _ended(client: SocketModeClient, answering: set[asyncio.Task[None]]) -> None:
    """Wait for everything that the client has started: it cancels, but does not wait."""
    started = (client.message_processor, client.message_receiver, client.current_session_monitor)
    ending = [task for task in (*started, *answering) if task is not None]
    if ending:
        await asyncio.wait(ending)
