"""Bots that are killed by the dozen: everything is imported once, then each is forked off.

    python -m tests.providers.nursery <data folder> <address of a fake Replicate>

Each line on standard input is the number of an order. A bot is forked that owes that order (it is
committed if it is not there yet), says its process id, works until the headshots are delivered, and
says so. It has the real storage and the real engine; only the chat and the inspector are fakes.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import replicate
from msgspec.structs import replace

# Loaded late by what uses them; here, so that it happens once.
import storage.migrations
from bot.effects import MakeHeadshots
from bot.model import Order, Person
from bot.states import Answer, Delivered, Idle, Making, Question, Sitting, State, Turn
from bot.terms import Hosted as HostedTerms
from providers.fallback import Fallback
from storage.house import Storage, StorageConfig, open_storage
from tests.core.hosted import HOSTED
from tests.core.house import House
from tests.fakes.provider import FORMATS, FakeProvider, plain_headshot
from tests.fakes.purse import ENOUGH
from tests.fakes.replicate_server import FakeReplicate
from tests.providers.hosted import PHOTO, Hosted
from tests.storage.conftest import MASTER_KEY

TERMS = replace(HOSTED, hosted=HostedTerms("replicate", "Replicate", "US"))
IMPORTED = (storage.migrations, replicate)


async def unfinished(_picture: bytes, format_: str) -> bytes | None:
    """Finishing costs time, and is not what is killed here."""
    return plain_headshot(FORMATS[format_], 90)


class RealClock:
    """The machine's."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def person_of(order: int) -> Person:
    return Person("chat", "", f"person {order}")


def config_of(folder: Path) -> StorageConfig:
    return StorageConfig(data_dir=folder, master_key=MASTER_KEY, caps=ENOUGH)


async def deliver(folder: Path, url: str, number: int) -> None:
    """Run a bot until the order is delivered."""
    clock, person = RealClock(), person_of(number)
    async with open_storage(config_of(folder), clock) as kept:
        hosted = Hosted(FakeReplicate(url=url), clock, finish=unfinished)
        both = Fallback(hosted.provider, FakeProvider("local"))
        house = House(terms=TERMS, more_providers=(both,))
        # The same attributes, and durable.
        house.storage = kept  # type: ignore[assignment]
        house.clock = clock  # type: ignore[assignment]
        if isinstance(await kept.journal.load(person), Idle):
            await commit(kept, person, number)
        async with house.running():
            while not isinstance(await kept.journal.load(person), Delivered):
                await asyncio.sleep(0.03)
        await hosted.close()


async def commit(kept: Storage, person: Person, number: int) -> None:
    """Owe the order, as the conversation would."""
    now = datetime.now(UTC)
    crop = await kept.vault.put(person, "crop", PHOTO)
    agreed = hashlib.sha256(PHOTO).hexdigest()
    answer = Answer(Question.WHERE, "hosted", now, "", "en", TERMS.version, agreed)
    sitting = Sitting("en", now, now, 1, crop=crop, answers=(answer,), look="grey", orders=1)
    order = Order(f"order-{number}", "grey")
    state: State = Making(sitting, order.id)
    making = MakeHeadshots(order, crop, agreed, "replicate", "slot", "en")
    await kept.journal.commit(person, f"chat:{number}", Turn(state, (making,)))


def main(folder: Path, url: str) -> None:
    # Nobody waits for the killed ones.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            say(f"pid {os.getpid()}")
            asyncio.run(deliver(folder, url, int(line)))
            say("delivered")
            os._exit(0)


def say(what: str) -> None:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
