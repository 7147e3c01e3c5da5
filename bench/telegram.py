"""From Telegram's call to our 200, with the update on disk in between.

Beside it a bare application of python-telegram-bot's, as its own example of a custom webhook shows
it: it puts the update into a queue in memory and answers, so a crash loses what it answered for.
The ratio is what "nothing is lost" costs. Both answer every update with a message, to the same fake
Bot API in this process, so what is measured includes its share of the processor.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from handlers.server import build_app, serving
from handlers.telegram.webhook import HEADER, PATH
from tests.e2e.living import living
from tests.fakes.telegram_chats import Json
from tests.fakes.telegram_phone import Phone
from tests.fakes.telegram_server import TOKEN, FakeTelegram
from tests.handlers.telegramworld import SECRET, free_port

PEOPLE = 100
ALONE = 300
"""Updates one after the other."""
PER_SECOND, SECONDS = 100, 5
NAMES = (
    "median, one at a time",
    "p99, one at a time",
    f"median at {PER_SECOND} a second",
    f"p99 at {PER_SECOND} a second",
    "taken a second (not ms)",
)


async def run() -> None:
    """Print milliseconds."""
    server = FakeTelegram()
    async with server.running():
        async with echo(server) as url:
            bare = await measure(server, url)
        with tempfile.TemporaryDirectory() as folder:
            port = free_port()
            address = f"http://127.0.0.1:{port}"
            async with living(
                Path(folder),
                Path("models"),
                port=port,
                public_url=address,
                telegram_bot_token=TOKEN,
                telegram_api_base_url=server.base,
                telegram_webhook_secret=SECRET,
            ):
                await server.updates.settled.wait()
                ours = await measure(server, address + PATH)
    print("\nTelegram: webhook to 200 (ms)              bare echo      ours    ratio")
    for name, one, other in zip(NAMES, bare, ours, strict=True):
        print(f"  {name:40} {one:9.1f} {other:9.1f} {other / one:8.1f}")


@asynccontextmanager
async def echo(server: FakeTelegram) -> AsyncIterator[str]:
    """The bare application; its address."""

    async def answer(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None:
            await update.message.reply_text(update.message.text or "?")

    application = (
        Application.builder()
        .token(TOKEN)
        .base_url(f"{server.base}/bot")
        .updater(None)
        .concurrent_updates(True)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, answer))

    async def take(request: web.Request) -> web.Response:
        update = Update.de_json(await request.json(), application.bot)
        await application.update_queue.put(update)
        return web.Response()

    async def always() -> bool:
        return True

    app = build_app(always)
    app.add_routes([web.post(PATH, take)])
    async with application, serving(app, "127.0.0.1", 0) as port:
        await application.start()
        yield f"http://127.0.0.1:{port}{PATH}"
        await application.stop()


async def measure(server: FakeTelegram, url: str) -> tuple[float, ...]:
    """Median and p99, one update at a time, then many a second; how many a second were taken."""
    phones = [Phone(server, 5_000_000 + number) for number in range(PEOPLE)]
    headers = {HEADER: SECRET}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def call(number: int) -> float:
            began = time.perf_counter()
            async with session.post(url, json=update(phones[number % PEOPLE])) as answered:
                answered.raise_for_status()
            return (time.perf_counter() - began) * 1000

        alone = [await call(number) for number in range(ALONE)]
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            many = []
            for number in range(PER_SECOND * SECONDS):
                many.append(tasks.create_task(call(number)))
                await asyncio.sleep(1 / PER_SECOND)
    taken = PER_SECOND * SECONDS / (time.perf_counter() - began)
    return (*_two(alone), *_two([task.result() for task in many]), taken)


def update(phone: Phone) -> Json:
    """Somebody writes; nobody else hands it out."""
    webhook = phone.server.updates.webhook.url
    phone.server.updates.webhook.url = ""
    made = phone.message({"text": "/help"})
    phone.server.updates.waiting.clear()
    phone.server.updates.webhook.url = webhook
    return made


def _two(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=100)[98]
