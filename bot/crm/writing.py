"""One lead's part in a write: what is to be said in which field, and what cannot be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.agreement.vocabulary import CrmSays
from bot.crm.colleagues import Colleagues
from bot.crm.differences import Conflict, Known
from bot.crm.mapping import FieldMap
from bot.crm.port import Record
from bot.crm.saying import Said, Saying
from storage.models import CrmLink


@dataclass(frozen=True, slots=True)
class Fit:
    """Values by the CRM's fields, as it takes them; and what it would not take, in words."""

    values: dict[str, str]
    troubles: tuple[str, ...] = ()


def fitted(title: str, mapping: FieldMap, said: Mapping[CrmSays, Saying], known: Colleagues) -> Fit:
    """What is said of a lead as the CRM takes it: owners by id, and only into fields that it has."""
    values = mapping.put(said)
    troubles: list[str] = []
    owner_field = mapping.fields.get(CrmSays.OWNER)
    if owner_field in values:
        email = values.pop(owner_field)
        owner = known.owner_of(email)
        if owner is not None and owner.active:
            values[owner_field] = owner.id
        elif owner is not None:
            troubles.append(f"{email} is inactive in {title}, so the owner was not set")
    for name in list(values):
        if (fault := _misfit(title, name, values[name], known)) is not None:
            troubles.append(fault)
            del values[name]
        elif (longest := known.fields[name].longest) and len(values[name]) > longest:
            values[name] = f"{values[name][: longest - 1]}…"  # else it refuses the record with all its fields
    return Fit(values, tuple(troubles))


def _misfit(title: str, name: str, value: str, known: Colleagues) -> str | None:
    field = known.fields.get(name)
    if field is None:
        return f"{title} has no field {name}; make it there, or change [crm.fields]"
    if not field.writable:
        return f"{title}'s field {name} cannot be written; choose another in [crm.fields]"
    if field.options and value not in field.options:
        return f"{title}'s field {name} does not take “{value}”; add it there, or change [crm.values]"
    return None


def known_of(link: CrmLink | None, record: str | None = None) -> Known:
    """What is remembered of a lead's record; nothing of one that it was merged into by now."""
    if link is None or record not in (None, link.record):
        return Known()
    conflicts = {name: Conflict(*both) for name, both in link.conflicts.items()}
    return Known(link.seen, link.sent, link.intended, conflicts)


def chosen(title: str, said: Said, link: CrmLink | None, found: list[Record]) -> Record | str | None:
    """The record that is the lead's; in words why there is none; None where one may be made."""
    different = {each.id: each for each in found}
    if len(different) > 1:
        ids = " and ".join(sorted(different))
        return f"{title} has several records for lead #{said.person.lead_id}: {ids}. Merge them there"
    if different:
        return next(iter(different.values()))
    if link is not None or said.records:
        gone = link.record if link is not None else said.records[0]
        return f"{title}'s record {gone} for lead #{said.person.lead_id} is gone. Restore it there"
    if not said.person.email:
        return f"Lead #{said.person.lead_id} has no e-mail address to be found by in {title}"
    return None
