"""A manager splits a lead that joined two people, in both of the ways in which that comes about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update

from bot.context import Context
from bot.errors import LeadNotFound, NotAllowed, NotPossible, Obstacle
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.lead_changes import note_identity
from bot.handoffs.split import Split, split, split_form
from bot.handoffs.taken import KNOWN_RECORD
from bot.leadform import read_lead, record_digest, to_columns
from bot.leadform.keys import email_key
from bot.rules.identity_changes import replay
from bot.views.modals.states import SplitForm, WasSplit
from storage import handoffs, history, leads, records
from storage.database.sql import columns_of
from storage.models import Event, EventKind, HandoffState, Lead, Stage, events
from storage.models.details import Detail
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, RILEY, Ledger

CARL: dict[str, Any] = {
    "email": "carl@birch.example",
    "first_name": "Carl",
    "last_name": "Dunn",
    "title": "Buyer",
    "company": "Birch",
}
OTHER: dict[str, Any] = {**CARL, "external_id": "hs-2", "activities": []}


def overwrite(tx: Connection, ctx: Context, lead_id: int, activity: str = "page_view") -> None:
    """Carl's record lands on somebody else's lead, as it did while an id alone said who somebody is."""
    known = leads.get(tx, lead_id)
    assert known is not None
    form = read_lead(CARL, now=ctx.now)
    columns = to_columns(form)
    leads.change(tx, lead_id, columns)
    records.add(tx, lead_id, record_digest("fair", form), ctx.now)
    leads.add_alias(tx, lead_id, "fair", "c-1")
    leads.add_former_address(tx, lead_id, str(known.email_key))
    row = {"lead_id": lead_id, "type": activity, "at": ctx.now, "key": f"{activity} {ctx.now}"}
    leads.add_activity(tx, row)  # type: ignore[arg-type]  # the rest has defaults
    detail: Detail = {"activities": 1, **note_identity(known, columns, "fair", "c-1")}
    history.record(tx, ctx.stamp, EventKind.UPDATED, lead_id=lead_id, detail=detail)


def lead_of(ledger: Ledger, lead_id: int) -> Lead:
    lead = ledger.database.read_now(leads.get, lead_id)
    assert lead is not None
    return lead


def overwritten(ledger: Ledger, activity: str = "page_view") -> int:
    """Jane, who is with sales, has become Carl."""
    lead_id = ledger.handoff(ledger.handoff_comes()).lead_id
    ledger.passes(timedelta(hours=1))
    ledger.does("api:fair", overwrite, lead_id, activity)
    return lead_id


def merged(ledger: Ledger) -> tuple[int, int]:
    """Jane was merged by hand into Carl: his lead, and hers."""
    carl = ledger.takes_in(**OTHER).id
    handoff_id = ledger.handoff_comes()
    jane = ledger.handoff(handoff_id).lead_id
    ledger.does(RILEY, reject, Reject(handoff_id, "duplicate", merge_into=f"#{carl}"))
    ledger.passes(timedelta(hours=1))
    return carl, jane


def shown(ledger: Ledger, lead_id: int, who: str = MANAGER) -> SplitForm:
    return ledger.does(who, split_form, f"#{lead_id}")


def parts(ledger: Ledger, lead_id: int) -> WasSplit:
    return ledger.does(MANAGER, split, Split(lead_id, shown(ledger, lead_id).seen))


def types(ledger: Ledger, lead_id: int) -> list[str]:
    return [row.type for row in ledger.database.read_now(leads.activities_of, lead_id)]


def ids(ledger: Ledger, lead_id: int) -> list[tuple[str, str]]:
    return ledger.database.read_now(leads.aliases, lead_id)


def splits(ledger: Ledger, lead_id: int) -> list[Event]:
    return list(ledger.database.read_now(history.of_kinds, lead_id, [EventKind.SPLIT]))


def test_the_form_shows_who_stays_and_who_goes(ledger: Ledger) -> None:
    form = shown(ledger, overwritten(ledger))
    assert (form.stays.name, form.stays.company, form.stays.ids) == ("Jane Doe", "ACME", ("crm hs-1",))
    assert (form.goes.name, form.goes.company, form.goes.ids) == ("Carl Dunn", "Birch", ("fair c-1",))
    assert (form.stays.activities, form.goes.activities) == (1, 1)
    assert (form.with_sales, form.revives, form.doubts) == (True, None, ())


def test_an_overwritten_lead_becomes_two(ledger: Ledger) -> None:
    lead_id = overwritten(ledger)
    handoff_id = handoffs_of(ledger, lead_id)[-1]
    done = parts(ledger, lead_id)
    jane, carl = lead_of(ledger, lead_id), lead_of(ledger, done.goes_to)
    assert (jane.email, jane.first_name, jane.title, jane.company) == (
        *("jane@acme.example", "Jane"),
        *("CTO", "ACME"),
    )
    assert (jane.email_key, jane.company_domain) == ("jane@acme.example", "acme.example")
    assert {name: getattr(carl, name) for name in CARL} == CARL
    assert (carl.email_key, carl.company_domain, carl.stage) == (
        *("carl@birch.example", "birch.example"),
        Stage.INQUIRY,
    )
    assert (ids(ledger, jane.id), ids(ledger, carl.id)) == ([("crm", "hs-1")], [("fair", "c-1")])
    assert (types(ledger, jane.id), types(ledger, carl.id)) == (["demo_request"], ["page_view"])
    assert ledger.handoff(handoff_id).lead_id == jane.id
    assert ledger.handoff(handoff_id).state is HandoffState.WAITING
    assert set(ledger.running(handoff_id)) == {"accept"}
    assert handoffs_of(ledger, carl.id) == []
    assert carl.grade is not None


def handoffs_of(ledger: Ledger, lead_id: int) -> list[int]:
    return [row.id for row in ledger.database.read_now(handoffs.of_lead, lead_id)]


def test_later_records_find_their_own_lead(ledger: Ledger) -> None:
    lead_id = overwritten(ledger)
    done = parts(ledger, lead_id)
    assert ledger.tells(external_id="hs-1", email="jane@acme.example", first_name="Jane").id == lead_id
    assert ledger.tells("api:fair", external_id="c-1", **CARL).id == done.goes_to
    assert ledger.tells(**CARL).id == done.goes_to


def test_what_was_said_of_each_goes_with_them_so_that_it_is_no_news_again(ledger: Ledger) -> None:
    lead_id = overwritten(ledger)
    done = parts(ledger, lead_id)
    kept = [len(ledger.database.read_now(records.of_lead, each)) for each in (lead_id, done.goes_to)]
    assert kept == [1, 1]
    before = len(ledger.database.read_now(history.of_lead, done.goes_to))
    again = ledger.tells("api:fair", **CARL)
    assert (again.id, again.notes) == (done.goes_to, (KNOWN_RECORD,))
    assert len(ledger.database.read_now(history.of_lead, done.goes_to)) == before


def test_a_split_is_told_in_both_histories_and_each_lead_can_be_put_back(ledger: Ledger) -> None:
    lead_id = overwritten(ledger)
    before = columns_of(lead_of(ledger, lead_id))
    done = parts(ledger, lead_id)
    (stayed,), (went,) = splits(ledger, lead_id), splits(ledger, done.goes_to)
    assert (stayed.actor, stayed.detail["split_into"]) == (MANAGER, done.goes_to)
    assert (went.actor, went.detail["split_from"]) == (MANAGER, lead_id)
    after = columns_of(lead_of(ledger, lead_id))
    changed = dict(stayed.detail["changed"])
    assert changed.pop("external_ids") == [[["crm", "hs-1"], ["fair", "c-1"]], [["crm", "hs-1"]]]
    assert {name: pair[0] for name, pair in changed.items()} == {name: before[name] for name in changed}
    assert {name: pair[1] for name, pair in changed.items()} == {name: after[name] for name in changed}
    put_back = replay([went.detail["changed"]])
    assert {name: put_back[name] for name in CARL} == CARL
    assert put_back["external_ids"] == (("fair", "c-1"),)
    told = ledger.database.read_now(history.of_kinds, lead_id, list(EventKind))
    identity = [event.detail["changed"] for event in told if "changed" in event.detail][:-1]
    assert {name: replay([*identity, changed])[name] for name in CARL} == {name: after[name] for name in CARL}


def test_the_thread_of_the_card_says_so(ledger: Ledger) -> None:
    ledger.handoff_comes()
    ledger.slack_shows("card")
    ledger.passes(timedelta(hours=1))
    ledger.does("api:fair", overwrite, 1)
    parts(ledger, 1)
    assert [message.body["event"] for message in ledger.messages("history")] == ["lead.split"]


def test_who_asked_for_a_demo_goes_to_sales(ledger: Ledger) -> None:
    done = parts(ledger, overwritten(ledger, "demo_request"))
    assert done.team is not None
    assert lead_of(ledger, done.goes_to).stage is Stage.MQL


def test_a_merge_by_hand_is_undone_and_the_former_lead_lives_again(ledger: Ledger) -> None:
    carl, jane = merged(ledger)
    form = shown(ledger, carl)
    assert (form.stays.name, form.goes.name, form.revives) == ("Carl Dunn", "Jane Doe", jane)
    assert (form.stays.activities, form.goes.activities) == (0, 1)
    done = parts(ledger, carl)
    assert done.goes_to == jane
    revived = lead_of(ledger, jane)
    assert (revived.merged_into, revived.closed_at, revived.email) == (None, None, "jane@acme.example")
    assert (ids(ledger, carl), ids(ledger, jane)) == ([("crm", "hs-2")], [("crm", "hs-1")])
    assert (types(ledger, carl), types(ledger, jane)) == ([], ["demo_request"])
    assert lead_of(ledger, carl).email == "carl@birch.example"
    assert len(splits(ledger, jane)) == len(splits(ledger, carl)) == 1
    assert [ledger.handoff(each).state for each in handoffs_of(ledger, jane)] == [
        *(HandoffState.MERGED, HandoffState.WAITING)
    ]


def did_much(tx: Connection, ctx: Context, lead_id: int, count: int) -> None:
    for number in range(count):
        row = {"lead_id": lead_id, "type": "page_view", "at": ctx.now, "key": f"{ctx.now} {number}"}
        leads.add_activity(tx, row)  # type: ignore[arg-type]  # the rest has defaults
        history.record(tx, ctx.stamp, EventKind.ACTIVITY, lead_id=lead_id)


def test_of_a_lead_that_did_very_much_nothing_is_lost(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.lookups.split.MOST", 5)
    lead_id = ledger.handoff(ledger.handoff_comes()).lead_id
    ledger.does("api:crm", did_much, lead_id, 8)
    ledger.passes(timedelta(hours=1))
    ledger.does("api:fair", overwrite, lead_id)
    ledger.does("api:fair", did_much, lead_id, 4)
    before = types(ledger, lead_id)
    form = shown(ledger, lead_id)
    assert (form.stays.name, form.stays.activities) == ("Jane Doe", 9)
    assert (form.goes.name, form.goes.activities) == ("Carl Dunn", 5)
    assert form.doubts == ("There are too many activities to look at each; they go by their dates.",)
    done = parts(ledger, lead_id)
    stayed, went = types(ledger, lead_id), types(ledger, done.goes_to)
    assert (len(stayed), went) == (9, ["page_view"] * 5)
    assert sorted(stayed + went) == sorted(before)
    kept = [len(ledger.database.read_now(records.of_lead, each)) for each in (lead_id, done.goes_to)]
    assert kept == [1, 1]


def test_so_it_is_of_one_that_was_merged_by_hand(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.lookups.split.MOST", 5)
    carl, jane = merged(ledger)
    ledger.does("api:crm", did_much, carl, 6)
    form = shown(ledger, carl)
    assert (form.stays.name, form.goes.name, form.revives) == ("Carl Dunn", "Jane Doe", jane)
    assert form.stays.activities + form.goes.activities == 7
    parts(ledger, carl)
    assert (types(ledger, carl), types(ledger, jane)) == (["page_view"] * 6, ["demo_request"])


def listed(tx: Connection, _ctx: Context, jane: int) -> None:
    """The merge as it was written down when its line listed the keys of what it brought."""
    line = history.last_of_lead(tx, jane, EventKind.MERGED)
    assert line is not None
    merged = line.detail["before"]["merged"]
    del merged["after"]
    merged["activities"] = [row.key for row in leads.activities_of(tx, jane)]
    tx.execute(update(events).where(events.c.id == line.id).values(detail=line.detail))


def test_a_merge_of_an_older_version_is_undone_too(ledger: Ledger) -> None:
    carl, jane = merged(ledger)
    ledger.does(ADMIN, listed, jane)
    parts(ledger, carl)
    assert (types(ledger, carl), types(ledger, jane)) == ([], ["demo_request"])


def test_what_was_split_is_one_person_from_then_on(ledger: Ledger) -> None:
    lead_id = overwritten(ledger)
    done = parts(ledger, lead_id)
    for each in (lead_id, done.goes_to):
        with pytest.raises(NotPossible) as refusal:
            shown(ledger, each)
        assert refusal.value.obstacle is Obstacle.ONE_PERSON


def test_what_was_split_and_overwritten_again_can_be_split_again(ledger: Ledger) -> None:
    lead_id = overwritten(ledger)
    parts(ledger, lead_id)
    ledger.passes(timedelta(hours=1))
    ledger.does("api:fair", overwrite, lead_id)
    form = shown(ledger, lead_id)
    assert (form.stays.name, form.goes.name) == ("Jane Doe", "Carl Dunn")
    assert (form.stays.activities, form.goes.activities) == (1, 1)


def test_a_lead_of_one_person_is_not_split(ledger: Ledger) -> None:
    lead_id = ledger.takes_in().id
    with pytest.raises(NotPossible) as refusal:
        shown(ledger, lead_id)
    assert refusal.value.obstacle is Obstacle.ONE_PERSON


def test_nobody_is_no_lead(ledger: Ledger) -> None:
    with pytest.raises(LeadNotFound):
        shown(ledger, 99)


def test_a_lead_that_changed_since_the_form_was_opened_stays_as_it_is(ledger: Ledger) -> None:
    lead_id = overwritten(ledger)
    form = shown(ledger, lead_id)
    ledger.does(RILEY, accept, Accept(handoffs_of(ledger, lead_id)[-1]))
    with pytest.raises(NotPossible) as refusal:
        ledger.does(MANAGER, split, Split(lead_id, form.seen))
    assert refusal.value.obstacle is Obstacle.CHANGED_SINCE
    assert lead_of(ledger, lead_id).email_key == email_key(CARL["email"])


def test_the_same_form_sent_twice_splits_once(ledger: Ledger) -> None:
    lead_id = overwritten(ledger)
    seen = shown(ledger, lead_id).seen
    first = ledger.does(MANAGER, split, Split(lead_id, seen))
    assert ledger.does(MANAGER, split, Split(lead_id, seen)) == first
    assert len(splits(ledger, lead_id)) == 1


@pytest.mark.parametrize(("who", "may"), [(MANAGER, True), (ADMIN, True), (RILEY, False), (MARKETER, False)])
def test_managers_and_admins_may(ledger: Ledger, who: str, may: bool) -> None:
    lead_id = overwritten(ledger)
    if may:
        assert shown(ledger, lead_id, who).lead_id == lead_id
        return
    with pytest.raises(NotAllowed, match="split this lead"):
        shown(ledger, lead_id, who)
    with pytest.raises(NotAllowed):
        ledger.does(who, split, Split(lead_id, 1))
