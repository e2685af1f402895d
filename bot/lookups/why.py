"""Why somebody has a lead: looked up from the choice that its handoff keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.agreement.vocabulary import Assign
from bot.context import Context
from bot.lookups.cards import lead_facts
from bot.lookups.figures import TELLING
from bot.lookups.finding import find
from bot.lookups.history import HISTORY, line_of
from bot.lookups.status import not_one
from bot.rules.prefs import timezone_of
from bot.rules.verdicts import KeptChoice, in_zone
from bot.views.message import Rendered
from bot.views.status import Told
from bot.views.why import Reason, Why, never_handed_off, why_answer
from storage import handoffs, history, people
from storage.models import Event, EventKind, Handoff

_ABOUT = re.compile(r"\s+(?:<@(?P<id>[UW][A-Z0-9]+)(?:\|[^<>]*)?>|@(?P<handle>[^\s@]+))\s*$")
_EVENTS, _FETCHED = 15, 100
_CHANGES_OWNER = (
    *(EventKind.ACCEPTED, EventKind.REASSIGNED, EventKind.REROUTED, EventKind.POOLED, EventKind.UNDONE),
)


@dataclass(frozen=True, slots=True)
class WhyAsked:
    """Somebody asks why a lead is with whom it is, or, by what they typed last, not with somebody else."""

    typed: str


def why_of(tx: Connection, ctx: Context, asked: WhyAsked) -> Rendered:
    """The answer for the context's actor, with the times in their own time zone. Everybody may ask."""
    typed, about = _parted(tx, asked.typed)
    found = find(tx, typed)
    if found.lead is None:
        return not_one(tx, ctx, found, shared=False)
    handoff = handoffs.latest_of_lead(tx, found.lead.id)
    if handoff is None:
        return never_handed_off(lead_facts(found.lead))
    team = ctx.book.current.team(handoff.team)
    pool = team is not None and team.assign is Assign.POOL
    since = history.last_of_handoff(tx, handoff.lead_id, handoff.id, _CHANGES_OWNER)
    told, older = ((), False) if about is not None else _happened(tx, handoff)
    if handoff.choice is None:
        later = line_of(since) if since is not None else None
        return why_answer(
            Why(lead_facts(found.lead), handoff.team, pool, about=about, since=later, told=told, older=older)
        )
    kept, zone = KeptChoice.from_json(handoff.choice), timezone_of(tx, ctx.book, ctx.actor)
    others = (each for each in kept.each if not each.chosen and about in (None, each.user))
    return why_answer(
        Why(
            lead_facts(found.lead),
            handoff.team,
            pool,
            at=kept.at,
            chosen=kept.user,
            because=kept.why,
            others=[Reason(each.user, in_zone(each.words, kept.at, zone)) for each in others],
            about=about,
            since=line_of(since) if since is not None and _is_news(since, kept, handoff) else None,
            told=told,
            older=older,
        )
    )


def _happened(tx: Connection, handoff: Handoff) -> tuple[tuple[Told, ...], bool]:
    """What happened to the lead in its last handoff, with what brought it there, oldest first; and whether
    there is more.
    """
    rows, whole = history.newest_of_kinds(tx, handoff.lead_id, TELLING, limit=_FETCHED)
    mine = [row for row in rows if row.handoff_id in (None, handoff.id)]
    told = (Told(row.at, line_of(row), imported=HISTORY in row.detail) for row in mine[-_EVENTS:])
    return tuple(told), not whole or len(mine) > _EVENTS


def _is_news(event: Event, kept: KeptChoice, handoff: Handoff) -> bool:
    """Whether the lead changed its owner after the choice, and not by the choice."""
    return event.at > kept.at and handoff.owner != kept.user


def _parted(tx: Connection, typed: str) -> tuple[str, str | None]:
    """What names the lead, and the person who is asked about, if one is named last and known."""
    found = _ABOUT.search(typed)
    if found is None:
        return typed, None
    user = found["id"] or people.called(tx, found["handle"])
    return (typed[: found.start()], user) if user is not None else (typed, None)
