"""The one transcript, in a Telegram private chat: polled or called, cut off, and told twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.pictures import selfie
from tests.e2e.telegramliving import TelegramVisitor, telegram_house
from tests.e2e.test_nothing_is_left import MARK, found_in, pieces
from tests.e2e.transcript import STATIONS, visit
from tests.fakes.telegram_phone import ANNA, Phone, eventually
from tests.fakes.telegram_server import TOKEN
from tests.handlers.telegramworld import SECRET

BOTH = pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])


@BOTH
async def test_the_whole_visit_told_twice_and_nothing_is_left(
    tmp_path: Path, models: Path, webhook: bool
) -> None:
    photo = selfie(mark=MARK)
    async with telegram_house(tmp_path, models, webhook=webhook) as (house, telegram):
        telegram.updates.twice = True
        phone = Phone(telegram)
        visitor = TelegramVisitor(phone)
        body = await visit(visitor, photo)

        assert body["erased"]["chat messages"] > 10
        last = phone.talk.ours
        assert [one.name for one in last] == ["erasure-receipt.json"], (
            "the chat is empty but for it"
        )
        theirs = [one for one in phone.talk.messages.values() if not one.ours]
        assert theirs == []
        secrets = {
            "token": TOKEN.encode(),
            "secret of the webhook": SECRET.encode(),
            "name": b"NAME-CANARY",
            "file id": b"FILEID",
            "number of the person": str(ANNA).encode(),
            "mark": MARK,
        }
        for number, one in enumerate(telegram.chats.handed_over):
            secrets |= pieces(f"picture {number}", one)
        assert found_in(tmp_path, secrets) == [], "on the disk or in the log"

    assert found_in(tmp_path, secrets) == [], "nor after the bot has stopped"
    assert house.log.stat().st_size > 0


@pytest.mark.parametrize(
    ("webhook", "station"), [*((False, station) for station in STATIONS), (True, "making")]
)
async def test_a_power_cut_anywhere_changes_nothing(
    tmp_path: Path, models: Path, webhook: bool, station: str
) -> None:
    async with telegram_house(tmp_path, models, webhook=webhook) as (house, telegram):

        async def cut(at: str) -> None:
            if at == station:
                await house.kill()

        phone = Phone(telegram)
        await visit(TelegramVisitor(phone), selfie(), cut)

        asked = [one for one in telegram.calls if one[0] == "sendMediaGroup"]
        assert len(asked) == 1, "the headshots came once"


async def test_an_operators_restart_is_not_noticed(tmp_path: Path, models: Path) -> None:
    async with telegram_house(tmp_path, models, webhook=False) as (house, telegram):

        async def restart(at: str) -> None:
            if at == "shown":
                await house.restart()

        await visit(TelegramVisitor(Phone(telegram)), selfie(), restart)


async def test_whoever_blocks_the_bot_is_erased_without_a_word(
    tmp_path: Path, models: Path
) -> None:
    async with telegram_house(tmp_path, models, webhook=False) as (house, telegram):
        phone = Phone(telegram)
        visitor = TelegramVisitor(phone)
        await visitor.send_photo(selfie())
        for words, answer in (("1 of 3", "yes"), ("2 of 3", "yes")):
            await visitor.sees(words)
            await visitor.write(answer)
        await visitor.sees("3 of 3")
        said = len(phone.talk.ours)
        assert [path for path in (house.data / "photos").rglob("*") if path.is_file()]
        phone.block()
        await gone(house.data / "photos")

        assert len(phone.talk.ours) == said


async def gone(photos: Path) -> None:
    """Wait until no photo is left."""
    await eventually(
        lambda: None if [one for one in photos.rglob("*") if one.is_file()] else True,
        lambda: "photos are left",
    )
