"""Trouble between the bot and Telegram during a visit: nothing is lost, nothing doubled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.app import Bot
from tests.e2e.living import living
from tests.e2e.pictures import selfie
from tests.e2e.telegramliving import TelegramVisitor
from tests.e2e.transcript import visit
from tests.fakes.telegram_chats import Refusal
from tests.fakes.telegram_phone import BEN, Phone, eventually
from tests.fakes.telegram_server import TOKEN, FakeTelegram, Fault, flood

METHODS = ("sendMessage", "editMessageMedia", "sendMediaGroup", "deleteMessages", "getUpdates")


@asynccontextmanager
async def connected(folder: Path, models: Path) -> AsyncIterator[tuple[Bot, FakeTelegram]]:
    """The whole bot in this process, polling a fake Telegram."""
    telegram = FakeTelegram()
    async with (
        telegram.running(),
        living(
            folder, models, telegram_bot_token=TOKEN, telegram_api_base_url=telegram.base
        ) as bot,
    ):
        yield bot, telegram


def handed_over(phone: Phone) -> list[bytes]:
    """Documents in the chat, before an erasure empties it."""
    return [one.content for one in phone.talk.ours if one.kind == "document"]


@pytest.mark.parametrize("method", METHODS)
async def test_lost_answers_neither_lose_nor_double_the_headshots(
    tmp_path: Path, models: Path, method: str
) -> None:
    async with connected(tmp_path, models) as (_, telegram):
        telegram.faults += [Fault(method, lost=True), Fault(method, cut=True)]
        phone, seen = Phone(telegram), list[list[bytes]]()

        async def count(at: str) -> None:
            if at == "confirming":
                seen.append(handed_over(phone))

        await visit(TelegramVisitor(phone), selfie(), count)

        (documents,) = seen
        assert len(documents) == len(set(documents)) == 4


async def test_being_asked_to_wait_delays_and_loses_nothing(tmp_path: Path, models: Path) -> None:
    async with connected(tmp_path, models) as (_, telegram):
        telegram.faults += [flood("sendMediaGroup", 1), flood("editMessageMedia", 1)]

        body = await visit(TelegramVisitor(Phone(telegram)), selfie())

        assert body["erased"]["photos"] == 5
        assert not telegram.faults


async def test_a_person_whose_chat_is_refused_in_the_middle_is_erased(
    tmp_path: Path, models: Path
) -> None:
    async with connected(tmp_path, models) as (bot, telegram):
        phone = Phone(telegram)
        visitor = TelegramVisitor(phone)
        await visitor.send_photo(selfie())
        await visitor.sees("1 of 3")
        refused = Refusal(403, "Forbidden: user is deactivated")
        telegram.faults.append(Fault("sendMessage", refused))
        await visitor.write("yes")
        await eventually(lambda: None if telegram.faults else True, lambda: "not met")
        async with asyncio.timeout(20):
            while await bot.storage.keyring.tags():
                await asyncio.sleep(0.05)

        assert phone.texts[-1].startswith("1 of 3")


async def test_two_people_see_only_their_own(tmp_path: Path, models: Path) -> None:
    async with connected(tmp_path, models) as (_, telegram):
        phones = [Phone(telegram), Phone(telegram, BEN)]
        async with asyncio.TaskGroup() as tasks:
            for phone in phones:
                tasks.create_task(visit(TelegramVisitor(phone), selfie()))

        for phone in phones:
            assert [one.name for one in phone.talk.ours] == ["erasure-receipt.json"]


async def test_the_health_address_says_what_keeps_telegram_from_being_heard(
    tmp_path: Path, models: Path
) -> None:
    async with connected(tmp_path, models) as (bot, telegram):
        telegram.faults += [Fault("getUpdates", Refusal(401, "Unauthorized"))]
        await Phone(telegram).write("hello")
        async with aiohttp.ClientSession() as session, asyncio.timeout(20):
            while True:
                async with session.get(f"{bot.url}/healthz") as answer:
                    told = await answer.text()
                if "telegram:" in told:
                    break
                await asyncio.sleep(0.05)

    assert told == "ok\ntelegram: Telegram does not accept TELEGRAM_BOT_TOKEN\n"
