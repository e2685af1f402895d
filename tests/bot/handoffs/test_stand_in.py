"""Who stands in for a manager: they are asked in the manager's place, and may do what they are asked to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.context import BATON
from bot.digest.asking import understand
from bot.digest.periods import week_of
from bot.digest.posting import post_digest, weekly_report
from bot.errors import NotAllowed
from bot.handoffs.accept import Accept, accept
from bot.handoffs.away import GoAway, go_away
from bot.handoffs.away_notices import speak_of_absences
from bot.handoffs.dispute import Contest, Rule, contest, rule
from bot.handoffs.leaving import report_who_left
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.handoffs.reject import Reject, reject
from bot.handoffs.snooze import MoreTime, give_more_time
from bot.lookups.home import home_page
from bot.rules.signing import Side, asked_to_sign
from storage.database import Database
from storage.models import DeliveryKind, Outcome, Ruling
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, RILEY, ROBIN
from tests.bot.memory import InMemory
from tests.bot.ticking import MINUTE, TickingLedger

STEF, CMO = "U0STEF", "U0CMO"
DAY = timedelta(days=1)


@pytest.fixture
def ticking(database: Database) -> TickingLedger:
    return TickingLedger(database, agreement=_agreement())


def _agreement() -> LoadedAgreement:
    """The default, whose first team has a stand-in."""
    text = default_agreement().text
    return loaded(text.replace('manager = "U0MGR"', f'manager = "U0MGR"\nstand_in = "{STEF}"', 1))


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


def _late(ticking: TickingLedger) -> set[str]:
    ticking.card_comes()
    ticking.ticks(5 * MINUTE)
    return {row.place for row in ticking.messages(DeliveryKind.NAG) if row.place[0] == "U"}


def _contested(ticking: TickingLedger) -> set[str]:
    lead = ticking.card_comes()
    ticking.does(RILEY, reject, Reject(lead, "bad_contact", "Bounces"))
    ticking.does(MARKETER, contest, Contest(lead, "It works"))
    return set(places(ticking, DeliveryKind.ANSWER))


def _account(ticking: TickingLedger) -> set[str]:
    lead = ticking.card_comes()
    ticking.does(RILEY, reject, Reject(lead, "existing_customer", "They have site one"))
    owner = ticking.handoff(lead).owner
    return {owner} if owner else set()


def _begins(ticking: TickingLedger) -> set[str]:
    lead = ticking.card_comes()
    ticking.does(MANAGER, reassign, Reassign(lead, RILEY))
    ticking.does(RILEY, go_away, GoAway("tomorrow"))
    ticking.passes(DAY)
    ticking.does(BATON, speak_of_absences)
    return {row.place for row in ticking.messages(DeliveryKind.ABSENCE) if row.body["what"] == "begins"}


def _report(ticking: TickingLedger) -> set[str]:
    span = week_of(ticking.now.date(), "UTC")
    report = ticking.database.read_now(weekly_report, ticking.book, span, "C0LEADS", ticking.now)
    ticking.does(BATON, post_digest, report, "C0LEADS")
    details = [row for row in ticking.messages(DeliveryKind.DETAIL) if row.thread_id is None]
    return {row.place for row in details if "Enterprise" in row.body["teams"]}


def _rep_left(ticking: TickingLedger) -> set[str]:
    ticking.leaves(RILEY)
    ticking.does(BATON, report_who_left)
    told = set(places(ticking, DeliveryKind.PARKED))
    assert ADMIN in told  # who is to change the agreement
    return told - {ADMIN} or told


def _signs(ticking: TickingLedger) -> set[str]:
    team = ticking.book.current.teams[0]
    return set(ticking.database.read_now(asked_to_sign, ticking.book, team, ticking.now)[Side.SALES])


@pytest.mark.parametrize("asks", [_late, _contested, _account, _begins, _report, _rep_left, _signs])
@pytest.mark.parametrize(
    ("gone", "asked"), [((), MANAGER), ((MANAGER,), STEF), ((STEF,), MANAGER), ((MANAGER, STEF), ADMIN)]
)
def test_whatever_is_the_managers_goes_to_who_is_there(
    sqlite_url: str, gone: tuple[str, ...], asked: str, asks: Callable[[TickingLedger], set[str]]
) -> None:
    ticking = TickingLedger(InMemory(sqlite_url), agreement=_agreement())
    for user in gone:
        ticking.goes_away(user, 2 * DAY)
    assert asks(ticking) == {asked}


def test_with_every_admin_but_one_away_too_that_one_is_asked(ticking: TickingLedger) -> None:
    text = ticking.agreement.text.replace(f'["{ADMIN}"]', f'["{ADMIN}", "U0ZOE"]')
    ticking.agrees(loaded(text))
    for user in (MANAGER, STEF, ADMIN):
        ticking.goes_away(user, DAY)
    assert _contested(ticking) == {"U0ZOE"}


def test_a_stand_in_may_ask_for_the_reps_of_the_team(ticking: TickingLedger) -> None:
    asked = ticking.database.read_now(lambda tx: understand(tx, ticking.book, "last week", STEF, ticking.now))
    assert asked.question.teams_of_reps == ("Enterprise",)


@pytest.mark.parametrize(
    ("gone", "user", "named"),
    [
        ((), MANAGER, (STEF, ADMIN)),  # the second team has no stand-in
        ((STEF,), MANAGER, (ADMIN,)),
        ((), STEF, ()),  # the manager is there, so nothing is theirs to decide
        ((MANAGER,), STEF, (ADMIN,)),
        ((), RILEY, ()),
        ((), CMO, (ADMIN,)),
    ],
)
def test_who_goes_away_reads_who_decides_instead(
    sqlite_url: str, gone: tuple[str, ...], user: str, named: tuple[str, ...]
) -> None:
    ticking = TickingLedger(InMemory(sqlite_url), agreement=_agreement())
    for each in gone:
        ticking.goes_away(each, DAY)
    assert ticking.does(user, go_away, GoAway("2h")).instead == named


def test_marketings_manager_goes_away_like_a_teams(ticking: TickingLedger) -> None:
    with pytest.raises(NotAllowed) as refused:
        ticking.does(MARKETER, go_away, GoAway("2h", CMO))
    assert refused.value.who_can == (CMO, ADMIN)
    ticking.does(ADMIN, go_away, GoAway("until further notice", CMO))
    lead = ticking.card_comes()
    ticking.does(RILEY, reject, Reject(lead, "bad_contact", "Bounces"))
    ticking.ticks(8 * DAY)
    told = {row.place for row in ticking.messages(DeliveryKind.NAG) if row.place[0] == "U"}
    assert told == {ADMIN}  # of the answer that is late
