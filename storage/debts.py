"""An owed effect as a row of the journal's file: made, sealed, opened again."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.effects import Effect, Remind
from bot.events import Timer
from bot.model import Person, Value
from bot.ports import Owed
from storage.keyring import Key, Unreadable
from storage.sealing import Sealing
from storage.tables import Erasure, effects, from_stamp, to_stamp

log = logging.getLogger(__name__)


class Promised(Value, frozen=True):
    """What the sealed part of an effect's row says."""

    person: Person
    effect: Effect


class Outdated(Value, frozen=True, forbid_unknown_fields=False):
    """As much of it as is needed of one that cannot be decoded."""

    person: Person


_promises = msgspec.json.Decoder(Promised)
_outdated = msgspec.json.Decoder(Outdated)


def promise(person: Person, tag: str, effect: Effect, now: datetime) -> Owed:
    """A new effect, owed from now on."""
    effect_id = secrets.token_hex(16)
    # Timers stand in lines of their own: a line waits for its head, and a timer of a day must
    # not hold up one of an hour.
    remind = isinstance(effect, Remind)
    line = f"{effect.lane}/{effect_id if remind else tag}"
    due = effect.due if isinstance(effect, Remind) else now
    return Owed(id=effect_id, person=person, effect=effect, due=due, line=line, attempt=0)


async def save_effect(
    connection: AsyncConnection, tag: str, owed: Owed, seal: Sealing, erasure: Erasure
) -> None:
    """Write it, sealed."""
    secret = msgspec.json.encode(Promised(owed.person, owed.effect))
    await connection.execute(
        sa.insert(effects).values(
            id=owed.id,
            tag=tag,
            house=seal.house,
            erasure=erasure,
            line=owed.line,
            due=to_stamp(owed.due),
            attempt=owed.attempt,
            sealed=seal.key.seal(f"effect/{tag}/{owed.id}", secret),
        )
    )


# Rows of a Core query are typed by position only; these are whole rows of `effects`.
def open_effect(row: sa.Row[Any], key: Key) -> Owed | None:
    """The effect of a row; None when nobody can open it any more."""
    try:
        promised = _promised(row, key.open(f"effect/{row.tag}/{row.id}", row.sealed))
        note = "" if row.note is None else key.open(f"note/{row.tag}/{row.id}", row.note).decode()
    except Unreadable as error:
        log.warning("an effect cannot be opened (%s): treated as erased", type(error).__name__)
        return None
    return Owed(
        id=row.id,
        person=promised.person,
        effect=promised.effect,
        due=from_stamp(row.due),
        line=row.line,
        attempt=row.attempt,
        note=note,
    )


def _promised(row: sa.Row[Any], secret: bytes) -> Promised:
    try:
        return _promises.decode(secret)
    except msgspec.ValidationError:
        log.warning("an effect of another version was found: its person will be erased")
        person = _outdated.decode(secret).person
        return Promised(person, Remind(Timer.OUTDATED, "", from_stamp(row.due)))
