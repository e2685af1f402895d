"""The modals of work on a lead: what they ask, and Slack's limits under the worst that data can be."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from slack_sdk.models.views import View

from bot.agreement.vocabulary import Then
from bot.sandbox.slack.blockkit import check_view
from bot.views.blocks import Block
from bot.views.ids import Action, FormContext
from bot.views.labels import labelled_button
from bot.views.modals.outcome import outcome_modal
from bot.views.modals.reassign import reassign_modal
from bot.views.modals.reject import reject_modal
from bot.views.modals.snooze import snooze_modal
from bot.views.modals.states import About, OutcomeForm, ReassignForm, SnoozeForm
from bot.views.modals.touch import touch_modal
from bot.views.states import ReasonChoice
from storage.models import Outcome, TouchKind
from tests.bot.views import samples as s
from tests.bot.views.reading import texts
from tests.bot.views.surfaces import work_modals
from tests.bot.views.test_limits import MARK

JANE = About(7, "Jane Doe", "ACME")
TODAY = date(2026, 11, 23)
SNOOZES, EXTENSIONS = ("15m", "1h", "tomorrow"), ("30m", "1h", "4h", "1d", "2d")


def outcome(chosen: Outcome | None = None, reason: str | None = None) -> Block:
    reasons = (
        ReasonChoice("no_budget", "No budget", Then.NURTURE, True),
        ReasonChoice("other", "Other", Then.CLOSE, False),
    )
    return outcome_modal(OutcomeForm(JANE, tuple(Outcome), reasons, TODAY, chosen, reason, 1_250_050, "EUR"))


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_a_modal(name: str) -> None:
    for view in work_modals(s.HOSTILE[name]):
        assert check_view(view, kind="modal") == []
        View(**view).to_dict()
        assert FormContext.model_validate_json(view["private_metadata"]).handoff_id == 2**63 - 1
        for text in texts(view):
            assert not re.search(r"[<>]", MARK.sub("", text))


def asked(view: Block) -> list[str]:
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


@pytest.mark.parametrize(
    ("chosen", "fields"),
    [
        (None, ["outcome", "note"]),
        (Outcome.SQL, ["outcome", "note"]),
        (Outcome.OPPORTUNITY, ["outcome", "amount", "currency", "deal_on", "note"]),
        (Outcome.WON, ["outcome", "amount", "currency", "deal_on", "note"]),
        (Outcome.LOST, ["outcome", "deal_on", "note"]),
        (Outcome.RECYCLED, ["outcome", "until", "note"]),
        (Outcome.DISQUALIFIED, ["outcome", "reason", "note"]),
    ],
)
def test_each_outcome_asks_for_what_it_needs(chosen: Outcome | None, fields: list[str]) -> None:
    assert asked(outcome(chosen)) == fields


def test_what_is_known_of_the_deal_stands_there_already() -> None:
    view = outcome(Outcome.OPPORTUNITY)
    initial = {
        block["block_id"]: block["element"].get("initial_value")
        for block in view["blocks"]
        if block["type"] == "input"
    }
    assert (initial["amount"], initial["currency"]) == ("12,500.50", "EUR")


def test_a_reason_that_needs_a_note_says_so() -> None:
    labels = [
        block["label"]["text"]
        for block in outcome(Outcome.DISQUALIFIED, "no_budget")["blocks"]
        if "label" in block
    ]
    assert labels[-1] == "Note (required for this reason)"
    assert outcome(Outcome.DISQUALIFIED, "other")["blocks"][-1]["optional"] is True


def test_a_rep_is_offered_to_put_off_and_a_manager_to_give_time() -> None:
    both = snooze_modal(SnoozeForm(JANE, SNOOZES, EXTENSIONS))["blocks"][1]["element"]["option_groups"]
    assert [option["value"] for group in both for option in group["options"]] == [
        *("snooze:15m", "snooze:1h", "snooze:tomorrow"),
        *("more:30m", "more:1h", "more:4h", "more:1d", "more:2d"),
    ]
    alone = snooze_modal(SnoozeForm(JANE, extensions=EXTENSIONS))["blocks"][1]["element"]["option_groups"]
    assert len(alone) == 1


def test_where_there_is_nobody_else_the_modal_says_so() -> None:
    assert "There is nobody else" in str(reassign_modal(ReassignForm(JANE, ())))


def test_a_form_says_until_when_a_lead_is_nurtured() -> None:
    chosen = reject_modal(replace(s.FORM, chosen="timing"))
    assert "The lead goes back to nurture until <!date^1803218400^" in str(chosen)
    never = replace(s.FORM, chosen="timing", reasons=(replace(s.REASONS[3], until=None),))
    assert "The lead goes back to nurture." in str(reject_modal(never))


def test_all_kinds_of_contact_are_offered_and_a_call_is_chosen() -> None:
    menu = touch_modal(About(7, "Jane", None))["blocks"][1]["element"]
    assert {each["value"] for each in menu["options"]} == {kind.value for kind in TouchKind}
    assert menu["initial_option"]["value"] == "call"


def test_overturn_asks_once() -> None:
    assert labelled_button(Action.OVERTURN, "7")["confirm"]["title"]["text"] == "Overturn the rejection?"
    assert "confirm" not in labelled_button(Action.UPHOLD, "7")
