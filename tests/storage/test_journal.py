"""What the journal on disk promises beyond the contract: restarts, shredded keys, erasures."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.effects import Erase, Farewell, Remind
from bot.events import Timer
from bot.model import Person
from bot.states import Idle, Turn
from storage.house import Storage, StorageConfig, open_storage
from storage.removal import DELIVERIES_KEPT
from storage.tables import effects, sessions
from tests.contracts.journal import CHECK, NOON, commit, remind, say, waiting
from tests.storage.clocks import MovedClock

ANNA = Person("web", "", "anna")
BORIS = Person("web", "", "boris")
ERASE = Erase(Farewell.ASKED, "en")


async def test_everything_owed_outlives_a_restart(config: StorageConfig, clock: MovedClock) -> None:
    async with open_storage(config, clock) as storage:
        await commit(storage.journal, ANNA, "web:1", say("a"), CHECK, remind(NOON))
        await commit(storage.journal, BORIS, "web:1", ERASE)
        first = (await storage.journal.owed())[0]
        await storage.journal.take(first.id)
        await storage.journal.annotate(first.id, "half done")
        before = await storage.journal.owed()
    async with open_storage(config, clock) as storage:
        assert await storage.journal.owed() == before
        assert (before[0].attempt, before[0].note) == (1, "half done")
        assert await storage.journal.load(ANNA) == waiting()
        assert await storage.journal.commit(ANNA, "web:1", Turn(Idle())) is None


async def test_without_its_key_a_conversation_is_over(
    storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    (owed,) = await commit(storage.journal, ANNA, "web:1", say("a"))
    await commit(storage.journal, BORIS, "web:1", say("b"))
    await storage.keyring.erase(ANNA)
    with caplog.at_level(logging.WARNING):
        assert await storage.journal.load(ANNA) == Idle()
    assert [found.person for found in await storage.journal.owed()] == [BORIS]
    assert await storage.journal.take(owed.id) is None
    assert not await storage.journal.annotate(owed.id, "note")
    assert "anna" not in caplog.text


async def test_whoever_comes_back_does_not_find_what_was_shredded(storage: Storage) -> None:
    await commit(storage.journal, ANNA, "web:1", say("old"))
    await storage.ledger.note(ANNA, "old", b"old")
    await storage.keyring.erase(ANNA)
    await storage.ledger.note(ANNA, "new", b"new")
    assert await storage.journal.load(ANNA) == Idle()
    assert await storage.journal.owed(ANNA) == []
    assert await storage.ledger.entries(ANNA) == {"new": b"new"}


async def test_during_an_erasure_no_key_comes_to_life(storage: Storage) -> None:
    await commit(storage.journal, ANNA, "web:1", say("a"))
    await commit(storage.journal, ANNA, "web:2", ERASE)
    await storage.keyring.erase(ANNA)
    await commit(storage.journal, ANNA, "web:3", say("please wait"))
    await storage.ledger.note(ANNA, "key", b"entry")
    assert await storage.keyring.tags() == frozenset()
    assert await storage.journal.load(ANNA) == waiting()
    assert [owed.effect for owed in await storage.journal.owed()] == [ERASE, say("please wait")]
    assert await storage.ledger.entries(ANNA) == {"key": b"entry"}
    await storage.journal.erase(ANNA)
    assert [owed.effect for owed in await storage.journal.owed()] == [ERASE]
    assert await storage.ledger.entries(ANNA) == {}


async def test_between_the_records_and_the_last_words_a_visit_is_a_new_one(
    storage: Storage,
) -> None:
    await commit(storage.journal, ANNA, "web:1", ERASE)
    await storage.journal.erase(ANNA)
    await commit(storage.journal, ANNA, "web:2", say("hello again"))
    assert await storage.keyring.tags() == {storage.keyring.tag(ANNA)}


async def test_an_idle_turn_without_effects_makes_no_key(storage: Storage) -> None:
    await storage.journal.commit(ANNA, "web:1", Turn(Idle()))
    assert await storage.keyring.tags() == frozenset()


async def test_a_delivery_is_remembered_for_a_week(storage: Storage, clock: MovedClock) -> None:
    await commit(storage.journal, ANNA, "web:1")
    clock.ahead = DELIVERIES_KEPT - timedelta(minutes=1)
    assert await storage.journal.commit(ANNA, "web:1", Turn(waiting())) is None
    clock.ahead = DELIVERIES_KEPT + timedelta(minutes=1)
    assert await storage.journal.commit(ANNA, "web:1", Turn(waiting())) == []
    assert (await storage.journal.erase(ANNA)).counts["deliveries"] == 1


async def test_a_late_delivery_of_the_same_erasure_drops_the_earlier_one(
    storage: Storage,
) -> None:
    (first,) = await commit(storage.journal, ANNA, "web:1", ERASE)
    taken = await storage.journal.take(first.id)
    (second,) = await commit(storage.journal, ANNA, "web:2", ERASE)
    assert await storage.journal.owed() == [second]
    assert await storage.journal.commit(ANNA, "e", Turn(Idle()), settles=taken) is None


async def test_a_turn_can_conclude_an_erasure(storage: Storage) -> None:
    (owed,) = await commit(storage.journal, ANNA, "web:1", ERASE)
    taken = await storage.journal.take(owed.id)
    assert await storage.journal.commit(ANNA, "e", Turn(Idle()), settles=taken) == []
    assert await storage.journal.owed() == []


async def test_erasing_counts_each_kind(storage: Storage) -> None:
    await commit(storage.journal, ANNA, "web:1", say("a"), say("b"))
    for key in ("one", "two", "three"):
        await storage.ledger.note(ANNA, key, b"")
    assert (await storage.journal.erase(ANNA)).counts == {
        "conversations": 1,
        "messages": 3,
        "deliveries": 1,
        "tasks": 2,
    }


async def rewrite(storage: Storage, person: Person, old: bytes, new: bytes) -> None:
    """Put other words into what is sealed, as another version would have written it."""
    tag = storage.keyring.tag(person)
    key = await storage.keyring.key(tag)

    async def write(connection: AsyncConnection) -> None:
        for table, place in ((sessions, "session/{0}"), (effects, "effect/{0}/{1}")):
            for row in (await connection.execute(sa.select(table).filter_by(tag=tag))).all():
                about = place.format(tag, getattr(row, "id", ""))
                sealed = key.seal(about, key.open(about, row.sealed).replace(old, new))
                where = [column == getattr(row, column.name) for column in table.primary_key]
                await connection.execute(sa.update(table).where(*where).values(sealed=sealed))

    await storage.journal._database.transact(write)


async def test_what_another_version_wrote_leads_to_an_erasure_and_stops_nobody(
    storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    await commit(storage.journal, ANNA, "web:1", say("hello"))
    await commit(storage.journal, BORIS, "web:1", say("hello"))
    await rewrite(storage, ANNA, b'"type":"Say"', b'"type":"Sing"')
    await rewrite(storage, ANNA, b'"type":"Waiting"', b'"type":"Dancing"')

    assert await storage.journal.load(ANNA) == Idle()
    anna, boris = await storage.journal.owed()
    assert isinstance(anna.effect, Remind)
    assert (anna.person, anna.effect.timer) == (ANNA, Timer.OUTDATED)
    assert boris.effect == say("hello")
    assert await storage.journal.take(anna.id)
    assert "anna" not in caplog.text
