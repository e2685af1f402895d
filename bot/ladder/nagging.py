"""Who is told of a rung, and when: gathered, one message a person, quiet, and in their working hours.

What a message says is made when it goes (see bot/lookups/reminders.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.model import MarketingSide, Team
from bot.agreement.vocabulary import ClockTime
from bot.context import Context
from bot.ladder.moments import first_moment
from bot.ladder.roster import needed
from bot.ladder.round import Line, Round
from bot.rules import sla
from bot.rules.in_charge import deciding
from bot.rules.prefs import NudgeBy
from bot.rules.qualification import rank_of
from bot.rules.rungs import Follows, said_to_pool
from bot.rules.vacancy import vacancy_of
from bot.rules.worktime import WALL
from storage import clocks
from storage.clocks import ClockChange, Standing
from storage.database import announce
from storage.models import ClockKind, Delivery, DeliveryKind, DeliveryState, EventKind, NagKind, SlaClock
from storage.models.values import NagValues
from storage.outbox import nags, posts
from storage.outbox.nags import Hurry
from storage.outbox.posts import Rank

_AWAY = "Its owner is away"
NO_STEP = -1  # for what no rung caused


def nudge(
    pass_: Round, row: SlaClock, handoff: Standing, moment: sla.Moment, _change: ClockChange, found: Follows
) -> None:
    """Remind whoever has the clock: its owner, in a pool the reps on shift, for an answer marketing."""
    if row.kind == ClockKind.ANSWER:
        for place in pass_.answerers(handoff):
            tell(pass_, row, handoff, moment.step, NagKind.NUDGE, place, None)
    elif row.owner is None:
        _nudge_pool(pass_, row, handoff, moment.step)
    elif found.says is NagKind.CHOOSE:
        why = None if pass_.has_left(row.owner) else _AWAY
        tell_manager(pass_, row, handoff, moment.step, NagKind.CHOOSE, why=why)
    elif pass_.prefs(row.owner).nudges is NudgeBy.THREAD:
        _in_thread(pass_, row, handoff, moment.step, [row.owner])
    else:
        tell(pass_, row, handoff, moment.step, NagKind.NUDGE, row.owner, pass_.team(handoff))
    pass_.note(EventKind.CLOCK_NUDGED, handoff, {"clock": row.kind, "owner": row.owner, "step": moment.step})


def notify_manager(
    pass_: Round, row: SlaClock, handoff: Standing, moment: sla.Moment, _change: ClockChange, _found: Follows
) -> None:
    """Tell the team's manager, or marketing's, with what can be done about it."""
    tell_manager(pass_, row, handoff, moment.step, NagKind.BREACH)


def notify_channel(
    pass_: Round, row: SlaClock, handoff: Standing, moment: sla.Moment, _change: ClockChange, found: Follows
) -> None:
    """Tell the team's channel; of marketing's answer, and where the team is gone, the manager."""
    team = pass_.team(handoff)
    if found.says is NagKind.BREACH or team is None:
        return tell_manager(pass_, row, handoff, moment.step, NagKind.BREACH)
    tell(pass_, row, handoff, moment.step, NagKind.NUDGE, team.channel, team)
    return None


def tell_manager(
    pass_: Round, row: SlaClock, handoff: Standing, step: int, what: NagKind, *, why: str | None = None
) -> None:
    """Tell the manager; their stand-in, else the admins, where there is none, or they are away or left.

    Of a team that the agreement no longer has, the admins. Where clocks run day and night they are told so.
    `why`: what keeps it from going on by itself, in words.
    """
    of_marketing = row.kind == ClockKind.ANSWER
    team = None if of_marketing else pass_.team(handoff)
    side = pass_.current.marketing if of_marketing else team
    at_once = (WALL,) if pass_.current.clock is ClockTime.WALL else None
    for place in deciding(pass_.ctx.book, side or MarketingSide(), pass_.gone):
        hours = at_once or (pass_.hours(team, place),)
        line = Line(place, None, what, row.id, handoff.id, step, handoff.priority, hours, why=why)
        pass_.lines.append(line)


def tell(
    pass_: Round,
    row: SlaClock,
    handoff: Standing,
    step: int,
    what: NagKind,
    place: str,
    team: Team | None,
    *,
    by: str | None = None,
    why: str | None = None,
) -> None:
    """Tell one person, in a direct message and in the hours that they have in this team.

    `by` and `why`: who gave them the lead.
    """
    hours = (pass_.hours(team, place),)
    line = Line(place, None, what, row.id, handoff.id, step, handoff.priority, hours, by, why)
    pass_.lines.append(line)


@dataclass(frozen=True, slots=True)
class Given:
    """A lead that has a new owner, and why, in words. `by_rule`: it is theirs by the agreement, and nobody's
    doing."""

    handoff_id: int
    user: str
    why: str | None = None
    by_rule: bool = False


def tell_given(tx: Connection, ctx: Context, given: Sequence[Given], *, more: bool = False) -> None:
    """Tell each new owner what is theirs now, in one message, whether a clock runs or not.

    It is the context's actor who gave it; who took a lead themselves is not told. Who is away is told once
    they are back. `more`: others follow, so the message waits for them.
    """
    told = {each.handoff_id: each for each in given if each.user != ctx.actor}
    newest = clocks.newest(tx, told)
    if not newest:
        return
    pass_ = Round(tx, ctx, newest, full=more)
    for row in newest:
        each, handoff = told[row.handoff_id], pass_.handoffs.get(row.handoff_id)
        if handoff is not None:
            team, by = pass_.team(handoff), None if each.by_rule else ctx.actor
            tell(pass_, row, handoff, NO_STEP, NagKind.GIVEN, each.user, team, by=by, why=each.why)
    write(pass_)


def tell_raised(tx: Connection, ctx: Context, clock: SlaClock) -> None:
    """Tell whoever should act that a lead heated up: its owner, in a pool the reps on shift.

    Who told of it themselves, the context's actor, is not among them.
    """
    pass_ = Round(tx, ctx, [clock])
    handoff = pass_.handoffs[clock.handoff_id]
    if clock.owner == ctx.actor:
        return
    if clock.owner is not None and clock.owner in pass_.gone:
        tell_manager(pass_, clock, handoff, NO_STEP, NagKind.CHOOSE, why=_AWAY)
        pass_.lines = [line for line in pass_.lines if line.place != ctx.actor]
    elif clock.owner is not None:
        tell(pass_, clock, handoff, NO_STEP, NagKind.RAISED, clock.owner, pass_.team(handoff))
    else:
        _nudge_pool(pass_, clock, handoff, NO_STEP, NagKind.RAISED)
    write(pass_)


def open_to_all(pass_: Round, row: SlaClock, handoff: Standing, step: int) -> None:
    """Tell the reps on shift that the lead, which somebody had, is anybody's now."""
    _nudge_pool(pass_, row, handoff, step, NagKind.POOLED)


