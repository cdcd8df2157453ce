"""What is kept no more is found by indexes: the requests that were answered, and the runs whose revisions are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. There is no way back: restore a backup."""
    op.create_index("revisions_of_run", "revisions", ["run"])
    op.create_index(
        "inbox_answered",
        "inbox",
        ["received_at", "id"],
        sqlite_where=sa.text("done = 1"),
        postgresql_where=sa.text("done = 1"),
    )
