"""What was acknowledged survives ``kill -9`` at any moment, and what was not leaves no trace."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.effects import Say
from bot.model import PhotoId
from bot.states import Waiting
from storage.house import Storage, StorageConfig, open_storage
from storage.orphans import Orphans
from tests.contracts.scheduler import Calls
from tests.storage.bot_to_be_killed import PERSONS, photo_of
from tests.storage.clocks import MovedClock

ROOT = Path(__file__).parents[2]
KILLS = 5


async def write_and_kill(folder: Path, first: int, lines: int) -> list[tuple[int, str, PhotoId]]:
    """Let it write, kill it after so many acknowledgements; what it had acknowledged."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.storage.bot_to_be_killed",
        str(folder),
        str(first),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said = [await process.stdout.readline() for _ in range(lines)]
    # Not at a line's end, where nothing is happening, but somewhere in the next one.
    await asyncio.sleep(lines % 7 / 1000)
    process.kill()
    said += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    whole = [line.decode().split() for line in said if line.endswith(b"\n")]
    return [(int(number), effect, PhotoId(photo)) for number, effect, photo in whole]


async def check(storage: Storage, told: list[tuple[int, str, PhotoId]]) -> None:
    owed = {one.id: one for one in await storage.journal.owed()}
    for number, effect_id, _ in told:
        effect = owed[effect_id].effect
        assert isinstance(effect, Say)
        assert effect.message.text == f"{number}"
    for number, _, photo in told[-7:]:
        # The write that was killed may have replaced it already, by a whole one.
        assert await storage.vault.get(photo) in {photo_of(number), photo_of(number + 7)}
    for place, person in enumerate(PERSONS):
        state = await storage.journal.load(person)
        assert isinstance(state, Waiting)
        last = max(number for number, *_ in told if number % len(PERSONS) == place)
        assert state.sitting.serial in {last, last + len(PERSONS)}


async def test_what_was_acknowledged_survives_kills(
    config: StorageConfig, clock: MovedClock
) -> None:
    told: list[tuple[int, str, PhotoId]] = []
    for kill in range(KILLS):
        first = told[-1][0] + 100 if told else 0
        told += await write_and_kill(config.data_dir, first, lines=10 + 3 * kill)
        async with open_storage(config, clock) as storage:
            await check(storage, told)
            assert await storage.orphans.count() == Orphans()
        assert not list(config.photos_path.rglob("*#*"))


async def test_what_a_killed_run_had_begun_is_called_again(
    config: StorageConfig, clock: MovedClock
) -> None:
    told = await write_and_kill(config.data_dir, 0, lines=6)
    calls = Calls()
    async with (
        open_storage(config, clock) as storage,
        asyncio.timeout(10),
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(storage.scheduler.run(calls))
        await calls.until(len(told))
        running.cancel()
    assert {effect for _, effect, _ in told} <= set(calls.seen)
