"""Runs that wait for their turn: one at a time is under way, and any number has not begun."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. There is no way back: restore a backup."""
    # What was stored by a Shipmate without a line has begun, unless it died right before it.
    op.add_column("runs", sa.Column("begun", sa.Integer(), server_default="1", nullable=False))
    op.execute("UPDATE runs SET begun = 0 WHERE phase = 'initializing'")
    op.drop_index("one_unfinished_run", "runs")
    _index("one_run_under_way", "ended = 0 AND begun = 1", unique=True)
    _index("unfinished_runs", "ended = 0", unique=False)


def _index(name: str, where: str, *, unique: bool) -> None:
    op.create_index(
        name,
        "runs",
        ["application", "environment"],
        unique=unique,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
