"""Every surface with the longest and the most hostile values that a database can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View

from bot.agreement.vocabulary import Then
from bot.sandbox.slack.blockkit import check_blocks, check_view
from bot.views import answers
from bot.views.blocks import Block
from bot.views.card import card
from bot.views.history import history_line
from bot.views.ids import RejectContext
from bot.views.lead_list import lead_list
from bot.views.message import Rendered
from bot.views.modals.reject import reject_modal
from bot.views.notices import rejection_notice, unrouted_notice
from bot.views.parked import parked_notice
from bot.views.states import (
    ParkedNotice,
    ReasonChoice,
    RejectForm,
    RejectionNotice,
    UnroutedNotice,
)
from storage.models import EventKind, HandoffState
from tests.bot.views import samples as s
from tests.bot.views.reading import texts

# All that may stand in angle brackets; whatever else data brings has been escaped.
MARK = re.compile(
    r"<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|#[CG][A-Z0-9]+|!date\^[0-9]+\^[^<>|]+\|[^<>|]+"
    r"|https?://[^<>|]+\|[^<>]+|mailto:[^<>|]+\|[^<>]+|tel:[^<>|]+\|[^<>]+)>"
)


def messages(text: str) -> Iterator[Rendered]:
    """Every message, built from this text alone."""
    state = s.hostile_card(text)
    yield from (card(replace(state, state=each), s.NOW) for each in HandoffState)
    yield card(replace(state, moved_to=text), s.NOW)
    yield lead_list([s.hostile_card(text, 2**63 - n) for n in range(1, 11)], s.NOW)
    yield lead_list([replace(state, state=each) for each in HandoffState], s.NOW)
    for kind in (
        *EventKind,
        text,
    ):
        yield history_line(replace(s.hostile_line(text), kind=kind))
    for then in Then:
        yield rejection_notice(
            RejectionNotice(
                2**63, state.lead, text, s.NOW, text, text, then, (text,) * 20, s.NOW, s.NOW, 2**63, text
            )
        )
    yield unrouted_notice(UnroutedNotice((state.lead,) * 50, 10**9))
    yield parked_notice(ParkedNotice(text, text, 10**9))


def modals(text: str) -> Iterator[Block]:
    """The modal for every kind of reason, built from this text alone."""
    for then in Then:
        reasons = tuple(
            ReasonChoice(f"{n:060}", text, then, True, text if n % 2 else None) for n in range(120)
        )
        for teams in ((), (text,), tuple(f"{n} {text}" for n in range(120))):
            yield reject_modal(RejectForm(2**63, text, text, reasons, f"{0:060}", teams))


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_a_message(name: str) -> None:
    for message in messages(s.HOSTILE[name]):
        assert message.text.strip()
        assert len(message.text) <= 1000
        assert check_blocks(message.blocks) == []
        for block in message.blocks:
            known = SdkBlock.parse(block)
            assert known is not None
            known.to_dict()  # raises where the SDK knows a limit to be broken


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_the_modal(name: str) -> None:
    for view in modals(s.HOSTILE[name]):
        assert check_view(view, kind="modal") == []
        View(**view).to_dict()
        assert RejectContext.model_validate_json(view["private_metadata"]).handoff_id == 2**63


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_mentions_or_links_what_it_should_not(name: str) -> None:
    written = [
        text for message in messages(s.HOSTILE[name]) for text in [message.text, *texts(message.blocks)]
    ]
    written += [text for view in modals(s.HOSTILE[name]) for text in texts(view)]
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
        assert len(answer) <= 3000
        assert not re.search(r"[<>]", MARK.sub("", answer))


def test_blocks_are_plain_json() -> None:
    for message in messages(s.HORROR):
        assert json.loads(json.dumps(message.blocks)) == message.blocks
        message.text.encode()
