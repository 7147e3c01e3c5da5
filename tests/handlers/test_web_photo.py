"""A photo's way: a name first, its bytes only while they are asked for, then erased by the page."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.errors import PlatformUnavailable, SelfieGone
from bot.model import Message, SelfieRef
from handlers.web.uploads import MAX_PHOTO, MAX_UPLOADS, TOO_SLOW
from tests.handlers.webpage import Refused, WebPage
from tests.handlers.webworld import GRACE, Site, listening, person_at

PHOTO = b"\xff\xd8" + bytes(range(256)) * 2000


@asynccontextmanager
async def fetching(site: Site, page: WebPage, photo: str) -> AsyncIterator[asyncio.Task[bytes]]:
    """The engine asks for a photo while the block runs."""
    person = person_at(page)
    visitor = site.chat.visitors.of(person)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(site.chat.fetch_selfie(person, SelfieRef(photo)))
        while photo not in visitor.wanted and not task.done():
            await asyncio.sleep(0)
        yield task


async def begin_upload(
    page: WebPage, photo: str, part: bytes, announced: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The first part of an upload; the rest is up to the test."""
    host, port = page.base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    (cookie,) = page.session.cookie_jar
    head = (
        f"PUT /chat/photo/{photo} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Origin: {page.base}\r\nX-WorkShot: 1\r\nContent-Length: {announced}\r\n"
        f"Cookie: workshot={cookie.value}\r\n\r\n"
    )
    writer.write(head.encode() + part)
    await writer.drain()
    return reader, writer


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close the connection, whether or not the server did so first."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def state_of(page: WebPage, photo: str) -> str:
    return next(str(e["at"]) for e in page.entries.values() if e.get("photo") == photo)


async def test_choosing_a_photo_sends_only_its_name(site: Site) -> None:
    async with site.browser() as page:
        photo = await page.offer(PHOTO)
        entry = (await page.look())["entries"][-1]
        assert (entry["photo"], entry["at"]) == (photo, "page")
        assert site.vault.kept == {}


async def test_a_photo_that_is_not_wanted_is_refused(site: Site) -> None:
    async with site.browser() as page:
        photo = await page.offer(PHOTO)
        assert await page.hand_over(photo) == 409


async def test_a_wanted_photo_is_handed_over_and_may_be_asked_for_again(site: Site) -> None:
    async with site.visitor() as page:
        photo = await page.offer(PHOTO)
        for _ in range(2):
            assert await site.chat.fetch_selfie(person_at(page), SelfieRef(photo)) == PHOTO
        await page.until(lambda p: state_of(p, photo) == "check")
        assert site.chat.visitors.of(person_at(page)).wanted == {}
        assert await page.hand_over(photo) == 409


async def test_the_page_may_erase_its_copy_once_the_check_is_answered(site: Site) -> None:
    async with site.visitor() as page:
        photo = await page.offer(PHOTO)
        person = person_at(page)
        await site.chat.send(person, "1", Message("Checking.", slot="check"), ())
        await site.chat.fetch_selfie(person, SelfieRef(photo))
        await site.chat.send(person, "2", Message("Checked.", slot="check"), ())
        await page.until(lambda p: state_of(p, photo) == "check")
        await site.chat.send(person, "3", Message("This is the picture."), ())
        await page.until(lambda p: state_of(p, photo) == "gone")


async def test_a_newer_photo_lets_go_of_the_older(site: Site) -> None:
    async with site.visitor() as page:
        older = await page.offer(PHOTO)
        newer = await page.offer(PHOTO)
        await page.until(lambda p: state_of(p, older) == "gone")
        assert state_of(page, newer) == "page"


async def test_a_newer_photo_does_not_take_away_one_that_is_being_handed_over(site: Site) -> None:
    async with site.browser() as page:
        older = await page.offer(PHOTO)
        async with fetching(site, page, older) as fetched:
            await page.offer(PHOTO)
            async with listening(page):
                assert await fetched == PHOTO
                assert state_of(page, older) != "gone"


async def test_a_page_opened_later_is_told_what_is_wanted(site: Site) -> None:
    async with site.browser() as page:
        photo = await page.offer(PHOTO)
        async with fetching(site, page, photo) as fetched, listening(page):
            assert await fetched == PHOTO


