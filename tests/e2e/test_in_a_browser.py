"""The whole product as a person meets it: a browser, one photo, a receipt."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from bot.receipt import verify
from tests.e2e.browser import browser
from tests.e2e.living import living
from tests.e2e.pictures import selfie

PATIENCE = 30_000
"""Milliseconds for what takes a worker's time."""


async def tap(page: Page, label: str) -> None:
    """Tap a choice as a person does: a moment after it appeared, not in the same instant."""
    button = page.get_by_role("button", name=label, exact=True).last
    await button.wait_for(timeout=PATIENCE)
    await page.wait_for_timeout(700)
    await button.click()


async def reaches_question_three(page: Page, photo: Path) -> None:
    await expect(page.get_by_text("automated AI service")).to_be_visible()
    await page.set_input_files("input[type=file] >> nth=0", photo)
    await tap(page, "Yes, it's me and I'm 18+")
    await tap(page, "Yes, only as me")
    await expect(page.get_by_text("3 of 3")).to_be_visible(timeout=PATIENCE)


@pytest.mark.browser
async def test_from_a_photo_to_headshots_to_a_receipt(
    tmp_path: Path, models: Path, chromium: str
) -> None:
    photo = tmp_path / "me.jpg"
    photo.write_bytes(selfie())
    wrong: list[str] = []
    async with living(tmp_path / "data", models) as bot, browser(chromium) as chrome:
        page = await chrome.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        await page.goto(bot.url)
        await reaches_question_three(page, photo)
        crop = page.get_by_alt_text("The cropped photo", exact=False)
        await expect(crop).to_be_visible()

        await page.reload()
        await expect(page.get_by_text("3 of 3")).to_be_visible()
        await tap(page, "Use this picture")
        await tap(page, "Warm studio")
        await expect(page.get_by_text("headshots are ready")).to_be_visible(timeout=PATIENCE)

        downloads = page.get_by_role("link", name="Download")
        await expect(downloads).to_have_count(4)
        async with page.expect_download() as started:
            await downloads.nth(1).click()
        saved = await (await started.value).path()
        with Image.open(io.BytesIO(saved.read_bytes())) as picture:
            assert picture.size == (1200, 1500)

        await page.get_by_role("textbox").fill("/delete")
        await page.keyboard.press("Enter")
        await tap(page, "Erase everything")
        await expect(page.get_by_text("Erased.")).to_be_visible(timeout=PATIENCE)
        await expect(page.get_by_text("headshots are ready")).to_have_count(0)
        async with page.expect_download() as started:
            await page.get_by_text("Save receipt").click()
        receipt = (await (await started.value).path()).read_bytes()

    body = verify(receipt, bot.signer.public_key)
    assert body["erased"]["photos"] == 5
    assert wrong == []


@pytest.mark.browser
async def test_the_page_fits_a_phone_at_every_step(
    tmp_path: Path, models: Path, chromium: str
) -> None:
    photo = tmp_path / "me.jpg"
    photo.write_bytes(selfie())
    async with living(tmp_path / "data", models) as bot, browser(chromium) as chrome:
        page = await chrome.new_page(viewport={"width": 360, "height": 740})

        async def fits() -> None:
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await page.evaluate(wide) <= 0

        await page.goto(bot.url)
        await reaches_question_three(page, photo)
        await fits()
        await tap(page, "Use this picture")
        await expect(page.get_by_text("Modern office")).to_be_visible()
        await fits()
        await tap(page, "Modern office")
        await expect(page.get_by_text("headshots are ready")).to_be_visible(timeout=PATIENCE)
        await fits()
