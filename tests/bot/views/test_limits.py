"""Every surface with the longest and the most hostile values that a database can hold."""

from __future__ import annotations

import json
import re

import pytest
from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View

from bot.sandbox.slack.blockkit import check_blocks, check_view
from bot.views import answers
from bot.views.ids import RejectContext
from bot.views.text import units
from storage.models import HandoffState
from tests.bot.views import samples as s
from tests.bot.views.reading import texts
from tests.bot.views.surfaces import lead_messages, reject_modals

# All that may stand in angle brackets; whatever else data brings has been escaped.
MARK = re.compile(
    r"<(@[UW][A-Z0-9]+(?:\|call)?|!subteam\^S[A-Z0-9]+(?:\|call)?|#[CG][A-Z0-9]+|!date\^[0-9]+\^[^<>|]+\|[^<>|]+"
    r"|https?://[^<>|]+\|[^<>]+|mailto:[^<>|]+\|[^<>]+|tel:[^<>|]+\|[^<>]+)>"
)


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_a_message(name: str) -> None:
    for message in lead_messages(s.HOSTILE[name]):
        assert message.text.strip()
        assert units(message.text) <= 1000
        assert check_blocks(message.blocks) == []
        for block in message.blocks:
            known = SdkBlock.parse(block)
            assert known is not None
            known.to_dict()  # raises where the SDK knows a limit to be broken


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_the_modal(name: str) -> None:
    for view in reject_modals(s.HOSTILE[name]):
        assert check_view(view, kind="modal") == []
        View(**view).to_dict()
        assert RejectContext.model_validate_json(view["private_metadata"]).handoff_id == 2**63 - 1


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_mentions_or_links_what_it_should_not(name: str) -> None:
    written = [
        text for message in lead_messages(s.HOSTILE[name]) for text in [message.text, *texts(message.blocks)]
    ]
    written += [text for view in reject_modals(s.HOSTILE[name]) for text in texts(view)]
    for text in written:
        left = MARK.sub("", text)
        assert not re.search(r"[<>]", left.replace("\n> ", "\n").removeprefix("> ")), left
        assert "&" not in re.sub(r"&(amp|lt|gt);", "", text)


@pytest.mark.parametrize("name", s.HOSTILE)
def test_answers_are_safe_too(name: str) -> None:
    text = s.HOSTILE[name]
    said = [
        *(answers.already_decided(state, text, s.NOW, "U0SAM") for state in HandoffState),
        answers.not_allowed(text[:50], [text] * 9, text),
        answers.no_such_lead(text),
        answers.something_wrong(text),
    ]
    for answer in said:
        assert units(answer) <= 3000
        assert not re.search(r"[<>]", MARK.sub("", answer))


def test_blocks_are_plain_json() -> None:
    for message in lead_messages(s.HORROR):
        assert json.loads(json.dumps(message.blocks)) == message.blocks
        message.text.encode()
