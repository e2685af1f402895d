"""Who gets a lead: of those who can keep its promise who knows it, or owns its company, else by turns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from bot.agreement import AgreementFaults, LoadedAgreement, loaded
from bot.handoffs.accept import Accept, accept
from bot.handoffs.away import GoAway, go_away
from bot.handoffs.dispute import Resubmit, resubmit
from bot.handoffs.reject import Reject, reject
from bot.handoffs.returning import return_due
from bot.rules.verdicts import KeptChoice, in_zone
from storage.database import Database
from storage.database.sql import known
from storage.models import DeliveryKind
from tests.bot.ledger import MANAGER, MARKETER, MONDAY, Ledger
from tests.bot.teams import ANNE, BERLIN, BERT, CLEO, LOS_ANGELES, NEW_YORK, rep, with_team
from tests.bot.ticking import TickingLedger

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEN_TO_FOUR = MONDAY + 5 * HOUR + 50 * MINUTE  # in New York; Berlin sleeps
CALM: dict[str, Any] = {"activities": [], "qualified": True, "title": "Engineer"}
"""No hand was raised: P3, due in four hours."""
_NUMBERS = count(1)


def comes(ledger: Ledger, company: str | None = None, **fields: Any) -> int:
    n = next(_NUMBERS)
    firm = company or f"firm{n}"
    told = {"external_id": f"a-{n}", "email": f"p{n}@{firm}.example", "company": firm.title(), "employees": 9}
    return ledger.handoff_comes(**{**told, "first_name": "Kim", "last_name": f"Lee{n}", **fields})


def owner(ledger: Ledger, handoff_id: int) -> str | None:
    return ledger.handoff(handoff_id).owner


def at(database: Database, agreement: LoadedAgreement, now: Any = MONDAY) -> Ledger:
    return Ledger(database, now=now, agreement=agreement)


OVERSEAS = (rep(BERT, BERLIN), rep(ANNE, NEW_YORK))


def known_company(database: Database, **changes: str) -> Ledger:
    """Bert in Berlin owns a lead of ACME, and worked it while he and Anne were at work."""
    ledger = at(database, with_team(*OVERSEAS, **changes))
    first = comes(ledger, "acme")
    ledger.does(BERT, accept, Accept(first))
    return ledger


def test_a_hot_lead_of_a_company_whose_owner_sleeps_goes_to_the_colleague_at_work(
    database: Database,
) -> None:
    ledger = known_company(database)
    ledger.now = TEN_TO_FOUR
    hot = comes(ledger, "acme")
    assert owner(ledger, hot) == ANNE
    assert ledger.handoff(hot).owner_why == "Rotation: New York shift, 0 open"
    assert ledger.running(hot)["accept"].due_at == TEN_TO_FOUR + 5 * MINUTE


def test_the_owner_of_the_company_hears_of_it_as_their_day_begins(database: Database) -> None:
    ledger = known_company(database)
    ledger.now = TEN_TO_FOUR
    hot = comes(ledger, "acme")
    told = [row for row in ledger.messages(DeliveryKind.HISTORY) if row.place == BERT]
    assert [row.due_at for row in told] == [MONDAY.replace(hour=8) + DAY]
    assert told[0].body["detail"] == {
        **{"owner": ANNE, "company_owner": BERT},
        "why": "starts tomorrow 9:00, due tomorrow 9:05",
    }
    assert "lead.passed_by" in ledger.kinds(hot)


def test_the_owner_stays_the_owner_after_a_colleague_took_one(database: Database) -> None:
    ledger = known_company(database)
    ledger.now = TEN_TO_FOUR
    comes(ledger, "acme")
    ledger.now = MONDAY + DAY
    again = comes(ledger, "acme")
    assert (owner(ledger, again), ledger.handoff(again).owner_why) == (BERT, "Already owns Acme")


def test_where_leads_wait_for_the_owner_of_their_company_a_hot_one_does_not(database: Database) -> None:
    ledger = known_company(database, company_owner='{ when_away = "wait" }')
    ledger.goes_away(BERT, 4 * DAY)
    assert owner(ledger, comes(ledger, "acme", **CALM)) == BERT
    assert owner(ledger, comes(ledger, "acme")) == ANNE


def test_where_owning_a_company_means_nothing_its_leads_take_turns(database: Database) -> None:
    ledger = known_company(database, company_owner="false")
    owners = [owner(ledger, comes(ledger, "acme")) for _ in range(4)]
    assert sorted(map(known, owners)) == [ANNE, ANNE, BERT, BERT]


@pytest.mark.parametrize(("days", "whose"), [(170, BERT), (190, ANNE)])
def test_who_did_nothing_for_half_a_year_does_not_own_the_company(
    database: Database, days: int, whose: str
) -> None:
    ledger = known_company(database)  # and the turn after Bert's is Anne's
    ledger.now = MONDAY + timedelta(days=days, hours=-1)  # summer, and both are at work
    assert owner(ledger, comes(ledger, "acme")) == whose


def test_nobody_gets_a_hot_lead_two_minutes_before_the_shift_ends(database: Database) -> None:
    ledger = at(database, with_team(rep(ANNE, NEW_YORK), rep(CLEO, LOS_ANGELES)), MONDAY.replace(hour=21))
    ledger.passes(58 * MINUTE)
    late = [comes(ledger) for _ in range(3)]
    assert {owner(ledger, each) for each in late} == {CLEO}
    kept = KeptChoice.from_json(known(ledger.handoff(late[0]).choice))
    words = {each.user: in_zone(each.words, kept.at, NEW_YORK) for each in kept.each}
    assert words[ANNE] == "shift ends in 2 min, due tomorrow 9:03"
    assert words[CLEO] == ledger.handoff(late[0]).owner_why == "Rotation: Los Angeles shift, 0 open"


def test_without_anybody_at_work_a_hot_lead_goes_to_who_starts_first(database: Database) -> None:
    ledger = at(database, with_team(*OVERSEAS, rep(CLEO, LOS_ANGELES)), MONDAY.replace(hour=4) + DAY)
    assert {owner(ledger, comes(ledger)) for _ in range(3)} == {BERT}


def test_more_than_the_most_of_a_day_or_a_week_goes_to_others(database: Database) -> None:
    capped = (rep(ANNE, NEW_YORK, "per_day = 1, per_week = 2"), rep(CLEO, NEW_YORK, "per_day = 3"))
    ledger = at(database, with_team(*capped))
    given = [owner(ledger, comes(ledger)) for _ in range(5)]
    assert sorted(filter(None, given)) == [ANNE, CLEO, CLEO, CLEO]
    assert given[4] is None
    stuck = ledger.handoff(comes(ledger))
    assert stuck.owner_why == "Nobody can take it: 2 reached their limit for today"
    ledger.now = MONDAY + DAY
    assert ANNE in {owner(ledger, comes(ledger)) for _ in range(2)}
    ledger.now = MONDAY + 2 * DAY  # two in this week
    assert {owner(ledger, comes(ledger)) for _ in range(2)} == {CLEO}
    ledger.now = MONDAY + 7 * DAY
    assert ANNE in {owner(ledger, comes(ledger)) for _ in range(2)}


def test_a_mended_lead_goes_back_to_whoever_sent_it_back(database: Database) -> None:
    ledger = at(database, with_team(rep(ANNE, NEW_YORK), rep(CLEO, NEW_YORK)))
    for _ in range(2):
        handoff_id = comes(ledger)
        had = known(owner(ledger, handoff_id))
        ledger.does(had, reject, Reject(handoff_id, "bad_contact"))
        ledger.does(MARKETER, resubmit, Resubmit(handoff_id, {"phone": "+1 555 0100"}))
        again = [row for row in ledger.messages("card") if row.lead_id == ledger.handoff(handoff_id).lead_id]
        newest = known(again[-1].handoff_id)
        assert (owner(ledger, newest), ledger.handoff(newest).owner_why) == (
            had,
            "Knows this lead: had it before",
        )


def test_a_recycled_lead_goes_back_to_who_knows_it_unless_they_are_away(database: Database) -> None:
    ledger = at(database, with_team(rep(ANNE, NEW_YORK), rep(CLEO, NEW_YORK)))
    both = {known(owner(ledger, handoff)): handoff for handoff in (comes(ledger), comes(ledger))}
    for user, handoff_id in both.items():
        ledger.does(user, reject, Reject(handoff_id, "low_intent"))
    ledger.now = MONDAY + 91 * DAY
    ledger.does(CLEO, go_away, GoAway("until friday"))
    assert ledger.does("baton", return_due) == 2
    cards = {row.lead_id: known(row.handoff_id) for row in ledger.messages("card")}
    back = {user: cards[ledger.handoff(handoff_id).lead_id] for user, handoff_id in both.items()}
    assert owner(ledger, back[ANNE]) == ANNE
    assert owner(ledger, back[CLEO]) == ANNE
    assert "Back from nurture" in ledger.handoff(back[ANNE]).why[0]


def test_a_pool_takes_no_turns_and_keeps_the_owner_of_a_company(database: Database) -> None:
    ledger = at(database, with_team(*OVERSEAS, assign="pool"))
    first = comes(ledger, "acme")
    assert (owner(ledger, first), ledger.handoff(first).choice) == (None, None)
    ledger.does(BERT, accept, Accept(first))
    assert owner(ledger, comes(ledger, "acme")) == BERT
    ledger.now = TEN_TO_FOUR
    hot = ledger.handoff(comes(ledger, "acme"))
    assert (hot.owner, hot.owner_why) == (None, None)


def test_the_clock_of_a_pool_runs_in_the_hours_of_all_who_are_there(database: Database) -> None:
    ledger = at(database, with_team(rep(ANNE, NEW_YORK), rep(BERT, BERLIN), assign="pool"))
    ledger.now = MONDAY.replace(hour=8) + DAY  # Berlin opens, New York sleeps
    assert ledger.running(comes(ledger))["accept"].due_at == ledger.now + 5 * MINUTE
    ledger.does(BERT, go_away, GoAway("until friday"))
    alone = ledger.running(comes(ledger))["accept"]
    assert (alone.present, alone.due_at) == ([ANNE], MONDAY.replace(hour=14) + DAY + 5 * MINUTE)


def test_the_manager_is_asked_where_nobody_can_take_it(database: Database) -> None:
    ledger = at(database, with_team(rep(ANNE, NEW_YORK)))
    ledger.does(ANNE, go_away, GoAway("until friday"))
    assert owner(ledger, comes(ledger)) is None
    assert [row.place for row in ledger.messages("nag")] == [MANAGER]


# What is odd


def test_what_a_rep_of_two_teams_has_counts_in_both(database: Database) -> None:
    one = with_team(rep(ANNE, NEW_YORK, "capacity = 1"), rep(CLEO, NEW_YORK)).text
    second = one[one.index("[[teams]]") : one.index("[routing]")].replace('"Growth"', '"Small"')
    second = second.replace("reps = [", 'match = { employees = "<5" }\nreps = [')
    ledger = at(database, loaded(one.replace("[[teams]]", f"{second}[[teams]]", 1)))
    small = [comes(ledger, employees=2) for _ in range(2)]
    assert {ledger.handoff(each).team for each in small} == {"Small"}
    assert sorted(map(known, (owner(ledger, each) for each in small))) == [ANNE, CLEO]
    assert {owner(ledger, comes(ledger)) for _ in range(2)} == {CLEO}


def test_with_everybody_away_for_a_month_a_lead_is_the_first_one_s_who_is_back(database: Database) -> None:
    ticking = TickingLedger(database, agreement=with_team(rep(ANNE, NEW_YORK), rep(CLEO, NEW_YORK)))
    ticking.goes_away(ANNE, 31 * DAY)
    ticking.goes_away(CLEO, 30 * DAY)
    stuck = comes(ticking)
    ticking.delivers()
    for _ in range(30):
        ticking.ticks(DAY - MINUTE / 60)
        assert owner(ticking, stuck) is None
    late = ticking.clock(stuck, "accept")
    assert (late.breached_at, late.cause) == (late.due_at, "no_eligible_rep")
    ticking.ticks(MINUTE)
    assert owner(ticking, stuck) == CLEO


@pytest.mark.parametrize(
    ("zone", "more", "says"),
    [
        ("Mars/Base", "", "time zone"),
        (NEW_YORK, 'open = "09:00", close = "09:00"', "09:00"),
    ],
)
def test_a_zone_or_a_shift_that_is_none_is_told_at_once(zone: str, more: str, says: str) -> None:
    with pytest.raises(AgreementFaults, match=says):
        with_team(rep(ANNE, zone, more))


@pytest.mark.parametrize("hour", [5, 6])
def test_the_hour_that_is_there_twice_is_worked_twice(database: Database, hour: int) -> None:
    night = 'days = ["sat"], open = "22:00", close = "06:00"'
    now = datetime(2026, 11, 1, hour, 30, tzinfo=UTC)  # half past one in New York, both times
    ledger = at(database, with_team(rep(ANNE, NEW_YORK, night), rep(CLEO, LOS_ANGELES)), now)
    hot = comes(ledger)
    assert owner(ledger, hot) == ANNE
    assert ledger.running(hot)["accept"].due_at == now + 5 * MINUTE


def test_the_29th_of_february_is_a_day_like_any_other(database: Database) -> None:
    leap = datetime(2028, 2, 29, 15, tzinfo=UTC)
    ledger = at(database, with_team(rep(ANNE, NEW_YORK, "per_day = 1"), rep(CLEO, NEW_YORK)), leap)
    assert sorted(map(known, (owner(ledger, comes(ledger)) for _ in range(3)))) == [ANNE, CLEO, CLEO]
    ledger.now += DAY
    assert ANNE in {owner(ledger, comes(ledger)) for _ in range(2)}


def test_a_holiday_on_a_weekend_takes_nothing_from_a_working_day(database: Database) -> None:
    off = 'holidays = ["2026-11-21"]'  # a Saturday
    ledger = at(database, with_team(rep(ANNE, NEW_YORK, off)), MONDAY + 4 * DAY)
    assert ledger.running(comes(ledger))["accept"].due_at == ledger.now + 5 * MINUTE


# Colleagues who take a lead of somebody's company


def passed_by(ledger: Ledger) -> list[tuple[str, str, str]]:
    """Who was told that a colleague has a lead of their company: to whom, who has it, and why."""
    told = [row for row in ledger.messages(DeliveryKind.HISTORY) if row.body["event"] == "lead.passed_by"]
    return [(row.place, row.body["detail"]["owner"], row.body["detail"]["why"]) for row in told]


def test_who_accepts_from_a_pool_what_is_of_a_colleagues_company_has_them_told(database: Database) -> None:
    ledger = at(database, with_team(*OVERSEAS, rep(CLEO, NEW_YORK), assign="pool"))
    ledger.does(BERT, accept, Accept(comes(ledger, "acme")))
    ledger.now = TEN_TO_FOUR
    hot = comes(ledger, "acme")
    assert passed_by(ledger) == []
    ledger.does(ANNE, accept, Accept(hot))
    assert passed_by(ledger) == [(BERT, ANNE, "starts tomorrow 9:00, due tomorrow 9:05")]
    ledger.does(CLEO, accept, Accept(comes(ledger)))  # of a company that nobody owns
    assert len(passed_by(ledger)) == 1


def test_the_owner_of_the_company_who_accepts_it_themselves_hears_nothing(database: Database) -> None:
    ledger = at(database, with_team(*OVERSEAS, assign="pool"))
    ledger.does(BERT, accept, Accept(comes(ledger, "acme")))
    ledger.now = TEN_TO_FOUR
    ledger.does(BERT, accept, Accept(comes(ledger, "acme")))
    assert passed_by(ledger) == []


def test_an_owner_who_is_there_and_slower_reads_just_that(database: Database) -> None:
    ledger = at(database, with_team(*OVERSEAS, assign="pool"))
    both = [comes(ledger, "acme"), comes(ledger, "acme")]
    ledger.does(BERT, accept, Accept(both[0]))
    ledger.does(ANNE, accept, Accept(both[1]))
    assert passed_by(ledger) == [(BERT, ANNE, "they accepted it first")]


def test_what_nobody_could_take_goes_to_the_owner_of_its_company_or_they_hear(database: Database) -> None:
    full = (rep(BERT, BERLIN, "capacity = 1"), rep(ANNE, NEW_YORK, "capacity = 1"))
    ledger = TickingLedger(database, agreement=with_team(*full))
    first, second = comes(ledger, "acme"), comes(ledger)
    owners = {owner(ledger, first): first, owner(ledger, second): second}
    (whose,) = (user for user, each in owners.items() if each == first)
    other = ANNE if whose == BERT else BERT
    stuck, again = comes(ledger, "acme"), comes(ledger, "acme")
    ledger.does(known(whose), reject, Reject(first, "low_intent"))
    ledger.ticks(MINUTE)
    assert (owner(ledger, stuck), ledger.handoff(stuck).owner_why) == (whose, "Already owns Acme")
    ledger.does(other, reject, Reject(second, "junk"))
    ledger.ticks(MINUTE)
    assert owner(ledger, again) == other
    assert [(to, taker) for to, taker, _ in passed_by(ledger)] == [(whose, other)]
