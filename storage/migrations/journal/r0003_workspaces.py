"""Workspaces: who is in one, what is kept about it, and passes that are good once."""

import sqlalchemy as sa
from alembic import op

revision = "journal_0003"
down_revision = "journal_0002"


def upgrade() -> None:
    """Create the three tables; people who are here already are enrolled by their next turn."""
    op.create_table(
        "people",
        sa.Column("tag", sa.Text, primary_key=True),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("house", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("people_by_workspace", "people", ["workspace"])
    op.create_table(
        "register",
        sa.Column("tag", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("house", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "passes",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
