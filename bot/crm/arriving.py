"""What changed in the CRM takes effect here, by the use cases that the API has too.

What Baton wrote itself comes back and does nothing. What cannot be followed is a conflict: shown, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.agreement.book import named_in
from bot.agreement.vocabulary import CrmSays
from bot.context import Context
from bot.crm.colleagues import Colleagues
from bot.crm.differences import Conflict, Known, changed_there
from bot.crm.mapping import FieldMap
from bot.crm.port import Contact, Record, same
from bot.crm.saying import Saying
from bot.crm.wording import Wording
from bot.crm.writing import known_of
from bot.handoffs import crm, note_activity
from bot.handoffs.conflict import tell_conflict
from bot.handoffs.owners import owner_named
from bot.leadform import CRM_STAGES, ActivityForm, LeadForm
from storage import crm as storage
from storage import leads
from storage.models import CrmLink, Lead
from storage.models.upkeep import CrmLinkValues


@dataclass(frozen=True, slots=True)
class Tellers:
    """What is known of the CRM that tells: whose ids it has, what its fields mean, and who its users are."""

    system: str
    account: str
    mapping: FieldMap
    known: Colleagues
    words: Wording


def records_arrive(tx: Connection, ctx: Context, tellers: Tellers, records: Sequence[Record]) -> int:
    """Follow what changed in the records of leads that Baton knows; gives of how many."""
    links = storage.of_records(tx, tellers.account, [each.id for each in records])
    count = 0
    for record in records:
        link = links.get(record.id)
        lead = leads.get(tx, leads.survivor(tx, link.lead_id)) if link is not None else None
        if link is not None and lead is not None and lead.forgotten_at is None:
            count += _follow(tx, ctx, tellers, link, lead, record)
    return count


def contacts_arrive(tx: Connection, ctx: Context, tellers: Tellers, contacts: Sequence[Contact]) -> int:
    """Note meetings and calls as contact with their leads; gives how many were new."""
    links = storage.of_records(tx, tellers.account, [each.record for each in contacts])
    count = 0
    for each in contacts:
        link = links.get(each.record)
        known = leads.by_external_id(tx, each.record, tellers.system) if link is None else {}
        lead_id = link.lead_id if link is not None else known.get(tellers.system)
        lead = leads.get(tx, leads.survivor(tx, lead_id)) if lead_id is not None else None
        if lead is not None and lead.forgotten_at is None:
            activity = ActivityForm(type=each.touch.value, at=each.at, detail=each.detail, by=each.by)
            count += note_activity(tx, ctx, lead.id, activity).created
    return count


def _follow(
    tx: Connection, ctx: Context, tellers: Tellers, link: CrmLink, lead: Lead, record: Record
) -> bool:
    before = known_of(link)
    changed = changed_there(before, record.fields)
    seen, sent, conflicts = dict(before.seen), dict(before.sent), dict(before.conflicts)
    for says, name in tellers.mapping.fields.items():
        if name not in changed or says not in FOLLOWED:
            continue
        theirs = changed[name]
        followed, ours = FOLLOWED[says](tx, ctx, tellers, lead, theirs)
        seen[name] = theirs
        if ours is not None:
            sent[name] = ours
        if followed:
            conflicts.pop(name, None)
        else:
            conflicts[name] = Conflict(ours or before.sent.get(name), theirs)
            _tell(tx, ctx, tellers, lead.id, name, conflicts[name], before)
    if record.stage is not None and record.stage != lead.stage:
        crm.follow(tx, ctx, lead.id, LeadForm(stage=record.stage), fresh=False)
    if (seen, sent, conflicts) == (before.seen, before.sent, before.conflicts):
        return False
    kept = {name: [each.ours, each.theirs] for name, each in conflicts.items()}
    values: CrmLinkValues = {"seen": seen, "sent": sent, "conflicts": kept, "changed_at": ctx.now}
    storage.change(tx, link.system, link.lead_id, values)
    return True


def _tell(
    tx: Connection,
    ctx: Context,
    tellers: Tellers,
    lead_id: int,
    name: str,
    conflict: Conflict,
    before: Known,
) -> None:
    known = before.conflicts.get(name)
    if known is None or not same(known.theirs, conflict.theirs):
        tell_conflict(tx, ctx, lead_id, tellers.words.words(name, conflict))


def _status(
    tx: Connection, ctx: Context, tellers: Tellers, lead: Lead, theirs: str | None
) -> tuple[bool, str | None]:
    """Move the lead to the stage that a status means; whether it is there now, and our word for its stage."""
    stage = tellers.mapping.stage(theirs, lead.stage) if theirs else None
    if stage in CRM_STAGES and stage != lead.stage:
        crm.follow(tx, ctx, lead.id, LeadForm(stage=stage), fresh=False)
    now = leads.get(tx, lead.id) or lead
    says = {CrmSays.LEAD_STATUS: Saying(now.stage.value, "")}
    ours = tellers.mapping.put(says).get(tellers.mapping.fields[CrmSays.LEAD_STATUS])
    return stage == now.stage, ours


def _owner(
    tx: Connection, ctx: Context, tellers: Tellers, lead: Lead, theirs: str | None
) -> tuple[bool, str | None]:
    """Give the lead to whoever owns it there; whether they have it now."""
    owner = tellers.known.by_id.get(theirs or "")
    if owner is not None:
        leads.change(tx, lead.id, {"crm_owner": f"{owner.name} ({owner.email})", "updated_at": ctx.now})
    users, _ = named_in(ctx.book.current)
    user = owner_named(tx, users, owner.email) if owner is not None else None
    followed = crm.hand_over(tx, ctx, lead.id, user)
    return followed, theirs if followed else None


FOLLOWED: Mapping[
    CrmSays, Callable[[Connection, Context, Tellers, Lead, str | None], tuple[bool, str | None]]
] = {
    CrmSays.LEAD_STATUS: _status,
    CrmSays.OWNER: _owner,
}
"""What somebody may decide in the CRM: whether Baton followed, and what it says of it now."""
