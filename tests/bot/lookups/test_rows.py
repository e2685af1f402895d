"""Whose turn it is: the button that each reader of a row is given, and where its card is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.touch import Touch, touch
from bot.lookups.home import home_of
from bot.lookups.lists import LIST_PAGES
from bot.lookups.rows import rows_of_leads
from bot.views.ids import Action, Listed, ListKind
from bot.views.rows import LeadRow
from storage.database import Database
from storage.models import TouchKind, deliveries
from storage.outbox import links
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, RILEY, ROBIN, SASHA, Ledger


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def row_for(ledger: Ledger, handoff_id: int, reader: str) -> LeadRow:
    lead = ledger.lead_of(handoff_id)
    return ledger.database.read_now(rows_of_leads, ledger.book, [lead], reader)[0]


def dues(ledger: Ledger, handoff_id: int) -> list[Action | None]:
    readers = (RILEY, ROBIN, SASHA, MANAGER, ADMIN, MARKETER)
    return [row_for(ledger, handoff_id, reader).due for reader in readers]


def test_whoever_can_act_next_is_given_the_button_for_it(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    passes_on = [Action.REASSIGN_FORM, Action.REASSIGN_FORM, None]
    assert dues(ledger, handoff_id) == [Action.ACCEPT, Action.ACCEPT, None, *passes_on]
    ledger.does(RILEY, accept, Accept(handoff_id))
    assert dues(ledger, handoff_id) == [Action.TOUCH, None, None, *passes_on]
    ledger.does(RILEY, touch, Touch(handoff_id, TouchKind.CALL, None))
    assert dues(ledger, handoff_id) == [Action.OUTCOME, None, None, *passes_on]


def test_a_rejection_is_marketings_to_answer(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    home = ledger.database.read_now(home_of, ledger.book, MARKETER, ledger.now)
    assert home.marketing is not None
    assert [row.due for row in home.marketing.answers] == [Action.DISPUTE]


def test_what_waits_comes_first_on_a_reps_home_and_stands_there_once(ledger: Ledger) -> None:
    first = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(first))
    ledger.passes(timedelta(minutes=1))
    second = ledger.handoff_comes(external_id="hs-2", email="bob@other.example", company="Other")
    own = ledger.database.read_now(home_of, ledger.book, RILEY, ledger.now).own
    assert own is not None
    assert ([row.handoff_id for row in own.waiting], own.waiting_total) == ([second], 1)
    assert ([row.handoff_id for row in own.rows], own.total) == ([first], 1)
    robins = ledger.database.read_now(home_of, ledger.book, ROBIN, ledger.now).own
    assert robins is not None
    assert ([row.handoff_id for row in robins.waiting], robins.total) == ([second], 0)


def test_a_row_links_to_its_card_or_to_the_list_in_which_it_stands(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    assert row_for(ledger, handoff_id, RILEY).card_url is None
    ledger.slack_shows("card")
    [post] = ledger.database.read_now(links.unlinked, limit=9)
    ledger.database.write_now(links.note, post.id, "2.0", "https://x.slack.com/other")
    assert row_for(ledger, handoff_id, RILEY).card_url is None, "it was posted anew meanwhile"
    ledger.database.write_now(links.note, post.id, "1.0", "https://x.slack.com/p1")
    assert row_for(ledger, handoff_id, RILEY).card_url == "https://x.slack.com/p1"
    assert ledger.database.read_now(links.unlinked, limit=9) == []
    other = ledger.handoff_comes(external_id="hs-2", email="bob@other.example", company="Other")
    listed = update(deliveries).where(deliveries.c.handoff_id == other).values(list_id=post.id)
    ledger.database.write_now(lambda tx: tx.execute(listed) and None)
    assert row_for(ledger, other, RILEY).card_url == "https://x.slack.com/p1"


@pytest.mark.parametrize(
    "listed",
    [
        Listed(what=ListKind.QUEUE),
        Listed(what=ListKind.MINE),
        Listed(what=ListKind.REP, of=RILEY),
        Listed(what=ListKind.COMPANY, of="acme"),
        Listed(what=ListKind.DOMAIN, of="acme.example"),
    ],
    ids=lambda listed: listed.what,
)
def test_a_row_of_every_list_has_the_button_and_the_link(ledger: Ledger, listed: Listed) -> None:
    handoff_id = ledger.handoff_comes()
    due = Action.ACCEPT
    if listed.what in (ListKind.MINE, ListKind.REP):
        ledger.does(RILEY, accept, Accept(handoff_id))
        due = Action.TOUCH
    ledger.slack_shows("card")
    [post] = ledger.database.read_now(links.unlinked, limit=9)
    ledger.database.write_now(links.note, post.id, "1.0", "https://x.slack.com/p1")
    shown = str(ledger.does(RILEY, LIST_PAGES[listed.what], listed).blocks)
    assert f"'action_id': '{due}'" in shown
    assert "<https://x.slack.com/p1|Open card>" in shown
