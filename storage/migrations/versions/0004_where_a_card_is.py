"""Where a card is: its address in Slack, for whoever looks at a list."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNLINKED = "op = 'post' AND state = 'sent' AND kind IN ('card', 'list') AND permalink IS NULL"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("permalink", sa.String(), nullable=True))
    op.create_index(
        "ix_delivery_unlinked",
        "delivery",
        ["id"],
        sqlite_where=sa.text(UNLINKED),
        postgresql_where=sa.text(UNLINKED),
    )
