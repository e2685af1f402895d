"""Who stands in for a manager: they are asked in the manager's place, and may do what they are asked to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.agreement import default_agreement, loaded
from bot.errors import NotAllowed
from bot.handoffs.accept import Accept, accept
from bot.handoffs.away import GoAway, go_away
from bot.handoffs.dispute import Contest, Rule, contest, rule
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.handoffs.reject import Reject, reject
from bot.handoffs.snooze import MoreTime, give_more_time
from bot.lookups.home import home_page
from storage.database import Database
from storage.models import DeliveryKind, Outcome, Ruling
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, RILEY, ROBIN
from tests.bot.ticking import MINUTE, TickingLedger

STEF = "U0STEF"
DAY = timedelta(days=1)


@pytest.fixture
def ticking(database: Database) -> TickingLedger:
    text = default_agreement().text.replace('manager = "U0MGR"', f'manager = "U0MGR"\nstand_in = "{STEF}"', 1)
    return TickingLedger(database, agreement=loaded(text))


def places(ticking: TickingLedger, kind: str) -> list[str]:
    return [row.place for row in ticking.messages(kind)]


def test_whoever_is_told_to_choose_may_choose(ticking: TickingLedger) -> None:
    ticking.goes_away(MANAGER, DAY)
    lead = ticking.card_comes()
    ticking.ticks(5 * MINUTE)
    [told] = [row for row in ticking.messages("nag") if row.place == STEF]
    assert "Late since" in ticking.reads(told)
    ticking.does(STEF, give_more_time, MoreTime(lead, "1h", "Trade fair"))
    ticking.does(STEF, reassign, Reassign(lead, ROBIN))
    assert ticking.handoff(lead).owner == ROBIN
    ticking.does(STEF, take, Take(lead))
    assert ticking.handoff(lead).owner == STEF
    ticking.does(STEF, go_away, GoAway("until friday", RILEY))


def test_a_contested_rejection_goes_to_who_decides_now(ticking: TickingLedger) -> None:
    ticking.goes_away(MANAGER, DAY)
    lead = ticking.card_comes()
    ticking.does(RILEY, reject, Reject(lead, "bad_contact", "Bounces"))
    ticking.does(MARKETER, contest, Contest(lead, "It works"))
    assert places(ticking, DeliveryKind.ANSWER) == [STEF]
    ticking.does(STEF, rule, Rule(lead, Ruling.OVERTURNED))
    with pytest.raises(NotAllowed):
        ticking.does(RILEY, reassign, Reassign(lead, ROBIN))


def test_with_both_away_the_admins_decide(ticking: TickingLedger) -> None:
    for user in (MANAGER, STEF):
        ticking.goes_away(user, DAY)
    lead = ticking.card_comes()
    ticking.does(RILEY, reject, Reject(lead, "bad_contact", "Bounces"))
    ticking.does(MARKETER, contest, Contest(lead, "It works"))
    assert places(ticking, DeliveryKind.ANSWER) == [ADMIN]


@pytest.mark.parametrize(("gone", "told"), [((), RILEY), ((RILEY,), MANAGER), ((RILEY, MANAGER), STEF)])
def test_a_customer_who_raises_a_hand_is_told_to_somebody_there(
    ticking: TickingLedger, gone: tuple[str, ...], told: str
) -> None:
    lead = ticking.card_comes()
    ticking.does(RILEY, accept, Accept(lead))
    ticking.does(RILEY, set_outcome, SetOutcome(lead, Outcome.OPPORTUNITY, Entered("5000", "USD")))
    ticking.does(RILEY, set_outcome, SetOutcome(lead, Outcome.WON, Entered("5000", "USD")))
    for user in gone:
        ticking.goes_away(user, DAY)
    ticking.passes(MINUTE)
    ticking.takes_in()
    assert places(ticking, DeliveryKind.CUSTOMER) == [told]


def test_their_home_shows_the_team(ticking: TickingLedger) -> None:
    ticking.card_comes()
    page = ticking.database.read_now(home_page, ticking.book, STEF, ticking.now)
    assert "*Enterprise*: 1 open, 1 waiting" in str(page.blocks)
