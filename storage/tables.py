"""The tables of both databases, and how a moment is written in them.

Rules: nothing about a person is in the clear. `tag` is a keyed hash of platform, workspace and
user id (`storage.keyring`); `sealed` columns are AES-GCM; `house` says which key opens them: the
person's own (false) or the house key (true, only for an erasure and what happens during it).
`people` and `register` are about workspaces: who is in one, and what is kept about it, with `tag`
a keyed hash of the workspace in `register` and `workspace` the same hash in `people`.
`place` is an ever-growing number that keeps order. Moments are whole microseconds since 1970 in
UTC: exact, comparable, and no text format to get wrong. Money is whole micro-dollars; a day is a
number too, counted from the same moment.

A change here needs a migration in `storage.migrations`; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import IntEnum

import sqlalchemy as sa

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Erasure(IntEnum):
    """What an owed effect has to do with erasing its person."""

    NO = 0
    AHEAD = 1
    """An `Erase`; `Journal.erase` has not finished for it."""
    BEHIND = 2
    """An `Erase` whose records are gone, so that only the last words are still owed; or what
    follows on one (`Journal.follow`)."""


def to_stamp(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime."""
    return (moment - EPOCH) // _MICROSECOND


def to_day(moment: datetime) -> int:
    """Days since 1970 in UTC."""
    return (moment - EPOCH) // timedelta(days=1)


def from_day(day: int) -> date:
    """The date of `to_day`."""
    return (EPOCH + timedelta(days=day)).date()


def from_stamp(stamp: int) -> datetime:
    """The UTC datetime of `to_stamp`."""
    return EPOCH + timedelta(microseconds=stamp)


journal = sa.MetaData()

sessions = sa.Table(
    "sessions",
    journal,
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("house", sa.Boolean, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    journal,
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
    sa.Index("deliveries_by_age", "seen_at"),
)

effects = sa.Table(
    "effects",
    journal,
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("tag", sa.Text, nullable=False),
    sa.Column("house", sa.Boolean, nullable=False),
    sa.Column("erasure", sa.Integer, nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("note", sa.LargeBinary),
    sa.Index("effects_by_person", "tag"),
    sqlite_autoincrement=True,
)

entries = sa.Table(
    "entries",
    journal,
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("tag", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("house", sa.Boolean, nullable=False),
    sa.Column("noted_at", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("tag", "digest", name="entries_by_key"),
    sqlite_autoincrement=True,
)

spending = sa.Table(
    "spending",
    journal,
    sa.Column("day", sa.Integer, primary_key=True),
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("orders", sa.BigInteger, nullable=False),
    sa.Column("micros", sa.BigInteger, nullable=False),
)

outlays = sa.Table(
    "outlays",
    journal,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("tag", sa.Text, nullable=False),
    sa.Column("day", sa.Integer, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("micros", sa.BigInteger, nullable=False),
    sa.Column("settled", sa.Boolean, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Index("outlays_by_person", "tag", "day"),
)

wakeups = sa.Table(
    "wakeups",
    journal,
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("effect_id", sa.Text, nullable=False, unique=True),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Index("wakeups_by_line", "line", "place"),
    sa.Index("wakeups_by_due", "due"),
    sqlite_autoincrement=True,
)

audit = sa.Table(
    "audit",
    journal,
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Index("audit_by_entry", "about", "what"),
    sqlite_autoincrement=True,
)

people = sa.Table(
    "people",
    journal,
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("house", sa.Boolean, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Index("people_by_workspace", "workspace"),
)

register = sa.Table(
    "register",
    journal,
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("house", sa.Boolean, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

passes = sa.Table(
    "passes",
    journal,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("until", sa.BigInteger, nullable=False),
)

keys = sa.MetaData()

person_keys = sa.Table(
    "person_keys",
    keys,
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

proof = sa.Table(
    "proof",
    keys,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
