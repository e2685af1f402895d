"""Which account of a CRM the ids known here are of: in another one they are other people's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection as Transaction

from bot.agreement.crm import Crm as CrmTable
from bot.crm.connection import Connection
from bot.crm.port import CrmTrouble
from storage import crm as storage
from storage.database import Database


async def require_same_account(connection: Connection, database: Database, now: datetime) -> None:
    """Raises CrmTrouble where another account is reached than the one whose ids are known here.

    The first that is reached is the one. A CRM that does not tell its account is taken for the same.
    """
    mine = await connection.crm.account()
    if mine is None:
        return
    table = connection.table
    known = await database.read(storage.account, table.account)
    if known != mine:
        known = await database.write(_settled, table, mine, now)
    if known != mine:
        raise CrmTrouble(other_account(connection.crm.title, table, known, mine))


def known_account(tx: Transaction, table: CrmTable) -> str | None:
    """The account whose ids are known here; None while no ids are, or nobody knows whose."""
    known = storage.account(tx, table.account)
    return known if known is not None and storage.has_ids(tx, table.account, table.ids_of) else None


def other_account(title: str, table: CrmTable, known: str, mine: str) -> str:
    """What is wrong where `mine` is reached and the ids are those of `known`, and both ways out."""
    name = f"{table.kind.value}-{mine}".lower()
    return (
        f"This is {title} account {mine}, and the ids known here are of account {known}. Connect {known} "
        f'again, or set system = "{name}" in [crm] to find each lead anew by e-mail'
    )


def _settled(tx: Transaction, table: CrmTable, mine: str, now: datetime) -> str:
    """The account whose ids these are from now on: another one only while there are none."""
    known = known_account(tx, table)
    return known if known is not None else storage.keep_account(tx, table.account, mine, now)
