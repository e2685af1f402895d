"""`/alignment why FIGURE`: what happened to the leads behind a figure, in order, with date and doer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.handoffs import Accept, Reject, accept, reject
from bot.lookups.digest import alignment_answer
from storage.models import EventKind, events
from tests.bot.ledger import RILEY, ROBIN, Ledger
from tests.bot.views.reading import said


def answers(ledger: Ledger, text: str) -> str:
    context = ledger.context("U0ANYBODY")
    return said(ledger.database.read_now(alignment_answer, context, text).best)


def two_leads(ledger: Ledger) -> None:
    """Riley accepts Jane a minute after she came; Robin rejects Bo, who came later."""
    jane = ledger.handoff_comes()
    ledger.passes(timedelta(minutes=1))
    bo = ledger.handoff_comes(external_id="hs-2", email="bo@firm.example", first_name="Bo", last_name="Dunn")
    ledger.does(RILEY, accept, Accept(jane))
    ledger.passes(timedelta(minutes=1))
    ledger.does(ROBIN, reject, Reject(bo, "too_small"))
    ledger.passes(timedelta(minutes=1))


@pytest.mark.parametrize("figure", ["handed_off", "Handed off", "HANDED OFF week"])
def test_it_tells_what_happened_to_each_lead_in_order_with_date_and_doer(ledger: Ledger, figure: str) -> None:
    two_leads(ledger)
    answer = answers(ledger, f"why {figure}")
    places = [
        answer.index(each) for each in ("*#1*", "Jane Doe", "<@U0REP1>", "*#2*", "Bo Dunn", "<@U0REP2>")
    ]
    assert places == sorted(places)
    assert answer.index("Handed off") < answer.index("Accepted")
    assert "<!date^" in answer
    assert "too small" in answer


def test_it_tells_only_of_the_leads_behind_the_figure(ledger: Ledger) -> None:
    two_leads(ledger)
    answer = answers(ledger, "why rejected")
    assert "Bo Dunn" in answer
    assert "Jane" not in answer


def test_of_a_lead_with_very_many_lines_the_newest_are_told_and_where_the_others_are(ledger: Ledger) -> None:
    ledger.handoff_comes()
    ledger.passes(timedelta(minutes=1))
    line = {"kind": EventKind.RAISED, "actor": "baton", "lead_id": 1, "trace": "t", "detail": {}}
    lines = [{**line, "at": ledger.now}] * 6_000
    ledger.database.write_now(lambda tx: tx.execute(insert(events), lines) and None)
    answer = answers(ledger, "why handed off")
    assert "The newest events. All of them: `/lead history #1`" in answer
    assert answer.count("<!date^") == 10


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("why acceptence rate last week", "Did you mean"),
        ("why", "Which figure?"),
        ("why xyzzy", "There is no figure “xyzzy”. Keys are such as"),
    ],
)
def test_a_figure_that_there_is_not_is_met_with_the_nearest_names(
    ledger: Ledger, text: str, sentence: str
) -> None:
    assert sentence in answers(ledger, text)


def test_of_many_leads_the_newest_are_told_and_where_all_are_listed(ledger: Ledger) -> None:
    for number in range(12):
        ledger.handoff_comes(
            external_id=f"n-{number}", email=f"p{number}@firm.example", last_name=f"N{number}"
        )
    ledger.passes(timedelta(minutes=1))
    answer = answers(ledger, "why handed_off")
    assert "The newest 10 leads of 12" in answer
    assert "`/alignment leads handed_off 2026-W47`" in answer
