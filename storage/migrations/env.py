"""Run by Alembic inside a transaction that the caller has opened: what to compare, and how to write."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import BigInteger
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from storage import models
from storage.models.columns import Words

assert models.leads.metadata is SQLModel.metadata  # the import has filled it


def render(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Types as a revision writes them: without SQLModel, so that an old revision outlives it."""
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return "sa.String()"
    if isinstance(item, Words):
        return "sa.Text()"
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, BigInteger) and item._variant_mapping:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    compare_server_default=True,
    render_item=render,
)
context.run_migrations()
