"""The journal: where each conversation stands, which deliveries were seen, what is still owed.

Rules:

- One turn is one transaction. What it returns is on disk.
- Every run of an effect takes a number (`Owed.attempt`); only the latest run may conclude it.
- An `Erase` drops everything else owed to its person, and is itself sealed with the house key:
  it must stay readable after the person's key is destroyed. So must the session meanwhile, or a
  restart in the middle would forget that an erasure is under way (see `storage.sealing`).
- An effect that is over takes its wake-up along, which may be in a pause and hold up its line.
- A record whose key is gone was erased, even if its row is still there: a session is then `Idle`,
  an effect no longer owed. `storage.orphans` removes such rows.
- A record that another version wrote, and this one cannot decode, is no reason to stop, nor to lose
  track of whose it is: a session is then `Idle`, and an effect becomes `Timer.OUTDATED`, which
  erases its person.
- Whatever ends an erasure scrubs the file, so that the last trace of the person goes too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.effects import Effect, Erase
from bot.model import Erased, Person
from bot.ports import Clock, Owed
from bot.states import Idle, State, Turn
from storage.database import Database
from storage.debts import open_effect, promise, save_effect
from storage.keyring import KeyRing, Unreadable
from storage.register import enrol
from storage.removal import DELIVERIES_KEPT, drop_effects, drop_old_deliveries
from storage.sealing import Sealing, opening, sealing
from storage.tables import (
    Erasure,
    deliveries,
    effects,
    entries,
    outlays,
    people,
    sessions,
    to_stamp,
)

log = logging.getLogger(__name__)


_encode = msgspec.json.encode
# msgspec is typed for plain classes; a union of structs is what it documents and supports.
_states: msgspec.json.Decoder[Any] = msgspec.json.Decoder(State)


class SealedJournal:
    """The `Journal` port on one SQLite file."""

    def __init__(
        self, database: Database, keyring: KeyRing, clock: Clock, *, freed: Callable[[], None]
    ) -> None:
        """`freed` is called when a wake-up was dropped, so that its line can move on."""
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._freed = freed

    @property
    def holds(self) -> str:
        """Which personal data, where, for how long."""
        return (
            "Where your conversation stands, your answers, the messages shown to you and what we "
            "still owe you, encrypted with your key in a database on this server until you erase "
            "or the conversation's time is up (within three days when you never answered), plus "
            "unreadable fingerprints of the deliveries "
            f"already seen, removed within a day after {DELIVERIES_KEPT.days} days; what your "
            "orders at a hosted provider cost and their numbers there, for two days; and after an "
            "erasure, for about two hours at most, those numbers and the address of this chat, if "
            "a hosted provider has yet to confirm that its copy is gone."
        )

    # --- the conversation

    async def load(self, person: Person) -> State:
        """The conversation's state; `Idle` when there is no record or its key is gone."""
        tag = self._keyring.tag(person)
        rows = await self._database.rows(sa.select(sessions).filter_by(tag=tag))
        if not rows:
            return Idle()
        (row,) = rows
        try:
            key = await opening(self._keyring, tag, house=row.house)
            state: State = _states.decode(key.open(f"session/{tag}", row.sealed))
        except (Unreadable, msgspec.ValidationError) as error:
            log.warning("a session cannot be opened (%s): treated as erased", type(error).__name__)
            return Idle()
        return state

    async def commit(
        self, person: Person, delivery: str, turn: Turn, *, settles: Owed | None = None
    ) -> Sequence[Owed] | None:
        """Write a turn, or nothing at all (None): seen before, or `settles` is not ours any more.

        Raises `ErasureIncomplete` when the turn is written but what an erasure left behind could
        not be scrubbed yet; the next start or `sweep` does it.
        """
        tag = self._keyring.tag(person)

        async def write(connection: AsyncConnection) -> list[Owed] | None:
            if settles is not None and not await _is_latest(connection, settles):
                return None
            if not await self._first_time(connection, tag, delivery):
                return None
            if settles is not None:
                await drop_effects(connection, effects.c.id == settles.id)
            return await self._write(connection, tag, person, turn)

        owed = await self._database.transact(write)
        self._freed()
        if owed is not None and settles is not None and isinstance(settles.effect, Erase):
            await self._database.scrub()
        return owed

    async def _first_time(self, connection: AsyncConnection, tag: str, delivery: str) -> bool:
        now = self._clock.now()
        await drop_old_deliveries(connection, now)
        digest = self._keyring.name(tag, "delivery", delivery)
        seen = insert(deliveries).values(tag=tag, digest=digest, seen_at=to_stamp(now))
        written = await connection.execute(seen.on_conflict_do_nothing())
        return written.rowcount == 1

    async def _write(
        self, connection: AsyncConnection, tag: str, person: Person, turn: Turn
    ) -> list[Owed]:
        erases = any(isinstance(effect, Erase) for effect in turn.effects)
        if erases:
            await drop_effects(connection, effects.c.tag == tag)
        if isinstance(turn.state, Idle):
            await connection.execute(sa.delete(sessions).filter_by(tag=tag))
            if not turn.effects:
                return []
        if erases:
            seal = Sealing(self._keyring.house, house=True)
        else:
            seal = await sealing(connection, self._keyring, tag)
        if person.workspace and not seal.house:
            await enrol(connection, self._keyring, tag, person, seal)
        if not isinstance(turn.state, Idle):
            await _save_state(connection, tag, turn.state, seal)
        now = self._clock.now()
        owed = [promise(person, tag, effect, now) for effect in turn.effects]
        for one in owed:
            erasure = Erasure.AHEAD if isinstance(one.effect, Erase) else Erasure.NO
            await save_effect(connection, tag, one, seal, erasure)
        return owed

    # --- what is owed

    async def owed(self, person: Person | None = None) -> Sequence[Owed]:
        """Everything not settled, of one person or of all, in the order it was committed."""
        query = sa.select(effects).order_by(effects.c.place)
        if person is not None:
            query = query.filter_by(tag=self._keyring.tag(person))
        rows = await self._database.rows(query)
        keys = await self._keyring.keys({row.tag for row in rows if not row.house})
        found = []
        for row in rows:
            key = self._keyring.house if row.house else keys.get(row.tag)
            opened = None if key is None else open_effect(row, key)
            if opened is not None:
                found.append(opened)
        return found

    async def take(self, effect_id: str) -> Owed | None:
        """Count one attempt and return the effect; None when it is settled or erased."""
        counted = (
            sa.update(effects)
            .filter_by(id=effect_id)
            .values(attempt=effects.c.attempt + 1)
            .returning(effects)
        )
        rows = await self._database.rows(counted)
        if not rows:
            return None
        (row,) = rows
        try:
            return open_effect(row, await opening(self._keyring, row.tag, house=row.house))
        except Unreadable:
            return None

    async def annotate(self, effect_id: str, note: str) -> bool:
        """Write down progress of an effect; False when it is no longer owed."""
        rows = await self._database.rows(
            sa.select(effects.c.tag, effects.c.house).filter_by(id=effect_id)
        )
        if not rows:
            return False
        ((tag, house),) = rows
        try:
            key = await opening(self._keyring, tag, house=house)
        except Unreadable:
            return False
        sealed = key.seal(f"note/{tag}/{effect_id}", note.encode())
        noted = sa.update(effects).filter_by(id=effect_id).values(note=sealed)
        return await self._database.write(noted) == 1

    async def settle(self, effect_id: str) -> None:
        """The effect is done. Safe twice. Raises `ErasureIncomplete` as `commit` does."""

        async def drop(connection: AsyncConnection) -> int | None:
            query = sa.select(effects.c.erasure).filter_by(id=effect_id)
            found = (await connection.execute(query)).scalar()
            await drop_effects(connection, effects.c.id == effect_id)
            return found

        erasure = await self._database.transact(drop)
        self._freed()
        if erasure:
            await self._database.scrub()

    async def follow(self, owed: Owed, effect: Effect) -> Owed | None:
        """Settle an erasure and owe what follows on it, sealed with the house key.

        Raises `ErasureIncomplete` as `commit` does: it is written, and to be scheduled by a sweep.
        """
        tag = self._keyring.tag(owed.person)
        next_ = promise(owed.person, tag, effect, self._clock.now())
        seal = Sealing(self._keyring.house, house=True)

        async def write(connection: AsyncConnection) -> Owed | None:
            if not await _is_latest(connection, owed):
                return None
            await drop_effects(connection, effects.c.id == owed.id)
            await save_effect(connection, tag, next_, seal, Erasure.BEHIND)
            return next_

        written = await self._database.transact(write)
        self._freed()
        await self._database.scrub()
        return written

    # --- erasure

    async def erase(self, person: Person) -> Erased:
        """Drop the person's records. The running `Erase` itself stays owed until it is settled.

        Raises `ErasureIncomplete` with what was dropped when it could not be scrubbed.
        """
        tag = self._keyring.tag(person)

        async def drop(connection: AsyncConnection) -> dict[str, int]:
            counts: dict[str, int] = {}
            for name, table in (
                ("conversations", sessions),
                ("messages", entries),
                ("deliveries", deliveries),
                ("outlays", outlays),
            ):
                gone = await connection.execute(sa.delete(table).where(table.c.tag == tag))
                counts[name] = gone.rowcount
            others = sa.and_(effects.c.tag == tag, effects.c.erasure == Erasure.NO)
            counts["tasks"] = await drop_effects(connection, others)
            await connection.execute(sa.delete(people).where(people.c.tag == tag))
            await connection.execute(
                sa.update(effects).filter_by(tag=tag).values(erasure=Erasure.BEHIND)
            )
            return counts

        counts = await self._database.transact(drop)
        self._freed()
        erased = {name: count for name, count in counts.items() if count}
        await self._database.scrub(erased=erased)
        return Erased(erased)


async def _is_latest(connection: AsyncConnection, owed: Owed) -> bool:
    """Whether the effect is still owed and was not taken again since."""
    query = sa.select(effects.c.id).filter_by(id=owed.id, attempt=owed.attempt)
    return (await connection.execute(query)).first() is not None


async def _save_state(connection: AsyncConnection, tag: str, state: State, seal: Sealing) -> None:
    values = {"house": seal.house, "sealed": seal.key.seal(f"session/{tag}", _encode(state))}
    row = insert(sessions).values(tag=tag, **values)
    await connection.execute(row.on_conflict_do_update(index_elements=["tag"], set_=values))
