"""Leads that nobody can take are found among all that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("state = 'waiting' AND owner IS NULL AND owner_why IS NOT NULL")
    op.create_index("ix_handoff_nobody", "handoff", ["team"], postgresql_where=where, sqlite_where=where)
