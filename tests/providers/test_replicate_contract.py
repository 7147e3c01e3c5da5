"""Replicate, alone and with this machine behind it, keeps the contract of a provider."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.ports import HeadshotProvider
from providers.fallback import Fallback
from tests.contracts.provider import ProviderContract
from tests.fakes.provider import FakeProvider, plain_headshot
from tests.fakes.replicate_script import Answer
from tests.fakes.replicate_server import FakeReplicate
from tests.providers.hosted import Hosted, at


@pytest_asyncio.fixture
async def after_a_restart(server: FakeReplicate) -> AsyncIterator[Hosted]:
    async with at(server) as hosted:
        yield hosted


@pytest.fixture
def photo() -> bytes:
    return plain_headshot((600, 800), 90)


class TestReplicate(ProviderContract):
    @pytest.fixture
    def provider(self, hosted: Hosted) -> HeadshotProvider:
        return hosted.provider

    @pytest.fixture
    def reopened(self, after_a_restart: Hosted) -> HeadshotProvider:
        return after_a_restart.provider


class TestFallback(ProviderContract):
    @pytest.fixture
    def local(self) -> FakeProvider:
        return FakeProvider("local")

    @pytest.fixture
    def provider(self, hosted: Hosted, local: FakeProvider) -> HeadshotProvider:
        return Fallback(hosted.provider, local)

    @pytest.fixture
    def reopened(self, after_a_restart: Hosted, local: FakeProvider) -> HeadshotProvider:
        return Fallback(after_a_restart.provider, local)


class TestFallbackWhenReplicateIsDown(ProviderContract):
    """As above, but what is sent anywhere comes to nothing, and this machine makes everything."""

    @pytest.fixture(autouse=True)
    def down(self, server: FakeReplicate) -> None:
        server.on_create.extend([Answer(503)] * 1000)

    @pytest.fixture
    def local(self) -> FakeProvider:
        return FakeProvider("local")

    @pytest.fixture
    def provider(self, hosted: Hosted, local: FakeProvider) -> HeadshotProvider:
        return Fallback(hosted.provider, local)

    @pytest.fixture
    def reopened(self, after_a_restart: Hosted, local: FakeProvider) -> HeadshotProvider:
        return Fallback(after_a_restart.provider, local)
