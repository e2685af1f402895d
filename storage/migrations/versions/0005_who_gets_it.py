"""Since when somebody has a lead, how they were chosen, and in whose hours a pool's clock runs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("handoff", sa.Column("given_at", MOMENT))
    op.add_column("handoff", sa.Column("pooled_at", MOMENT))
    op.add_column("handoff", sa.Column("choice", sa.JSON()))
    op.add_column("clock", sa.Column("present", sa.JSON()))
    op.execute("UPDATE handoff SET given_at = handed_at WHERE owner IS NOT NULL")
    for name, columns, condition in (
        ("ix_handoff_given", ["owner", "given_at"], "given_at IS NOT NULL"),
        ("ix_handoff_ownerless", ["team"], "state = 'waiting' AND owner IS NULL"),
    ):
        where = sa.text(condition)
        op.create_index(name, "handoff", columns, postgresql_where=where, sqlite_where=where)
