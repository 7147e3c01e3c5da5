"""Who gets in: cookies, hosts, origins, headers, and bodies that make no sense."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from handlers.web.gate import OUR_HEADER
from tests.handlers.webpage import Refused, WebPage
from tests.handlers.webworld import WELCOME, Site, person_at

SAY = {"id": "00000000-0001", "text": "hello"}


async def status(page: WebPage, path: str, headers: dict[str, str], method: str = "GET") -> int:
    url = page.base + path
    body = b'{"id": "00000000-0001", "text": "hello"}' if method == "POST" else None
    async with page.session.request(method, url, headers=headers, data=body) as answer:
        return answer.status


async def raw(site: Site, request: bytes) -> bytes:
    """What the server answers to bytes that no well-behaved library would send."""
    host, port = site.base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        await writer.drain()
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_the_cookie_is_long_and_kept_from_scripts_and_other_sites(site: Site) -> None:
    async with aiohttp.ClientSession() as session:
        page = WebPage(session, site.base)
        async with session.post(
            site.base + "/chat/open", data=b"{}", headers=page.headers
        ) as answer:
            cookie = answer.headers["Set-Cookie"]
    assert len(answer.cookies["workshot"].value) >= 43
    for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="):
        assert part in cookie
    assert "Domain" not in cookie


async def test_with_a_public_https_address_the_cookie_is_bound_to_it() -> None:
    site = Site(public_url="https://shots.example.com/")
    async with site.running(), aiohttp.ClientSession() as session:
        headers = {
            "Host": "shots.example.com",
            "Origin": "https://shots.example.com",
            OUR_HEADER: "1",
        }
        async with session.post(site.base + "/chat/open", data=b"{}", headers=headers) as answer:
            cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-workshot=")
    assert "Secure" in cookie


async def test_opening_again_keeps_the_visitor(site: Site) -> None:
    async with site.browser() as page:
        before = person_at(page)
        await page.open()
        assert person_at(page) == before


async def test_two_browsers_are_two_persons_and_see_only_their_own(site: Site) -> None:
    async with site.browser() as one, site.browser() as other:
        await one.say("only for one")
        assert person_at(one) != person_at(other)
        entries = (await one.look())["entries"]
        assert [entry["text"] for entry in entries] == [WELCOME.text, "only for one"]
        assert [entry["text"] for entry in (await other.look())["entries"]] == [WELCOME.text]


async def test_without_a_cookie_nothing_can_be_said_or_seen(site: Site) -> None:
    async with aiohttp.ClientSession() as session:
        page = WebPage(session, site.base)
        with pytest.raises(Refused, match=r"^401 "):
            await page.say("hello")
        with pytest.raises(Refused, match=r"^401 "):
            await page.look()


@pytest.mark.parametrize("cookie", ["x", "../../etc/passwd", "a" * 44, "a" * 42 + "\u00e9"])
async def test_a_cookie_that_cannot_be_ours_is_none(site: Site, cookie: str) -> None:
    async with aiohttp.ClientSession() as session:
        page = WebPage(session, site.base)
        headers = {"Cookie": f"workshot={cookie}", **page.headers}
        assert await status(page, "/chat/say", headers, "POST") == 401


@pytest.mark.parametrize(
    "missing_or_wrong",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": None},
        {"X-WorkShot": None},
    ],
)
async def test_another_site_cannot_speak_for_the_visitor(
    site: Site, missing_or_wrong: dict[str, str | None]
) -> None:
    async with site.browser() as page:
        wished = {**page.headers, **missing_or_wrong}
        headers = {name: value for name, value in wished.items() if value is not None}
        assert await status(page, "/chat/say", headers, "POST") == 403
        assert site.heard.empty()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", ""])
@pytest.mark.parametrize("path", ["/", "/chat/events", "/privacy", "/looks/grey.jpg"])
async def test_a_rebound_name_gets_nothing(site: Site, host: str, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    answer = await raw(site, request.encode())
    assert answer.startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:8080", "LOCALHOST:8080"])
async def test_loopback_names_are_ours(site: Site, host: str) -> None:
    request = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert (await raw(site, request.encode())).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "path", ["/", "/app/app.js", "/privacy", "/looks/grey.jpg", "/nothing", "/chat/events"]
)
async def test_every_answer_carries_the_protective_headers(site: Site, path: str) -> None:
    async with site.browser() as page, page.session.get(site.base + path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "camera=(self)" in answer.headers["Permissions-Policy"]


async def test_private_answers_are_not_stored(site: Site) -> None:
    async with site.browser() as page:
        for path in ("/chat/events", "/chat/files/" + "0" * 32 + "/0", "/privacy"):
            async with page.session.get(site.base + path) as answer:
                assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"id": "00000000-0001"}',
        b'{"id": "short", "text": "hello"}',
        b'{"id": "../../etc/passwd", "text": "hello"}',
        b'{"id": "00000000-0001", "text": ""}',
        b'{"id": "00000000-0001", "text": "hello", "more": 1}',
        b'{"id": "00000000-0001", "text": "' + b"a" * 4001 + b'"}',
        b'{"id": "00000000-0001", "text": "' + b"a" * 70_000 + b'"}',
        b'{"id": "00000000-0001", "text": "\xff"}',
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_sentence(site: Site, body: bytes) -> None:
    async with site.browser() as page:
        with pytest.raises(Refused) as refused:
            await page.post("/chat/say", body)
        assert refused.value.status == 400
        assert refused.value.sentence.endswith(".")
        assert site.heard.empty()


@pytest.mark.parametrize(
    "path",
    [
        "/app/../gate.py",
        "/app/..%2fgate.py",
        "/app/%2e%2e%2fgate.py",
        "/app/gate.py",
        "/app/",
        "/looks/../../pyproject.toml.jpg",
        "/looks/..%2f..%2fpyproject.jpg",
        "/chat/files/..%2f..%2fdata/0",
        "/chat/files/" + "0" * 32 + "/99",
    ],
)
async def test_no_path_leads_out(site: Site, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = await raw(site, request.encode())
    assert answer.split(b" ")[1] in {b"404", b"401"}


async def test_before_the_bot_runs_it_asks_to_wait(site: Site) -> None:
    async with site.browser() as page:
        await site.stop()
        with pytest.raises(Refused, match=r"^503 "):
            await page.say("hello")
