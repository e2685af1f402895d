"""What an admin's Home says of the installation: the agreement in force, and what asks for a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.settings import PROGRAM
from bot.views import people
from bot.views.blocks import Block, context, header, option, section, select
from bot.views.erasure import ErasureFacts, erasure_row
from bot.views.ids import Action
from bot.views.labels import BUTTONS, labelled_button
from bot.views.people import first_few, joined
from bot.views.rows import details_button
from bot.views.states import LeadFacts
from bot.views.strays import Stray, other_agreements, stray_words
from bot.views.text import cut, local_day, mention, place, plural, short

SHORT_SHOWN = 5
TEAMS_SHOWN = 5
ERASURES_SHOWN = 2
_NAMED = 6
_PART = 2900
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WebhookTrouble:
    """A tool that does not get all its events: how many wait and are parked, and what it last answered."""

    name: str
    waiting: int
    parked: int
    trouble: str | None
    paused: bool


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team of the agreement: its channel, and how many reps it has."""

    name: str
    channel: str
    reps: int


@dataclass(frozen=True, slots=True)
class CrmTrouble:
    """What the CRM and Baton do not agree on: of a lead the fields that both changed, and what could not be
    written; without a lead what cannot be asked."""

    lead_id: int | None
    name: str
    trouble: str | None
    conflicts: int = 0


@dataclass(frozen=True, slots=True)
class Oversight:
    """What an admin looks over. `parked` are places that Slack refuses, as what is wrong and what to do.

    `activities` and `columns` came in lately and are in no rule, each with how often. `short` are inquiries
    one step below the line `mql`. `no_address` are people of the agreement, `strangers` owners in the CRM.
    `strays` are open leads that name what the agreement no longer has; `others` go by another.
    `drain` is how long until the outbox is empty.
    """

    version: str
    digest: str
    since: datetime
    parked: tuple[tuple[str, str], ...] = ()
    kept_messages: int = 0
    activities: tuple[tuple[str, int], ...] = ()
    columns: tuple[tuple[str, int], ...] = ()
    mql: str = ""
    short: tuple[LeadFacts, ...] = ()
    no_address: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    webhooks: tuple[WebhookTrouble, ...] = ()
    crm: tuple[CrmTrouble, ...] = ()
    strays: tuple[Stray, ...] = ()
    others: tuple[str, ...] = ()
    teams: tuple[TeamLine, ...] = ()
    drain: timedelta = timedelta(0)
    erasures: tuple[ErasureFacts, ...] = ()  # requests that somebody is to be removed, oldest first


def oversight_board(facts: Oversight) -> list[Block]:
    """The part of an admin's Home."""
    version = (
        f"*Agreement* {short(facts.version, 60)} (`{short(facts.digest, 8)}`), since {local_day(facts.since)}"
    )
    lines = [
        version,
        _others(facts),
        _strays(facts),
        _drain(facts),
        _parked(facts),
        _webhooks(facts),
        _crm(facts),
    ]
    lines.append(_people(facts))
    told = section(cut(joined(lines, "\n"), _PART), accessory=labelled_button(Action.FORGET))
    asked = _erasures(facts)
    blocks = [header("Your installation"), told, *asked]
    blocks += [_team(team) for team in facts.teams[:TEAMS_SHOWN]]
    blocks += _more_teams(facts.teams[TEAMS_SHOWN:])
    if unknown := _unknown(facts):
        blocks.append(section(cut(unknown, _PART)))
    room = SHORT_SHOWN - len(asked)  # a Home has a hundred blocks, and a request comes before a hint
    if facts.short and room > 0:
        blocks.append(section(f"*Just short of an MQL* ({short(facts.mql, 10)}), newest first"))
        blocks += [
            section(
                cut(f"{people.who_and_where(lead)} (#{lead.lead_id})", 300), accessory=details_button(lead)
            )
            for lead in facts.short[:room]
        ]
    return blocks


def _erasures(facts: Oversight) -> list[Block]:
    shown = facts.erasures[:ERASURES_SHOWN]
    blocks = [block for asked in shown for block in erasure_row(asked)]
    if more := len(facts.erasures) - len(shown):
        blocks.append(context(f"… and {plural(more, 'more request')} to remove somebody, in your messages"))
    return blocks


