"""The numbers are for this machine itself, and for nobody behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.effects import Again
from bot.model import Fault
from bot.tally import Count, Tally
from handlers.metrics import add_metrics
from handlers.server import build_app, serving


async def ready() -> bool:
    return True


@pytest.fixture
async def url() -> AsyncIterator[str]:
    tally = Tally()
    tally.add(Count.ASKED_AGAIN, Again.NOT_ME.value)
    app = build_app(ready)
    add_metrics(app, tally.exposition)
    async with serving(app, "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}/metrics"


async def get(url: str, **headers: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, answer.headers.get("Content-Type", ""), await answer.text()


async def test_it_is_what_prometheus_reads(url: str) -> None:
    status, kind, text = await get(url)

    assert status == 200
    assert kind.startswith("text/plain; version=0.0.4")
    assert 'workshot_asked_again_total{why="not-me"} 1' in text.splitlines()
    assert "# TYPE workshot_asked_again_total counter" in text.splitlines()
    for line in text.splitlines():
        assert line.startswith("# ") or line.rpartition(" ")[2].isdigit()


async def test_every_label_is_known_before_anything_happens(url: str) -> None:
    _, _, text = await get(url)

    for fault in Fault:
        assert f'workshot_headshots_left_out_total{{fault="{fault.value}"}} 0' in text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Host": "bot.example.org"},
        {"Host": "127.0.0.1.example.org"},
    ],
    ids=str,
)
async def test_what_comes_from_elsewhere_finds_no_such_page(
    url: str, headers: dict[str, str]
) -> None:
    status, _, text = await get(url, **headers)

    assert status == 404
    assert "workshot" not in text


async def test_this_machine_by_its_name_is_this_machine(url: str) -> None:
    status, _, _ = await get(url, Host="localhost:8080")

    assert status == 200
