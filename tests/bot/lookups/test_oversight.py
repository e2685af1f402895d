"""What an admin finds on Home about the installation itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.agreement import default_agreement, loaded
from bot.lookups.home import home_page
from bot.lookups.oversight import just_short, oversight_of
from bot.views.oversight import Oversight
from storage import destinations, people
from storage.database import Database
from storage.models import DeliveryKind, DispatchState, deliveries
from storage.models.values import DestinationValues, DispatchValues
from storage.outbox import lanes, posts
from storage.outbox.posts import Rank
from storage.stamp import Stamp
from tests.bot.ledger import ADMIN, RILEY, Ledger


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def seen(ledger: Ledger) -> Oversight:
    return ledger.database.read_now(oversight_of, ledger.book, ADMIN, ledger.now)


def test_a_quiet_installation_names_its_agreement_and_nothing_else(ledger: Ledger) -> None:
    found = seen(ledger)
    assert (found.version, found.since) == (ledger.book.current.version, ledger.now)
    assert len(found.digest) >= 8
    assert (found.parked, found.kept_messages, found.activities, found.columns, found.short) == (
        (),
        0,
        (),
        (),
        (),
    )


def test_what_no_rule_knows_and_who_fell_just_short(ledger: Ledger) -> None:
    at = ledger.now.isoformat()
    told: dict[str, Any] = {"email": "a@firm.example", "title": "VP Sales", "employees": 900}
    near = ledger.tells(**told, shoe_size=44, activities=[{"type": "podcast", "at": at}])
    found = seen(ledger)
    assert ("podcast", 1) in found.activities
    assert ("shoe_size", 1) in found.columns
    assert [lead.lead_id for lead in found.short] == [near.id]
    assert "*Just short of an MQL* (B2)" in page(ledger, ADMIN)
    assert "Just short" not in page(ledger, RILEY)


def test_what_slack_refuses_and_whom_no_address_matches(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(owner="nobody@firm.example")
    assert handoff_id
    lane = ledger.messages("card")[0].lane
    parked: dict[str, Any] = {
        "now": ledger.now,
        "try_at": ledger.now + timedelta(seconds=30),
        "error": "is_archived",
    }
    ledger.database.write_now(lanes.park, lane, **parked)
    for user, email in ((RILEY, None), (ADMIN, "admin@x.example")):
        told: dict[str, Any] = {"name": "x", "email": email, "timezone": None, "left": False}
        ledger.database.write_now(people.remember, user, **told, asked_at=ledger.now)
    found = seen(ledger)
    assert "is archived" in found.parked[0][0]
    assert found.no_address == (RILEY,)
    assert found.strangers == ("nobody@firm.example",)
    kept = update(deliveries).values(state="parked")
    ledger.database.write_now(lambda tx: tx.execute(kept) and None)
    assert seen(ledger).kept_messages == len(ledger.messages("card"))
    assert "The log says why" in page(ledger, ADMIN)


def test_how_long_the_queue_to_slack_takes_with_cards_in_lists(ledger: Ledger) -> None:
    stamp = Stamp(ledger.now, ledger.now, "baton", "-")
    rows = [posts.new_post(stamp, DeliveryKind.CARD, place="C1", rank=Rank.THIRD) for _ in range(1000)]
    ledger.database.write_now(posts.post_all, rows)
    assert seen(ledger).drain == timedelta(seconds=1.05) * (99 + 10)
    assert "empty in about 2 min" in page(ledger, ADMIN)
    assert "empty in" not in page(ledger, RILEY)


def page(ledger: Ledger, user: str) -> str:
    return str(ledger.database.read_now(home_page, ledger.book, user, ledger.now).blocks)


def test_one_step_below_the_line_is_just_short(ledger: Ledger) -> None:
    assert just_short(ledger.book.current) == ("C1", "C2", "A3", "B3")


def test_a_webhook_that_does_not_get_its_events_is_named_with_what_it_answered(database: Database) -> None:
    hooks = '\n[[webhooks]]\nname = "crm-sync"\nurl = "https://tool.example/x"\nsecret_env = "S"\n'
    ledger = Ledger(database, agreement=loaded(default_agreement().text + hooks))
    database.write_now(destinations.begin, "crm-sync")
    assert "crm-sync" not in page(ledger, ADMIN)
    row: DispatchValues = {
        **{"destination": "crm-sync", "sequence": 1, "event_id": 1, "lead_id": 1},
        **{"due_at": ledger.now, "state": DispatchState.PARKED},
    }
    database.write_now(destinations.enqueue, [row])
    trouble: DestinationValues = {
        "trouble": "redirects to https://login.example/; write that address as its url"
    }
    database.write_now(destinations.change, "crm-sync", trouble)
    shown = page(ledger, ADMIN)
    assert "*crm-sync* redirects to" in shown
    assert "0 events waiting, 1 parked." in shown
    assert "`python app.py webhooks list` says more." in shown
