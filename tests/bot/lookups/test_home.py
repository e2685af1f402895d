"""Home is written when it is opened, and anew when what it shows has changed; nobody else's is touched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.clock import Clock
from bot.engine.home_watch import HomeWatch
from bot.handoffs.home import WATCHED_FOR, PrefChange, change_prefs, open_home
from bot.lookups.home import home_page
from storage.database import Database
from storage.models import Delivery, DeliveryState, deliveries
from tests.bot.house import JANE, MANAGER, RILEY, SASHA, House


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def waiting(house: House) -> list[str]:
    return [row.place for row in published(house) if row.state == DeliveryState.PENDING]


def published(house: House) -> list[Delivery]:
    return house.messages("home", op="publish")


def slack_takes_all(house: House) -> None:
    house.database.write_now(lambda tx: tx.execute(update(deliveries).values(state="sent")) and None)


class Watch:
    """A watch whose clock is the house's."""

    def __init__(self, house: House) -> None:
        self.house, self.clock = house, Clock(start=house.now, speed=0)
        self.watch = HomeWatch(house.database, self.clock, house.book)

    async def looks(self) -> list[str]:
        """It looks once; gives whose Homes wait to be written then."""
        self.clock.jump(self.house.now - self.clock.now())
        await self.watch.look()
        return waiting(self.house)


@pytest.fixture
def watch(house: House) -> Watch:
    return Watch(house)


def test_opening_it_often_is_one_wish(house: House) -> None:
    for _ in range(3):
        house.does(RILEY, open_home)
    house.does(SASHA, open_home)
    assert sorted(waiting(house)) == [RILEY, SASHA]


async def test_it_is_written_anew_when_what_it_shows_changes_and_only_then(
    house: House, watch: Watch
) -> None:
    house.does(RILEY, open_home)
    house.does(SASHA, open_home)
    slack_takes_all(house)
    assert await watch.looks() == []
    house.passes(timedelta(seconds=5))
    house.takes_in()  # for Enterprise, where Riley is and Sasha is not
    assert sorted(await watch.looks()) == [RILEY, SASHA], "the first look knows no page to compare with"
    slack_takes_all(house)
    house.passes(timedelta(seconds=5))
    house.takes_in(**{**JANE, "external_id": "hs-2", "email": "bob@other.example"})
    assert await watch.looks() == [RILEY]
    slack_takes_all(house)
    assert await watch.looks() == [], "nothing has happened since"


async def test_who_has_not_looked_for_a_quarter_of_an_hour_is_let_be(house: House, watch: Watch) -> None:
    house.does(RILEY, open_home)
    slack_takes_all(house)
    house.passes(WATCHED_FOR + timedelta(seconds=1))
    house.takes_in()
    assert await watch.looks() == []


def test_what_is_chosen_is_kept_and_nonsense_changes_nothing(house: House) -> None:
    assert house.does(RILEY, change_prefs, PrefChange("pref_nudges", "thread")).nudges == "thread"
    assert house.does(RILEY, change_prefs, PrefChange("pref_quiet", "20:00-08:00")).nudges == "thread"
    kept = house.does(RILEY, change_prefs, PrefChange("pref_quiet", "always"))
    assert (kept.nudges, kept.quiet, kept.digest) == ("thread", None, True)
    kept = house.does(RILEY, change_prefs, PrefChange("pref_digest", "no"))
    assert kept.digest is False


def test_a_managers_home_has_room_for_many_open_leads(house: House) -> None:
    for number in range(30):
        told = {"external_id": f"hs-{number}", "email": f"p{number}@firm{number}.example"}
        house.takes_in(**{**JANE, **told})
    page = house.database.read_now(home_page, house.book, MANAGER, house.now + timedelta(days=3))
    assert len(page.blocks) <= 100
    assert "30 open, 30 waiting, 30 late" in str(page.blocks)