async def test_when_nobody_is_there_it_asks_to_come_back(site: Site) -> None:
    async with site.browser() as page:
        photo = await page.offer(PHOTO)
        with pytest.raises(PlatformUnavailable) as raised:
            await site.chat.fetch_selfie(person_at(page), SelfieRef(photo))
        assert raised.value.retry_after
        assert await page.hand_over(photo) == 409


async def test_a_tab_that_does_not_exist_cannot_lose_a_photo(site: Site) -> None:
    async with site.browser() as page:
        photo = await page.offer(PHOTO)
        async with fetching(site, page, photo) as fetched:
            await page.post("/chat/missing", {"photo": photo, "tab": "made-up"})
            assert await page.hand_over(photo) == 204
            assert await fetched == PHOTO


async def test_one_tab_without_the_photo_does_not_speak_for_the_other(site: Site) -> None:
    async with site.visitor() as empty:
        having = WebPage(empty.session, empty.base)
        async with listening(having):
            photo = await having.offer(PHOTO)
            person = person_at(empty)
            assert await site.chat.fetch_selfie(person, SelfieRef(photo)) == PHOTO


async def test_a_photo_that_no_tab_has_is_gone(site: Site) -> None:
    async with site.visitor() as page:
        photo = await page.offer(PHOTO)
        page.photos.clear()
        with pytest.raises(SelfieGone):
            await site.chat.fetch_selfie(person_at(page), SelfieRef(photo))


async def test_somebody_else_cannot_hand_over_or_lose_a_photo(site: Site) -> None:
    async with site.visitor() as page, site.browser() as other:
        photo = await other.offer(b"planted")
        async with fetching(site, page, photo) as fetched:
            assert await other.hand_over(photo) == 409
            await other.post("/chat/missing", {"photo": photo, "tab": page.tab})
            assert not fetched.done()
            fetched.cancel()


async def test_the_largest_photo_fits_and_one_byte_more_is_refused(site: Site) -> None:
    async with site.browser() as page:
        person = person_at(page)
        visitor = site.chat.visitors.of(person)
        with visitor.wanting("largest-photo") as wanted:
            page.photos["largest-photo"] = bytes(MAX_PHOTO)
            assert await page.hand_over("largest-photo") == 204
            assert len(await wanted.arrived) == MAX_PHOTO
        with visitor.wanting("too-large-photo") as wanted:
            page.photos["too-large-photo"] = bytes(MAX_PHOTO + 1)
            assert await page.hand_over("too-large-photo") == 413
            with pytest.raises(SelfieGone):
                await wanted.arrived


async def test_a_body_that_does_not_say_how_long_it_is_is_cut_off(site: Site) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield bytes(1024 * 1024)

    async with site.browser() as page:
        visitor = site.chat.visitors.of(person_at(page))
        with visitor.wanting("endless-photo"):
            url = page.base + "/chat/photo/endless-photo"
            async with page.session.put(url, data=endless(), headers=page.headers) as answer:
                assert answer.status == 413
                assert "25 MB" in await answer.text()


async def test_a_photo_announced_as_too_large_is_refused_at_once(site: Site) -> None:
    async with site.browser() as page:
        with pytest.raises(Refused, match=r"^413 .*25 MB"):
            await page.act("/chat/selfie", photo="a-large-photo", size=MAX_PHOTO + 1)
        assert site.heard.empty()


async def test_a_slow_upload_is_waited_for_and_is_the_only_one(site: Site) -> None:
    async with site.browser() as page:
        photo = await page.offer(b"abc")
        visitor = site.chat.visitors.of(person_at(page))
        async with fetching(site, page, photo) as fetched:
            _, writer = await begin_upload(page, photo, b"a", 3)
            while not visitor.wanted[photo].uploading:
                await asyncio.sleep(0.01)
            assert await page.hand_over(photo) == 409
            done, _ = await asyncio.wait([fetched], timeout=3 * GRACE)
            assert not done, "nobody listens, but somebody is handing over"
            writer.write(b"bc")
            assert await fetched == b"abc"
            writer.close()
            await writer.wait_closed()


