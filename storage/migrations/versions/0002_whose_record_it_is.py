"""Whose record it is: ids by system, shared mailboxes, what was said before, what was refused."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for step in (_addresses, _aliases, _activities, _columns, _records, _refused, _kinds, _companies):
        step()


def _addresses() -> None:
    """Several people may share a mailbox: an address means no longer one lead."""
    if op.get_context().dialect.name == "sqlite":
        _rebuilt("lead", lambda ddl: ddl.replace("UNIQUE (email_key)", "CHECK (1)"))
    else:
        op.drop_constraint("lead_email_key_key", "lead", type_="unique")
    op.create_index("ix_lead_email_key", "lead", ["email_key"])
    op.create_table(
        "former_address",
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("email_key", "lead_id"),
    )
    op.create_index("ix_former_address_lead_id", "former_address", ["lead_id"])


def _rebuilt(table: str, change: Callable[[str], str]) -> None:
    """Make a SQLite table anew with another DDL and the same rows; Alembic would lose its partial indexes."""
    tx = op.get_bind()
    found = tx.execute(
        sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL"),
        {"table": table},
    ).all()
    ddl = next(row.sql for row in found if row.type == "table")
    new = change(ddl).replace(f"CREATE TABLE {table}", f"CREATE TABLE {table}_anew", 1)
    new = new.replace(", \n\tCHECK (1)", "").replace(",\n\tCHECK (1)", "")
    tx.exec_driver_sql(new)
    tx.exec_driver_sql(f"INSERT INTO {table}_anew SELECT * FROM {table}")
    tx.exec_driver_sql(f"DROP TABLE {table}")
    tx.exec_driver_sql(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for row in found:
        if row.type == "index":
            tx.exec_driver_sql(row.sql)


def _aliases() -> None:
    """An id belongs to a system; those that are known already came before systems had names."""
    op.execute("CREATE TABLE lead_alias_before AS SELECT external_id, lead_id FROM lead_alias")
    op.drop_table("lead_alias")
    op.create_table(
        "lead_alias",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("system", "external_id"),
    )
    op.execute(
        "INSERT INTO lead_alias (system, external_id, lead_id) "
        "SELECT 'default', external_id, lead_id FROM lead_alias_before"
    )
    op.drop_table("lead_alias_before")
    op.create_index("ix_lead_alias_lead_id", "lead_alias", ["lead_id"])
    op.create_index("ix_lead_alias_external_id", "lead_alias", ["external_id"])


def _activities() -> None:
    op.add_column("activity", sa.Column("key", sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column("activity", _flag("dated", "true"))
    op.add_column("activity", _flag("summary", "false"))
    op.add_column("activity", _flag("automated", "false"))
    op.add_column("activity", sa.Column("by", sa.String()))
    op.add_column("activity", sa.Column("system", sa.String()))
    moment = (  # as `leadform.activity_key` writes it
        "strftime('%Y-%m-%dT%H:%M:%S.', at) || substr(at || '.000000', instr(at || '.000000', '.') + 1, 6)"
        if op.get_context().dialect.name == "sqlite"
        else "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
    )
    op.execute(f"UPDATE activity SET key = type || '@' || {moment} || 'Z'")
    op.drop_index("uq_activity", "activity")
    op.create_index("uq_activity", "activity", ["lead_id", "key"], unique=True)
    op.create_index("ix_activity_at", "activity", ["lead_id", "at"])


def _flag(name: str, default: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text(default), nullable=False)


def _columns() -> None:
    op.add_column("handoff", sa.Column("raised_at", MOMENT))
    op.add_column("handoff", sa.Column("raised_why", sa.String()))
    for name in ("phone_key", "linkedin_url", "origin"):
        op.add_column("lead", sa.Column(name, sa.String()))
    op.add_column("lead", sa.Column("told_at", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column(
        "lead", sa.Column("names_before", sa.JSON(), server_default=sa.text("'[]'"), nullable=False)
    )
    op.create_index("ix_lead_phone_key", "lead", ["phone_key"])


def _records() -> None:
    op.create_table(
        "lead_record",
        sa.Column("id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uq_lead_record", "lead_record", ["lead_id", "digest"], unique=True)


def _refused() -> None:
    op.create_table(
        "refused",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("lead_id", ID),
        sa.Column("email_key", sa.String()),
        sa.Column("body", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("trace", sa.String(), nullable=False),
        sa.CheckConstraint("cause IN ('identity', 'nobody', 'fields', 'shape', 'test')", name="ck_cause"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_refused_at", "refused", ["at"])
    op.create_index("ix_refused_email_key", "refused", ["email_key"])
    op.create_index("ix_refused_lead_id", "refused", ["lead_id"])


def _kinds() -> None:
    """One more kind of message: the owner hears that an existing customer raised a hand."""
    if op.get_context().dialect.name == "sqlite":
        _rebuilt(
            "delivery",
            lambda ddl: ddl.replace("'rejection', 'unrouted'", "'rejection', 'customer', 'unrouted'"),
        )
        return
    kinds = (
        *("card", "list", "history", "rejection", "customer", "unrouted", "parked", "nag", "home"),
        *("answer", "report", "detail"),
    )
    op.drop_constraint("ck_kind", "delivery", type_="check")
    op.create_check_constraint("ck_kind", "delivery", f"kind IN ({', '.join(map(repr, kinds))})")


def _companies() -> None:
    """A company is known by its registrable domain from now on: emea.acme.com is acme.com."""
    from publicsuffixlist import PublicSuffixList

    suffixes, tx = PublicSuffixList(), op.get_bind()
    hosts = tx.execute(
        sa.text("SELECT DISTINCT company_domain FROM lead WHERE company_domain IS NOT NULL")
    ).scalars()
    changed = [(host, domain) for host in hosts if (domain := suffixes.privatesuffix(host)) != host]
    for host, domain in changed:
        tx.execute(
            sa.text("UPDATE lead SET company_domain = :domain WHERE company_domain = :host"),
            {"domain": domain, "host": host},
        )
