"""The page in a real browser: what a person can see, click, type and drop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.events import Wrote
from bot.model import Message
from tests.e2e.browser import browser
from tests.handlers.stage import Stage, Theatre, theatre
from tests.handlers.standin import selfie

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def house(chromium: str) -> AsyncIterator[Theatre]:
    async with theatre(chromium) as opened:
        yield opened


async def test_a_visit_from_hello_to_headshots(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.sees("Hi, I'm WorkShot.")
        await expect(stage.page.get_by_text("your photos stay on this machine")).to_be_visible()
        await stage.choose()
        await stage.sees("Only in this browser so far")
        assert await stage.kept_photos() == 1
        await stage.sees("Is this photo of you")
        await stage.write("yes")
        await stage.tap("Yes, only as me")
        await stage.sees("This is the exact picture I'd use.")
        await stage.sees("This page has erased its copy")
        assert await stage.kept_photos() == 0
        await stage.tap("Use this picture")
        await stage.tap("Deep navy")
        await stage.sees("Your 4 headshots are ready.")
        await expect(stage.page.locator(".several img")).to_have_count(4)
        await expect(stage.page.get_by_text("Step 2 of 2")).to_have_count(0)
        assert stage.taps() == ["purpose-yes", "here", "navy"]


@pytest.mark.parametrize("way", ["drop", "paste"])
async def test_a_photo_can_be_dropped_and_pasted(house: Theatre, way: str) -> None:
    async with house.stage() as stage:
        await stage.give(way)
        await stage.sees("Is this photo of you")
        await expect(stage.page.locator(".thumbnail img")).to_be_visible()


async def test_a_photo_can_be_taken_with_the_camera(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.button("Camera").click()
        await expect(stage.button("Take the photo")).to_be_enabled()
        await stage.button("Take the photo").click()
        await stage.sees("Is this photo of you")
        await expect(stage.page.locator(".thumbnail img")).to_be_visible()
        assert await stage.page.evaluate("document.querySelector('video').srcObject") is None


async def test_a_reload_keeps_the_chat_and_the_photo(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.choose()
        await stage.sees("Is this photo of you")
        assert await stage.kept_photos() == 1
        kept = await stage.kept_bytes()
        assert len(kept) > len(selfie())
        assert selfie()[1000:1040] not in kept
        await stage.page.reload()
        await stage.sees("Is this photo of you")
        await expect(stage.page.locator(".thumbnail img")).to_be_visible()
        await stage.tap("Yes, it's me and I'm 18+")
        await stage.tap("Yes, only as me")
        await stage.sees("This is the exact picture I'd use.")


async def test_a_new_tab_deletes_what_only_a_closed_one_could_read(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.choose()
        await stage.sees("Is this photo of you")
        assert await stage.kept_photos() == 1
        new = Stage(stage.site, stage.engine, await stage.page.context.new_page())
        await stage.page.close()
        await new.page.goto(stage.site.base)
        await new.sees("This tab has no copy")
        async with asyncio.timeout(10):
            while await new.kept_photos():
                await asyncio.sleep(0.05)


async def test_without_encryption_a_photo_stays_in_memory_only(chromium: str) -> None:
    """As for a visitor who comes over plain http from another machine."""
    name = "chat.example"
    async with browser(chromium, f"--host-resolver-rules=MAP {name} 127.0.0.1") as opened:
        house = Theatre(opened, f"http://{name}")
        async with house.performing() as port, house.stage() as stage:
            await stage.page.goto(f"http://{name}:{port}")
            await stage.sees("Hi, I'm WorkShot.")
            assert await stage.page.evaluate("crypto.subtle === undefined")
            await stage.choose()
            await stage.sees("Is this photo of you")
            assert await stage.kept_photos() == 0
            await stage.tap("Yes, it's me and I'm 18+")
            await stage.tap("Yes, only as me")
            await stage.sees("This is the exact picture I'd use.")


async def test_a_slow_erasure_is_said_and_the_last_words_still_come(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.write("hello")
        await stage.sees("You wrote: hello")
        person = stage.engine.seen[0].person
        await stage.site.chat.say_goodbye(person, Message("One step isn't finished."), None)
        await stage.sees("One step isn't finished.")
        await stage.sees("You wrote: hello")
        await stage.site.chat.erase(person)
        await stage.sees("Erasing everything")
        await stage.site.chat.say_goodbye(person, Message("One step isn't finished."), None)
        await stage.sees("One step isn't finished.")
        await stage.site.chat.say_goodbye(person, Message("**Erased.** ER-2."), b"{}")
        for _ in range(2):
            await stage.sees("ER-2")
            await expect(stage.page.get_by_role("article")).to_have_count(1)
            await stage.page.reload()
        await stage.button("Start again").click()
        await stage.sees("Hi, I'm WorkShot.")


async def test_two_tabs_show_the_same(house: Theatre) -> None:
    async with house.stage() as stage:
        other = Stage(stage.site, stage.engine, await stage.page.context.new_page())
        await other.page.goto(stage.site.base)
        await stage.write("from the first tab")
        await other.sees("You wrote: from the first tab")
        await stage.choose()
        await other.sees("This tab has no copy")
        await expect(stage.page.locator(".thumbnail img")).to_be_visible()


async def test_a_double_click_answers_one_question(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.choose()
        await stage.button("Yes, it's me and I'm 18+").wait_for()
        await stage.page.wait_for_timeout(500)
        await stage.button("Yes, it's me and I'm 18+").dblclick()
        await stage.button("Yes, only as me").wait_for()
        await stage.button("Yes, only as me").click()
        await stage.page.wait_for_timeout(300)
        assert stage.taps() == ["self-yes"]


async def test_the_keyboard_alone_is_enough(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.choose()
        await stage.button("Yes, it's me and I'm 18+").wait_for()
        await stage.page.wait_for_timeout(500)
        await stage.button("Yes, it's me and I'm 18+").focus()
        await stage.page.keyboard.press("Enter")
        focused = stage.page.locator("article:focus")
        await expect(focused).to_contain_text("Yes, it's me and I'm 18+")
        await stage.button("Yes, only as me").wait_for()
        await stage.page.wait_for_timeout(500)
        await stage.page.keyboard.press("Tab")
        await expect(stage.button("Yes, only as me")).to_be_focused()
        await stage.page.keyboard.press("Space")
        await stage.sees("This is the exact picture I'd use.")


async def test_the_gallery_opens_turns_closes_and_downloads(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.visit()
        second = stage.page.locator(".several .open").nth(1)
        await second.focus()
        await stage.page.keyboard.press("Enter")
        viewer = stage.page.get_by_role("dialog", name="Picture")
        await expect(viewer).to_contain_text("2 of 4")
        await stage.page.keyboard.press("ArrowRight")
        await expect(viewer).to_contain_text("3 of 4")
        await stage.page.keyboard.press("Escape")
        await expect(viewer).to_be_hidden()
        await expect(second).to_be_focused()
        async with stage.page.expect_download() as started:
            await stage.page.get_by_label("Download picture 3 of 4").click()
        download = await started.value
        assert download.suggested_filename == "headshot-bio-3.jpg"
        content = await asyncio.to_thread(Path(await download.path()).read_bytes)
        assert content in stage.site.vault.kept.values()


async def test_erasing_leaves_the_last_words_and_the_receipt_only(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.visit()
        await stage.choose()
        await stage.sees("Only in this browser so far")
        await stage.page.get_by_role("navigation").get_by_role("button", name="Erase").click()
        await stage.tap("Erase everything")
        await stage.sees("Receipt ER-1")
        await expect(stage.page.get_by_role("article")).to_have_count(1)
        assert await stage.kept_photos() == 0
        async with stage.page.expect_download() as started:
            await stage.page.get_by_role("link", name="Save receipt").click()
        download = await started.value
        assert b"ER-1" in await asyncio.to_thread(Path(await download.path()).read_bytes)
        await stage.button("Start again").click()
        await stage.sees("Hi, I'm WorkShot.")
        await expect(stage.page.get_by_role("article")).to_have_count(1)
        await stage.write("hello again")
        await stage.sees("You wrote: hello again")
        assert stage.engine.seen[0].person != stage.engine.seen[-1].person


async def test_a_reload_after_the_erasure_still_offers_the_receipt(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.write("/delete")
        await stage.tap("Erase everything")
        await stage.sees("Receipt ER-1")
        await stage.page.reload()
        await stage.sees("Receipt ER-1")
        await expect(stage.page.get_by_role("link", name="Save receipt")).to_be_visible()


async def test_what_was_written_while_the_server_was_away_arrives_once(chromium: str) -> None:
    async with browser(chromium) as opened, AsyncExitStack() as window:
        house = Theatre(opened)
        async with house.performing() as port:
            stage = await window.enter_async_context(house.stage())
        await stage.write("are you there?")
        await expect(stage.page.locator("#banner")).to_contain_text("Reconnecting")
        await expect(stage.page.locator(".pending")).to_contain_text("are you there?")
        async with house.performing(port):
            await stage.sees("You wrote: are you there?")
            await expect(stage.page.locator(".pending")).to_have_count(0)
            await expect(stage.page.locator("#banner")).to_be_empty()
        written = [d for d in house.engine.seen if d.event == Wrote("are you there?")]
        assert len(written) == 1


async def test_a_file_that_is_no_photo_gets_one_clear_sentence(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.choose(b"hello", "notes.txt")
        await expect(stage.page.get_by_role("alert")).to_contain_text("This is not a photo.")
        await stage.give("drop", size=25 * 1024 * 1024 + 1)
        await expect(stage.page.get_by_role("alert")).to_contain_text("larger than 25 MB")
        assert stage.engine.seen == []


async def test_my_data_is_a_file_to_keep(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.button("My data").click()
        async with stage.page.expect_download() as started:
            await stage.page.get_by_role("link", name="Download my-data.zip").click()
        assert (await started.value).suggested_filename == "my-data.zip"


async def test_on_a_phone_nothing_is_cut_off_or_too_small_to_tap(house: Theatre) -> None:
    width = 360
    async with house.stage(width, 780) as stage:
        await stage.visit()
        assert await stage.page.evaluate("document.documentElement.scrollWidth") == width
        for button in await stage.page.locator("main .choice:visible, .bar button").all():
            box = await button.bounding_box()
            assert box is not None
            assert box["height"] >= 40
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width


async def test_markup_in_a_text_is_only_text(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.write("<img src=x onerror=alert(1)> **not bold for me**")
        await stage.sees("You wrote: <img src=x onerror=alert(1)>")
        assert await stage.page.locator("main img[src=x]").count() == 0


async def test_the_privacy_page_leads_back(house: Theatre) -> None:
    async with house.stage() as stage:
        await stage.page.get_by_role("link", name="Privacy").click()
        await expect(stage.page.get_by_role("heading", level=1)).to_contain_text("Straight answers")
        await stage.page.get_by_role("link", name="Back to the chat").click()
        await stage.sees("Hi, I'm WorkShot.")
