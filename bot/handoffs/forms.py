"""What the modals of work on a lead are given: reads, with the same refusals as the deeds that follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.agreement.model import Agreement, Team
from bot.agreement.vocabulary import ReasonKind
from bot.context import Context
from bot.errors import DomainError, NotPossible, Obstacle
from bot.handoffs.dispute import require_answerer
from bot.handoffs.outcome import move_for
from bot.handoffs.shared import (
    require_accepted,
    require_handoff,
    require_open,
    require_time_giver,
    require_undecided,
)
from bot.handoffs.snooze import EXTENSIONS, SNOOZES
from bot.lookups.away import name_of as person_name
from bot.lookups.away import words_of
from bot.lookups.cards import lead_facts, name_of, who_decided
from bot.lookups.disputes import reason_of
from bot.rules.presence import away_at
from bot.rules.roles import Permission, require
from bot.views.ids import AnswerChoice
from bot.views.modals.states import About, DisputeForm, OutcomeForm, ReassignForm, SnoozeForm
from bot.views.states import ReasonChoice, RejectForm
from storage import clocks, disputes, handoffs, people
from storage.models import ClockKind, Handoff, HandoffState, Lead, Outcome, SlaClock


@dataclass(frozen=True, slots=True)
class AskOutcome:
    """The form of an outcome, drawn for a choice and for a reason once they are made."""

    handoff_id: int
    chosen: Outcome | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AskSnooze:
    """The form for more time; `only_more` leaves out what merely puts it off."""

    handoff_id: int
    only_more: bool = False


def touch_form(tx: Connection, ctx: Context, handoff_id: int) -> About:
    """Raises HandoffNotFound, NotAllowed, NotPossible or AlreadyDecided."""
    handoff, lead = require_handoff(tx, handoff_id)
    _require(ctx, handoff, Permission.TOUCH)
    require_accepted(handoff)
    return _about(handoff, lead)


def outcome_form(tx: Connection, ctx: Context, asked: AskOutcome) -> OutcomeForm:
    """Raises HandoffNotFound, NotAllowed, NotPossible or AlreadyDecided."""
    handoff, lead = require_handoff(tx, asked.handoff_id)
    _require(ctx, handoff, Permission.OUTCOME)
    require_accepted(handoff)
    agreement = ctx.book.of(tx, handoff.agreement_id)
    zone = ZoneInfo(agreement.timezone)
    return OutcomeForm(
        about=_about(handoff, lead),
        outcomes=tuple(each for each in Outcome if move_for(lead.stage, each) is not None),
        reasons=_reasons(agreement, ReasonKind.DISQUALIFY, ctx.now),
        today=ctx.now.astimezone(zone).date(),
        chosen=asked.chosen,
        reason=asked.reason,
        amount_minor=lead.amount_minor if handoff.amount_minor is None else handoff.amount_minor,
        currency=handoff.currency or lead.currency,
        deal_on=handoff.deal_at.astimezone(zone).date() if handoff.deal_at else None,
    )


def _reasons(agreement: Agreement, kind: ReasonKind, now: datetime) -> tuple[ReasonChoice, ...]:
    return tuple(
        ReasonChoice(
            reason.code,
            reason.label,
            reason.then,
            reason.needs_note,
            reason.group,
            until=now + reason.recycle.wall() if reason.recycle else None,
        )
        for reason in agreement.reasons_of(kind)
    )


def snooze_form(tx: Connection, ctx: Context, asked: AskSnooze) -> SnoozeForm:
    """What this person may choose. Raises HandoffNotFound; NotAllowed or NotPossible where it is nothing."""
    handoff, lead = require_handoff(tx, asked.handoff_id)
    clock = next(iter(clocks.running(tx, handoff.id)), None)
    snoozes: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    refusal: DomainError | None = None
    try:
        require_time_giver(ctx, handoff, clock)
        extensions = tuple(EXTENSIONS)
    except DomainError as error:
        refusal = error
    if not asked.only_more:
        try:
            _may_snooze(ctx, handoff, clock)
            snoozes = tuple(SNOOZES)
        except DomainError as error:
            refusal = error
    if refusal is not None and not snoozes and not extensions:
        raise refusal
    return SnoozeForm(_about(handoff, lead), snoozes, extensions)


def _may_snooze(ctx: Context, handoff: Handoff, clock: SlaClock | None) -> None:
    _require(ctx, handoff, Permission.SNOOZE)
    if clock is None or clock.kind == ClockKind.ANSWER:
        raise NotPossible(Obstacle.NOTHING_RUNS)
    if handoff.snoozed_at is not None:
        raise NotPossible(Obstacle.SNOOZED_BEFORE, at=handoff.snoozed_at)


def reassign_form(tx: Connection, ctx: Context, handoff_id: int) -> ReassignForm:
    """Raises HandoffNotFound, NotAllowed or AlreadyDecided."""
    handoff, lead = require_handoff(tx, handoff_id)
    _require(ctx, handoff, Permission.REASSIGN)
    require_open(handoff)
    teams = sorted(ctx.book.current.teams, key=lambda team: team.name != handoff.team)
    groups = ((team.name, _reps(tx, ctx, team, handoff.owner)) for team in teams)
    return ReassignForm(_about(handoff, lead), tuple((name, reps) for name, reps in groups if reps))


@dataclass(frozen=True, slots=True)
class AskGive:
    """Somebody was chosen to have the lead."""

    handoff_id: int
    owner: str


def give_form(tx: Connection, ctx: Context, asked: AskGive) -> ReassignForm | None:
    """What to ask before the lead goes to somebody who is away; None where there is nothing to ask.

    Raises HandoffNotFound, NotAllowed or AlreadyDecided.
    """
    form, gone = reassign_form(tx, ctx, asked.handoff_id), away_at(tx, [asked.owner], ctx.now)
    if asked.owner not in gone or not any(asked.owner == user for _, reps in form.teams for user, _ in reps):
        return None
    until = words_of(tx, ctx.book, asked.owner, gone[asked.owner], ctx.now)
    return replace(form, chosen=asked.owner, away=(person_name(tx, asked.owner), until))


def _reps(tx: Connection, ctx: Context, team: Team, owner: str | None) -> tuple[tuple[str, str], ...]:
    """Everybody in the team who is still there and does not have it, with how much they hold."""
    users = [rep.user for rep in team.reps if rep.user != owner]
    known, loads = people.among(tx, users), handoffs.open_counts(tx, users)
    away = away_at(tx, users, ctx.now)
    found = []
    for user in users:
        person = known.get(user)
        if person is not None and person.left:
            continue
        held = f"{loads[user]} open" + (", away" if user in away else "")
        found.append((user, f"{(person.name if person else None) or user} ({held})"))
    return tuple(found)


def _require(ctx: Context, handoff: Handoff, permission: Permission) -> None:
    require(ctx.book, ctx.actor, permission, ctx.book.current.team(handoff.team), handoff.owner)


def _about(handoff: Handoff, lead: Lead) -> About:
    return About(handoff.id, name_of(lead), lead.company)


@dataclass(frozen=True, slots=True)
class AskDispute:
    """The form of an answer, drawn for a choice once it is made."""

    handoff_id: int
    chosen: AnswerChoice | None = None


def dispute_form(tx: Connection, ctx: Context, asked: AskDispute) -> DisputeForm:
    """Raises HandoffNotFound, NotAllowed or NotPossible, as the answer that follows would."""
    handoff, lead = require_handoff(tx, asked.handoff_id)
    require_answerer(ctx, handoff)
    if handoff.state != HandoffState.REJECTED:
        raise NotPossible(Obstacle.NOT_REJECTED)
    known = disputes.of_handoff(tx, handoff.id)
    if known is not None:
        raise NotPossible(Obstacle.ANSWERED, known.by, known.at)
    return DisputeForm(
        about=About(handoff.id, name_of(lead), lead.company),
        lead=lead_facts(lead),
        reason=reason_of(tx, ctx.book, handoff),
        note=handoff.note,
        by=who_decided(handoff.rejected_by),
        chosen=asked.chosen,
    )


@dataclass(frozen=True, slots=True)
class AskReject:
    """The rejection form of a handoff, drawn for a reason once one is chosen."""

    handoff_id: int
    chosen: str | None = None


def reject_form(tx: Connection, ctx: Context, asked: AskReject) -> RejectForm:
    """The form for the context's actor. Raises HandoffNotFound, NotAllowed or AlreadyDecided."""
    found, lead = require_handoff(tx, asked.handoff_id)
    require(ctx.book, ctx.actor, Permission.REJECT, ctx.book.current.team(found.team), found.owner)
    require_undecided(found)

    return RejectForm(
        handoff_id=found.id,
        lead_name=name_of(lead),
        company=lead.company,
        reasons=_reasons(ctx.book.of(tx, found.agreement_id), ReasonKind.REJECT, ctx.now),
        chosen=asked.chosen,
        teams=tuple(team.name for team in ctx.book.current.teams if team.name != found.team),
    )
