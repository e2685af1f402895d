"""Home is written when it is opened, and anew when what it shows has changed; nobody else's is touched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.clock import Clock
from bot.engine.home_watch import HomeWatch
from bot.handoffs.home import WATCHED_FOR, PrefChange, change_prefs, open_home
from bot.lookups.home import home_page
from storage import refused
from storage.database import Database
from storage.models import Delivery, DeliveryState, RefusedCause, deliveries
from storage.models.values import RefusedValues
from tests.bot.ledger import ADMIN, JANE, MANAGER, RILEY, SASHA, Ledger


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def waiting(ledger: Ledger) -> list[str]:
    return [row.place for row in published(ledger) if row.state == DeliveryState.PENDING]


def published(ledger: Ledger) -> list[Delivery]:
    return ledger.messages("home", op="publish")


def slack_takes_all(ledger: Ledger) -> None:
    ledger.database.write_now(lambda tx: tx.execute(update(deliveries).values(state="sent")) and None)


class Watch:
    """A watch whose clock is the ledger's."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.clock = ledger, Clock(start=ledger.now, speed=0)
        self.watch = HomeWatch(ledger.database, self.clock, ledger.book)

    async def looks(self) -> list[str]:
        """It looks once; gives whose Homes wait to be written then."""
        self.clock.jump(self.ledger.now - self.clock.now())
        await self.watch.look()
        return waiting(self.ledger)


@pytest.fixture
def watch(ledger: Ledger) -> Watch:
    return Watch(ledger)


def test_opening_it_often_is_one_wish(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.does(RILEY, open_home)
    ledger.does(SASHA, open_home)
    assert sorted(waiting(ledger)) == [RILEY, SASHA]


async def test_it_is_written_anew_when_what_it_shows_changes_and_only_then(
    ledger: Ledger, watch: Watch
) -> None:
    ledger.does(RILEY, open_home)
    ledger.does(SASHA, open_home)
    slack_takes_all(ledger)
    assert await watch.looks() == []
    ledger.passes(timedelta(seconds=5))
    ledger.takes_in()  # for Enterprise, where Riley is and Sasha is not
    assert sorted(await watch.looks()) == [RILEY, SASHA], "the first look knows no page to compare with"
    slack_takes_all(ledger)
    ledger.passes(timedelta(seconds=5))
    ledger.takes_in(**{**JANE, "external_id": "hs-2", "email": "bob@other.example"})
    assert await watch.looks() == [RILEY]
    slack_takes_all(ledger)
    assert await watch.looks() == [], "nothing has happened since"


async def test_who_has_not_looked_for_a_quarter_of_an_hour_is_let_be(ledger: Ledger, watch: Watch) -> None:
    ledger.does(RILEY, open_home)
    slack_takes_all(ledger)
    ledger.passes(WATCHED_FOR + timedelta(seconds=1))
    ledger.takes_in()
    assert await watch.looks() == []


def test_what_is_chosen_is_kept_and_nonsense_changes_nothing(ledger: Ledger) -> None:
    assert ledger.does(RILEY, change_prefs, PrefChange("pref_nudges", "thread")).nudges == "thread"
    assert ledger.does(RILEY, change_prefs, PrefChange("pref_quiet", "20:00-08:00")).nudges == "thread"
    kept = ledger.does(RILEY, change_prefs, PrefChange("pref_quiet", "always"))
    assert (kept.nudges, kept.quiet, kept.digest) == ("thread", None, True)
    kept = ledger.does(RILEY, change_prefs, PrefChange("pref_digest", "no"))
    assert kept.digest is False


def test_a_managers_home_has_room_for_many_open_leads(ledger: Ledger) -> None:
    for number in range(30):
        told = {"external_id": f"hs-{number}", "email": f"p{number}@firm{number}.example"}
        ledger.takes_in(**{**JANE, **told})
    page = ledger.database.read_now(home_page, ledger.book, MANAGER, ledger.now + timedelta(days=3))
    assert len(page.blocks) <= 100
    assert "30 open, 30 waiting, 30 late" in str(page.blocks)


def test_only_admins_see_what_was_refused_in_the_last_week_and_the_latest_of_it(ledger: Ledger) -> None:
    one: RefusedValues = {"door": "api", "system": "crm", "cause": RefusedCause.FIELDS, "why": "is wrong"}
    for days in (1, 2, 8):
        at = ledger.now - timedelta(days=days)
        kept: RefusedValues = {**one, "at": at, "body": {"days": days}, "trace": "t"}
        ledger.database.write_now(refused.add, kept)
    said = [
        str(ledger.database.read_now(home_page, ledger.book, user, ledger.now).blocks)
        for user in (ADMIN, RILEY)
    ]
    assert ["2 records were refused in the last 7 days" in each for each in said] == [True, False]
    assert ["#1 *api*: is wrong" in each for each in said] == [True, False]
    assert "#3" not in said[0]
