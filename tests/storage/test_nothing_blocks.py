"""Storage keeps nobody waiting: no blocking call and no long computation on the event loop."""

from __future__ import annotations

from bot.model import Person
from storage.house import Storage
from tests.contracts.journal import ERASE, commit, say
from tests.guards.event_loop import LoopWatch

ANNA = Person("web", "", "anna")


async def test_a_whole_visit_does_not_block(storage: Storage, never_blocks: LoopWatch) -> None:
    await commit(storage.journal, ANNA, "web:1", say("a"), ERASE)
    for number in range(5):
        photo = await storage.vault.put(ANNA, f"{number}", bytes(3_000_000))
        assert len(await storage.vault.get(photo)) == 3_000_000
        if number % 2:
            await storage.vault.drop(photo)
    await storage.orphans.sweep()
    for holder in storage.holders:
        await holder.erase(ANNA)
    # What was measured is judged by the fixture.
    assert await storage.vault.tags() == frozenset()
