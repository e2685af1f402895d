"""Whose turn it is: the button that each reader of a row is given, and where its card is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

from bot.context import Context
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.dispute import Contest, contest
from bot.handoffs.touch import Touch, touch
from bot.lookups.details import details_of_handoff
from bot.lookups.home import home_of, home_page
from bot.lookups.lists import LIST_PAGES
from bot.lookups.rows import rows_of_leads
from bot.views.blocks import Block
from bot.views.details import details_modal
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


def _accepted(ledger: Ledger, handoff_id: int) -> None:
    ledger.does(RILEY, accept, Accept(handoff_id))


def _rejected(ledger: Ledger, handoff_id: int) -> None:
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact", note="Bounces"))


def _contested(ledger: Ledger, handoff_id: int) -> None:
    ledger.does(MARKETER, contest, Contest(handoff_id, "The number is right"))


def _late(ledger: Ledger, _handoff_id: int) -> None:
    ledger.passes(timedelta(minutes=10))


def _as_it_comes(_ledger: Ledger, _handoff_id: int) -> None:
    """Nothing happens to it."""


def _home(ledger: Ledger, reader: str, _handoff_id: int) -> list[Block]:
    return list(ledger.database.read_now(home_page, ledger.book, reader, ledger.now).blocks)


def _details(ledger: Ledger, reader: str, handoff_id: int) -> list[Block]:
    view: Block = ledger.does(reader, _details_modal, handoff_id)
    return list(view["blocks"])


def _details_modal(tx: Connection, ctx: Context, handoff_id: int) -> Block:
    return details_modal(details_of_handoff(tx, ctx, handoff_id), ctx.now)


Shown = Callable[[Ledger, str, int], list[Block]]
STORIES: dict[str, list[tuple[Callable[[Ledger, int], None], str, Shown, Action]]] = {
    "accepted": [
        (_as_it_comes, RILEY, _home, Action.ACCEPT),
        (_as_it_comes, RILEY, _details, Action.ACCEPT),
        (_as_it_comes, MARKETER, _home, Action.DETAILS),
        (_late, MANAGER, _home, Action.REASSIGN_FORM),
        (_accepted, RILEY, _home, Action.TOUCH),
        (_as_it_comes, RILEY, _details, Action.TOUCH),
    ],
    "rejected": [
        (_rejected, MARKETER, _home, Action.DISPUTE),
        (_contested, MANAGER, _home, Action.UPHOLD),
        (_as_it_comes, MANAGER, _details, Action.UPHOLD),
    ],
}
"""What becomes of a lead, and then for a reader of a surface: the button that is due."""


@pytest.mark.parametrize("story", STORIES)
def test_home_and_details_have_the_button_that_is_due_and_the_link_to_the_card(
    ledger: Ledger, story: str
) -> None:
    handoff_id = ledger.handoff_comes(campaign="q4-webinar")
    ledger.slack_shows("card")
    [post] = ledger.database.read_now(links.unlinked, limit=9)
    ledger.database.write_now(links.note, post.id, "1.0", "https://x.slack.com/p1")
    for becomes, reader, shown, button in STORIES[story]:
        becomes(ledger, handoff_id)
        blocks = shown(ledger, reader, handoff_id)
        linked = [at for at, block in enumerate(blocks) if "<https://x.slack.com/p1|Open card>" in str(block)]
        assert len(linked) == 1, (reader, button)
        end = len(blocks) if shown is _details else linked[0] + 4  # with both sides of a contest between
        assert f"'action_id': '{button}'" in str(blocks[linked[0] : end]), (reader, button)
