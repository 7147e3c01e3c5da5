"""The one HTTP server: health, readiness, and how it stops."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web

from handlers.server import build_app, serving
from tests.handlers.webworld import Site


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_health_and_readiness_are_two_things() -> None:
    ready = False

    async def is_ready() -> bool:
        return ready

    async with serving(build_app(is_ready), "127.0.0.1", 0) as port:
        base = f"http://127.0.0.1:{port}"
        assert await get(f"{base}/healthz") == (200, "ok\n")
        assert (await get(f"{base}/readyz"))[0] == 503
        ready = True
        assert await get(f"{base}/readyz") == (200, "ready\n")


async def test_health_can_be_asked_by_any_name() -> None:
    site = Site()
    async with site.running(), aiohttp.ClientSession() as session:
        headers = {"Host": "10.0.0.7"}
        async with session.get(site.base + "/healthz", headers=headers) as answer:
            assert answer.status == 200


async def test_a_taken_port_is_an_error_and_leaves_nothing_open() -> None:
    async def is_ready() -> bool:
        return True

    async with serving(build_app(is_ready), "127.0.0.1", 0) as port:
        with pytest.raises(OSError, match="address already in use"):
            async with serving(build_app(is_ready), "127.0.0.1", port):
                pass


async def test_stopping_lets_a_request_finish() -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        began.set()
        await go_on.wait()
        return web.Response(text="done")

    async def is_ready() -> bool:
        return True

    app = build_app(is_ready)
    app.add_routes([web.get("/slow", slow)])

    async def let_go(app: web.Application) -> None:
        go_on.set()

    app.on_shutdown.append(let_go)
    async with asyncio.TaskGroup() as tasks:
        async with serving(app, "127.0.0.1", 0) as port:
            asked = tasks.create_task(get(f"http://127.0.0.1:{port}/slow"))
            await began.wait()
        assert await asked == (200, "done")


async def test_stopping_ends_open_streams() -> None:
    site = Site()
    async with asyncio.timeout(8):
        async with site.running(), site.browser() as page, asyncio.TaskGroup() as tasks:
            live = tasks.create_task(page.live())
            await page.until(lambda p: p.events)
            await site.stop()
            await live