def _nudge_pool(
    pass_: Round, row: SlaClock, handoff: Standing, step: int, what: NagKind = NagKind.NUDGE
) -> None:
    """In the thread of the card, or of the list in which it stands as a row."""
    team = pass_.team(handoff)
    if team is None:
        return tell_manager(pass_, row, handoff, step, NagKind.CHOOSE)
    there = [rep.user for rep in team.reps if rep.user not in pass_.gone]
    need = needed(pass_.current, team, handoff.priority, pass_.ctx.now)
    vacancy = vacancy_of(pass_.current, team, pass_.candidates(team, need), pass_.ctx.now)
    says = said_to_pool(what, vacant=vacancy is not None)
    if vacancy is not None and says is NagKind.CHOOSE:
        return tell_manager(pass_, row, handoff, step, says, why=vacancy.why)
    called = [user for user in there if what is not NagKind.RAISED or user != pass_.ctx.actor]
    if called:
        _in_thread(pass_, row, handoff, step, called, what)
    return None


def _in_thread(
    pass_: Round,
    row: SlaClock,
    handoff: Standing,
    step: int,
    users: Sequence[str],
    what: NagKind = NagKind.NUDGE,
) -> None:
    """Remind these people beneath the lead's card, in the hours of whoever of them works first."""
    team = pass_.team(handoff)
    hours = tuple({pass_.hours(team, user): None for user in users})
    thread_id = handoff.card_list if handoff.card_state == DeliveryState.LISTED else handoff.card_id
    if handoff.card_state == DeliveryState.PARKED:
        thread_id = None
    place = handoff.card_place or (team.channel if team else users[0])
    by = pass_.ctx.actor if what is NagKind.RAISED else None
    line = Line(place, thread_id, what, row.id, handoff.id, step, handoff.priority, hours, by)
    pass_.lines.append(line)


# Gathering


