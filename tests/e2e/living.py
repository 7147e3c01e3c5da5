"""The whole bot, in this process or in one of its own, and pages that talk to it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from bot.app import Bot, running
from bot.settings import Settings
from tests.handlers.webpage import WebPage

READY = b"WorkShot is ready: "
START_SECONDS = 60


def settings(data: Path, models: Path, **more: object) -> Settings:
    """Settings of a bot for a test: a free port, one worker, nothing from the environment."""
    values: dict[str, object] = {"data_dir": data, "models_dir": models, "port": 0, "workers": 1}
    values.setdefault("likeness_check", False)  # the extra may be installed here, or not
    # pydantic checks the types; `_env_file` is its own.
    return Settings(_env_file=None, **(values | more))  # type: ignore[arg-type,call-arg]


@asynccontextmanager
async def living(data: Path, models: Path, **more: object) -> AsyncIterator[Bot]:
    """A bot in this process."""
    async with running(settings(data, models, **more)) as bot:
        yield bot


class Process:
    """A bot in a process of its own, as an operator starts it."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.url = url

    async def kill(self) -> None:
        """As a power cut does: no time for anything."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """As an operator does."""
        self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()


@asynccontextmanager
async def process(
    data: Path, models: Path, log: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """`python -m bot` with its output in a file; stopped at the end if it still runs."""
    variables = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(data),
        "MODELS_DIR": str(models),
        "PORT": "0",
        "WORKERS": "1",
        "LIKENESS_CHECK": "false",
        "LOG_LEVEL": "DEBUG",
        **(environment or {}),
    }
    with log.open("ab") as errors:
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=variables,
            cwd=Path(__file__).parents[2],
        )
    assert started.stdout
    try:
        async with asyncio.timeout(START_SECONDS):
            line = await started.stdout.readline()
        assert line.startswith(READY), await asyncio.to_thread(log.read_text)
        yield Process(started, line.removeprefix(READY).decode().strip())
    finally:
        if started.returncode is None:
            started.terminate()
            await started.wait()


@asynccontextmanager
async def visiting(url: str, jar: aiohttp.CookieJar | None = None) -> AsyncIterator[WebPage]:
    """An open page; the same `jar` is the same browser."""
    jar = aiohttp.CookieJar(unsafe=True) if jar is None else jar  # an empty jar is false
    async with aiohttp.ClientSession(cookie_jar=jar) as session, asyncio.TaskGroup() as tasks:
        page = WebPage(session, url)
        await page.open()
        live = tasks.create_task(_live(page))
        try:
            yield page
        finally:
            live.cancel()


async def _live(page: WebPage) -> None:
    with suppress(aiohttp.ClientError):  # the bot was killed
        await page.live()


# --- whole stretches of a conversation ----------------------------------------------------------


async def agrees_up_to_the_crop(page: WebPage, photo: bytes) -> bytes:
    """From the welcome to question 3; returns the crop that is shown."""
    await page.until(lambda p: p.shows("automated AI service"))
    await page.offer(photo)
    await page.until(lambda p: p.shows("1 of 3"))
    await page.tap("Yes, it's me and I'm 18+")
    await page.until(lambda p: p.shows("2 of 3"))
    await page.tap("Yes, only as me")
    await page.until(lambda p: p.shows("3 of 3"))
    return (await files(page, "3 of 3"))[0]


async def orders(page: WebPage, photo: bytes, look: str = "Deep navy") -> bytes:
    """On to the order; returns the crop."""
    crop = await agrees_up_to_the_crop(page, photo)
    await page.tap("Use this picture")
    await page.until(lambda p: p.shows("Now pick a background"))
    await page.tap(look)
    return crop


async def gets_headshots(page: WebPage, photo: bytes) -> list[bytes]:
    """All the way; returns the headshots."""
    await orders(page, photo)
    await page.until(lambda p: p.shows("headshots are ready"))
    return await files(page, "headshots are ready")


async def erases(page: WebPage) -> bytes:
    """`/delete`, one tap; returns the receipt."""
    await page.say("/delete")
    await page.until(lambda p: p.shows("Erase everything I hold"))
    await page.tap("Erase everything")
    await page.until(lambda p: p.goodbye is not None)
    assert page.goodbye
    return str(page.goodbye["receipt"]).encode()


async def files(page: WebPage, words: str) -> list[bytes]:
    """The attachments of the newest message with these words, as the page downloads them."""
    entries = [entry for entry in page.entries.values() if words in entry.get("text", "")]
    found = []
    for file in entries[-1]["attachments"]:
        status, content = await page.get(file["url"])
        assert status == 200, words
        found.append(content)
    return found
