"""In which field of the CRM Baton says what, and in which words: the agreement's, over those of the tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.agreement.crm import Crm as CrmTable
from bot.agreement.vocabulary import CrmKind, CrmSays
from bot.crm.saying import Saying
from bot.leadform.stages import status
from storage.models import Stage, member_of

Words = Mapping[CrmSays, Mapping[str, str]]

_FIELDS: Mapping[CrmKind, Mapping[CrmSays, str]] = {
    CrmKind.HUBSPOT: {CrmSays.OWNER: "hubspot_owner_id", CrmSays.LEAD_STATUS: "hs_lead_status"},
    CrmKind.SALESFORCE: {CrmSays.OWNER: "OwnerId", CrmSays.LEAD_STATUS: "Status"},
}
_STATUSES: Mapping[CrmKind, Mapping[str, str]] = {
    CrmKind.HUBSPOT: {
        Stage.MQL: "OPEN",
        Stage.SAL: "IN_PROGRESS",
        Stage.SQL: "CONNECTED",
        Stage.OPPORTUNITY: "OPEN_DEAL",
        Stage.RECYCLED: "BAD_TIMING",
        Stage.DISQUALIFIED: "UNQUALIFIED",
    },
    CrmKind.SALESFORCE: {
        Stage.MQL: "Open - Not Contacted",
        Stage.SAL: "Working - Contacted",
        Stage.SQL: "Working - Contacted",
        Stage.OPPORTUNITY: "Working - Contacted",
        Stage.DISQUALIFIED: "Closed - Not Converted",
        Stage.RECYCLED: "Closed - Not Converted",
    },
}
"""The fields and lead statuses that the tools ship."""


@dataclass(frozen=True, slots=True)
class FieldMap:
    """The CRM's fields by what Baton says in them, and its words for that."""

    fields: Mapping[CrmSays, str]
    words: Words = field(default_factory=dict)

    @classmethod
    def of(cls, crm: CrmTable) -> FieldMap:
        """What the agreement says, and for the rest what the tool ships."""
        fields = {**_FIELDS[crm.kind], **crm.fields}
        words: dict[CrmSays, Mapping[str, str]] = {CrmSays.LEAD_STATUS: _STATUSES[crm.kind]}
        if crm.fields.get(CrmSays.LEAD_STATUS) not in (None, _FIELDS[crm.kind][CrmSays.LEAD_STATUS]):
            words = {}  # another field has words of its own
        return cls(fields, words | crm.values)

    def put(self, values: Mapping[CrmSays, Saying]) -> dict[str, str]:
        """What Baton says, by the CRM's fields and in its words; what has no field or no word is left out."""
        found = {
            self.fields[says]: self.words.get(says, {}).get(saying.key) or saying.words
            for says, saying in values.items()
            if says in self.fields
        }
        return {name: value for name, value in found.items() if value}

    def stage(self, told: str, now: Stage) -> Stage | None:
        """The stage that a lead status means: the lead's own if it may mean that; None for an unknown one."""
        known = self.words.get(CrmSays.LEAD_STATUS, {})
        meant = [stage for stage, word in known.items() if word.casefold() == told.casefold()]
        if now.value in meant:
            return now
        return next((found for each in meant if (found := member_of(Stage, each))), None) or status(told)
