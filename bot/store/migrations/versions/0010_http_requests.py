"""Requests over HTTP, so that one that comes again is answered again and not done again."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. There is no way back: restore a backup."""
    op.create_table(
        "http_requests",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("http_requests_expired", "http_requests", ["expires"])
    op.create_index(
        "http_requests_unanswered",
        "http_requests",
        ["received_at"],
        sqlite_where=sa.text("status = 0 AND body <> ''"),
        postgresql_where=sa.text("status = 0 AND body <> ''"),
    )
