"""A start reads only the runs of which something is under way; of those that only wait it knows when to wake them.

What an older Shipmate stored is read once more as it always was: it is busy until its next change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. There is no way back: restore a backup."""
    op.add_column("runs", sa.Column("busy", sa.Integer(), server_default="1", nullable=False))
    op.add_column("runs", sa.Column("wake", sa.Float(), nullable=True))
