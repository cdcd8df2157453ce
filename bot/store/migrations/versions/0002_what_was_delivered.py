"""What was delivered: the inventory, the jobs that have succeeded, each run's objects as rendered; runs that begin anew."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OBJECT = ("cluster", "api_group", "kind", "namespace", "name")


def upgrade() -> None:
    """Go forward. There is no way back: restore a backup."""
    _inventory()
    _finished_jobs()
    _deliveries()
    _scheduled()


def _inventory() -> None:
    keys = ("application", "environment", *OBJECT)
    op.create_table(
        "inventory",
        *(sa.Column(each, sa.String(length=253), nullable=False) for each in keys),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*keys),
    )
    op.create_index("owners_of_objects", "inventory", list(OBJECT), unique=False)


def _finished_jobs() -> None:
    keys = ("application", "environment", "cluster", "namespace", "name")
    op.create_table(
        "finished_jobs",
        *(sa.Column(each, sa.String(length=253), nullable=False) for each in keys),
        sa.PrimaryKeyConstraint(*keys),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=253), nullable=False),
        sa.Column("component", sa.String(length=253), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run", "target", "component"),
    )


def _scheduled() -> None:
    op.add_column("runs", sa.Column("scheduled", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "runs_to_begin_anew",
        "runs",
        ["id"],
        unique=False,
        sqlite_where=sa.text("scheduled = 1"),
        postgresql_where=sa.text("scheduled = 1"),
    )
