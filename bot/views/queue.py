"""Lists of leads in answer to a command: what waits for a team, and what is somebody's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.views import people
from bot.views.blocks import Block, section
from bot.views.message import Rendered, rendered
from bot.views.people import joined
from bot.views.rows import LeadRow, Page, details_button, leafing, rows, which_of
from bot.views.states import LeadFacts
from bot.views.text import cut, mention, plural, short

UNROUTED_SHOWN = 10
_GONE_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in the reader's teams; `everything`: they see all. `admins` can put them into a team.

    `gone` are those of the teams that the agreement no longer has.
    """

    page: Page
    teams: tuple[str, ...]
    everything: bool = False
    unrouted: tuple[LeadFacts, ...] = ()
    unrouted_total: int = 0
    admins: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def queue_answer(queue: Queue, now: datetime, *, reader: str) -> Rendered:
    """The queue, the most urgent first."""
    if not queue.teams:
        return _no_team(queue.admins)
    where = "all teams" if queue.everything else joined((short(team, 40) for team in queue.teams), ", ")
    title = f"*Waiting to be accepted* ({cut(where, 300)}): {which_of(queue.page, 'lead')}"
    blocks = [section(title), *rows(queue.page.rows, now, reader=reader, listed=queue.page.listed)]
    if not queue.page.total:
        blocks = [section(f"🎉 Nothing is waiting in {cut(where, 300)}. `/lead mine` shows your leads.")]
    blocks += leafing(queue.page.listed, queue.page.total)
    if queue.gone and queue.page.listed.page == 0:
        blocks.append(section(_gone(queue.gone)))
    if queue.unrouted_total and queue.page.listed.page == 0:
        blocks += _unrouted(queue)
    return rendered(f"{plural(queue.page.total, 'lead')} waiting in {where}", blocks)


def _gone(teams: Sequence[str]) -> str:
    names = joined((f"*{short(team, 60)}*" for team in teams[:_GONE_SHOWN]), ", ")
    left = "is no longer a team" if len(teams) == 1 else "are no longer teams"
    return f"🧭 {names} {left}. Write `renamed_from` on the team that takes over, or reassign these leads."


def _unrouted(queue: Queue) -> list[Block]:
    known = f"{plural(queue.unrouted_total, 'qualified lead')} without a team"
    remedy = "Widen a team's `match` in the agreement, or add a last team without one."
    shown = [
        section(
            cut(f"🧭 {people.who_and_where(lead)} (#{lead.lead_id})", 300), accessory=details_button(lead)
        )
        for lead in queue.unrouted[:UNROUTED_SHOWN]
    ]
    return [section(f"*{known}*. {remedy}"), *shown]


def _no_team(admins: Sequence[str]) -> Rendered:
    who = " or ".join(mention(admin) for admin in admins[:3])
    words = (
        "You are not on a team in the agreement, so you have no queue. "
        f"{who or 'An admin'} can add you to one. `/lead status acme` works for everybody."
    )
    return rendered(words, [section(words)])


def mine_answer(page: Page, now: datetime, *, reader: str) -> Rendered:
    """The reader's own open leads, the first due first."""
    if not page.total:
        words = "You have no open leads. `/lead queue` shows what is waiting."
        return rendered(words, [section(words)])
    title = f"*Your leads, most urgent first*: {which_of(page, 'open lead')}"
    shown = rows(page.rows, now, reader=reader, listed=page.listed)
    blocks = [section(title), *shown, *leafing(page.listed, page.total)]
    return rendered(f"You have {plural(page.total, 'open lead')}", blocks)


def rep_answer(rep: str, page: Page, now: datetime) -> Rendered:
    """Somebody's open leads, the first due first, for whoever asks. A mention in an answer rings nobody."""
    if not page.total:
        words = f"{mention(rep)} has no open leads."
        return rendered(words, [section(words)])
    title = f"*{mention(rep)}*: {which_of(page, 'open lead')}, most urgent first"
    of_one = [_without_owner(each) for each in page.rows]
    shown = rows(of_one, now, listed=page.listed)
    return rendered(title, [section(title), *shown, *leafing(page.listed, page.total)])


def _without_owner(row: LeadRow) -> LeadRow:
    """The row in a list whose title names the owner."""
    return replace(row, owner=None, clock=replace(row.clock, owner=None) if row.clock else None)
