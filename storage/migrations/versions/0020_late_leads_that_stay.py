"""Late leads that nobody could have next are looked at again once somebody can."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock", sa.Column("stayed_at", sa.DateTime(timezone=True)))
    where = sa.text("stayed_at IS NOT NULL AND met_at IS NULL AND stopped_at IS NULL")
    op.create_index("ix_clock_stayed", "clock", ["id"], postgresql_where=where, sqlite_where=where)