@dataclass(frozen=True, slots=True)
class _Message:
    """A message as it should wait: to whom or where, from when (the wire's time), and how urgent."""

    place: str
    thread_id: int | None
    due: datetime
    rank: int

    @property
    def key(self) -> tuple[str, int | None]:
        return self.place, self.thread_id


def write(pass_: Round) -> None:
    """Put every line into a message: one that its person was shown lately of the same lead, else the one that
    waits for them already, else a new one."""
    rest = _rewrite_fresh(pass_)
    if not rest:
        return
    by_place: dict[str, list[Line]] = defaultdict(list)
    for line in rest:
        by_place[line.place].append(line)
    waiting: dict[str, Delivery] = {}
    for (place, thread_id), row in nags.waiting_at(pass_.tx, by_place).items():
        if thread_id is None or place not in waiting:
            waiting[place] = row
    pings = nags.last_pings(pass_.tx, by_place)
    wanted = {
        place: _Message(
            place,
            _thread(lines, waiting.get(place)),
            first_moment(pass_, lines, waiting.get(place), pings.get(place)),
            min(int(rank_of(pass_.current, line.priority)) for line in lines),
        )
        for place, lines in sorted(by_place.items())
    }
    _join(pass_, waiting, wanted)
    messages = {place: row.id for place, row in waiting.items()}
    messages |= _begin(pass_, [to for place, to in wanted.items() if place not in waiting])
    nags.add_lines(pass_.tx, [_as_row(pass_, line, messages[line.place]) for line in rest])
    nags.pinged(pass_.tx, {place: pass_.ctx.now + (to.due - pass_.ctx.wire) for place, to in wanted.items()})
    announce(pass_.tx, posts.TOPIC)


def _rewrite_fresh(pass_: Round) -> Sequence[Line]:
    """Let a reminder that is younger than the quiet say what is to be said of its lead now; gives the other
    lines. Who is called for the first time, as a lead is opened to a team, has to hear it."""
    quiet = pass_.current.quiet.wall()
    places, ids = {line.place for line in pass_.lines}, {line.handoff_id for line in pass_.lines}
    found = nags.fresh(pass_.tx, places, ids, pass_.ctx.wire - quiet)
    again = [
        line
        for line in pass_.lines
        if (line.place, line.handoff_id) in found and line.what is not NagKind.POOLED
    ]
    if again:
        rows = [_as_row(pass_, line, found[line.place, line.handoff_id]) for line in again]
        nags.add_lines(pass_.tx, rows)
        posts.rewrite_all(pass_.tx, pass_.stamp, {row["delivery_id"] for row in rows}, rank=Rank.FIRST)
    return [line for line in pass_.lines if line not in again]


def _thread(lines: Iterable[Line], waiting: Delivery | None) -> int | None:
    """The thread that all of it belongs to. What belongs to several is gathered in the channel itself."""
    threads = {line.thread_id for line in lines} | ({waiting.thread_id} if waiting is not None else set())
    return threads.pop() if len(threads) == 1 else None


def _join(pass_: Round, waiting: Mapping[str, Delivery], wanted: Mapping[str, _Message]) -> None:
    """Let what waits go as soon, and where, as the lines that join it need."""
    wishes = [
        Hurry(row.id, to.due, min(to.rank, row.rank), to.thread_id)
        for place, row in waiting.items()
        if (to := wanted[place]).due < row.due_at or to.rank < row.rank or to.thread_id != row.thread_id
    ]
    nags.hurry(pass_.tx, wishes)


def _begin(pass_: Round, wanted: Sequence[_Message]) -> dict[str, int]:
    """New messages for these places; another replica's that has come to wait there meanwhile will do."""
    found: dict[str, int] = {}
    missing = list(wanted)
    while missing:
        rows = [
            posts.new_post(
                pass_.stamp,
                DeliveryKind.NAG,
                place=to.place,
                rank=to.rank,
                thread_id=to.thread_id,
                due_at=to.due,
            )
            for to in missing
        ]
        nags.begin(pass_.tx, rows)
        there = nags.waiting_at(pass_.tx, [to.place for to in missing])
        found |= {to.place: there[to.key].id for to in missing if to.key in there}
        missing = [to for to in missing if to.place not in found]
    return found


def _as_row(pass_: Round, line: Line, delivery_id: int) -> NagValues:
    return {
        "delivery_id": delivery_id,
        "handoff_id": line.handoff_id,
        "clock_id": line.clock_id,
        "step": line.step,
        "what": line.what,
        "place": line.place,
        "at": pass_.ctx.now,
        "by": line.by,
        "why": line.why,
    }
