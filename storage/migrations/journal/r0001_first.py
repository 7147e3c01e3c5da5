"""The journal as first released."""

import sqlalchemy as sa
from alembic import op

revision = "journal_0001"
down_revision = None


def upgrade() -> None:
    """Create what the journal, the ledger, the wake-ups and the audit chain need."""
    _create_conversations()
    op.create_table(
        "wakeups",
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("effect_id", sa.Text, nullable=False, unique=True),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("wakeups_by_line", "wakeups", ["line", "place"])
    op.create_index("wakeups_by_due", "wakeups", ["due"])
    op.create_table(
        "audit",
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_by_entry", "audit", ["about", "what"])


def _create_conversations() -> None:
    op.create_table(
        "sessions",
        sa.Column("tag", sa.Text, primary_key=True),
        sa.Column("house", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("tag", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )
    op.create_index("deliveries_by_age", "deliveries", ["seen_at"])
    op.create_table(
        "effects",
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
        sqlite_autoincrement=True,
    )
    op.create_index("effects_by_person", "effects", ["tag"])
    op.create_table(
        "entries",
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("house", sa.Boolean, nullable=False),
        sa.Column("noted_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("tag", "digest", name="entries_by_key"),
        sqlite_autoincrement=True,
    )
