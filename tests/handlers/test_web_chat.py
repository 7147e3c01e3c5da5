"""What a visitor says and sees: bubbles, replays, several tabs, files."""

from __future__ import annotations

import asyncio

import pytest

from bot.events import Replied, Wrote
from bot.model import Attachment, Choice, Message, PhotoId, Style
from handlers.web.chat import MAX_ENTRIES
from handlers.web.visitors import MAX_QUEUED, MAX_TABS
from tests.handlers.webpage import Refused, WebPage
from tests.handlers.webworld import WELCOME, Site, WebWorld, listening, person_at

YES = Choice("yes", "Yes, it's me")
QUESTION = Message("Is it you?", choices=(YES, Choice("no", "No")), question="self-1")


async def keys(page: WebPage) -> list[str]:
    return [entry["key"] for entry in (await page.look())["entries"]]


async def show(site: Site, page: WebPage, key: str, message: Message) -> None:
    await site.chat.send(person_at(page), key, message, ())


async def test_an_empty_chat_shows_the_welcome_and_leaves_no_trace(site: Site) -> None:
    async with site.browser() as page:
        (welcome,) = (await page.look())["entries"]
        assert welcome["text"] == WELCOME.text
        assert site.heard.empty()
        assert site.ledger.kept == {}


async def test_the_welcome_stays_above_the_first_thing_that_is_done(site: Site) -> None:
    async with site.visitor() as page:
        await page.tap("Start")
        assert (await site.hears()).event == Replied("start", "welcome")
        entries = (await page.look())["entries"]
        assert [e["text"] for e in entries] == [WELCOME.text, "Start"]


async def test_what_was_said_is_there_after_a_reload(site: Site) -> None:
    async with site.browser() as page:
        await show(site, page, "1", QUESTION)
        action = await page.say("what is this?")
        await show(site, page, "2", Message("A headshot bot."))
        entries = (await page.look())["entries"]
        assert [e["text"] for e in entries] == ["Is it you?", "what is this?", "A headshot bot."]
        assert entries[1]["key"] == f"in:{action}"


async def test_a_replayed_action_shows_once(site: Site) -> None:
    async with site.browser() as page:
        await page.say("hello")
        await page.post(*page.last)
        await page.post(*page.last)
        assert len(await keys(page)) == 2


async def test_a_tap_shows_the_label_that_we_gave_it(site: Site) -> None:
    async with site.browser() as page:
        await show(site, page, "1", QUESTION)
        await page.act("/chat/reply", verb="yes", question="self-1")
        reply = (await page.look())["entries"][-1]
        assert (reply["from"], reply["text"], reply["question"]) == ("tapped", YES.label, "self-1")


async def test_a_tap_on_nothing_we_asked_is_passed_on_without_a_bubble(site: Site) -> None:
    async with site.browser() as page:
        await page.act("/chat/reply", verb="make-me-admin", question="self-1")
        assert (await site.hears()).event == Replied("make-me-admin", "self-1")
        assert await keys(page) == ["ours:welcome"]


async def test_two_tabs_of_one_browser_both_see_everything(site: Site) -> None:
    async with site.visitor() as page:
        other = WebPage(page.session, page.base)
        async with listening(other):
            await page.say("from the first tab")
            await other.until(lambda p: p.shows("from the first tab"))
            await show(site, page, "1", Message("To both."))
            await page.until(lambda p: p.shows("To both."))
            await other.until(lambda p: p.shows("To both."))


async def test_too_many_tabs_park_the_oldest(site: Site) -> None:
    async with site.visitor() as page:
        for _ in range(MAX_TABS):
            await page.look()
        async with asyncio.TaskGroup() as tasks:
            others = [WebPage(page.session, page.base) for _ in range(MAX_TABS)]
            lives = []
            for other in others:
                lives.append(tasks.create_task(other.live()))
                await other.until(lambda p: p.events)
            await page.until(lambda p: p.events[-1]["kind"] == "parked")
            for live in lives:
                live.cancel()


async def test_a_slow_reader_gets_a_snapshot_instead_of_a_long_queue(site: Site) -> None:
    async with site.browser() as page:
        visitor = site.chat.visitors.of(person_at(page))
        with site.chat.visitors.tab(visitor) as tab:
            tab.stale = False
            for number in range(MAX_QUEUED):
                await show(site, page, str(number), Message(f"Number {number}."))
            assert not tab.stale
            await show(site, page, "last", Message("Number last."))
            assert tab.stale
            assert b"Number" not in tab.drain()
            assert "Number last." in str(await site.chat.snapshot(visitor, tab))


