"""The CRM of the agreement, reached: one connection for all that goes there and comes from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.agreement.crm import Crm as CrmTable
from bot.agreement.vocabulary import CrmKind
from bot.crm.calling import NOT_PRIVATE
from bot.crm.colleagues import Directory
from bot.crm.hubspot import HubSpot
from bot.crm.mapping import FieldMap
from bot.crm.port import Crm
from bot.crm.salesforce import Salesforce
from bot.events.addresses import fault_of
from bot.events.reaching import setup
from bot.events.signing import BadSecret

Secrets = Callable[[str], str | None]
"""Looks up the environment variable that an agreement names."""


def _hubspot(table: CrmTable, secrets: Secrets) -> Crm:
    token = _secret(table.token_env, secrets, "the access token of the private app")
    return HubSpot(token, table.token_env or "", **({"base": table.url} if table.url else {}))


def _salesforce(table: CrmTable, secrets: Secrets) -> Crm:
    client = (
        _secret(table.client_id_env, secrets, "the connected app's consumer key"),
        _secret(table.client_secret_env, secrets, "the connected app's consumer secret"),
    )
    variables = f"{table.client_id_env} and {table.client_secret_env}"
    return Salesforce(table.url or "", client, table.external_id, variables)


ADAPTERS: Mapping[CrmKind, Callable[[CrmTable, Secrets], Crm]] = {
    CrmKind.HUBSPOT: _hubspot,
    CrmKind.SALESFORCE: _salesforce,
}


@dataclass(frozen=True, slots=True)
class Connection:
    """A CRM that is reached, who and what it has, and in which of its fields Baton says what."""

    table: CrmTable
    crm: Crm
    directory: Directory
    mapping: FieldMap


def connect(table: CrmTable, secrets: Secrets) -> Connection:
    """Reach the CRM of an agreement; nothing is sent yet. Raises BadSecret for what keeps it from that."""
    if table.url is not None and (fault := fault_of(table.url, allow_private=False, remedy=NOT_PRIVATE)):
        raise BadSecret(f"The url of [crm] {fault}")
    crm = ADAPTERS[table.kind](table, secrets)
    return Connection(table, crm, Directory(crm), FieldMap.of(table))


class Connections:
    """The connection for the agreement in force: the same for whoever asks, until it is set up otherwise."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._setup: str | None = None
        self._connection: Connection | None = None

    def to(self, table: CrmTable) -> Connection:
        """The connection to this CRM. Raises BadSecret."""
        wanted = self.setup(table)
        if self._connection is None or self._setup != wanted:
            self._connection, self._setup = connect(table, self._secrets), wanted
        return self._connection

    async def close(self) -> None:
        """Close what was reached, if anything was."""
        if self._connection is not None:
            await self._connection.crm.close()

    def setup(self, table: CrmTable) -> str:
        """What is another once the table or one of its secrets has changed."""
        return setup(table, table.variables, self._secrets)


def _secret(name: str | None, secrets: Secrets, what: str) -> str:
    value = secrets(name or "")
    if not value:
        raise BadSecret(f"{name} is not set. Put {what} into it.")
    return value