def _others(facts: Oversight) -> str:
    if not facts.others:
        return ""
    return f"⚠️ {short(other_agreements(facts.others), 400)}"


def _strays(facts: Oversight) -> str:
    found = [f"⚠️ {short(says, 200)}. {short(remedy, 200)}" for says, remedy in map(stray_words, facts.strays)]
    return joined(first_few(found, _NAMED), "\n")


def _team(team: TeamLine) -> Block:
    words = joined((f"*{short(team.name, 80)}*", place(team.channel), plural(team.reps, "rep")))
    return section(words, accessory=labelled_button(Action.TEAM_FORM, team.name, about=team.name))


def _more_teams(teams: Sequence[TeamLine]) -> list[Block]:
    options = [option(team.name, team.name) for team in teams]
    menu = select(Action.TEAM_MENU, BUTTONS[Action.TEAM_MENU], options=options)
    return [section(f"*{plural(len(teams), 'more team')}*", accessory=menu)] if teams else []


def _drain(facts: Oversight) -> str:
    minutes = -(-facts.drain // _MINUTE)
    return f"*Queue to Slack*: empty in about {minutes} min." if facts.drain > _MINUTE else ""


def _parked(facts: Oversight) -> str:
    if not facts.parked and not facts.kept_messages:
        return "*Slack*: everything is delivered. Nothing is parked."
    places = [f"⚠️ {wrong} {remedy}" for wrong, remedy in facts.parked]
    kept = f"⚠️ Slack refused {plural(facts.kept_messages, 'message')}. The log says why."
    return joined((*first_few(places, _NAMED), kept if facts.kept_messages else ""), "\n")


def _webhooks(facts: Oversight) -> str:
    if not facts.webhooks:
        return ""
    found = [f"⚠️ *{short(each.name, 60)}* {_webhook(each)}" for each in facts.webhooks]
    return joined((*first_few(found, _NAMED), f"`{PROGRAM} webhooks list` says more."), "\n")


def _webhook(each: WebhookTrouble) -> str:
    counts = (f"{plural(each.waiting, 'event')} waiting", f"{each.parked:,} parked" if each.parked else "")
    state = "is paused" if each.paused else short(each.trouble or "refused some events", 200)
    return f"{state}: {joined(counts, ', ')}."


def _crm(facts: Oversight) -> str:
    found = [f"⚠️ *CRM* {_of_crm(each)}" for each in facts.crm]
    settles = f"`{PROGRAM} crm push --lead 12 --overwrite` makes the CRM take Baton's values."
    return joined(
        (*first_few(found, _NAMED), settles if any(each.conflicts for each in facts.crm) else ""), "\n"
    )


def _of_crm(each: CrmTrouble) -> str:
    trouble = short(each.trouble, 300)
    if each.lead_id is None:
        return f"{trouble}."
    both = f"both sides changed {plural(each.conflicts, 'field')}" if each.conflicts else ""
    return f"{short(each.name, 80)} (#{each.lead_id}): {joined((both, trouble), '; ')}."


def _people(facts: Oversight) -> str:
    missing = _named([mention(user) for user in facts.no_address])
    strangers = _named([short(each, 120) for each in facts.strangers])
    return joined(
        (
            f"*No e-mail address in Slack*: {missing}. The CRM cannot match them." if missing else "",
            f"*CRM owners with no match in Slack*: {strangers}" if strangers else "",
        ),
        "\n",
    )


def _unknown(facts: Oversight) -> str:
    kinds = _named([f"{short(name, 60)} ({count:,})" for name, count in facts.activities])
    columns = _named([f"{short(name, 60)} ({count:,})" for name, count in facts.columns])
    return joined(
        (
            f"*Activities in no rule*: {kinds}. Name them in `[[qualification.engagement]]`."
            if kinds
            else "",
            f"*Fields that no rule uses*: {columns}" if columns else "",
        ),
        "\n",
    )


def _named(found: Sequence[str]) -> str:
    return joined(first_few(list(found), _NAMED), ", ")
