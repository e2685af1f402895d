"""Whoever clicks is not rung by it, and who is named and not called is not rung at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.away import ComeBack, GoAway, come_back, go_away
from bot.handoffs.away_leads import HandOn, Reclaim, hand_on, reclaim
from bot.handoffs.dispute import Agree, Contest, Resubmit, Rule, agree, contest, resubmit, rule
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.handoffs.snooze import MoreTime, Snooze, give_more_time, snooze
from bot.handoffs.touch import Touch, touch
from bot.handoffs.undo import Undo, undo
from bot.lookups.names import ready_to_post
from bot.views.message import rendered
from bot.views.text import call, mention
from storage.database import Database
from storage.models import Delivery, Outcome, Ruling, TouchKind
from tests.bot.ledger import MANAGER, RILEY, ROBIN
from tests.bot.ticking import TickingLedger

COACH = MANAGER  # manages, sells, answers for marketing: whatever there is to click, they may
RUNG = re.compile(r"<@([UW][A-Z0-9]+)>|<!subteam\^(S[A-Z0-9]+)>")


def everybodys() -> LoadedAgreement:
    """An agreement in which the coach has every role, and all leads are of one pool."""
    text = default_agreement().text
    text = text.replace('marketing = ["U0MARA"]', f'marketing = ["{COACH}"]').replace("U0CMO", COACH)
    text = text.replace("reps = [", f'reps = [\n  {{ user = "{COACH}" }},\n#', 1)
    return loaded(text)


@pytest.fixture
def opened(sqlite_url: str) -> Iterator[Database]:
    """One kind of database is enough: what is read here is what is written."""
    database = Database.open(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def ticking(opened: Database) -> TickingLedger:
    return TickingLedger(opened, agreement=everybodys())


def clicks(ticking: TickingLedger, lead: int) -> Iterator[Callable[[], object]]:
    """One way of a lead after the other, each through all that the coach can click on it."""
    does = ticking.does
    yield lambda: does(COACH, snooze, Snooze(lead, "15m", "Lunch"))
    yield lambda: does(COACH, accept, Accept(lead))
    yield lambda: does(COACH, undo, Undo(lead))
    yield lambda: does(COACH, take, Take(lead))
    yield lambda: does(COACH, reassign, Reassign(lead, RILEY, "Please"))
    yield lambda: does(COACH, take, Take(lead))
    yield lambda: does(COACH, give_more_time, MoreTime(lead, "1h", "Fair"))
    yield lambda: does(COACH, go_away, GoAway("2h"))
    yield lambda: does(COACH, hand_on, HandOn(COACH, (lead,)))
    yield lambda: does(COACH, come_back, ComeBack())
    yield lambda: does(COACH, reclaim, Reclaim(lead))
    yield lambda: does(COACH, touch, Touch(lead, TouchKind.CALL))
    yield lambda: does(COACH, set_outcome, SetOutcome(lead, Outcome.SQL))


def rejections(ticking: TickingLedger, lead: int) -> Iterator[Callable[[], object]]:
    """A rejection, and what marketing and the manager can click then."""
    does = ticking.does
    yield lambda: does(COACH, reject, Reject(lead, "bad_contact", "Bounces"))
    yield lambda: does(COACH, contest, Contest(lead, "It works"))
    yield lambda: does(COACH, rule, Rule(lead, Ruling.OVERTURNED))


def others(ticking: TickingLedger, lead: int) -> Iterator[Callable[[], object]]:
    """Other ends of a rejection."""
    yield lambda: ticking.does(COACH, reject, Reject(lead, "bad_contact", "Bounces"))
    yield lambda: ticking.does(COACH, agree, Agree(lead, "True"))


def corrected(ticking: TickingLedger, lead: int) -> Iterator[Callable[[], object]]:
    yield lambda: ticking.does(COACH, reject, Reject(lead, "bad_contact", "Bounces"))
    yield lambda: ticking.does(COACH, resubmit, Resubmit(lead, {"phone": "+1 555 0199"}))


def rung(ticking: TickingLedger, message: Delivery) -> set[str]:
    """Whom a message rings, as it reads now."""
    shown = ticking.shown(message)
    written = json.dumps([shown.text, shown.blocks]) if shown is not None else ""
    return {person or group for person, group in RUNG.findall(written)}


@pytest.mark.parametrize("way", [clicks, rejections, others, corrected])
def test_no_click_makes_a_message_that_mentions_whoever_clicked(
    ticking: TickingLedger, way: Callable[[TickingLedger, int], Iterator[Callable[[], object]]]
) -> None:
    lead = ticking.card_comes()
    for deed in way(ticking, lead):
        before = {row.id for row in ticking.deliveries()}
        ticking.passes(timedelta(seconds=5))
        deed()
        caused = [row for row in ticking.deliveries() if row.id not in before]
        assert [(row.kind, row.place) for row in caused if COACH in rung(ticking, row)] == []
        ticking.delivers()


def test_who_adds_a_lead_is_not_called_to_it_while_colleagues_are(ticking: TickingLedger) -> None:
    ticking.takes_in(RILEY)
    (card,) = ticking.messages("card")
    assert rung(ticking, card) == {ROBIN, COACH}


def test_who_tells_that_a_lead_heated_up_is_not_called_to_it(ticking: TickingLedger) -> None:
    lead = ticking.card_comes(activities=[], qualified=True, title="Engineer")
    ticking.passes(timedelta(minutes=5))
    ticking.takes_in(RILEY, title="Engineer")
    [raised] = ticking.messages("nag")
    assert rung(ticking, raised) == {ROBIN, COACH}
    ticking.delivers()
    ticking.does(ROBIN, accept, Accept(lead))
    ticking.passes(timedelta(minutes=5))
    asked = [{"type": "pricing_request", "at": ticking.now.isoformat()}]
    ticking.tells(ROBIN, **{"external_id": "hs-1", "email": "jane@acme.example", "activities": asked})
    assert [row.place for row in ticking.messages("nag")] == [raised.place]


def test_a_hot_lead_of_a_pool_calls_who_is_at_work_or_else_the_teams_group(opened: Database) -> None:
    plain = default_agreement().text
    always = plain.replace("p1_after_hours = false", "p1_after_hours = true")
    group = plain.replace('manager = "U0MGR"', 'manager = "U0MGR"\nping = "S0SALES1"', 1)
    for text, hours, called in (
        (plain, 0, {RILEY, ROBIN}),
        (plain, 4, {RILEY}),  # evening in Berlin
        (plain, 12, set()),
        (always, 12, {RILEY, ROBIN}),
        (group, 0, {"S0SALES1"}),
    ):
        ticking = TickingLedger(opened, agreement=loaded(text))
        ticking.passes(timedelta(hours=hours))
        mark = f"h{len(ticking.messages('card'))}"
        ticking.handoff_comes(external_id=mark, email=f"jo@{mark}.example", company=mark)
        assert rung(ticking, ticking.messages("card")[-1]) == called


def test_who_is_named_is_named_as_slack_told(ticking: TickingLedger) -> None:
    ticking.is_called(RILEY, "Riley Ross")
    written = rendered(f"{call(ROBIN)}: accepted by {mention(RILEY)}, not {mention('U0NOBODY')}", [])
    said = ticking.database.read_now(ready_to_post, written).text
    assert said == f"<@{ROBIN}>: accepted by Riley Ross, not a colleague"
