"""Somebody's App Home on one page: what is theirs to do, the agreement, and how they want to be reminded.

At most 100 blocks, whatever there is: each list shows its first few and says how many there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.agreement.model import Agreement
from bot.rules.prefs import QUIET_HOURS, NudgeBy, Prefs
from bot.rules.roles import Role
from bot.rules.spans import Span
from bot.views.agreement import agreement_words
from bot.views.blocks import (
    Block,
    actions,
    context,
    header,
    option,
    section,
    select,
)
from bot.views.board import Board, Share, boards_blocks, fairness_blocks, until_words
from bot.views.ids import Action
from bot.views.labels import labelled_button
from bot.views.message import Page
from bot.views.oversight import Oversight, oversight_board
from bot.views.people import joined
from bot.views.refused import NOTHING_REFUSED, RefusedFacts, refused_board
from bot.views.rows import LeadRow, row, rows
from bot.views.text import cut, mention, plural, quoted, short, who
from storage.models import EventKind

OWN_SHOWN = 10
WAITING_OWN_SHOWN = 5
LATE_SHOWN = 8
OWED_SHOWN = 5
WAITING_SHOWN = 5
CONTESTED_SHOWN = 5
MISSED_SHOWN = 5
_CAMPAIGNS_SHOWN = 15
_FEW = 10  # no rate below so many
_PART = 2900
_ADMINS_SHOWN = 3
DEFAULT_PREFS = Prefs()
DIVIDER: Block = {"type": "divider"}


@dataclass(frozen=True, slots=True)
class Own:
    """What waits for a rep to accept it, what they work on, and what they did this week by kind of event."""

    waiting: tuple[LeadRow, ...]
    waiting_total: int
    rows: tuple[LeadRow, ...]
    total: int
    week: Mapping[EventKind, int]


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign's handoffs of the last 90 days, and how far they got."""

    name: str
    handed_off: int
    accepted: int
    rejected: int
    waiting: int
    verified: int


@dataclass(frozen=True, slots=True)
class Missed:
    """Content that was missing: for whom, how often, and one example in somebody's words."""

    persona: str | None
    journey: str | None
    times: int
    note: str | None


@dataclass(frozen=True, slots=True)
class Marketing:
    """What a marketer looks after."""

    campaigns: tuple[CampaignLine, ...]
    answers: tuple[LeadRow, ...]
    answers_total: int
    waiting: tuple[LeadRow, ...]
    missed: tuple[Missed, ...] = ()


@dataclass(frozen=True, slots=True)
class Contested:
    """A rejection that marketing contests, for the manager to decide."""

    row: LeadRow
    handoff_id: int
    rejected_by: str
    reason: str
    note: str | None
    by: str
    argument: str | None


@dataclass(frozen=True, slots=True)
class Home:
    """All that a Home shows. A part that is None belongs to a role that the person does not have.

    `refused` is what was not taken at any door in the last 7 days.
    """

    user: str
    roles: frozenset[Role]
    agreement: Agreement
    away: Span | None = None
    called: str = ""  # the version of the agreement, with its hash
    prefs: Prefs = DEFAULT_PREFS
    own: Own | None = None
    marketing: Marketing | None = None
    boards: tuple[Board, ...] = ()
    late: tuple[LeadRow, ...] = ()
    contested: tuple[Contested, ...] = ()
    shares: tuple[Share, ...] = ()
    refused: RefusedFacts = NOTHING_REFUSED
    oversight: Oversight | None = None


def home_view(home: Home, now: datetime) -> Page:
    """The page at `now` (aware UTC)."""
    blocks = [
        *_top(home),
        *(_own(home.own, now, home.user) if home.own else []),
        *(_manager(home, now) if home.boards else _decisions(home, now) if home.contested else []),
        *(_marketing(home.marketing, now) if home.marketing else []),
        *fairness_blocks(home.shares),
        *(oversight_board(home.oversight) if home.oversight else []),
        *refused_board(home.refused),
        DIVIDER,
        section(agreement_words(home.agreement, home.called)),
        *(_prefs(home.prefs) if home.roles else []),
    ]
    return Page("Home", blocks[: Page.MOST_BLOCKS])


def closed_page(why: str) -> Page:
    """The Home of somebody who may read nothing, and why."""
    return Page("Home", [header("Welcome to Baton"), section(why)])


def _top(home: Home) -> list[Block]:
    if not home.roles:
        admins = " or ".join(mention(admin) for admin in home.agreement.roles.admins[:_ADMINS_SHOWN])
        return [
            header("Welcome to Baton"),
            section(
                "I hand leads from marketing to sales. The agreement does not name you yet, so there is "
                f"nothing for you to do here. {admins} can add you. Anyone can ask `/lead status acme`."
            ),
        ]
    buttons = [labelled_button(Action.ADD)]
    if Role.REP in home.roles:
        buttons.append(labelled_button(Action.BACK if home.away else Action.AWAY))
    blocks = [actions(buttons)]
    if home.away is not None:
        blocks.insert(0, section(f"🌴 *You are away{until_words(home.away)}.* You get no new leads."))
    return blocks


def _own(own: Own, now: datetime, user: str) -> list[Block]:
    blocks = [header("Waiting for you"), *rows(own.waiting, now, reader=user)]
    if not own.waiting:
        blocks.append(section("Nothing is waiting to be accepted."))
    if own.waiting_total > len(own.waiting):
        blocks.append(context(f"… and {own.waiting_total - len(own.waiting):,} more: `/lead queue`"))
    blocks += [header("Your leads, most urgent first"), *rows(own.rows, now, reader=user)]
    if not own.rows:
        blocks.append(section("You have no open leads."))
    if own.total > len(own.rows):
        blocks.append(context(f"… and {own.total - len(own.rows):,} more: `/lead mine`"))
    return [*blocks, context(f"Your week: {_week(own.week)}")]


