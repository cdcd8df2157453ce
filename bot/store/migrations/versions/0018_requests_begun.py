"""Whether a request over HTTP was begun to be done: until then whoever took it in for the leader may take it back."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. There is no way back: restore a backup."""
    begun = sa.Column("begun", sa.Integer(), nullable=False, server_default="0")
    op.add_column("http_requests", begun)
