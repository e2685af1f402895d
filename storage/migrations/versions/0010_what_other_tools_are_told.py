"""What other tools are told: a cursor over the history for each, and what is on its way there."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "destination",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("cursor", ID, nullable=False),
        sa.Column("sequence", ID, server_default=sa.text("0"), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("worker", sa.String()),
        sa.Column("lease_until", MOMENT),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("retry_at", MOMENT),
        sa.Column("trouble", sa.String()),
        sa.Column("delivered_at", MOMENT),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "dispatch",
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("sequence", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_at", MOMENT),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("error", sa.String()),
        sa.CheckConstraint("state IN ('pending', 'parked')", name="ck_state"),
        sa.PrimaryKeyConstraint("destination", "sequence"),
    )
    only = sa.text("state = 'pending'")
    op.create_index(
        "ix_dispatch_lead",
        "dispatch",
        ["destination", "lead_id", "sequence"],
        sqlite_where=only,
        postgresql_where=only,
    )
    op.create_index("ix_dispatch_state", "dispatch", ["destination", "state", "sequence"])
