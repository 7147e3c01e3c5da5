"""Fixtures for the web chat's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.handlers.webworld import Site


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    """A web chat on a socket of its own."""
    served = Site()
    async with served.running():
        yield served
