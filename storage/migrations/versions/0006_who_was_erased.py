"""Who was erased: tombstones, erasures under way, what a lead keeps for the counts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("lead", sa.Column("forgotten_at", MOMENT))
    op.add_column("lead", sa.Column("was_complete", sa.Boolean()))
    op.create_table(
        "erasure",
        sa.Column("id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("agreed_by", sa.String()),
        sa.Column("agreed_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("aged", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uq_erasure_lead", "erasure", ["lead_id"], unique=True)
    undone = sa.text("done_at IS NULL")
    op.create_index("ix_erasure_open", "erasure", ["id"], postgresql_where=undone, sqlite_where=undone)
    op.create_table(
        "tombstone",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("lead_id", ID),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("aged", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_tombstone_lead_id", "tombstone", ["lead_id"])
    alone = sa.text("handoff_id IS NULL AND lead_id IS NOT NULL")
    op.create_index("ix_delivery_lead", "delivery", ["lead_id"], postgresql_where=alone, sqlite_where=alone)
    _causes()


def _causes() -> None:
    """One more reason to refuse a record: it is about somebody who was erased."""
    old, new = "'shape', 'test')", "'shape', 'test', 'forgotten')"
    tx = op.get_bind()
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint("ck_cause", "refused", type_="check")
        op.create_check_constraint("ck_cause", "refused", "cause IN ('identity', 'nobody', 'fields', " + new)
        return
    found = tx.execute(
        sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'refused' AND sql IS NOT NULL")
    ).all()
    ddl = next(row.sql for row in found if row.type == "table")
    ddl = ddl.replace(old, new).replace("CREATE TABLE refused", "CREATE TABLE refused_anew", 1)
    tx.exec_driver_sql(ddl)
    tx.exec_driver_sql("INSERT INTO refused_anew SELECT * FROM refused")
    tx.exec_driver_sql("DROP TABLE refused")
    tx.exec_driver_sql("ALTER TABLE refused_anew RENAME TO refused")
    for row in found:
        if row.type == "index":
            tx.exec_driver_sql(row.sql)
