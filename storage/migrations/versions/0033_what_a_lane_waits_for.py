"""What Slack has not answered for is found by its lane, however much of it there is in others."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_HELD = sa.text("op = 'post' AND coalesce(state, state) IN ('claimed', 'unknown')")


def upgrade() -> None:
    op.drop_index("ix_delivery_held", "delivery")
    op.create_index(
        "ix_delivery_held", "delivery", ["lane", "rank"], postgresql_where=_HELD, sqlite_where=_HELD
    )
