"""Beside how far the CRM has been asked stands when that was: its clock is compared with ours since then."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("crm_feed", sa.Column("read_at", sa.DateTime(timezone=True)))