async def test_a_broken_upload_is_asked_for_again(site: Site) -> None:
    async with site.browser() as page:
        photo = await page.offer(PHOTO)
        visitor = site.chat.visitors.of(person_at(page))
        with visitor.wanting(photo) as wanted:
            _, writer = await begin_upload(page, photo, b"half of it", 1000)
            while not wanted.uploading:
                await asyncio.sleep(0.01)
            assert (await page.look())["wanted"] == []
            await hang_up(writer)
            while wanted.uploading:
                await asyncio.sleep(0.01)

            assert (await page.look())["wanted"] == [photo]
            assert await page.hand_over(photo) == 204
            assert await wanted.arrived == PHOTO


async def test_an_upload_that_takes_too_long_is_answered_with_a_sentence() -> None:
    site = Site(upload_seconds=0.2)
    async with site.running(), site.browser() as page:
        visitor = site.chat.visitors.of(person_at(page))
        with visitor.wanting("slow-photo") as wanted:
            reader, writer = await begin_upload(page, "slow-photo", b"a", 1000)
            while not wanted.uploading:
                await asyncio.sleep(0.01)
            while wanted.uploading:
                await asyncio.sleep(0.01)
            writer.write(bytes(999))
            answer = await reader.readuntil(b"}")
            await hang_up(writer)
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert TOO_SLOW.encode() in answer
            assert not wanted.arrived.done()
            page.photos["slow-photo"] = PHOTO
            assert await page.hand_over("slow-photo") == 204


async def test_the_engine_gives_up_although_an_upload_is_under_way() -> None:
    site = Site(patience=0.5)
    async with site.running(), site.browser() as page:
        photo = await page.offer(PHOTO)
        visitor = site.chat.visitors.of(person_at(page))

        async def gives_up() -> None:
            with pytest.raises(PlatformUnavailable):
                await site.chat.fetch_selfie(person_at(page), SelfieRef(photo))

        async with asyncio.TaskGroup() as tasks:
            given_up = tasks.create_task(gives_up())
            while photo not in visitor.wanted:
                await asyncio.sleep(0)
            wanted = visitor.wanted[photo]
            reader, writer = await begin_upload(page, photo, b"a", 1000)
            while not wanted.uploading:
                await asyncio.sleep(0.01)
            await given_up
        writer.write(bytes(999))
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 409 ")
        assert not wanted.uploading
        await hang_up(writer)


async def test_only_a_few_uploads_are_taken_at_a_time(site: Site) -> None:
    async with site.browser() as page, AsyncExitStack() as wants:
        visitor = site.chat.visitors.of(person_at(page))
        names = [f"photo-number-{number}" for number in range(MAX_UPLOADS + 1)]
        wanted = [wants.enter_context(visitor.wanting(name)) for name in names]
        writers = [(await begin_upload(page, name, b"a", 2))[1] for name in names[:-1]]
        while not all(one.uploading for one in wanted[:-1]):
            await asyncio.sleep(0.01)
        url = f"{page.base}/chat/photo/{names[-1]}"
        async with page.session.put(url, data=PHOTO, headers=page.headers) as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
        writers[0].write(b"b")
        assert await wanted[0].arrived == b"ab"
        while wanted[0].uploading:
            await asyncio.sleep(0.01)
        page.photos[names[-1]] = PHOTO
        assert await page.hand_over(names[-1]) == 204
        for writer in writers:
            await hang_up(writer)


class Writes:
    """An audit hook that notes every file opened for writing, by any library, while `watching`."""

    def __init__(self) -> None:
        self.watching = False
        self.seen: list[object] = []

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        """`sys.addaudithook` calls this; ``open`` brings path, mode and flags."""
        if self.watching and event == "open" and isinstance(args[2], int):
            writing = args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writing and args[0] != os.devnull:
                self.seen.append(args[0])


WRITES = Writes()
sys.addaudithook(WRITES)


async def test_no_upload_touches_the_disk(site: Site, tmp_path: Path) -> None:
    async with site.visitor() as page:
        photo = await page.offer(bytes(3 * 1024 * 1024))
        WRITES.watching = True
        try:
            await site.chat.fetch_selfie(person_at(page), SelfieRef(photo))
            assert WRITES.seen == []
            tempfile.TemporaryFile(dir=tmp_path).close()
            assert WRITES.seen, "the watch itself sees nothing"
        finally:
            WRITES.watching = False
