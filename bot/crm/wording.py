"""How a field that both sides changed is put into words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.agreement.vocabulary import CrmSays
from bot.crm.colleagues import Colleagues
from bot.crm.differences import Conflict
from bot.crm.mapping import FieldMap


@dataclass(frozen=True, slots=True)
class Wording:
    """What the CRM and its fields are called, and whose ids stand in the owner's field."""

    title: str
    names: Mapping[str, str]
    owner_field: str | None
    owners: Mapping[str, str]

    @classmethod
    def of(cls, title: str, mapping: FieldMap, known: Colleagues) -> Wording:
        """The words for one CRM."""
        names = {name: says.value.replace("_", " ") for says, name in mapping.fields.items()}
        owners = {each.id: each.name for each in known.by_id.values()}
        return cls(title, names, mapping.fields.get(CrmSays.OWNER), owners)

    def words(self, name: str, conflict: Conflict) -> str:
        """The field and both values."""
        theirs, ours = self._value(name, conflict.theirs), self._value(name, conflict.ours)
        return f"{self.names.get(name, name)}: {theirs} in {self.title}, {ours} here"

    def _value(self, name: str, value: str | None) -> str:
        if not value:
            return "nothing"
        return f"“{self.owners.get(value, value) if name == self.owner_field else value}”"
