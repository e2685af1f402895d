"""What `check` says of the CRM: whether it is reached, and what is missing there, with where to set it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from sqlalchemy import Connection

from bot.agreement import Agreement
from bot.agreement.crm import Crm as CrmTable
from bot.agreement.vocabulary import CrmSays
from bot.crm.accounts import known_account, other_account
from bot.crm.colleagues import Colleagues
from bot.crm.connection import Connection as CrmConnection
from bot.crm.connection import connect
from bot.crm.port import CrmTrouble
from bot.events.signing import BadSecret
from bot.setup.findings import Finding
from bot.views.text import plural
from storage import people

WHAT = "crm"


def addresses_of(tx: Connection, agreement: Agreement) -> dict[str, str | None]:
    """The e-mail address of each rep, as Slack tells it; None where nobody knows it yet."""
    users = list(dict.fromkeys(rep.user for team in agreement.teams for rep in team.reps))
    known = people.among(tx, users)
    return {user: known[user].email if user in known else None for user in users}


def account_of(tx: Connection, agreement: Agreement) -> str | None:
    """The account of the CRM whose ids are known here, if there are any."""
    return known_account(tx, agreement.crm) if agreement.crm is not None else None


async def crm_findings(
    table: CrmTable,
    secrets: Callable[[str], str | None],
    addresses: Mapping[str, str | None],
    account: str | None = None,
) -> AsyncIterator[Finding]:
    """Look at everything that the CRM must have. Writes nothing there.

    `addresses` are those of the reps, `account` is the one whose ids are known here.
    """
    try:
        connection = connect(table, secrets)
    except BadSecret as error:
        yield Finding.fault(WHAT, str(error))
        return
    try:
        lacks = await connection.crm.lacks()
        for each in lacks:
            yield Finding.fault(WHAT, each)
        mine = await connection.crm.account()
        known = await connection.directory.known()
    except CrmTrouble as trouble:
        yield Finding.fault(WHAT, f"{trouble.why}.")
        return
    finally:
        await connection.crm.close()
    faults = [*_other_account(connection, account, mine), *_fields(connection, known)]
    for finding in (*faults, *_untold(connection, mine), *_owners(connection, known, addresses)):
        yield finding
    if not lacks and not faults:
        fields = plural(len(connection.mapping.fields), "field")
        title = connection.crm.title if mine is None else f"{connection.crm.title} account {mine}"
        yield Finding.well(WHAT, f"{title} was reached, and has {fields} for what Baton writes")


def _other_account(connection: CrmConnection, account: str | None, mine: str | None) -> Iterator[Finding]:
    if None not in (account, mine) and account != mine:
        says = other_account(connection.crm.title, connection.table, str(account), str(mine))
        yield Finding.fault(WHAT, f"{says}.")


def _untold(connection: CrmConnection, mine: str | None) -> Iterator[Finding]:
    if mine is None:
        says = f"{connection.crm.title} does not tell which account it is, so another one would go unnoticed."
        yield Finding.warning(WHAT, f"{says} {connection.crm.to_tell_account}")


def _fields(connection: CrmConnection, known: Colleagues) -> Iterator[Finding]:
    crm, mapping = connection.crm, connection.mapping
    for says, name in mapping.fields.items():
        field = known.fields.get(name)
        if field is None:
            yield Finding.fault(
                f"crm.fields.{says}", f"{crm.title} has no field {name}; make it {crm.where_fields}."
            )
            continue
        if not field.writable:
            yield Finding.fault(f"crm.fields.{says}", f"{name} cannot be written; choose another field.")
        for key, word in mapping.words.get(says, {}).items():
            if field.options and word not in field.options:
                options = ", ".join(field.options[:12])
                says_so = f"{crm.title}'s {name} has no value “{word}”; it has {options}."
                yield Finding.fault(f"crm.values.{says}.{key}", says_so)


def _owners(
    connection: CrmConnection, known: Colleagues, addresses: Mapping[str, str | None]
) -> Iterator[Finding]:
    if CrmSays.OWNER not in connection.mapping.fields:
        return
    title = connection.crm.title
    for user, email in addresses.items():
        owner = known.owner_of(email) if email else None
        if email and owner is None:
            yield Finding.warning(
                WHAT, f"{email} ({user}) is not a user in {title}; the note on each record says who acted."
            )
        elif owner is not None and not owner.active:
            yield Finding.warning(
                WHAT, f"{email} ({user}) is inactive in {title}; no record is assigned to them there."
            )
