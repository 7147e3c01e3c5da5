"""Fixtures for the tests of handlers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fakes.telegram_phone import Phone
from tests.handlers.telegramworld import Post, posting
from tests.handlers.webworld import Site


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    """A web chat on a socket of its own."""
    served = Site()
    async with served.running():
        yield served


@pytest_asyncio.fixture
async def post() -> AsyncIterator[Post]:
    """A Telegram handler that polls a fake Bot API."""
    async with posting() as posted, posted.running():
        yield posted


@pytest.fixture
def phone(post: Post) -> Phone:
    """Somebody in a private chat with it."""
    return Phone(post.server)
