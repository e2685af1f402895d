"""Changes of the agreement that managers propose, and who signed them."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.kinds import add_kind

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STATES = "'open', 'signed', 'live', 'countered', 'declined', 'moved'"
_UNSETTLED = sa.text("state IN ('open', 'signed')")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "proposal",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'open'")),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("agreement_id", _ID, sa.ForeignKey("agreement_version.id"), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("says", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("why", sa.String()),
        sa.Column("live_at", moment),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("marketing_by", sa.String()),
        sa.Column("marketing_at", moment),
        sa.Column("sales_by", sa.String()),
        sa.Column("sales_at", moment),
        sa.Column("ended_by", sa.String()),
        sa.Column("ended_at", moment),
        sa.Column("trouble", sa.String()),
        sa.Column("follows", _ID, sa.ForeignKey("proposal.id")),
        sa.Column("cards", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
        sa.CheckConstraint(f"state IN ({_STATES})", name="ck_state"),
    )
    op.create_index(
        "uq_proposal_open",
        "proposal",
        ["subject"],
        unique=True,
        postgresql_where=_UNSETTLED,
        sqlite_where=_UNSETTLED,
    )
    op.create_index("ix_proposal_ended", "proposal", ["state", "ended_at"])
    add_kind("proposal")
