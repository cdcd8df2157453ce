"""Who has the App Home open: it is kept true while it is looked at, over a restart, too."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. There is no way back: restore a backup."""
    op.create_table(
        "homes",
        sa.Column("chat", sa.String(length=40), nullable=False),
        sa.Column("identity", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("opened", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("chat", "identity"),
    )
