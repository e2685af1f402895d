"""Somebody is away: what stops, what stays, what goes to colleagues and comes back, and who is told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.agreement import default_agreement, loaded
from bot.errors import AmbiguousTime, InvalidInput, NotAllowed, NotPossible
from bot.handoffs import Accept, accept, away_leads, hand_off
from bot.handoffs.away import ComeBack, GoAway, cancel_absence, come_back, go_away
from bot.handoffs.away_leads import HandOn, Reclaim, hand_on, reclaim, reclaim_all
from bot.handoffs.away_notices import speak_of_absences
from bot.handoffs.reassign import Reassign, reassign
from bot.handoffs.touch import Touch, touch
from bot.views.answers import answer_to
from storage import absences, clocks
from storage.database import Database
from storage.models import TouchKind
from storage.outbox import nags
from tests.bot.handoffs.test_away import NOON, comes
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, RILEY, SASHA, TONI, Ledger


@pytest.fixture
def ledger(database: Database) -> Ledger:
    ledger = Ledger(database)
    ledger.passes(NOON)
    return ledger


FRIDAY_NOON = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)


def accepted(ledger: Ledger, rep: str, number: int) -> int:
    """A lead of Growth that came to this rep, because the other was away just then, and was accepted."""
    away = ledger.goes_away(TONI if rep == SASHA else SASHA)
    handoff = comes(ledger, number)
    ledger.database.write_now(absences.remove, away)
    ledger.does(rep, accept, Accept(handoff))
    return handoff


def spans(ledger: Ledger, user: str) -> list[tuple[datetime, datetime | None]]:
    rows = ledger.database.read_now(absences.ahead, [user], ledger.now).get(user, ())
    return [(row.begins, row.ends) for row in rows]


def test_new_leads_stop_at_once_and_nothing_else_moves(ledger: Ledger) -> None:
    leads = [accepted(ledger, SASHA, number) for number in (1, 2, 3)]
    ledger.does(SASHA, touch, Touch(leads[0], TouchKind.CALL))
    answer = ledger.does(SASHA, go_away, GoAway("until wednesday"))
    assert (answer.own, answer.ahead, answer.words) == (True, False, "until Wednesday 18 November")
    assert answer.form is not None
    assert [(each.handoff_id, each.untouched) for each in answer.form.leads] == [
        (leads[1], True),
        (leads[2], True),
        (leads[0], False),
    ]
    assert {ledger.handoff(each).owner for each in leads} == {SASHA}, "looked at before anything moves"
    assert {ledger.handoff(comes(ledger, number)).owner for number in range(4, 9)} == {TONI}
    assert ledger.messages("nag") == []


def test_what_is_ticked_goes_to_colleagues_who_are_told_in_one_message(ledger: Ledger) -> None:
    leads = [accepted(ledger, SASHA, number) for number in (1, 2, 3)]
    ledger.does(SASHA, go_away, GoAway())
    done = ledger.does(SASHA, hand_on, HandOn(SASHA, tuple(leads[:2])))
    assert (done.to, done.stuck, done.left) == ({TONI: 2}, 0, ())
    for each in leads[:2]:
        assert ledger.handoff(each).owner == TONI
        (clock,) = ledger.running(each).values()
        assert (clock.owner, clock.started_at) == (TONI, ledger.now)
        last = ledger.events(each)[-1]
        assert (last.kind, last.actor, last.detail["away"]) == ("lead.reassigned", SASHA, "away from now on")
    assert ledger.handoff(leads[2]).owner == SASHA, "what is not ticked stays, and its clock climbs"
    assert [message.place for message in ledger.messages("nag")] == [TONI], "told once, of all of them"


def test_a_lead_without_a_running_clock_is_told_of_too(ledger: Ledger) -> None:
    deal = accepted(ledger, SASHA, 1)
    ledger.does(SASHA, touch, Touch(deal, TouchKind.CALL))
    ledger.database.write_now(lambda tx: clocks.stop_all(tx, deal, at=ledger.now))
    ledger.does(SASHA, go_away, GoAway())
    ledger.does(SASHA, hand_on, HandOn(SASHA, (deal,)))
    assert ledger.handoff(deal).owner == TONI
    assert [message.place for message in ledger.messages("nag")] == [TONI]


def test_whoever_is_back_can_have_back_what_nobody_has_contacted(ledger: Ledger) -> None:
    leads = [accepted(ledger, SASHA, number) for number in (1, 2, 3)]
    ledger.does(SASHA, go_away, GoAway("2h"))
    ledger.does(SASHA, hand_on, HandOn(SASHA, tuple(leads)))
    ledger.does(TONI, touch, Touch(leads[0], TouchKind.CALL))
    answer = ledger.does(SASHA, come_back, ComeBack())
    assert answer.was_away
    assert answer.offer is not None
    assert {row.handoff_id for row in answer.offer.rows} == {*leads[1:]}
    ledger.does(SASHA, reclaim, Reclaim(leads[1]))
    assert ledger.handoff(leads[1]).owner == SASHA
    with pytest.raises(NotPossible):
        ledger.does(SASHA, reclaim, Reclaim(leads[0]))
    assert ledger.does(SASHA, reclaim_all, answer.offer.absence) == 1
    assert ledger.handoff(leads[2]).owner == SASHA
    assert [message.place for message in ledger.messages("nag")] == [TONI], "nobody hears of their own click"


def test_a_lead_that_was_decided_meanwhile_stays_where_it_is(ledger: Ledger) -> None:
    lead = accepted(ledger, SASHA, 1)
    ledger.does(SASHA, go_away, GoAway())
    ledger.does(MANAGER, reassign, Reassign(lead, TONI))
    assert ledger.does(SASHA, hand_on, HandOn(SASHA, (lead,))).gone == 1
    assert ledger.handoff(lead).owner == TONI


def test_a_lead_never_goes_back_to_whoever_had_it(ledger: Ledger) -> None:
    lead = comes(ledger, 1)
    first = ledger.handoff(lead).owner
    other = TONI if first == SASHA else SASHA
    ledger.does(MANAGER, reassign, Reassign(lead, other))
    ledger.does(other, go_away, GoAway())
    assert ledger.does(other, hand_on, HandOn(other, (lead,))).stuck == 1
    assert ledger.handoff(lead).owner is None, "nobody had accepted it, so it waits in the queue"
    assert MANAGER in [message.place for message in ledger.messages("nag")]


def test_many_leads_are_handed_on_in_parts_and_told_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(away_leads, "AT_ONCE", 2)
    leads = tuple(accepted(ledger, SASHA, number) for number in range(1, 6))
    ledger.does(SASHA, go_away, GoAway())
    left = ledger.does(SASHA, hand_on, HandOn(SASHA, leads[:1], beyond=leads[:2])).left
    while left:
        left = ledger.does(SASHA, hand_on, HandOn(SASHA, left)).left
    owners = [ledger.handoff(each).owner for each in leads]
    assert owners == [TONI, SASHA, TONI, TONI, TONI], "all beyond those shown, and those that were ticked"
    assert len(ledger.messages("nag")) == 1


@pytest.mark.parametrize(
    ("said", "begins", "ends"),
    [
        ("", "2026-11-27 12:00", None),
        ("until further notice", "2026-11-27 12:00", None),
        ("2h", "2026-11-27 12:00", "2026-11-27 14:00"),
        ("eod", "2026-11-27 12:00", "2026-11-28 00:00"),
        ("until monday", "2026-11-27 12:00", "2026-11-30 00:00"),
        ("tomorrow", "2026-11-28 00:00", "2026-11-29 00:00"),
        ("monday", "2026-11-30 00:00", "2026-12-01 00:00"),
        ("monday to wednesday", "2026-11-30 00:00", "2026-12-03 00:00"),
        ("from monday until wednesday", "2026-11-30 00:00", "2026-12-02 00:00"),
        ("20 Dec \u2013 3 Jan", "2026-12-20 00:00", "2027-01-04 00:00"),
        ("20 Dec to 3 Jan", "2026-12-20 00:00", "2027-01-04 00:00"),
        ("next week until friday", "2026-11-30 00:00", "2026-12-04 00:00"),
        ("01.12.", "2026-12-01 00:00", "2026-12-02 00:00"),
    ],
)
def test_a_time_is_taken_as_people_write_it(ledger: Ledger, said: str, begins: str, ends: str | None) -> None:
    ledger.now = FRIDAY_NOON
    ledger.does(SASHA, go_away, GoAway(said))
    here = ZoneInfo("America/New_York")
    ((begin, end),) = spans(ledger, SASHA)
    assert f"{begin.astimezone(here):%Y-%m-%d %H:%M}" == begins
    assert (f"{end.astimezone(here):%Y-%m-%d %H:%M}" if end else None) == ends


def test_a_day_that_may_be_two_is_asked(ledger: Ledger) -> None:
    with pytest.raises(AmbiguousTime) as unclear:
        ledger.does(SASHA, go_away, GoAway("12/1"))
    assert [words for words, _ in unclear.value.readings] == ["Tuesday 12 January 2027", "Tuesday 1 December"]
    ledger.does(SASHA, go_away, GoAway(unclear.value.readings[1][1]))
    assert spans(ledger, SASHA)[0][0] == datetime(2026, 12, 1, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "until",
    [
        "31 June",
        "yesterday",
        "whenever",
        "in 9999 days",
        "from friday until monday 2025",
        "5 Jan to 2 Jan 2026",
    ],
)
def test_an_impossible_time_is_a_fault_of_its_field(ledger: Ledger, until: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ledger.does(SASHA, go_away, GoAway(until))
    assert refused.value.faults.keys() == {"until"}
    assert spans(ledger, SASHA) == []


def test_several_absences_are_kept_and_those_that_overlap_are_one(ledger: Ledger) -> None:
    for said in ("1 Dec to 3 Dec", "20 Dec to 3 Jan", "3 Dec to 5 Dec", "2 Jan to 6 Jan"):
        answer = ledger.does(SASHA, go_away, GoAway(said))
    assert [each.words for each in answer.planned] == [
        "Tuesday 1 December to Saturday 5 December",
        "Sunday 20 December to Wednesday 6 January 2027",
    ]
    first = answer.planned[0].absence
    after = ledger.does(SASHA, cancel_absence, first)
    assert after.cancelled
    assert len(after.planned) == 1
    with pytest.raises(NotPossible):
        ledger.does(SASHA, cancel_absence, first)


def test_said_again_while_away_the_new_end_holds(ledger: Ledger) -> None:
    ledger.does(SASHA, go_away, GoAway())
    ledger.passes(timedelta(hours=1))
    ledger.does(SASHA, go_away, GoAway("2h"))
    assert spans(ledger, SASHA) == [(ledger.now - timedelta(hours=1), ledger.now + timedelta(hours=2))]


def test_an_absence_ahead_keeps_no_lead_away_before_it_begins(ledger: Ledger) -> None:
    answer = ledger.does(SASHA, go_away, GoAway("tomorrow"))
    assert (answer.ahead, answer.form) == (True, None)
    owners = {ledger.handoff(comes(ledger, number)).owner for number in range(1, 5)}
    assert owners == {SASHA, TONI}
    ledger.passes(timedelta(days=1))
    assert {ledger.handoff(comes(ledger, number)).owner for number in range(5, 9)} == {TONI}


def test_a_manager_sets_it_for_their_reps_and_an_admin_for_all(ledger: Ledger) -> None:
    for actor in (MANAGER, ADMIN):
        answer = ledger.does(actor, go_away, GoAway("until wednesday", SASHA))
        assert (answer.user, answer.own) == (SASHA, False)
        assert [(each.place, each.body["what"]) for each in ledger.messages("absence")][-1] == (SASHA, "set")
        assert not ledger.does(actor, come_back, ComeBack(SASHA)).own
    with pytest.raises(NotAllowed) as refused:
        ledger.does(RILEY, go_away, GoAway("2h", SASHA))
    assert MANAGER in refused.value.who_can
    assert spans(ledger, SASHA) == []


def test_what_a_manager_hands_on_is_the_managers_deed(ledger: Ledger) -> None:
    lead = accepted(ledger, SASHA, 1)
    ledger.does(MANAGER, go_away, GoAway("until wednesday", SASHA))
    ledger.does(MANAGER, hand_on, HandOn(SASHA, (lead,)))
    assert ledger.events(lead)[-1].actor == MANAGER
    (message,) = ledger.messages("nag")
    (line,) = ledger.database.read_now(nags.lines_of, message.id)
    assert (line.given_by, line.given_why) == (MANAGER, "away until Wednesday 18 November")


@pytest.mark.parametrize(("actor", "user"), [(MARKETER, None), (MANAGER, MARKETER), (ADMIN, "U0STRANGER")])
def test_absence_is_for_reps(ledger: Ledger, actor: str, user: str | None) -> None:
    with pytest.raises(NotPossible) as refused:
        ledger.does(actor, go_away, GoAway("2h", user))
    assert "Absence is for reps" in answer_to(refused.value, actor)


def test_a_rep_of_two_teams_is_away_from_both(database: Database) -> None:
    text = default_agreement().text.replace(
        '{ user = "U0REP4", capacity', '{ user = "U0REP1" },\n  { user = "U0REP4", capacity'
    )
    ledger = Ledger(database, agreement=loaded(text))
    ledger.passes(NOON)
    ledger.does(RILEY, go_away, GoAway())
    assert {ledger.handoff(comes(ledger, number)).owner for number in range(1, 7)} == {SASHA, TONI}
    growth, enterprise = (ledger.book.current.team(name) for name in ("Growth", "Enterprise"))
    assert growth is not None
    assert growth.rep(RILEY)
    assert enterprise is not None
    assert enterprise.rep(RILEY)


def test_where_everybody_is_away_leads_stay_and_the_manager_is_asked(ledger: Ledger) -> None:
    lead = accepted(ledger, SASHA, 1)
    for rep in (SASHA, TONI):
        ledger.does(rep, go_away, GoAway("for 4 weeks"))
    assert ledger.does(SASHA, hand_on, HandOn(SASHA, (lead,))).stuck == 1
    assert ledger.handoff(lead).owner == SASHA
    assert ledger.handoff(comes(ledger, 2)).owner_why == "Nobody can take it: 2 away"


# What is said in the course of time


def speaks(ledger: Ledger) -> list[tuple[str, str]]:
    """Let a tick pass; gives to whom what was said of absences, all told."""
    ledger.does("baton", speak_of_absences)
    return [(each.place, each.body["what"]) for each in ledger.messages("absence")]


def test_an_absence_that_begins_with_untouched_leads_is_told_to_the_manager(ledger: Ledger) -> None:
    accepted(ledger, SASHA, 1)
    ledger.does(SASHA, go_away, GoAway("tomorrow to wednesday"))
    assert speaks(ledger) == []
    ledger.passes(timedelta(hours=24))
    assert speaks(ledger) == speaks(ledger) == [(MANAGER, "begins")]


def test_one_that_begins_with_nothing_to_decide_is_told_to_nobody(ledger: Ledger) -> None:
    ledger.does(SASHA, go_away, GoAway("tomorrow to wednesday"))
    ledger.passes(timedelta(hours=24))
    assert speaks(ledger) == []


def test_until_further_notice_is_reminded_of_each_monday(ledger: Ledger) -> None:
    ledger.does(SASHA, go_away, GoAway("until further notice"))
    assert speaks(ledger) == []
    ledger.passes(timedelta(days=7))
    assert speaks(ledger) == speaks(ledger) == [(SASHA, "still")]
    ledger.passes(timedelta(days=7))
    assert speaks(ledger) == [(SASHA, "still")] * 2
    ledger.does(SASHA, come_back, ComeBack())
    ledger.passes(timedelta(days=7))
    assert len(speaks(ledger)) == 2


def test_an_absence_that_is_over_offers_what_is_untouched(ledger: Ledger) -> None:
    lead = accepted(ledger, SASHA, 1)
    ledger.does(SASHA, go_away, GoAway("2h"))
    ledger.does(SASHA, hand_on, HandOn(SASHA, (lead,)))
    ledger.passes(timedelta(hours=2, minutes=1))
    assert speaks(ledger) == [(SASHA, "over")]


def test_a_manager_who_is_away_has_a_stand_in_or_else_the_admins(database: Database) -> None:
    for text, told in (
        (default_agreement().text, ADMIN),
        (
            default_agreement().text.replace('manager = "U0MGR"', 'manager = "U0MGR"\nstand_in = "U0CMO"'),
            "U0CMO",
        ),
    ):
        ledger = Ledger(database, agreement=loaded(text))
        ledger.passes(NOON)
        answer = ledger.does(MANAGER, go_away, GoAway("until friday"))
        assert answer.instead == (told,)
        lead = comes(ledger, len(told), external_id=told, email=f"{told}@firm.example", company=told)
        ledger.does("baton", hand_off.tell_nobody_can, lead, None)
        assert ledger.messages("nag")[-1].place == told
        ledger.does(MANAGER, come_back, ComeBack())
