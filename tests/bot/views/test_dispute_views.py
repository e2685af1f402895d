"""A rejection and its answer: what marketing and the manager see, and Slack's limits under hostile data."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from slack_sdk.models.views import View

from bot.agreement.vocabulary import Then
from bot.sandbox.slack.blockkit import check_blocks, check_view
from bot.views.ids import AnswerChoice
from bot.views.modals.dispute import contested_notice, dispute_modal
from bot.views.modals.states import About, DisputeForm
from bot.views.notices import rejection_notice
from bot.views.states import AnswerFacts, ContestedNotice
from storage.models import Answer, Ruling
from tests.bot.views import samples as s
from tests.bot.views.reading import action_ids, said, texts
from tests.bot.views.surfaces import dispute_messages, dispute_modals
from tests.bot.views.test_limits import MARK

FORM = DisputeForm(
    About(7, "Jane Doe", "ACME"), s.JANE, "Bad or missing contact data", "Mail bounces.", s.RILEY
)
CONTESTED = AnswerFacts(Answer.CONTESTED, s.MARA, s.NOW, "I called: it works")
NOTICE = ContestedNotice(
    7, s.JANE, "Enterprise", s.RILEY, s.NOW, "Bad or missing contact data", "Mail bounces.", CONTESTED
)
UPHELD = replace(CONTESTED, ruling=Ruling.UPHELD, ruled_by="U0MGR", ruled_at=s.NOW)
OVERTURNED = replace(UPHELD, ruling=Ruling.OVERTURNED, again=True)


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_what_is_shown(name: str) -> None:
    for message in dispute_messages(s.HOSTILE[name]):
        assert check_blocks(message.blocks) == []
        for text in [message.text, *texts(message.blocks)]:
            left = MARK.sub("", text).replace("\n> ", "\n").removeprefix("> ")
            assert not re.search(r"[<>]", left), left
    for view in dispute_modals(s.HOSTILE[name]):
        assert check_view(view, kind="modal") == []
        View(**view).to_dict()


@pytest.mark.parametrize(
    ("chosen", "fields"),
    [
        (None, ["answer"]),
        (AnswerChoice.AGREE, ["answer", "note"]),
        (
            AnswerChoice.RESUBMIT,
            ["answer", "email", "phone", "title", "company", "employees", "industry", "country", "note"],
        ),
        (AnswerChoice.CONTEST, ["answer", "argument"]),
    ],
)
def test_each_answer_asks_for_what_it_needs(chosen: AnswerChoice | None, fields: list[str]) -> None:
    view = dispute_modal(replace(FORM, chosen=chosen))
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == fields


def test_what_is_known_stands_in_the_fields_to_be_corrected() -> None:
    view = dispute_modal(replace(FORM, chosen=AnswerChoice.RESUBMIT))
    known = {b["block_id"]: b["element"].get("initial_value") for b in view["blocks"] if b["type"] == "input"}
    assert (known["email"], known["employees"]) == ("jane@acme.example", "450")


def test_the_manager_sees_both_sides_and_rules_once() -> None:
    message = contested_notice(NOTICE)
    assert action_ids(message) == ["dispute_uphold", "dispute_overturn"]
    for part in ("Mail bounces.", "I called: it works", f"<@{s.RILEY}>", f"<@{s.MARA}>"):
        assert part in said(message)
    ruled = contested_notice(replace(NOTICE, answer=OVERTURNED))
    assert action_ids(ruled) == ["lead_undo"]
    assert "<@U0MGR> overturned the rejection" in said(ruled)
    assert ruled.text.endswith("was overturned — by <@U0MGR>")


def test_a_notice_offers_an_answer_until_there_is_one() -> None:
    assert action_ids(rejection_notice(s.REJECTION)) == ["lead_dispute", "lead_crm"]
    answered = rejection_notice(replace(s.REJECTION, answer=UPHELD))
    assert action_ids(answered) == ["lead_crm"]
    assert f"<@{s.MARA}> contested it" in said(answered)
    assert "<@U0MGR> upheld the rejection" in said(answered)
    assert not said(answered).startswith(f"<@{s.MARA}>")  # whoever answered is not called again


@pytest.mark.parametrize("then", [Then.REROUTE, Then.MERGE])
def test_what_is_no_rejection_needs_no_answer(then: Then) -> None:
    assert action_ids(rejection_notice(replace(s.REJECTION, then=then))) == ["lead_crm"]


def test_a_rejection_that_was_undone_asks_for_nothing() -> None:
    message = rejection_notice(replace(s.REJECTION, taken_back_by=s.RILEY))
    assert action_ids(message) == []
    assert f"undone by <@{s.RILEY}>. There is nothing for you to do." in said(message)
