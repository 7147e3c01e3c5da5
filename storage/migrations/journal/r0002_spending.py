"""What hosted providers cost: totals without people, and each order's share while its day lasts."""

import sqlalchemy as sa
from alembic import op

revision = "journal_0002"
down_revision = "journal_0001"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "spending",
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("platform", sa.Text, primary_key=True),
        sa.Column("workspace", sa.Text, primary_key=True),
        sa.Column("orders", sa.BigInteger, nullable=False),
        sa.Column("micros", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "outlays",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("micros", sa.BigInteger, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_index("outlays_by_person", "outlays", ["tag", "day"])
