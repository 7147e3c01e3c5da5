"""A process that writes as fast as it can and says what was acknowledged; tests kill it.

    python -m tests.storage.bot_to_be_killed <data folder> <first number>

For each number it commits a turn, schedules what is owed, stores a photo and then prints the
effect's and the photo's id: from that line on, both must survive anything.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.model import Person
from bot.states import Turn
from storage.house import StorageConfig, open_storage
from tests.contracts.journal import say, waiting
from tests.storage.clocks import MovedClock
from tests.storage.conftest import MASTER_KEY

PERSONS = [Person("web", "", f"person {number}") for number in range(3)]


def photo_of(number: int) -> bytes:
    """A photo that can be told from the others."""
    return number.to_bytes(4) * 50_000


async def write(folder: Path, first: int) -> None:
    config = StorageConfig(data_dir=folder, master_key=MASTER_KEY)
    async with open_storage(config, MovedClock()) as storage:
        for number in range(first, first + 100_000):
            person = PERSONS[number % len(PERSONS)]
            turn = Turn(waiting(number), (say(f"{number}"),))
            owed = await storage.journal.commit(person, f"web:{number}", turn)
            if owed is None:
                raise SystemExit(1)
            await storage.scheduler.put(owed[0].id, owed[0].due, owed[0].line)
            photo = await storage.vault.put(person, f"photo {number % 7}", photo_of(number))
            sys.stdout.write(f"{number} {owed[0].id} {photo.value}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2])))
