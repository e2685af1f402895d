"""Marketing answers a rejection: it agrees, corrects the lead and sends it in again, or contests it.

A contested rejection is the manager's to rule on. What comes of an answer is shown where it was told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import InvalidInput, LeadNotFound, NotPossible, Obstacle
from bot.handoffs import commitments, posts, returning
from bot.handoffs.hand_off import Again, who_knows
from bot.handoffs.lead_changes import correct_identity
from bot.handoffs.shared import Decided, before, lock, record_and_announce, require_locked
from bot.leadform import LeadFaults, read_lead, to_columns
from bot.leadform.mailboxes import is_shared_mailbox
from bot.lookups.history import BEFORE
from bot.lookups.strays import successor
from bot.rules.in_charge import in_charge
from bot.rules.roles import Permission, require
from storage import disputes, handoffs, leads
from storage.handoffs import LockedHandoff
from storage.models import Answer, ClockKind, DeliveryKind, EventKind, Handoff, HandoffState, Ruling
from storage.models.details import Detail
from storage.models.values import DisputeValues, changes
from storage.outbox import caused
from storage.outbox import posts as outbox
from storage.outbox.posts import Rank


@dataclass(frozen=True, slots=True)
class Agree:
    """Marketing takes the rejection as it is."""

    handoff_id: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Resubmit:
    """Marketing corrects fields of the lead, by name and as text, and sends it in again."""

    handoff_id: int
    corrections: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Contest:
    """Marketing says why the rejection is wrong; the manager rules."""

    handoff_id: int
    argument: str


@dataclass(frozen=True, slots=True)
class Rule:
    """The manager rules on a rejection that is contested."""

    handoff_id: int
    ruling: Ruling


def agree(tx: Connection, ctx: Context, command: Agree) -> Decided:
    """Leave it at the rejection. Raises HandoffNotFound, NotAllowed or NotPossible."""
    found = _to_answer(tx, ctx, command.handoff_id)
    if _said_before(tx, ctx, found, Answer.AGREED):
        return Decided(found.id, found.lead_id, again=True)
    _answer(tx, ctx, found, Answer.AGREED, command.note, again_id=None)
    return Decided(found.id, found.lead_id)


def resubmit(tx: Connection, ctx: Context, command: Resubmit) -> Decided:
    """Correct the lead and hand it off again, as a new handoff that says so.

    Raises HandoffNotFound, NotAllowed, NotPossible where the lead has gone on since or no team matches it,
    or InvalidInput naming the fields.
    """
    found = _to_answer(tx, ctx, command.handoff_id)
    if _said_before(tx, ctx, found, Answer.RESUBMITTED):
        return Decided(found.id, found.lead_id, again=True)
    returning.require_present(tx, found)
    changed = correct(tx, ctx, found.lead_id, command.corrections)
    words = f"Fixed and resubmitted: {', '.join(changed)}"
    again_id = returning.hand_off_again(tx, ctx, found, Again(words, knows=who_knows(found)))
    _answer(tx, ctx, found, Answer.RESUBMITTED, command.note, again_id=again_id, corrected=changed)
    return Decided(found.id, found.lead_id)


def contest(tx: Connection, ctx: Context, command: Contest) -> Decided:
    """Ask the manager to rule. Raises HandoffNotFound, NotAllowed, NotPossible or InvalidInput."""
    found = _to_answer(tx, ctx, command.handoff_id)
    if _said_before(tx, ctx, found, Answer.CONTESTED):
        return Decided(found.id, found.lead_id, again=True)
    argument = command.argument.strip()
    if not argument:
        raise InvalidInput({"argument": "Why should it be overturned? One or two sentences for the manager."})
    _answer(tx, ctx, found, Answer.CONTESTED, argument, again_id=None)
    for judge in _judges(tx, ctx, found.team):
        _ask(tx, ctx, found, judge)
    return Decided(found.id, found.lead_id)


def ask_who_decides(tx: Connection, ctx: Context, _command: None = None) -> int:
    """Ask who decides now about each contested rejection: who did as it was contested may be away, or decide
    for the team no more. Nobody is asked twice. Gives how many were asked."""
    asked = 0
    for handoff_id in disputes.undecided(tx):
        found = handoffs.get(tx, handoff_id)
        if found is None or not _unasked(tx, ctx, found):
            continue
        handoffs.lock(tx, handoff_id)  # another Baton may be asking
        for judge in _unasked(tx, ctx, found):
            _ask(tx, ctx, found, judge)
            asked += 1
    return asked


def _unasked(tx: Connection, ctx: Context, found: Handoff) -> list[str]:
    told = {message.place for message in caused.about(tx, found.id, DeliveryKind.ANSWER)}
    return [judge for judge in _judges(tx, ctx, found.team) if judge not in told]


def _ask(tx: Connection, ctx: Context, found: Handoff, judge: str) -> None:
    outbox.post(
        tx,
        ctx.stamp,
        DeliveryKind.ANSWER,
        place=judge,
        rank=Rank.CLICK,
        lead_id=found.lead_id,
        handoff_id=found.id,
    )


def rule(tx: Connection, ctx: Context, command: Rule) -> Decided:
    """Let the rejection stand, or hand the lead off again: to the team, but not to who rejected it.

    A lead that came again by itself meanwhile is not handed off twice. Raises HandoffNotFound, NotAllowed or
    NotPossible.
    """
    found = lock(tx, ctx, command.handoff_id, Permission.RULE)
    dispute = disputes.of_handoff(tx, found.id)
    if dispute is None or dispute.answer != Answer.CONTESTED:
        raise NotPossible(Obstacle.NOT_CONTESTED)
    if dispute.ruling is not None:
        if (dispute.ruling, dispute.ruled_by) == (command.ruling, ctx.actor):
            return Decided(found.id, found.lead_id, again=True)
        raise NotPossible(Obstacle.RULED, dispute.ruled_by, dispute.ruled_at)
    again_id, was = None, before(tx, found)
    if command.ruling is Ruling.OVERTURNED and returning.is_present(tx, found):
        team = successor(ctx.book, found.team)
        rejecter = (found.rejected_by,) if found.rejected_by else ()
        again = Again("The rejection was overturned", team, barred=rejecter)
        again_id = returning.hand_off_again(tx, ctx, found, again)
    disputes.rule(tx, found.id, ruling=command.ruling, by=ctx.actor, at=ctx.now, again_id=again_id)
    _tell(tx, ctx, found, RULING_EVENTS[command.ruling], {"owner": dispute.by, BEFORE: was})
    return Decided(found.id, found.lead_id)


def _to_answer(tx: Connection, ctx: Context, handoff_id: int) -> LockedHandoff:
    """The rejected handoff, locked, if the actor may answer for marketing or for its campaign."""
    found = require_locked(tx, handoff_id)
    require_answerer(ctx, found)
    if found.state != HandoffState.REJECTED:
        raise NotPossible(Obstacle.NOT_REJECTED)
    return found


def require_answerer(ctx: Context, found: Handoff) -> None:
    """Let pass marketing, and whoever owns the campaign. Raises NotAllowed."""
    campaign = ctx.book.current.campaign(found.campaign)
    if campaign is None or campaign.owner != ctx.actor:
        require(ctx.book, ctx.actor, Permission.DISPUTE, ctx.book.current.team(found.team))


def _said_before(tx: Connection, ctx: Context, found: LockedHandoff, answer: Answer) -> bool:
    """Whether this person gave this answer. Raises NotPossible where there is another one."""
    known = disputes.of_handoff(tx, found.id)
    if known is None:
        return False
    if (known.answer, known.by) == (answer, ctx.actor):
        return True
    raise NotPossible(Obstacle.ANSWERED, known.by, known.at)


def _answer(
    tx: Connection,
    ctx: Context,
    found: LockedHandoff,
    answer: Answer,
    argument: str | None,
    *,
    again_id: int | None,
    corrected: tuple[str, ...] = (),
) -> None:
    commitments.meet_clock(tx, ctx, found, ClockKind.ANSWER)
    said = (argument or "").strip() or None
    values: DisputeValues = {"handoff_id": found.id, "answer": answer, "argument": said, "again_id": again_id}
    disputes.add(tx, {**values, "by": ctx.actor, "at": ctx.now})
    detail: Detail = {"note": said}
    if corrected:
        detail["corrected"] = list(corrected)
    _tell(tx, ctx, found, ANSWER_EVENTS[answer], detail)


def _tell(tx: Connection, ctx: Context, found: LockedHandoff, kind: EventKind, detail: Detail) -> None:
    """Write it down, and show it on the card, in marketing's notice and in the manager's message."""
    record_and_announce(tx, ctx, found, kind, detail)
    for message in caused.about(tx, found.id, DeliveryKind.REJECTION, DeliveryKind.ANSWER):
        outbox.rewrite(tx, ctx.stamp, message, rank=Rank.CLICK)
        if message.kind == DeliveryKind.REJECTION and kind in RULING_EVENTS.values():
            posts.tell_beneath(tx, ctx, message, kind, detail)


ANSWER_EVENTS: Mapping[Answer, EventKind] = {
    Answer.AGREED: EventKind.AGREED,
    Answer.RESUBMITTED: EventKind.RESUBMITTED,
    Answer.CONTESTED: EventKind.CONTESTED,
}
RULING_EVENTS: Mapping[Ruling, EventKind] = {
    Ruling.UPHELD: EventKind.UPHELD,
    Ruling.OVERTURNED: EventKind.OVERTURNED,
}


def _judges(tx: Connection, ctx: Context, name: str) -> tuple[str, ...]:
    """Who decides for the team of this name, or that had it; of one that is gone the admins."""
    team = successor(ctx.book, name)
    if team is not None:
        return in_charge(tx, ctx.book, team, ctx.now)
    return tuple(sorted(ctx.book.people_in(ctx.book.current.roles.admins)))


FIELDS = {
    "email": "E-mail address",
    "phone": "Phone number",
    "title": "Job title",
    "company": "Company",
    "employees": "Employees",
    "industry": "Industry",
    "country": "Country",
}
"""What can be corrected, and what people call it."""


def correct(tx: Connection, ctx: Context, lead_id: int, corrections: Mapping[str, str]) -> tuple[str, ...]:
    """Set the fields that are different, and give their names as people call them. Empty ones change nothing.

    Raises InvalidInput with every fault at its field, and where nothing is different.
    """
    lead = leads.get(tx, lead_id, lock=True)
    if lead is None:
        raise LeadNotFound(f"#{lead_id}")
    told = {name: text for name, text in corrections.items() if name in FIELDS and text.strip()}
    try:
        form = read_lead({"external_id": str(lead_id), **told}, now=ctx.now)  # so that no address is needed
    except LeadFaults as bad:
        raise InvalidInput({fault.field: f"This {fault.message}." for fault in bad.faults}) from bad
    columns = to_columns(form)
    columns.pop("extra", None)
    different = changes(lead, columns)
    changed = tuple(FIELDS[name] for name in FIELDS if name in different)
    if not changed:
        raise InvalidInput({"email": "Nothing has changed yet. Correct a field, or contest the rejection."})
    key = different.get("email_key")
    if key is not None and not is_shared_mailbox(key) and (others := leads.by_email_key(tx, key)):
        raise InvalidInput({"email": f"Lead #{others[0]} already has this address."})
    correct_identity(tx, ctx, lead, different)
    return changed
