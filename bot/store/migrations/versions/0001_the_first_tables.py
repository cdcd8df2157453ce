"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. There is no way back: restore a backup."""
    _audit()
    _events()
    _inbox()
    _messages()
    _revisions()
    _runs()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sqlite_autoincrement=True,
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("announced", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("run", "number", name="one_event_a_number"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "events_to_announce",
        "events",
        ["sequence"],
        unique=False,
        sqlite_where=sa.text("announced = 0"),
        postgresql_where=sa.text("announced = 0"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "inbox_unanswered",
        "inbox",
        ["received_at"],
        unique=False,
        sqlite_where=sa.text("done = 0"),
        postgresql_where=sa.text("done = 0"),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("wanted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("key"),
        sqlite_autoincrement=True,
    )
    op.create_index("messages_of_run", "messages", ["run"], unique=False)
    op.create_index(
        "messages_to_show",
        "messages",
        ["sequence"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'posting')"),
        postgresql_where=sa.text("state IN ('waiting', 'posting')"),
    )


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("application", sa.String(length=253), nullable=False),
        sa.Column("environment", sa.String(length=253), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("application", "environment", "number"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("application", sa.String(length=253), nullable=False),
        sa.Column("environment", sa.String(length=253), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=20), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request", sa.String(length=255), server_default="", nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application", "environment", "number", name="one_number_each"),
    )
    op.create_index(
        "one_unfinished_run",
        "runs",
        ["application", "environment"],
        unique=True,
        sqlite_where=sa.text("ended = 0"),
        postgresql_where=sa.text("ended = 0"),
    )
    op.create_index("runs_by_request", "runs", ["request"], unique=False)
