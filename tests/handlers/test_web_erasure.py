"""After an erasure: nothing in memory, a new cookie, and last words that do not stay."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.errors import PersonUnreachable, SelfieGone
from bot.model import Message, SelfieRef
from handlers.web.gate import person_of
from tests.handlers.webpage import Refused, WebPage
from tests.handlers.webworld import WELCOME, Site, listening, person_at

LAST = Message("**Erased.** Receipt ER-1.")
RECEIPT = b'{"receipt": "ER-1"}'


async def erase(site: Site, page: WebPage) -> None:
    """What the engine does, in its order."""
    person = person_at(page)
    await site.chat.erase(person)
    await site.ledger.erase(person)
    await site.chat.say_goodbye(person, LAST, RECEIPT)


async def test_an_open_page_gets_the_last_words_and_the_receipt(site: Site) -> None:
    async with site.visitor() as page:
        await page.say("hello")
        await erase(site, page)
        await page.until(lambda p: p.goodbye)
        assert page.goodbye is not None
        assert page.goodbye["message"]["text"] == LAST.text
        assert page.goodbye["receipt"] == RECEIPT.decode()


async def test_erasing_counts_the_session_once(site: Site) -> None:
    async with site.visitor() as page:
        person = person_at(page)
        assert (await site.chat.erase(person)).counts == {"web sessions": 1}
        assert (await site.chat.erase(person)).counts == {"web sessions": 0}


async def test_an_unknown_person_is_erased_without_fuss(site: Site) -> None:
    async with site.browser() as page:
        assert (await site.chat.erase(person_at(page))).counts == {"web sessions": 0}


async def test_the_last_words_are_handed_over_as_often_as_they_are_asked_for(site: Site) -> None:
    async with site.browser() as page:
        before = person_at(page)
        await erase(site, page)
        for _ in range(3):
            await page.open()
            assert page.goodbye is not None
            assert page.goodbye["receipt"] == RECEIPT.decode()
            assert person_at(page) == before
        assert (await page.look())["kind"] == "goodbye"


async def test_starting_again_ends_them_also_when_that_answer_is_lost(site: Site) -> None:
    async with site.browser() as page:
        (old,) = [cookie.value for cookie in page.session.cookie_jar]
        before = person_at(page)
        await erase(site, page)
        await page.open(fresh=True)
        assert person_at(page) != before
        async with aiohttp.ClientSession(cookies={"workshot": old}) as late:
            url = f"{site.base}/chat/open"
            async with late.post(url, json={}, headers=page.headers) as answer:
                assert (await answer.json())["goodbye"] is None
                assert person_of(answer.cookies["workshot"].value) != before


async def test_news_of_a_slow_erasure_are_shown_and_stored_nowhere(site: Site) -> None:
    slow = Message("One step isn't finished.")
    async with site.visitor() as page:
        await page.say("hello")
        person = person_at(page)
        await site.chat.say_goodbye(person, slow, None)
        await page.until(lambda p: p.events[-1]["kind"] == "slow")
        assert page.events[-1]["message"]["text"] == slow.text
        assert page.goodbye is None
        assert site.chat.visitors.ended(person) is None
        await page.say("still here")
        await erase(site, page)
        await page.open()
        assert page.goodbye is not None
        assert page.goodbye["message"]["text"] == LAST.text


async def test_starting_again_is_a_new_person_with_an_empty_chat(site: Site) -> None:
    async with site.visitor() as page:
        before = person_at(page)
        await page.say("my secret")
        await erase(site, page)
        await page.until(lambda p: p.goodbye)
        await page.open(fresh=True)
        assert page.goodbye is None
        assert person_at(page) != before
        assert [entry["text"] for entry in (await page.look())["entries"]] == [WELCOME.text]


async def test_while_erasing_the_cookie_stays_until_the_last_words_are_said(site: Site) -> None:
    async with site.browser() as page:
        person = person_at(page)
        await site.chat.erase(person)
        await page.open()
        assert person_at(page) == person
        async with listening(page):
            assert page.events[0]["kind"] == "ending"
            await site.chat.say_goodbye(person, LAST, RECEIPT)
            await page.until(lambda p: p.goodbye)


async def test_last_words_are_dropped_after_a_quarter_of_an_hour(site: Site) -> None:
    async with site.browser() as page:
        await erase(site, page)
        site.clock.move(minutes=15)
        await page.open()
        assert page.goodbye is None


async def test_an_old_tab_can_say_nothing_more(site: Site) -> None:
    async with site.browser() as page:
        await erase(site, page)
        for act in (page.say("hello"), page.offer(b"photo")):
            with pytest.raises(Refused, match=r"^409 "):
                await act
        with pytest.raises(Refused, match=r"^409 "):
            await page.act("/chat/reply", verb="yes", question="self-1")
        assert site.heard.empty()
        assert site.ledger.kept == {}


async def test_nothing_is_written_for_somebody_who_was_erased(site: Site) -> None:
    async with site.browser() as page:
        await erase(site, page)
        with pytest.raises(PersonUnreachable):
            await site.chat.send(person_at(page), "late", Message("Too late."), ())
        assert site.ledger.kept == {}


async def test_erasing_ends_the_wait_for_a_photo(site: Site) -> None:
    async with site.browser() as page:
        person = person_at(page)
        visitor = site.chat.visitors.of(person)
        async with asyncio.TaskGroup() as tasks:
            fetch = tasks.create_task(_gone(site, page))
            while not visitor.wanted:
                await asyncio.sleep(0)
            await site.chat.erase(person)
            await fetch
        assert visitor.wanted == {}
        await _gone(site, page)


async def _gone(site: Site, page: WebPage) -> None:
    with pytest.raises(SelfieGone):
        await site.chat.fetch_selfie(person_at(page), SelfieRef("some-photo"))


async def test_somebody_elses_chat_is_untouched(site: Site) -> None:
    async with site.visitor() as page, site.visitor() as other:
        await other.say("still here")
        await erase(site, page)
        await other.until(lambda p: p.shows("still here"))
        await other.open()
        assert other.goodbye is None
        assert len((await other.look())["entries"]) == 2


async def test_memory_forgets_visitors_who_went_away(site: Site) -> None:
    async with site.visitor() as page:
        person = person_at(page)
        await page.say("hello")
        assert site.chat.visitors.knows(person)
    while site.chat.visitors.knows(person):
        await asyncio.sleep(0.01)