async def test_a_file_is_a_download_with_a_plain_name(site: Site) -> None:
    async with site.browser() as page:
        world = WebWorld(site, page)
        kept = await world.attach(b"<script>", "../a b\r\nX: y.jpg")
        await show(site, page, "1", Message("Here.", attachments=(kept,)))
        (entry,) = (await page.look())["entries"]
        url = entry["attachments"][0]["url"]
        async with page.session.get(page.base + url) as answer:
            assert await answer.read() == b"<script>"
            name = answer.headers["Content-Disposition"]
            assert name == 'attachment; filename="-a-b--X--y.jpg"'
            assert answer.headers["Cache-Control"] == "no-store"


async def test_a_strange_type_is_served_as_bytes(site: Site) -> None:
    async with site.browser() as page:
        photo = await site.vault.put(person_at(page), "page", b"<script>")
        kept = Attachment(photo, "page.html", "text/html", "A page.")
        await show(site, page, "1", Message("Here.", attachments=(kept,)))
        (entry,) = (await page.look())["entries"]
        async with page.session.get(page.base + entry["attachments"][0]["url"]) as answer:
            assert answer.headers["Content-Type"] == "application/octet-stream"


async def test_somebody_elses_file_is_not_there(site: Site) -> None:
    async with site.browser() as page, site.browser() as other:
        kept = await WebWorld(site, page).attach(b"mine", "mine.jpg")
        await show(site, page, "1", Message("Here.", attachments=(kept,)))
        (entry,) = (await page.look())["entries"]
        url = entry["attachments"][0]["url"]
        assert (await page.get(url))[0] == 200
        assert (await other.get(url))[0] == 404
        assert (await page.get("/chat/files/" + "0" * 32 + "/0"))[0] == 404
        await site.vault.drop(kept.photo)
        assert (await page.get(url))[0] == 404


async def test_the_page_is_not_told_what_the_vault_calls_a_photo(site: Site) -> None:
    async with site.browser() as page:
        kept = Attachment(PhotoId("tag-of-person/blob"), "one.jpg", "image/jpeg", "A picture.")
        await show(site, page, "1", Message("Here.", attachments=(kept,)))
        assert "tag-of-person" not in str(await page.look())


async def test_swatches_and_unknown_looks(site: Site) -> None:
    async with site.browser() as page:
        assert await page.get("/looks/grey.jpg") == (200, b"\xff\xd8 grey")
        assert (await page.get("/looks/purple.jpg"))[0] == 404


async def test_the_privacy_page_is_escaped_text_in_the_readers_language(site: Site) -> None:
    async with site.browser() as page:
        headers = {"Accept-Language": "de-CH,de;q=0.9"}
        async with page.session.get(page.base + "/privacy", headers=headers) as answer:
            text = await answer.text()
    assert '<html lang="de-CH">' in text
    assert "<h1>Straight answers (&lt;1&gt;)</h1>" in text
    assert "<strong>1. Why?</strong><br>To make headshots &amp; nothing else." in text
    assert "in de-CH" in text


async def test_a_page_that_was_never_opened_reads_as_any_other(site: Site) -> None:
    async with site.browser() as page:
        page.session.cookie_jar.clear()
        assert (await page.get("/"))[0] == 200
        with pytest.raises(Refused, match=r"^401 "):
            await page.say("hello")


async def fill(site: Site, page: WebPage) -> None:
    """As many messages as one chat may have."""
    await show(site, page, "ask", QUESTION)
    for number in range(MAX_ENTRIES - 1):
        await show(site, page, str(number), Message("Again."))


async def test_a_chat_that_is_too_long_takes_nothing_more_and_can_be_read(site: Site) -> None:
    async with site.browser() as page:
        await fill(site, page)
        with pytest.raises(Refused, match=r"^429 .*/delete"):
            await page.say("one more")
        with pytest.raises(Refused, match=r"^429 "):
            await page.offer(b"photo")
        for verb in ("yes", "made-up"):
            with pytest.raises(Refused, match=r"^429 "):
                await page.act("/chat/reply", verb=verb, question="self-1")
        assert site.heard.empty()
        assert len(await keys(page)) == MAX_ENTRIES


async def test_a_chat_that_is_too_long_can_be_erased(site: Site) -> None:
    async with site.browser() as page:
        await fill(site, page)
        await page.say("/delete")
        assert (await site.hears()).event == Wrote("/delete")
        sure = Choice("erase-yes", "Erase everything", Style.DANGER)
        await show(site, page, "sure", Message("Sure?", choices=(sure,), question="erase-1"))
        await page.act("/chat/reply", verb="erase-yes", question="erase-1")
        assert (await site.hears()).event == Replied("erase-yes", "erase-1")


async def test_what_was_taken_before_the_chat_was_full_can_be_repeated(site: Site) -> None:
    async with site.browser() as page:
        await page.say("hello")
        await fill(site, page)
        await page.post(*page.last)
        assert len(await keys(page)) == MAX_ENTRIES + 2
