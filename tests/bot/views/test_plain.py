"""The plain form of a message: whatever was wrong with it, Slack takes this one, and its buttons work."""

from __future__ import annotations

from typing import Any

import pytest

from bot.agreement import default_agreement
from bot.sandbox.slack.blockkit import check_blocks, check_view
from bot.views.blocks import Block
from bot.views.message import Page, Rendered
from bot.views.plain import plain_form, plainly
from tests.bot.views import samples as s
from tests.bot.views.surfaces import (
    answer_modals,
    dispute_modals,
    everything,
    reject_modals,
    work_modals,
)


def buttons(blocks: list[Block]) -> list[tuple[str, str]]:
    """The buttons and menus that carry something: what each is, and its value or its first choice."""
    found = []
    for block in blocks:
        for element in (*(block.get("elements") or ()), block.get("accessory")):
            if isinstance(element, dict) and element.get("type") in ("button", "overflow", "static_select"):
                value = element.get("value") or str((element.get("options") or [{}])[0].get("value", ""))
                found.append((str(element["action_id"]), str(value)))
    return sorted(found)


def test_every_message_has_a_plain_form_that_slack_takes_with_the_same_buttons() -> None:
    surfaces = everything("x" * 400, default_agreement().agreement)
    for message in (one for one in surfaces if isinstance(one, Rendered)):
        plain = plainly(message)
        surface = "home" if isinstance(plain, Page) else "message"
        assert check_blocks(plain.blocks, surface=surface) == [], plain.text
        assert plain.text == message.text
        whole = len(plain.blocks) < plain.MOST_BLOCKS
        assert not whole or buttons(plain.blocks) == buttons(message.blocks), plain.text
        assert {block["type"] for block in plain.blocks} <= {"section", "actions"}


LONG = "y" * 5000
BROKEN: dict[str, dict[str, Any]] = {
    "a text that is too long": {"type": "section", "text": {"type": "mrkdwn", "text": LONG}},
    "a heading that is too long": {"type": "header", "text": {"type": "plain_text", "text": LONG}},
    "a block that is not known": {"type": "hologram", "text": {"type": "mrkdwn", "text": "T"}},
    "an empty text": {"type": "section", "text": {"type": "mrkdwn", "text": ""}},
    "a label that is too long": {
        "type": "actions",
        "block_id": LONG,
        "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": LONG}, "action_id": "a", "value": "1"}
        ],
    },
    "two buttons of one id": {
        "type": "actions",
        "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "A"}, "action_id": "a", "value": value}
            for value in ("1", "2")
        ],
    },
    "a menu without choices": {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "T"},
        "accessory": {"type": "static_select", "action_id": "a", "options": []},
    },
    "what has no id": {"type": "actions", "elements": [{"type": "button", "text": "A"}]},
}


@pytest.mark.parametrize("block", BROKEN.values(), ids=BROKEN)
def test_whatever_is_wrong_with_a_block_its_plain_form_is_right(block: Block) -> None:
    plain = plainly(Rendered("Jane Doe at ACME", [block, block]))
    assert check_blocks(plain.blocks) == []
    assert any(one["type"] == "section" for one in plain.blocks)


def test_two_buttons_of_one_id_are_both_there() -> None:
    plain = plainly(Rendered("T", [BROKEN["two buttons of one id"]]))
    assert buttons(plain.blocks) == [("a", "1"), ("a", "2")]


@pytest.mark.parametrize("name", ["horror", "letters"])
def test_a_form_keeps_every_input_and_is_sound(name: str) -> None:
    text = s.HOSTILE[name]
    for view in [*work_modals(text), *reject_modals(text), *answer_modals(text), *dispute_modals(text)]:
        plain = plain_form(view)
        assert check_view(plain, kind="modal") == []
        inputs = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
        assert [block["block_id"] for block in plain["blocks"] if block["type"] == "input"] == inputs
