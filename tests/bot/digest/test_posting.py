"""The digest is posted exactly once a week and channel, whoever asks and however often."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.agreement.model import Agreement
from bot.clock import Clock
from bot.context import Context
from bot.digest.deciding import Decide, decide, point_of
from bot.digest.posting import THREAD, post_due_digest
from bot.errors import InvalidInput, NotAllowed
from bot.lookups.digest import show_detail, show_report
from storage import people, reports
from storage.database import Database
from storage.models import deliveries
from storage.models import reports as report_table
from storage.outbox.bodies import DetailBody, ReportBody, body_of
from tests.bot.digest.histories import NOW, store
from tests.bot.digest.test_agenda import accepted, history, rejected, week_of

ROWS = history(*week_of((12, rejected("too_small", "fair")), (13, accepted())))


@pytest.fixture
def book(database: Database) -> AgreementBook:
    return database.write_now(store, ROWS)


def at(moment: datetime) -> Clock:
    return Clock(start=moment, speed=0)


def posted(tx: Connection, kind: str = "report") -> list[Any]:
    return list(tx.execute(select(deliveries).where(deliveries.c.kind == kind).order_by(deliveries.c.id)))


async def test_many_replicas_post_it_once(database: Database, book: AgreementBook) -> None:
    await asyncio.gather(*(post_due_digest(database, at(NOW), book) for _ in range(8)))
    [report] = await database.read(posted)
    details = await database.read(posted, "detail")
    assert report.place == "C0LEADS"
    assert [row.body["part"] for row in details if row.thread_id == report.id] == list(THREAD)
    managers = {team.manager for team in book.current.teams}
    assert {row.place for row in details if row.thread_id is None} == managers


async def test_it_comes_late_rather_than_never_and_never_early(
    database: Database, book: AgreementBook
) -> None:
    await post_due_digest(database, at(NOW - timedelta(minutes=1)), book)
    assert [row.body["report"] for row in await database.read(posted)] != []  # the week before, days late
    await post_due_digest(database, at(NOW + timedelta(days=6)), book)
    weeks = await database.read(lambda tx: list(tx.execute(select(report_table.c.period)).scalars()))
    assert weeks == ["2026-W46", "2026-W47"]


async def test_another_channel_gets_its_own(database: Database, book: AgreementBook) -> None:
    await post_due_digest(database, at(NOW), book)
    digest = book.current.digest
    assert digest is not None
    moved: Agreement = book.current.model_copy(
        update={"digest": digest.model_copy(update={"channel": "C0NEW"})}
    )
    await post_due_digest(database, at(NOW), AgreementBook(moved, book.current_id))
    assert [row.place for row in await database.read(posted)] == ["C0LEADS", "C0NEW"]


async def test_a_new_installation_reports_nothing_of_the_time_before(database: Database) -> None:
    fresh = database.write_now(open_book, default_agreement(), NOW + timedelta(minutes=1))
    await post_due_digest(database, at(NOW + timedelta(minutes=2)), fresh)
    assert await database.read(posted) == []


async def test_a_manager_who_wants_no_digest_gets_none(database: Database, book: AgreementBook) -> None:
    manager = book.current.teams[0].manager
    await database.write(people.set_prefs, manager, {"digest": False})
    await post_due_digest(database, at(NOW), book)
    assert manager not in {row.place for row in await database.read(posted, "detail")}


async def test_everything_that_was_posted_can_be_shown_with_and_without_charts(
    database: Database, book: AgreementBook
) -> None:
    await post_due_digest(database, at(NOW), book)
    [report] = await database.read(posted)
    for plain in (False, True):
        shown = await database.read(show_report, {**body_of(report, ReportBody), "plain": plain})
        assert shown is not None
        assert len(shown.blocks) <= 50
        for row in await database.read(posted, "detail"):
            assert await database.read(show_detail, {**body_of(row, DetailBody), "plain": plain}) is not None


def context(book: AgreementBook, actor: str) -> Context:
    return Context(NOW, NOW, book, actor, "trace")


async def test_a_decision_is_for_managers_and_may_be_changed(database: Database, book: AgreementBook) -> None:
    await post_due_digest(database, at(NOW), book)
    manager = book.current.teams[0].manager
    key = "campaign.fair.rejected"
    with pytest.raises(NotAllowed):
        await database.write(decide, context(book, "U0REP1"), Decide(1, key, "Nothing"))
    for wrong in (
        Decide(1, key, "  "),
        Decide(1, key, "x", until=NOW.date() - timedelta(days=1)),
        Decide(1, "no", "x"),
        Decide(9, key, "x"),
    ):
        with pytest.raises(InvalidInput):
            await database.write(decide, context(book, manager), wrong)
    for what in ("Raise the line", "Raise the line to 50"):
        await database.write(decide, context(book, manager), Decide(1, key, what, "U0MARA"))
    [row] = await database.read(reports.decisions_of, 1)
    assert (row.what, row.who, row.decided_by) == ("Raise the line to 50", "U0MARA", manager)
    assert (await database.read(point_of, context(book, manager), (1, key))).count == 12
