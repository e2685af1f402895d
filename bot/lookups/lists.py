"""Pages of leads: what waits for the asker's teams, what is theirs, who is at a company, what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.context import Context
from bot.errors import LeadNotFound
from bot.lookups.cards import lead_facts
from bot.lookups.finding import find
from bot.lookups.history import line_of
from bot.lookups.rows import rows_of, rows_of_leads
from bot.lookups.strays import gone_teams
from bot.views.ids import Listed, ListKind
from bot.views.message import Rendered
from bot.views.queue import UNROUTED_SHOWN, Queue, mine_answer, queue_answer, rep_answer
from bot.views.rows import PAGE_ROWS, Page
from bot.views.status import Told, company_answer, history_page
from storage import boards, history, leads, search

_LAST_PAGE = 1000  # a page beyond is of nobody's making


def listing(tx: Connection, ctx: Context, listed: Listed) -> Rendered:
    """One page of a list, for the context's actor. Raises LeadNotFound for a history of nobody."""
    page = listed.model_copy(update={"page": max(0, min(listed.page, _LAST_PAGE))})
    return LIST_PAGES[page.what](tx, ctx, page)


def queue_teams(book: AgreementBook, user: str) -> tuple[tuple[str, ...], bool]:
    """The teams whose queue is somebody's, and whether these are all: admins and marketing see every team."""
    agreement = book.current
    overseers = book.people_in(agreement.roles.admins) | book.people_in(agreement.roles.marketing)
    if user in overseers or user in agreement.marketing.deciders:
        return tuple(team.name for team in agreement.teams), True
    own = tuple(team.name for team in agreement.teams if user in team.deciders or team.rep(user))
    return own, False


def _queue(tx: Connection, ctx: Context, listed: Listed) -> Rendered:
    teams, everything = queue_teams(ctx.book, ctx.actor)
    gone = gone_teams(tx, ctx.book) if everything else ()
    teams += gone
    found = boards.waiting_in(tx, teams, limit=PAGE_ROWS, skip=listed.page * PAGE_ROWS)
    page = Page(rows_of(tx, ctx.book, found, ctx.actor), boards.count_waiting_in(tx, teams), listed)
    total = leads.count_unrouted(tx) if everything else 0
    unrouted = leads.unrouted(tx, limit=UNROUTED_SHOWN) if total else ()
    queue = Queue(
        page,
        teams,
        everything,
        unrouted=tuple(lead_facts(lead) for lead in unrouted),
        unrouted_total=total,
        admins=ctx.book.current.roles.admins,
        gone=gone,
    )
    return queue_answer(queue, ctx.now, reader=ctx.actor)


def _mine(tx: Connection, ctx: Context, listed: Listed) -> Rendered:
    found = boards.open_of(tx, ctx.actor, limit=PAGE_ROWS, skip=listed.page * PAGE_ROWS)
    page = Page(rows_of(tx, ctx.book, found, ctx.actor), boards.count_open_of(tx, ctx.actor), listed)
    return mine_answer(page, ctx.now, reader=ctx.actor)


def _rep(tx: Connection, ctx: Context, listed: Listed) -> Rendered:
    found = boards.open_of(tx, listed.of, limit=PAGE_ROWS, skip=listed.page * PAGE_ROWS)
    page = Page(rows_of(tx, ctx.book, found, ctx.actor), boards.count_open_of(tx, listed.of), listed)
    return rep_answer(listed.of, page, ctx.now)


def _company(tx: Connection, ctx: Context, listed: Listed) -> Rendered:
    name, page = at_company(tx, ctx, listed)
    return company_answer(name, page, ctx.now, reader=ctx.actor)


def at_company(tx: Connection, ctx: Context, listed: Listed) -> tuple[str, Page]:
    """The name of a company (or its domain) and one page of the people there."""
    skip = listed.page * PAGE_ROWS
    if listed.what is ListKind.COMPANY:
        found = search.at_company(tx, listed.of, limit=PAGE_ROWS, skip=skip)
        total = search.count_at_company(tx, listed.of)
        name = next((lead.company for lead in found if lead.company), listed.of)
    else:
        found = search.at_domain(tx, listed.of, limit=PAGE_ROWS, skip=skip)
        total, name = search.count_at_domain(tx, listed.of), listed.of
    return name, Page(rows_of_leads(tx, ctx.book, found, ctx.actor), total, listed)


def _history(tx: Connection, _ctx: Context, listed: Listed) -> Rendered:
    found = find(tx, listed.of)
    if found.lead is None:
        raise LeadNotFound(listed.of)
    events = history.page_of_lead(tx, found.lead.id, limit=PAGE_ROWS, skip=listed.page * PAGE_ROWS)
    about = listed.model_copy(update={"of": f"#{found.lead.id}"})
    page = Page((), history.count_of_lead(tx, found.lead.id), about)
    told = [Told(row.at, line_of(row)) for row in events]
    return history_page(lead_facts(found.lead), told, page)


LIST_PAGES: Mapping[ListKind, Callable[[Connection, Context, Listed], Rendered]] = {
    ListKind.QUEUE: _queue,
    ListKind.MINE: _mine,
    ListKind.REP: _rep,
    ListKind.COMPANY: _company,
    ListKind.DOMAIN: _company,
    ListKind.HISTORY: _history,
}
