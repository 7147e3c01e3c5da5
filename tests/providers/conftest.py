"""A fake Replicate, a provider there, and one order of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fakes.replicate_server import FakeReplicate
from tests.providers.hosted import Hosted, Run, at


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate().serving() as server:
        yield server
        assert server.strangers == [], "a token went where it does not belong"


@pytest_asyncio.fixture
async def hosted(server: FakeReplicate) -> AsyncIterator[Hosted]:
    async with at(server) as hosted:
        yield hosted


@pytest.fixture
def run(hosted: Hosted) -> Run:
    return Run(hosted)
