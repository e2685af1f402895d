"""Handoffs of the time before Baton, as a CRM's history told them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "handoff", sa.Column("history", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
