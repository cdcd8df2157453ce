"""Locks and what became of them; what the audit log is searched by."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AT_ONCE = 1000


def upgrade() -> None:
    """Go forward. There is no way back: restore a backup."""
    _locks()
    _lock_changes()
    _audit()


def _locks() -> None:
    op.create_table(
        "locks",
        sa.Column("environment", sa.String(length=253), nullable=False),
        sa.Column("application", sa.String(length=253), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "application"),
    )


def _lock_changes() -> None:
    op.create_table(
        "lock_changes",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("request", sa.String(length=255), nullable=True),
        sa.Column("announced", sa.Integer(), server_default="0", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("request"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "lock_changes_to_announce",
        "lock_changes",
        ["number"],
        unique=False,
        sqlite_where=sa.text("announced = 0"),
        postgresql_where=sa.text("announced = 0"),
    )


def _audit() -> None:
    op.add_column("audit", sa.Column("at", sa.Float(), server_default="0", nullable=False))
    for name, length in (("person", 255), ("application", 253), ("environment", 253)):
        kind = sa.String(length=length)
        op.add_column("audit", sa.Column(name, kind, server_default="", nullable=False))
    op.create_index("audit_of_a_place", "audit", ["environment", "sequence"], unique=False)
    _fill_audit()


def _fill_audit() -> None:
    """Put into the new columns what the lines that are there say."""
    table = sa.table(
        "audit",
        *(sa.column(each) for each in ("sequence", "body", "at", "person")),
        *(sa.column(each) for each in ("application", "environment")),
    )
    connection = op.get_bind()
    last = 0
    while True:
        rows = connection.execute(
            sa.select(table.c.sequence, table.c.body)
            .where(table.c.sequence > last)
            .order_by(table.c.sequence)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        for row in rows:
            found = _columns(json.loads(row.body))
            update = sa.update(table).where(table.c.sequence == row.sequence).values(**found)
            connection.execute(update)
        last = rows[-1].sequence


def _columns(line: dict[str, str]) -> dict[str, str | float]:
    """Answer what a line says of its time, its person and its place; only its run names that."""
    place = line.get("run", "").rpartition("#")[0]
    application, _, environment = place.partition("/")
    return {
        "at": datetime.fromisoformat(line["at"]).timestamp(),
        "person": line["person"][:255],
        "application": application,
        "environment": environment,
    }
