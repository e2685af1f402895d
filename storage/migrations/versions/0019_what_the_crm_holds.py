"""Which record of the CRM is which lead's, and how far the CRM has been asked."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NOTHING = sa.text("'{}'")


def upgrade() -> None:
    op.create_table(
        "crm_link",
        sa.Column("lead_id", ID, autoincrement=False, nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("seen", sa.JSON(), server_default=NOTHING, nullable=False),
        sa.Column("sent", sa.JSON(), server_default=NOTHING, nullable=False),
        sa.Column("intended", sa.JSON(), server_default=NOTHING, nullable=False),
        sa.Column("conflicts", sa.JSON(), server_default=NOTHING, nullable=False),
        sa.Column("trouble", sa.String()),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("lead_id"),
    )
    op.create_index("ix_crm_link_record", "crm_link", ["record"])
    troubled = sa.text("trouble IS NOT NULL")
    op.create_index(
        "ix_crm_link_trouble", "crm_link", ["lead_id"], sqlite_where=troubled, postgresql_where=troubled
    )
    op.create_table(
        "crm_feed",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("worker", sa.String()),
        sa.Column("lease_until", MOMENT),
        sa.Column("polled_at", MOMENT),
        sa.Column("trouble", sa.String()),
        sa.PrimaryKeyConstraint("name"),
    )
