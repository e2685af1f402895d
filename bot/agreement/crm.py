"""The CRM that Baton works with: how it is reached, and which of its fields hold what Baton says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from bot.agreement.durations import Duration
from bot.agreement.fields import Flag, Frozen, Text, Variable, WebAddress
from bot.agreement.intake import SourceName
from bot.agreement.vocabulary import CrmKind, CrmSays
from storage.models import member_of

FieldName = Annotated[Text, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,99}$")]

NAME: Final = "crm"
"""The name of the CRM among the tools that hear of events."""


class Crm(Frozen):
    """One CRM. `system` is the name under which its ids are known here: the kind's, unless it says.

    HubSpot is reached with the token in `token_env`; Salesforce at `url` with a client's id and secret, and
    knows Baton's leads by the field `external_id`. `poll` is how often it is asked what changed there.
    `create` makes a record of a lead that it does not have. `fields` are its fields by what Baton says in
    them, `values` its words for what Baton says.
    """

    kind: CrmKind
    token_env: Variable | None = None
    url: WebAddress | None = None
    client_id_env: Variable | None = None
    client_secret_env: Variable | None = None
    external_id: FieldName = "Baton_Id__c"
    system: SourceName | None = None
    poll: Duration = Duration(1, "m")
    create: Flag = True
    fields: dict[CrmSays, FieldName] = Field(default_factory=dict)
    values: dict[CrmSays, dict[Text, Text]] = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name among the tools that hear of events."""
        return NAME

    @property
    def events(self) -> tuple[str, ...]:
        """It hears of all that happens to a lead."""
        return ("lead.*",)

    @property
    def teams(self) -> tuple[str, ...]:
        """Of every team's leads."""
        return ()

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the environment that hold its secrets."""
        return tuple(filter(None, (self.token_env, self.client_id_env, self.client_secret_env)))

    @property
    def ids_of(self) -> str:
        """The system of its ids."""
        return self.system or self.kind.value

    @property
    def account(self) -> str:
        """The CRM that its ids are of: another kind, or another `system`, is another one."""
        kind = self.kind.value
        return kind if self.ids_of == kind else f"{kind}/{self.ids_of}"


_NEEDS: Mapping[CrmKind, Mapping[str, str]] = {
    CrmKind.HUBSPOT: {"token_env": 'token_env = "HUBSPOT_TOKEN"'},
    CrmKind.SALESFORCE: {
        "url": 'url = "https://acme.my.salesforce.com"',
        "client_id_env": 'client_id_env = "SALESFORCE_CLIENT_ID"',
        "client_secret_env": 'client_secret_env = "SALESFORCE_CLIENT_SECRET"',
    },
}
_OWN: Mapping[CrmKind, frozenset[str]] = {
    CrmKind.HUBSPOT: frozenset(("token_env",)),
    CrmKind.SALESFORCE: frozenset(("client_id_env", "client_secret_env", "external_id")),
}


def faults_of_crm(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What does not fit together in `[crm]`: the key, and what to do about it."""
    kind = member_of(CrmKind, table.get("kind"))
    if kind is None:  # the model tells of it
        return
    for key, sample in _NEEDS[kind].items():
        if key not in table:
            yield key, f"is missing, and {kind.value} needs it; add {sample}"
    for other, keys in _OWN.items():
        for key in sorted(keys & table.keys()):
            if other is not kind and key not in _OWN[kind]:
                yield key, f'only goes with kind = "{other}"; take it out, or change kind'
