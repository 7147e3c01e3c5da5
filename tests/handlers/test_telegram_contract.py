"""Telegram keeps the contract of a platform, whichever way updates come in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.contracts.handler import HandlerContract
from tests.handlers.telegramworld import TelegramWorld, posting


class TestPolling(HandlerContract):
    """All of the contract, asking Telegram for news."""

    @pytest_asyncio.fixture
    async def world(self) -> AsyncIterator[TelegramWorld]:
        async with posting() as post, post.running():
            yield TelegramWorld(post)


class TestWebhook(HandlerContract):
    """All of the contract, being called by Telegram."""

    @pytest_asyncio.fixture
    async def world(self) -> AsyncIterator[TelegramWorld]:
        async with posting(webhook=True) as post, post.running():
            yield TelegramWorld(post)
