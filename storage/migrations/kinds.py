"""A further kind of message, for the migrations that bring one."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op


def add_kind(word: str) -> None:
    """Let `delivery.kind` hold one more word, after those that there are."""
    tx = op.get_bind()
    if tx.dialect.name == "sqlite":
        _rebuild_delivery(word)
        return
    held = "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
    held += "WHERE conname = 'ck_kind' AND conrelid = 'delivery'::regclass"
    words = [*re.findall(r"'(\w+)'", tx.execute(sa.text(held)).scalar_one()), word]
    op.drop_constraint("ck_kind", "delivery", type_="check")
    op.create_check_constraint("ck_kind", "delivery", f"kind IN ({', '.join(map(repr, words))})")


def _rebuild_delivery(word: str) -> None:
    """Make SQLite's table anew with another DDL and the same rows; Alembic would lose its partial indexes."""
    tx = op.get_bind()
    found = tx.execute(
        sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'delivery' AND sql IS NOT NULL")
    ).all()
    ddl = next(row.sql for row in found if row.type == "table")
    ddl = re.sub(r"(CHECK \(kind IN \([^)]*)", rf"\1, '{word}'", ddl, count=1)
    tx.exec_driver_sql(re.sub(r'CREATE TABLE "?delivery"?', "CREATE TABLE delivery_anew", ddl, count=1))
    tx.exec_driver_sql("INSERT INTO delivery_anew SELECT * FROM delivery")
    tx.exec_driver_sql("DROP TABLE delivery")
    tx.exec_driver_sql("ALTER TABLE delivery_anew RENAME TO delivery")
    for row in found:
        if row.type == "index":
            tx.exec_driver_sql(row.sql)
