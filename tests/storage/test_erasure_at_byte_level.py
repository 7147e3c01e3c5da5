"""What is erased is not in any file any more; this reads them all, byte by byte."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.effects import Erase, Farewell, Say
from bot.errors import PhotoGone
from bot.model import Message, Person, SelfieRef
from bot.states import Idle, Sitting, Turn, Waiting
from storage.house import Storage, StorageConfig, open_storage
from storage.orphans import Orphans
from tests.storage.clocks import MovedClock

CANARY = "canary-7f3a"
ANNA = Person("web", CANARY, CANARY)
BORIS = Person("web", "", "boris")
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def files_with(folder: Path, needle: bytes) -> list[str]:
    return [
        path.name for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()
    ]


def said(text: str) -> Say:
    return Say(Message(text * 50))


async def live(storage: Storage, person: Person, times: int = 10) -> None:
    """Leave traces of every kind, rewritten often so that pages move."""
    sitting = Sitting("en", NOON, NOON, 1, selfie=SelfieRef(CANARY * 40))
    for number in range(times):
        delivery = f"web:{CANARY}{number}"
        owed = await storage.journal.commit(
            person, delivery, Turn(Waiting(sitting), (said(CANARY), said(CANARY)))
        )
        assert owed is not None
        await storage.journal.annotate(owed[0].id, CANARY)
        await storage.journal.settle(owed[1].id)
        await storage.ledger.note(person, f"{CANARY}{number % 4}", CANARY.encode() * 20)
        await storage.vault.put(person, f"{CANARY}{number % 3}", CANARY.encode() * 1000)


async def erase(storage: Storage, person: Person, *, by_turn: bool = False) -> None:
    """As the engine does it; concluded by a turn or simply settled."""
    turn = Turn(Idle(), (Erase(Farewell.ASKED, "en"),))
    owed = await storage.journal.commit(person, "web:erase", turn)
    assert owed is not None
    taken = await storage.journal.take(owed[0].id)
    assert taken is not None
    for holder in storage.holders:
        await holder.erase(person)
        await storage.journal.annotate(taken.id, "counts")
    if by_turn:
        assert await storage.journal.commit(person, "e", Turn(Idle()), settles=taken) == []
    else:
        await storage.journal.settle(taken.id)


async def test_nothing_personal_is_ever_written_in_the_clear(
    storage: Storage, config: StorageConfig
) -> None:
    await live(storage, ANNA)
    assert files_with(config.data_dir, b"canary") == []


@pytest.mark.parametrize("by_turn", [False, True])
async def test_the_end_of_an_erasure_takes_its_own_traces_along(
    storage: Storage, config: StorageConfig, by_turn: bool
) -> None:
    await live(storage, BORIS)
    await erase(storage, ANNA, by_turn=by_turn)
    lines = f"erase/{storage.keyring.tag(ANNA)}".encode()
    assert files_with(config.data_dir, lines) == []


async def test_what_is_sealed_would_be_found_in_the_clear(
    storage: Storage, config: StorageConfig
) -> None:
    await storage.audit.append(CANARY, "")
    assert files_with(config.data_dir, b"canary") == ["journal.db-wal"]


@pytest.mark.parametrize("others", [0, 8])
async def test_after_an_erasure_no_file_knows_the_person(
    storage: Storage, config: StorageConfig, others: int
) -> None:
    for number in range(others):
        await live(storage, Person("web", "", f"other {number}"), times=2)
    await live(storage, ANNA)
    await live(storage, BORIS)
    tag = storage.keyring.tag(ANNA).encode()
    assert files_with(config.data_dir, tag)
    assert tag.decode() in {path.name for path in config.data_dir.rglob("*")}
    await erase(storage, ANNA)
    assert files_with(config.data_dir, tag) == []
    assert tag.decode() not in {path.name for path in config.data_dir.rglob("*")}
    assert len(await storage.journal.owed(BORIS)) == 10
    assert len(await storage.ledger.entries(BORIS)) == 4
    assert await storage.orphans.count() == Orphans()


def sealed_records(folder: Path, tag: str) -> list[bytes]:
    """Everything sealed for that person, as it lies on the disk."""
    found = [path.read_bytes() for path in (folder / "photos" / tag).iterdir()]
    for name, table, column in (
        ("journal.db", "sessions", "sealed"),
        ("journal.db", "effects", "sealed"),
        ("journal.db", "effects", "note"),
        ("journal.db", "entries", "sealed"),
        ("keys.db", "person_keys", "wrapped"),
    ):
        connection = sqlite3.connect(folder / name)
        # The names are those of the list above.
        query = f"SELECT {column} FROM {table} WHERE tag = ? AND {column} IS NOT NULL"  # noqa: S608
        found += [row[0] for row in connection.execute(query, [tag])]
        connection.close()
    return found


async def test_no_sealed_byte_of_the_person_is_left(
    storage: Storage, config: StorageConfig
) -> None:
    for number in range(5):
        await live(storage, Person("web", "", f"other {number}"), times=3)
    await live(storage, ANNA)
    records = sealed_records(config.data_dir, storage.keyring.tag(ANNA))
    assert len(records) == 3 + 1 + 10 + 10 + 4 + 1
    starts = {record[:24] for record in records}
    assert all(files_with(config.data_dir, start) for start in starts)
    await erase(storage, ANNA)
    assert [start for start in starts if files_with(config.data_dir, start)] == []


async def test_a_backup_from_before_cannot_be_read_after(
    config: StorageConfig, clock: MovedClock
) -> None:
    async with open_storage(config, clock) as storage:
        await live(storage, ANNA)
        photo = await storage.vault.put(ANNA, "crop", b"photo")
    kept = {
        path: path.read_bytes()
        for path in config.data_dir.rglob("*")
        if path.is_file() and not path.name.startswith("keys.db")
    }
    async with open_storage(config, clock) as storage:
        await erase(storage, ANNA)
    for path, data in kept.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    async with open_storage(config, clock) as storage:
        assert await storage.journal.load(ANNA) == Idle()
        assert await storage.journal.owed() == []
        assert await storage.ledger.entries(ANNA) == {}
        with pytest.raises(PhotoGone):
            await storage.vault.get(photo)


async def test_an_erasure_interrupted_anywhere_ends_after_a_restart(
    config: StorageConfig, clock: MovedClock
) -> None:
    for done in range(4):
        async with open_storage(config, clock) as storage:
            await live(storage, ANNA, times=2)
            turn = Turn(Waiting(Sitting("en", NOON, NOON, 1)), (Erase(Farewell.ASKED, "en"),))
            assert await storage.journal.commit(ANNA, f"web:{done}", turn) is not None
            for holder in storage.holders[:done]:
                await holder.erase(ANNA)
        async with open_storage(config, clock) as storage:
            (owed,) = await storage.journal.owed()
            assert owed.person == ANNA
            # Until the records are gone the conversation still knows that it is erasing.
            state = await storage.journal.load(ANNA)
            assert (state == Idle()) == (done == 3)
            for holder in storage.holders:
                await holder.erase(ANNA)
            await storage.journal.settle(owed.id)
        assert files_with(config.data_dir, storage.keyring.tag(ANNA).encode()) == []
