"""Records that have lost what they belong to are found, swept, and nothing else is."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import sqlalchemy as sa

from bot.model import Person
from bot.states import Idle, Turn
from storage.house import Storage, StorageConfig
from storage.orphans import ENTRIES_KEPT, Orphans
from storage.removal import DELIVERIES_KEPT
from storage.tables import deliveries, wakeups
from tests.contracts.journal import ERASE, commit, say
from tests.storage.clocks import MovedClock

ANNA = Person("web", "", "anna")
BORIS = Person("web", "", "boris")


async def fill(storage: Storage, person: Person) -> None:
    await commit(storage.journal, person, "web:1", say("a"))
    await storage.ledger.note(person, "key", b"entry")
    await storage.vault.put(person, "crop", b"photo")


async def test_a_tidy_house_has_none(storage: Storage) -> None:
    await fill(storage, ANNA)
    await commit(storage.journal, BORIS, "web:1", ERASE)
    assert await storage.orphans.count() == Orphans()
    assert await storage.orphans.sweep() == Orphans()
    assert len(await storage.journal.owed()) == 2


async def test_what_lost_its_key_is_found_and_swept(
    storage: Storage, config: StorageConfig
) -> None:
    await fill(storage, ANNA)
    await fill(storage, BORIS)
    await storage.keyring.erase(ANNA)
    found = Orphans(photos_without_key=1, records_without_key=3)
    assert await storage.orphans.count() == found
    assert await storage.orphans.count() == found
    assert await storage.orphans.sweep() == found
    assert await storage.orphans.count() == Orphans()
    assert await storage.vault.tags() == {storage.keyring.tag(BORIS)}
    assert [owed.person for owed in await storage.journal.owed()] == [BORIS]
    assert await storage.ledger.entries(BORIS) == {"key": b"entry"}


async def test_a_key_that_opens_nothing_is_found_and_swept(storage: Storage) -> None:
    (owed,) = await commit(storage.journal, ANNA, "web:1", say("a"))
    await storage.journal.settle(owed.id)
    await storage.journal.commit(ANNA, "web:2", Turn(Idle()))
    await commit(storage.journal, BORIS, "web:1")
    assert await storage.orphans.sweep() == Orphans(keys_without_records=1)
    assert await storage.keyring.tags() == {storage.keyring.tag(BORIS)}
    assert await storage.orphans.count() == Orphans()


async def test_an_erasure_under_way_is_left_alone(storage: Storage) -> None:
    await fill(storage, ANNA)
    await commit(storage.journal, ANNA, "web:2", ERASE)
    await storage.keyring.erase(ANNA)
    assert await storage.orphans.count() == Orphans()
    assert await storage.orphans.sweep() == Orphans()
    assert (await storage.vault.erase(ANNA)).counts == {"photos": 1}
    assert (await storage.journal.erase(ANNA)).counts["messages"] == 1


async def test_what_was_said_to_somebody_who_never_answered_is_swept(
    storage: Storage, config: StorageConfig, clock: MovedClock
) -> None:
    await storage.ledger.note(ANNA, "one", b"hello")
    await storage.ledger.note(ANNA, "two", b"hello")
    tag = storage.keyring.tag(ANNA)
    clock.ahead = ENTRIES_KEPT - timedelta(minutes=1)
    assert await storage.orphans.sweep() == Orphans()
    assert len(await storage.ledger.entries(ANNA)) == 2
    clock.ahead = ENTRIES_KEPT + timedelta(minutes=1)
    found = Orphans(entries_without_conversation=2, keys_without_records=1)
    assert not found
    assert await storage.orphans.count() == found
    assert await storage.orphans.sweep() == found
    assert await storage.orphans.sweep() == Orphans()
    assert await storage.keyring.tags() == frozenset()
    files = [path.read_bytes() for path in config.data_dir.rglob("*") if path.is_file()]
    assert [data for data in files if tag.encode() in data] == []


async def test_what_was_said_lately_in_a_conversation_or_ahead_of_an_effect_is_kept(
    storage: Storage, clock: MovedClock
) -> None:
    clara = Person("web", "", "clara")
    for person in (ANNA, BORIS, clara):
        await storage.ledger.note(person, "one", b"hello")
    await commit(storage.journal, ANNA, "web:1")
    assert await storage.journal.commit(BORIS, "web:1", Turn(Idle(), (say("a"),)))
    clock.ahead = ENTRIES_KEPT + timedelta(minutes=1)
    await storage.ledger.note(clara, "two", b"hello again")
    assert await storage.orphans.sweep() == Orphans()
    kept = [len(await storage.ledger.entries(person)) for person in (ANNA, BORIS, clara)]
    assert kept == [1, 1, 2]


async def test_old_deliveries_go_without_anybody_sending_another(
    storage: Storage, clock: MovedClock
) -> None:
    await commit(storage.journal, ANNA, "web:1")
    clock.ahead = DELIVERIES_KEPT - timedelta(minutes=1)
    await storage.orphans.sweep()
    assert len(await storage.journal._database.rows(sa.select(deliveries))) == 1
    clock.ahead = DELIVERIES_KEPT + timedelta(minutes=1)
    await storage.orphans.sweep()
    assert await storage.journal._database.rows(sa.select(deliveries)) == []


async def test_an_effect_without_a_key_takes_its_wake_up_along(storage: Storage) -> None:
    (lost,) = await commit(storage.journal, ANNA, "web:1", say("a"))
    (kept,) = await commit(storage.journal, BORIS, "web:1", say("a"))
    for owed in (lost, kept):
        await storage.scheduler.put(owed.id, owed.due, owed.line)
    await storage.keyring.erase(ANNA)
    await storage.orphans.sweep()
    (left,) = await storage.journal._database.rows(sa.select(wakeups.c.effect_id))
    assert left.effect_id == kept.id


def test_only_data_without_a_key_is_something_wrong() -> None:
    assert Orphans(photos_without_key=1)
    assert Orphans(records_without_key=1)
    assert not Orphans(keys_without_records=1)
    assert not Orphans(entries_without_conversation=1)


async def test_a_key_that_comes_into_use_during_the_sweep_is_kept(storage: Storage) -> None:
    tag = storage.keyring.tag(ANNA)
    await storage.keyring.key_or_new(tag)
    async with asyncio.TaskGroup() as group:
        async with storage.vault.alone(tag):
            sweeping = group.create_task(storage.orphans.sweep())
            # Time for the sweep to find the key unused and to come to the lock.
            await asyncio.sleep(0.05)
            await commit(storage.journal, ANNA, "web:1", say("a"))
        # Leaving the lock here is what lets the sweep go on.
        await asyncio.sleep(0)
    assert sweeping.result() == Orphans()
    assert await storage.keyring.tags() == {tag}


async def test_a_key_that_opens_only_a_photo_is_kept(storage: Storage) -> None:
    photo = await storage.vault.put(ANNA, "crop", b"photo")
    assert await storage.orphans.sweep() == Orphans()
    assert await storage.vault.get(photo) == b"photo"
