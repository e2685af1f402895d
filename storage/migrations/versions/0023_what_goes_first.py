"""What goes first in each lane stands where an index finds it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_PENDING = "state = 'pending'"
_UNSETTLED = "state IN ('claimed', 'unknown', 'parked')"
_LONG_AGO = {"sqlite": "'1970-01-01 00:00:00.000000'", "postgresql": "TIMESTAMPTZ 'epoch'"}


def upgrade() -> None:
    op.add_column("lane", sa.Column("op", sa.String(), nullable=False, server_default=""))
    op.add_column("lane", sa.Column("rank", sa.Integer()))
    op.add_column("lane", sa.Column("head_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    op.add_column("lane", sa.Column("wakes_at", sa.DateTime(timezone=True)))
    _index("ix_lane_awake", "lane", ["op", "rank", "head_id"], "rank IS NOT NULL")
    _index("ix_lane_wakes", "lane", ["wakes_at"], "wakes_at IS NOT NULL")
    _index("ix_delivery_due", "delivery", ["lane", "due_at"], _PENDING)
    _index("ix_delivery_held", "delivery", ["lane", "rank"], _UNSETTLED)
    long_ago = _LONG_AGO[op.get_bind().dialect.name]
    op.execute(
        f"INSERT INTO lane (name, op, ready_at, wakes_at) SELECT DISTINCT lane, op, {long_ago}, {long_ago} "
        f"FROM delivery WHERE {_PENDING} "
        "ON CONFLICT (name) DO UPDATE SET op = excluded.op, wakes_at = excluded.wakes_at"
    )


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)