WEEK_WORDS: Mapping[EventKind, tuple[str, str]] = {
    EventKind.ACCEPTED: ("accepted", "accepted"),
    EventKind.REJECTED: ("rejected", "rejected"),
    EventKind.TOUCHED: ("contact", "contacts"),
    EventKind.SQL: ("SQL", "SQLs"),
    EventKind.OPPORTUNITY: ("opportunity", "opportunities"),
    EventKind.WON: ("won", "won"),
}
"""What of a rep's week is counted, and as what: of one, and of several."""


def _week(week: Mapping[EventKind, int]) -> str:
    parts = [plural(week[kind], one, many) for kind, (one, many) in WEEK_WORDS.items() if week.get(kind)]
    return ", ".join(parts) or "nothing yet"


def _manager(home: Home, now: datetime) -> list[Block]:
    blocks = [header("Your team" if len(home.boards) == 1 else "Your teams")]
    blocks += boards_blocks(home.boards, now, home.user)
    blocks += _decisions(home, now)
    if home.late:
        return [*blocks, section("*Late*, longest first"), *rows(home.late, now, reader=home.user)]
    return [*blocks, section("*Late*: none. Every lead is within its SLA.")]


def _decisions(home: Home, now: datetime) -> list[Block]:
    if not home.contested:
        return [section("*Decisions waiting*: none. Contested rejections come here for you to decide.")]
    waiting = section(f"*Decisions waiting*: {plural(len(home.contested), 'contested rejection')}")
    return [waiting, *(block for each in home.contested for block in _contested(each, now))]


def _contested(contested: Contested, now: datetime) -> list[Block]:
    rejected = f"{who(contested.rejected_by)} rejected it: *{short(contested.reason, 150)}*"
    said = f"{mention(contested.by)} contested it:"
    sides = [
        context(joined((words, quoted(text, 600) if text and text.strip() else ""), "\n"))
        for words, text in ((rejected, contested.note), (said, contested.argument))
    ]
    value = str(contested.handoff_id)
    ruling = [labelled_button(Action.UPHOLD, value), labelled_button(Action.OVERTURN, value)]
    lead = contested.row
    if lead.owner == contested.rejected_by:  # who is named below
        lead = replace(lead, owner=None)
    return [row(lead, now), *sides, actions(ruling)]


def _marketing(marketing: Marketing, now: datetime) -> list[Block]:
    blocks = [header("Your campaigns, last 90 days"), section(_campaigns(marketing.campaigns))]
    if marketing.answers:
        title = f"*Rejections to answer*: {plural(marketing.answers_total, 'lead')}"
        blocks += [section(title), *rows(marketing.answers, now)]
    else:
        blocks.append(section("*Rejections to answer*: none. You owe sales nothing."))
    if marketing.waiting:
        blocks += [section("*Waiting longest for sales*"), *rows(marketing.waiting, now)]
    if marketing.missed:
        blocks.append(section(_missed(marketing.missed)))
    return blocks


def _campaigns(campaigns: Sequence[CampaignLine]) -> str:
    if not campaigns:
        return "The agreement names no campaigns. Add them under `[[campaigns]]` to see how each one does."
    lines = [_campaign(line) for line in campaigns[:_CAMPAIGNS_SHOWN]]
    if len(campaigns) > _CAMPAIGNS_SHOWN:
        lines.append(f"… and {len(campaigns) - _CAMPAIGNS_SHOWN:,} more in `/alignment`")
    return cut("\n".join(lines), _PART)


def _campaign(line: CampaignLine) -> str:
    if not line.handed_off:
        return f"• *{short(line.name, 75)}*: nothing handed off yet"
    accepted = f"{line.accepted:,} accepted ({_rate(line.accepted, line.handed_off)})"
    parts = (
        accepted,
        f"{line.rejected:,} rejected",
        f"{line.waiting:,} waiting",
        plural(line.verified, "SQL"),
    )
    return f"• *{short(line.name, 75)}*: {line.handed_off:,} handed off, {', '.join(parts)}"


def _rate(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole >= _FEW else "too few for a rate"


def _missed(missed: Sequence[Missed]) -> str:
    lines = ["*What sales is missing most in the playbook*"]
    for each in missed:
        whom = joined((short(each.persona, 60) or "Anybody", f"{short(each.journey, 30)} stage"), ", ")
        example = f": “{short(each.note, 200)}”" if each.note else ""
        lines.append(f"• {whom} — {plural(each.times, 'time')}{example}")
    return cut("\n".join(lines), _PART)


NUDGE_BY_WORDS: Mapping[NudgeBy, str] = {
    NudgeBy.DM: "Remind me by direct message",
    NudgeBy.THREAD: "Remind me in the thread",
}


def _prefs(prefs: Prefs) -> list[Block]:
    nudges = {by: option(words, by) for by, words in NUDGE_BY_WORDS.items()}
    digest = {True: option("Weekly report: yes", "yes"), False: option("Weekly report: no", "no")}
    quiet: dict[str | None, Block] = {None: option("No quiet hours", "none")}
    quiet |= {hours: option(f"Quiet {hours.replace('-', ' to ')}", hours) for hours in QUIET_HOURS}
    return [
        section("*Notifications*. P1 leads always notify you."),
        actions(
            [
                select(
                    Action.NUDGES, "Reminders", options=list(nudges.values()), chosen=nudges[prefs.nudges]
                ),
                select(
                    Action.DIGEST, "Weekly report", options=list(digest.values()), chosen=digest[prefs.digest]
                ),
                select(Action.QUIET, "Quiet hours", options=list(quiet.values()), chosen=quiet[prefs.quiet]),
            ]
        ),
    ]
