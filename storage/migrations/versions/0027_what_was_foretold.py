"""What a check foretold of an agreement before it went live."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_COUNTS = ("handoffs", "missed", "missed_low", "missed_high", "unknown", "decided", "accepted")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "forecast",
        sa.Column("hash", sa.String(), primary_key=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("from_at", moment, nullable=False),
        sa.Column("to_at", moment, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
    )
