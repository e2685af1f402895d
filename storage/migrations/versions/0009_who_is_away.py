"""Who is away: stretches of time, several a person, and ahead; reminders say who gave a lead and why."""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("begins", MOMENT, nullable=False),
        sa.Column("ends", MOMENT),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("speak_at", MOMENT),
        sa.Column("handed_on", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_absence_user", "absence", ["user_id", "begins"])
    spoken = sa.text("speak_at IS NOT NULL")
    op.create_index("ix_absence_speak", "absence", ["speak_at"], sqlite_where=spoken, postgresql_where=spoken)
    op.execute(  # who was away is away since now
        "INSERT INTO absence (user_id, begins, ends, set_by, set_at) "
        "SELECT user_id, CURRENT_TIMESTAMP, away_until, user_id, CURRENT_TIMESTAMP FROM person "
        "WHERE away_until > CURRENT_TIMESTAMP"
    )
    op.drop_column("person", "away_until")
    op.add_column("nag", sa.Column("by", sa.String()))
    op.add_column("nag", sa.Column("why", sa.String()))
    _kind("absence")


def _kind(word: str) -> None:
    """One more kind of message, after those that there are."""
    tx = op.get_bind()
    if op.get_context().dialect.name == "sqlite":
        _rebuilt("delivery", lambda ddl: re.sub(r"(CHECK \(kind IN \([^)]*)", rf"\1, '{word}'", ddl, count=1))
        return
    held = "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
    held += "WHERE conname = 'ck_kind' AND conrelid = 'delivery'::regclass"
    words = [*re.findall(r"'(\w+)'", tx.execute(sa.text(held)).scalar_one()), word]
    op.drop_constraint("ck_kind", "delivery", type_="check")
    op.create_check_constraint("ck_kind", "delivery", f"kind IN ({', '.join(map(repr, words))})")


def _rebuilt(table: str, change: Callable[[str], str]) -> None:
    """Make a SQLite table anew with another DDL and the same rows; Alembic would lose its partial indexes."""
    tx = op.get_bind()
    found = tx.execute(
        sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL"),
        {"table": table},
    ).all()
    ddl = next(row.sql for row in found if row.type == "table")
    tx.exec_driver_sql(
        re.sub(rf'CREATE TABLE "?{table}"?', f"CREATE TABLE {table}_anew", change(ddl), count=1)
    )
    tx.exec_driver_sql(f"INSERT INTO {table}_anew SELECT * FROM {table}")
    tx.exec_driver_sql(f"DROP TABLE {table}")
    tx.exec_driver_sql(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for row in found:
        if row.type == "index":
            tx.exec_driver_sql(row.sql)
