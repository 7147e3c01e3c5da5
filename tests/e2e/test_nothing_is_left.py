"""After the receipt, the raw disk is searched for everything the person brought."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.e2e.living import erases, files, gets_headshots, process, visiting
from tests.e2e.pictures import selfie
from tests.handlers.webpage import WebPage

MARK = b"CANARY-7c1d9e42-of-this-person"
SAID = "my secret name is CANARY-7c1d9e42-said-in-the-chat"


def found_in(folder: Path, marks: dict[str, bytes]) -> list[str]:
    """Which marks stand in which files, raw."""
    contents = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [
        f"{what} in {path.name}"
        for path, content in contents.items()
        for what, mark in marks.items()
        if mark in content
    ]


def pieces(name: str, content: bytes) -> dict[str, bytes]:
    """Stretches out of the middle of a file, enough to recognise it by."""
    places = range(1000, len(content) - 40, max(1, len(content) // 6))
    return {f"{name} at {place}": content[place : place + 40] for place in places}


async def test_no_byte_of_the_person_is_left_after_the_receipt(
    tmp_path: Path, models: Path
) -> None:
    data, temporary, log = tmp_path / "data", tmp_path / "temp", tmp_path / "log.txt"
    temporary.mkdir()
    photo = selfie(mark=MARK)
    async with process(data, models, log, {"TMPDIR": str(temporary)}) as bot:
        async with visiting(bot.url) as page:
            await page.say(SAID)
            headshots = await gets_headshots(page, photo)
            crop = (await files(page, "3 of 3"))[0]
            await page.say("/mydata")
            await page.until(lambda p: p.shows("Here is a copy"))
            marks = {"mark": MARK, "said": SAID.encode(), "cookie": _cookie(page).encode()}
            marks |= pieces("photo", photo) | pieces("crop", crop)
            for number, one in enumerate(headshots):
                marks |= pieces(f"headshot {number}", one)

            assert found_in(tmp_path, marks) == [], "sealed, also while it is kept"
            assert len(list((data / "photos").rglob("*"))) > 5, "and it is kept"

            before = {p: p.read_bytes() for p in (data / "photos").rglob("*") if p.is_file()}
            for number, sealed in enumerate(before.values()):
                marks |= pieces(f"sealed {number}", sealed)
            await erases(page)

        assert found_in(tmp_path, marks) == []
        assert [p for p in (data / "photos").rglob("*") if p.is_file()] == []
        assert list(temporary.iterdir()) == []
        # The name under which everything of the person's was filed is gone as well.
        tags = {path.parent.name for path in before}
        filed = {tag: tag.encode() for tag in tags}
        async with asyncio.timeout(10):  # the order to erase goes last, after the last words
            while found_in(data, filed):
                await asyncio.sleep(0.05)

    assert found_in(tmp_path, marks) == [], "nor after the bot has stopped"


def _cookie(page: WebPage) -> str:
    """The visitor's secret, as the browser keeps it."""
    return str(next(iter(page.session.cookie_jar)).value)


async def test_the_log_holds_no_names_texts_or_addresses(tmp_path: Path, models: Path) -> None:
    log = tmp_path / "log.txt"
    async with process(tmp_path / "data", models, log) as bot, visiting(bot.url) as page:
        await page.say(SAID)
        await gets_headshots(page, selfie(mark=MARK))
        addresses = [
            attachment["url"]
            for entry in page.entries.values()
            for attachment in entry.get("attachments", ())
        ]
        questions = [e["question"] for e in page.entries.values() if e.get("question")]
        await erases(page)

    written = log.read_text()
    for mark in (SAID, MARK.decode(), *addresses, *questions):
        assert mark not in written
    assert addresses
