"""The one HTTP server: health, readiness, and how it stops."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest
from aiohttp import web

from bot.ports import Health
from handlers.server import build_app, serving
from handlers.web import add_privacy_page
from tests.handlers.test_web_photo import begin_upload, hang_up
from tests.handlers.webworld import Site, person_at


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


def written(caplog: pytest.LogCaptureFixture) -> str:
    """All that a log file would hold, tracebacks included; asyncio only talks when debugging."""
    plain = logging.Formatter("%(message)s")
    return "\n".join(plain.format(r) for r in caplog.records if r.name != "asyncio")


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


async def test_a_connection_that_breaks_off_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = Site()
    with caplog.at_level(logging.DEBUG):
        async with site.running(), site.browser() as page:
            with site.chat.visitors.of(person_at(page)).wanting("some-photo") as wanted:
                _, writer = await begin_upload(page, "some-photo", b"half of it", 1000)
                while not wanted.uploading:
                    await asyncio.sleep(0.01)
                await hang_up(writer)
                while wanted.uploading:
                    await asyncio.sleep(0.01)
    assert written(caplog) == ""


async def test_a_request_that_is_no_http_is_logged_without_what_it_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = Site()
    with caplog.at_level(logging.DEBUG):
        async with site.running():
            reader, writer = await asyncio.open_connection(*site.base[7:].split(":"))
            writer.write(b"GET /\x01secret-path HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"400" in await reader.readline()
            await hang_up(writer)
    assert written(caplog) == "a request failed: InvalidURLError"


async def test_a_fault_of_ours_is_a_sentence_and_the_name_of_its_class(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def is_ready() -> bool:
        raise LookupError("the secret text of a person")

    with caplog.at_level(logging.DEBUG):
        async with serving(build_app(is_ready), "127.0.0.1", 0) as port:
            status, sentence = await get(f"http://127.0.0.1:{port}/readyz")
    assert (status, sentence) == (500, "Something went wrong here. Please try again.\n")
    assert written(caplog) == "a request failed: LookupError"


async def test_a_fault_in_the_middle_of_an_answer_breaks_it_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"half")
        raise LookupError("secret")

    async def is_ready() -> bool:
        return True

    app = build_app(is_ready)
    app.add_routes([web.get("/half", half)])
    with caplog.at_level(logging.DEBUG):
        async with serving(app, "127.0.0.1", 0) as port:
            with pytest.raises(aiohttp.ClientPayloadError):
                await get(f"http://127.0.0.1:{port}/half")
    assert written(caplog) == "a request failed: LookupError"


async def test_health_tells_what_is_the_matter_and_fails_only_where_a_restart_helps() -> None:
    states = {"web": Health(), "telegram": Health(trouble="no answer since 95 s")}

    async def is_ready() -> bool:
        return True

    async with serving(build_app(is_ready, lambda: states), "127.0.0.1", 0) as port:
        base = f"http://127.0.0.1:{port}"
        told = "telegram: no answer since 95 s\n"
        assert await get(f"{base}/healthz") == (200, "ok\n" + told)
        states["telegram"] = Health(stalled=True, trouble="no answer since 95 s")
        assert await get(f"{base}/healthz") == (503, "stalled\n" + told)


async def test_the_straight_answers_are_there_without_a_web_chat() -> None:
    async def is_ready() -> bool:
        return True

    app = build_app(is_ready)
    add_privacy_page(app, lambda language: f"**Seven straight answers**\n\nin {language}", None)
    async with serving(app, "127.0.0.1", 0) as port:
        base = f"http://127.0.0.1:{port}"
        status, page = await get(f"{base}/privacy")
        assert status == 200
        assert "Seven straight answers" in page
        assert "Back to the chat" not in page
        assert (await get(f"{base}/app/style.css"))[0] == 200
        assert (await get(f"{base}/"))[0] == 404
