"""A lead's record is one of a certain CRM, and a lead may have one in each that was ever worked with.

What there was is of the kind that its id is of: HubSpot's are numbers, Salesforce's have letters.
"""

import tomllib

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOTHING = sa.text("'{}'")
COLUMNS = "lead_id, record, seen, sent, intended, conflicts, trouble, changed_at"


def upgrade() -> None:
    op.execute(f"CREATE TABLE crm_link_before AS SELECT {COLUMNS} FROM crm_link")
    op.drop_table("crm_link")
    op.create_table(
        "crm_link",
        sa.Column("lead_id", ID, autoincrement=False, nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("seen", sa.JSON(), server_default=NOTHING, nullable=False),
        sa.Column("sent", sa.JSON(), server_default=NOTHING, nullable=False),
        sa.Column("intended", sa.JSON(), server_default=NOTHING, nullable=False),
        sa.Column("conflicts", sa.JSON(), server_default=NOTHING, nullable=False),
        sa.Column("trouble", sa.String()),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("lead_id", "system"),
    )
    op.create_index("ix_crm_link_record", "crm_link", ["system", "record"])
    troubled = sa.text("trouble IS NOT NULL")
    op.create_index(
        "ix_crm_link_trouble", "crm_link", ["lead_id"], sqlite_where=troubled, postgresql_where=troubled
    )
    _copy()
    op.drop_table("crm_link_before")


def _copy() -> None:
    names = {"hubspot": "hubspot", "salesforce": "salesforce"}
    if (kind := _kind_and_system()) is not None:
        names[kind[0]] = "/".join(kind)
    of_hubspot = (
        "record NOT GLOB '*[^0-9]*'" if op.get_bind().dialect.name == "sqlite" else "record ~ '^[0-9]+$'"
    )
    copy = sa.text(
        f"INSERT INTO crm_link (system, {COLUMNS}) SELECT"
        f" CASE WHEN {of_hubspot} THEN CAST(:hubspot AS text)"
        f" ELSE CAST(:salesforce AS text) END, {COLUMNS} FROM crm_link_before"
    )
    op.get_bind().execute(copy, names)
    rename = sa.text("UPDATE crm_feed SET name = :name || substr(name, :rest) WHERE name LIKE :begins")
    for before, name in names.items():
        if name != before:
            values = {"name": name, "rest": len(before) + 1, "begins": f"{before} %"}
            op.get_bind().execute(rename, values)


def _kind_and_system() -> tuple[str, str] | None:
    """The CRM of the agreement in force, where it says how its ids are called here."""
    newest = sa.text("SELECT text FROM agreement_version ORDER BY id DESC LIMIT 1")
    try:
        crm = tomllib.loads(op.get_bind().execute(newest).scalar_one_or_none() or "").get("crm", {})
    except tomllib.TOMLDecodeError:
        return None
    kind, system = str(crm.get("kind")), str(crm.get("system", crm.get("kind")))
    return (kind, system) if kind in ("hubspot", "salesforce") and system != kind else None
