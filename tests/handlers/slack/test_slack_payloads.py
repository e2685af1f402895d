"""Slack's payloads become typed values, whatever old or strange things are in them."""

from __future__ import annotations

from contextvars import copy_context
from typing import Any

import pytest

from bot.errors import AnotherCard, HandoffNotFound
from bot.pressed import require_own
from handlers.slack.payloads import Click, Form, Typed, inputs_of, typed_text, user_of

CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U0REP1"},
    "trigger_id": "1.2.abc",
    "actions": [{"action_id": "lead_accept", "value": "12"}],
}


def test_a_click_names_the_person_and_the_handoff() -> None:
    assert Click.of(CLICK) == Click("U0REP1", 12, "1.2.abc")


@pytest.mark.parametrize(
    ("where", "noted"),
    [
        ({"container": {"type": "message"}}, True),
        ({"container": {"type": "message", "is_ephemeral": True}}, False),
        ({"container": {"type": "view"}, "view": {"type": "modal"}}, False),
        ({"container": {"type": "view"}, "view": {"type": "home"}}, True),
    ],
)
def test_a_button_that_stays_must_bear_its_handoffs_token(where: dict[str, Any], noted: bool) -> None:
    def pressed() -> bool:
        Click.of({**CLICK, **where})
        try:
            require_own(12, "its token")
        except AnotherCard:
            return True
        return False

    assert copy_context().run(pressed) is noted


def test_the_token_of_another_handoff_is_refused_wherever_it_stood() -> None:
    def press(value: str) -> None:
        Click.of({**CLICK, "actions": [{"value": value}]})
        require_own(12, "its token")
        require_own(13, "another handoff, which the click was not on")

    copy_context().run(press, "12.its token")
    with pytest.raises(AnotherCard):
        copy_context().run(press, "12.another")


@pytest.mark.parametrize("value", ["", "x", "-1", "1,5", "12 ", "1" * 19, "١٢"])
def test_a_value_that_is_no_handoff_is_a_handoff_that_is_gone(value: str) -> None:
    with pytest.raises(HandoffNotFound):
        Click.of({**CLICK, "actions": [{"value": value}]})


def test_a_form_gives_what_was_chosen_and_written_and_leaves_out_the_rest() -> None:
    values: dict[str, dict[str, dict[str, Any]]] = {
        "reason": {"reason": {"type": "static_select", "selected_option": {"value": "bad_contact"}}},
        "note": {"note": {"type": "plain_text_input", "value": "  The phone is dead \n"}},
        "team": {"team": {"type": "static_select", "selected_option": None}},
        "merge_into": {"merge_into": {"type": "plain_text_input", "value": None}},
    }
    view = {"id": "V1", "private_metadata": "{}", "state": {"values": values}}
    form = Form.of({"user": {"id": "U1"}, "view": view})
    assert form == Form("U1", "V1", "{}", {"reason": "bad_contact", "note": "The phone is dead"})


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("status jane@acme.example", "status", "jane@acme.example"),
        ("  STATUS   #12 ", "status", "#12"),
        ("status <mailto:jane@acme.example|jane@acme.example>", "status", "jane@acme.example"),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_a_command_is_a_word_and_the_rest(text: str | None, word: str, rest: str) -> None:
    body = {"command": "/lead", "user_id": "U1", "text": text}
    assert Typed.of(body) == Typed(word, rest)
    assert user_of(body) == "U1"


def test_errors_can_stand_at_the_inputs_of_a_modal_only() -> None:
    blocks = [
        {"type": "section"},
        {"type": "input", "block_id": "reason"},
        {"type": "input", "block_id": "note"},
    ]
    assert inputs_of({"view": {"blocks": blocks}}) == ("reason", "note")
    assert inputs_of(CLICK) == ()


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("status AT&amp;T", "status AT&T"),
        ("status a &lt; b &gt; c", "status a < b > c"),
        ("status &amp;lt;", "status &lt;"),
        ("status <mailto:jane@acme.com|jane@acme.com>", "status jane@acme.com"),
        ("status <http://acme.com|acme.com>", "status acme.com"),
        ("status <https://acme.com/a?b=1&amp;c=2>", "status https://acme.com/a?b=1&c=2"),
        ("status <tel:+15551234|555-1234>", "status 555-1234"),
        ("status <@U0REP1>", "status <@U0REP1>"),
        ("status <@U0REP1|sam>", "status <@U0REP1|sam>"),
        ("status <<http://acme.com|acme.com>", "status <acme.com"),
        ("<" * 100_000, "<" * 100_000),  # each sign is looked at once
        ("", ""),
    ],
    ids=lambda text: text[:20],
)
def test_what_slack_made_of_a_text_is_undone(sent: str, typed: str) -> None:
    assert typed_text({"text": sent}) == typed
