"""Answers, lists, details and Home with the longest and the most hostile values that a database can hold."""

from __future__ import annotations

import re

import pytest
from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View

from bot.agreement import Agreement, default_agreement
from bot.errors import NotAllowed
from bot.rules.roles import Role
from bot.sandbox.slack.blockkit import check_blocks, check_view
from bot.views import answers, away, home
from bot.views.away import HandedOn
from bot.views.board import Board
from bot.views.help import help_text, said_otherwise, unknown_word
from bot.views.home import CampaignLine, Home, Marketing, Own
from tests.bot.views import samples as s
from tests.bot.views.reading import texts
from tests.bot.views.surfaces import (
    HUGE,
    answer_messages,
    answer_modals,
    away_messages,
    away_modals,
    crowded_home,
)
from tests.bot.views.test_limits import MARK


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    return default_agreement().agreement


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_an_answer(name: str) -> None:
    for message in (*answer_messages(s.HOSTILE[name]), *away_messages(s.HOSTILE[name])):
        assert message.text.strip()
        assert check_blocks(message.blocks) == []
        for block in message.blocks:
            known = SdkBlock.parse(block)
            assert known is not None
            known.to_dict()


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_a_modal(name: str) -> None:
    for view in (*answer_modals(s.HOSTILE[name]), *away_modals(s.HOSTILE[name])):
        assert check_view(view, kind="modal") == []
        View(**view).to_dict()


@pytest.mark.parametrize("name", s.HOSTILE)
def test_home_is_never_over_a_hundred_blocks(name: str, agreement: Agreement) -> None:
    page = home.home_view(crowded_home(s.HOSTILE[name], agreement), s.NOW)
    assert len(page.blocks) < 100, "nothing had to be cut off"
    assert check_view({"type": "home", "blocks": page.blocks}, kind="home") == []


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_mentions_or_links_what_it_should_not(name: str, agreement: Agreement) -> None:
    hostile = s.HOSTILE[name]
    written = [
        text for message in answer_messages(hostile) for text in [message.text, *texts(message.blocks)]
    ]
    written += [text for view in answer_modals(hostile) for text in texts(view)]
    written += texts(home.home_view(crowded_home(hostile, agreement), s.NOW).blocks)
    written += [unknown_word(hostile, hostile), said_otherwise("accept", hostile) or ""]
    written += [away.handed_on_words(HandedOn({"U0REP1": HUGE}, HUGE, HUGE))]
    written += [text for view in away_modals(hostile) for text in texts(view)]
    written += [text for message in away_messages(hostile) for text in texts(message.blocks)]
    for text in written:
        left = MARK.sub("", text)
        assert not re.search(r"[<>]", re.sub(r"(^|\n)> ?", r"\1", left)), left
        assert "&" not in re.sub(r"&(amp|lt|gt);", "", text)


def test_each_role_finds_its_own_and_empty_parts_say_what_to_do(agreement: Agreement) -> None:
    def reads(page: Home) -> str:
        return "\n".join(texts(home.home_view(page, s.NOW).blocks))

    rep = reads(Home("U0REP1", frozenset({Role.REP}), agreement, own=Own((), 3, (), 0, {})))
    assert "You have no open leads" in rep
    assert "… and 3 more: `/lead queue`" in rep
    assert "campaign" not in rep.partition("What we agreed")[0]
    marketer = reads(
        Home("U0MARA", frozenset({Role.MARKETING}), agreement, marketing=Marketing((), (), 0, ()))
    )
    assert "Add them under `[[campaigns]]`" in marketer
    assert "You owe sales nothing" in marketer
    manager = reads(Home("U0MGR", frozenset({Role.MANAGER}), agreement, boards=(Board("A", 0, 0, 0, ()),)))
    assert "Every lead is within its SLA" in manager
    both = reads(
        Home(
            "U0X",
            frozenset({Role.REP, Role.MANAGER}),
            agreement,
            own=Own((), 0, (), 0, {}),
            boards=(Board("A", 1, 1, 0, ()),),
        )
    )
    assert "You have no open leads" in both
    assert "*A*: 1 open" in both


def test_no_rate_is_shown_of_too_few(agreement: Agreement) -> None:
    lines = (CampaignLine("few", 9, 9, 0, 0, 0), CampaignLine("enough", 10, 8, 1, 1, 0))
    page = Home("U0MARA", frozenset({Role.MARKETING}), agreement, marketing=Marketing(lines, (), 0, ()))
    said = "\n".join(texts(home.home_view(page, s.NOW).blocks))
    assert "9 accepted (too few for a rate)" in said
    assert "8 accepted (80%)" in said


def test_help_fits_the_role() -> None:
    rep, marketer, stranger = (help_text(each) for each in ({Role.REP}, {Role.MARKETING}, set[Role]()))
    assert "/lead away" in rep
    assert "/lead away" not in marketer
    assert "/lead add" in marketer
    assert "/lead add" not in stranger
    assert "/lead status" in stranger


def test_a_refusal_to_add_names_who_could() -> None:
    words = answers.answer_to(NotAllowed("add leads", ("U0MGR",)), "U0X")
    assert words == "You cannot add leads. Please ask <@U0MGR>."
