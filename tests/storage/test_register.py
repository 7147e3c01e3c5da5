"""What is kept about workspaces on the disk, and that it goes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.model import Person, Workspace
from storage.house import Storage, StorageConfig, open_storage
from tests.contracts.journal import ANNA as ON_THE_WEB
from tests.contracts.journal import commit, say
from tests.storage.clocks import MovedClock

TOKEN = b"xoxb-CANARY-2f1c-token-of-a-workspace"
HERE = Workspace("slack", "TCANARY9")
ANNA = Person("slack", "TCANARY9", "UCANARY7")


def raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_nothing_of_a_workspace_is_in_the_clear(
    config: StorageConfig, clock: MovedClock
) -> None:
    async with open_storage(config, clock) as storage:
        await storage.register.note(HERE, "installation", TOKEN)
        await commit(storage.journal, ANNA, "slack:1", say("hello"))
        for mark in (TOKEN, HERE.id.encode(), ANNA.user.encode()):
            assert mark not in raw(config.data_dir)


async def test_what_was_erased_cannot_be_found_by_its_name_either(
    config: StorageConfig, clock: MovedClock
) -> None:
    async with open_storage(config, clock) as storage:
        await storage.register.note(HERE, "installation", TOKEN)
        tag = storage.keyring.workspace_tag(HERE).encode()
        assert tag in raw(config.data_dir)
        await storage.register.erase(HERE)
        assert tag not in raw(config.data_dir)


async def test_a_sweep_leaves_workspaces_alone(storage: Storage, clock: MovedClock) -> None:
    await storage.register.note(HERE, "installation", TOKEN)
    clock.ahead = timedelta(days=40)
    assert not await storage.orphans.sweep()
    assert await storage.register.read(HERE, "installation") == TOKEN


async def test_whoever_is_swept_is_in_no_workspace(storage: Storage) -> None:
    (owed,) = await commit(storage.journal, ANNA, "slack:1", say("hello"))
    await storage.journal.settle(owed.id)
    await storage.keyring.erase(ANNA)
    assert list(await storage.register.people(HERE)) == []
    assert (await storage.orphans.sweep()).records_without_key == 2, "the session and the place"
    assert not await storage.orphans.count(), "and the place was swept"


async def test_people_without_a_workspace_are_not_enrolled(storage: Storage) -> None:
    await commit(storage.journal, ON_THE_WEB, "web:1", say("hello"))
    assert list(await storage.register.people(Workspace("web", ""))) == []
