"""Runs with something done in an emergency that nobody has signed are found without a look at all others."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. There is no way back: restore a backup."""
    op.add_column("runs", sa.Column("unsigned", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "runs_to_sign",
        "runs",
        ["id"],
        unique=False,
        sqlite_where=sa.text("unsigned > 0"),
        postgresql_where=sa.text("unsigned > 0"),
    )
