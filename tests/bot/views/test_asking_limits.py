"""Answers, lists, details and Home with the longest and the most hostile values that a database can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View

from bot.agreement import Agreement, default_agreement
from bot.errors import NotAllowed
from bot.rules.prefs import NudgeBy, Prefs
from bot.rules.roles import Role
from bot.sandbox.slack.blockkit import check_blocks, check_view
from bot.views import answers, away, home, queue, rows, status
from bot.views.blocks import Block
from bot.views.details import Commitment, Details, Score, ScoreLine, details_modal, missing_modal
from bot.views.help import help_text, unknown_word
from bot.views.home import Board, CampaignLine, Contested, Home, Marketing, Missed, Own, Share, Worker
from bot.views.ids import Action, Listed
from bot.views.message import Rendered
from bot.views.modals import add
from bot.views.modals.away import away_modal
from bot.views.rows import LeadRow
from bot.views.states import Colleague
from bot.views.status import Choice, LeadStatus, Told
from storage.models import HandoffState, Stage
from tests.bot.views import samples as s
from tests.bot.views.reading import texts
from tests.bot.views.test_limits import MARK

HUGE = 2**63 - 1
MANY = 300


def hostile_row(text: str) -> LeadRow:
    return LeadRow(s.hostile_lead(text), HUGE, text, text, text, HandoffState.WAITING, s.ACCEPT, s.NOW, text)


def page(text: str, what: str = "queue") -> rows.Page:
    return rows.Page((hostile_row(text),) * 10, HUGE, Listed(what=what, of=text[:300], page=5))


def hostile_status(text: str) -> LeadStatus:
    return LeadStatus(
        s.hostile_lead(text),
        handoff_id=HUGE,
        team=text,
        owner=text,
        owner_why=text,
        state=HandoffState.WAITING,
        grade=text,
        priority=text,
        why=(text,) * 40,
        clock=s.ACCEPT,
        until=s.NOW,
        history=(Told(s.NOW, s.hostile_line(text)),) * 40,
        may=frozenset(Action),
    )


def hostile_details(text: str) -> Details:
    return Details(
        s.hostile_lead(text),
        s.NOW,
        handoff_id=HUGE,
        team=text,
        owner=text,
        owner_why=text,
        clock=s.ACCEPT,
        score=Score(text, text, HUGE, 1e300, (ScoreLine(text, text),) * 100, text),
        advice=s.hostile_card(text).advice,
        colleagues=(Colleague(HUGE, text, text, text, Stage.SQL),) * MANY,
        commitments=(Commitment("First contact", text, s.NOW, "kept in time"),) * 100,
        history=(Told(s.NOW, s.hostile_line(text)),) * 120,
        history_total=HUGE,
        external_ids=(text,) * 50,
        may_advise=True,
    )


def hostile_home(text: str, agreement: Agreement) -> Home:
    row = hostile_row(text)
    return Home(
        user="U0REP1",
        roles=frozenset(Role),
        agreement=agreement,
        away_until=s.NOW,
        prefs=Prefs(NudgeBy.THREAD, False, "20:00-08:00"),
        own=Own((row,) * home.OWN_SHOWN, HUGE, HUGE, dict.fromkeys(home.WEEK_WORDS, HUGE)),
        marketing=Marketing(
            (CampaignLine(text, HUGE, HUGE, HUGE, HUGE, HUGE),) * MANY,
            (row,) * home.OWED_SHOWN,
            HUGE,
            (row,) * home.WAITING_SHOWN,
            (Missed(text, text, HUGE, text),) * home.MISSED_SHOWN,
        ),
        boards=(Board(text, HUGE, HUGE, HUGE, (Worker(text, HUGE, 1, HUGE, s.NOW, left=True),) * MANY),) * 6,
        late=(row,) * home.LATE_SHOWN,
        contested=(Contested(row, HUGE, text, text, text, text, text),) * home.CONTESTED_SHOWN,
        shares=(Share(text, text, HUGE, 1e15),) * MANY,
    )


def messages(text: str) -> Iterator[Rendered]:
    yield status.status_answer(hostile_status(text), s.NOW)
    yield status.status_answer(hostile_status(text), s.NOW, shared=True)
    yield status.status_answer(LeadStatus(s.hostile_lead(text), unrouted=True), s.NOW)
    yield status.company_answer(text, page(text, "company"), s.NOW, reader="U0REP1")
    yield status.choice_answer(text, [Choice(text, text[:500] or "x", HUGE)] * 10, alike=True)
    yield status.nothing_answer(text, [text[:300] or "x"] * 5, text)
    yield status.history_page(s.hostile_lead(text), [Told(s.NOW, s.hostile_line(text))] * 10, page(text))
    yield queue.mine_answer(page(text, "mine"), s.NOW, reader="U0REP1")
    unrouted = (s.hostile_lead(text),) * 50
    full = queue.Queue(page(text), (text,) * 50, unrouted=unrouted, unrouted_total=HUGE, admins=(text,))
    yield queue.queue_answer(full, s.NOW, reader="U0REP1")
    nobody = queue.Queue(rows.Page((), 0, Listed(what="queue")), (), admins=(text,) * 20)
    yield queue.queue_answer(nobody, s.NOW, reader="U0REP1")


def modals(text: str) -> Iterator[Block]:
    yield details_modal(hostile_details(text), s.NOW)
    yield missing_modal(HUGE)
    filled = dict.fromkeys(("email", "first_name", "last_name", "company", "title", "phone", "notes"), text)
    yield add.add_modal([f"{n} {text}" for n in range(MANY)], {**filled, "campaign": f"3 {text}"})
    yield add.done_modal("Add a lead", add.added_words(add.Added(HUGE, text, False, text, text, team=text)))
    yield away_modal()


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    return default_agreement().agreement


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_an_answer(name: str) -> None:
    for message in messages(s.HOSTILE[name]):
        assert message.text.strip()
        assert check_blocks(message.blocks) == []
        for block in message.blocks:
            known = SdkBlock.parse(block)
            assert known is not None
            known.to_dict()


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_a_modal(name: str) -> None:
    for view in modals(s.HOSTILE[name]):
        assert check_view(view, kind="modal") == []
        View(**view).to_dict()


@pytest.mark.parametrize("name", s.HOSTILE)
def test_home_is_never_over_a_hundred_blocks(name: str, agreement: Agreement) -> None:
    page = home.home_view(hostile_home(s.HOSTILE[name], agreement), s.NOW)
    assert len(page.blocks) < 100, "nothing had to be cut off"
    assert check_view({"type": "home", "blocks": page.blocks}, kind="home") == []


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_mentions_or_links_what_it_should_not(name: str, agreement: Agreement) -> None:
    hostile = s.HOSTILE[name]
    written = [text for message in messages(hostile) for text in [message.text, *texts(message.blocks)]]
    written += [text for view in modals(hostile) for text in texts(view)]
    written += texts(home.home_view(hostile_home(hostile, agreement), s.NOW).blocks)
    written += [unknown_word(hostile, hostile), away.away_words(None, HUGE, HUGE, more=True)]
    for text in written:
        left = MARK.sub("", text)
        assert not re.search(r"[<>]", re.sub(r"(^|\n)> ?", r"\1", left)), left
        assert "&" not in re.sub(r"&(amp|lt|gt);", "", text)


def test_each_role_finds_its_own_and_empty_parts_say_what_to_do(agreement: Agreement) -> None:
    def reads(page: Home) -> str:
        return "\n".join(texts(home.home_view(page, s.NOW).blocks))

    rep = reads(Home("U0REP1", frozenset({Role.REP}), agreement, own=Own((), 0, 3, {})))
    assert "You have no open leads" in rep
    assert "3 leads wait for your team: `/lead queue`" in rep
    assert "campaign" not in rep.partition("What we agreed")[0]
    marketer = reads(
        Home("U0MARA", frozenset({Role.MARKETING}), agreement, marketing=Marketing((), (), 0, ()))
    )
    assert "Add them under `[[campaigns]]`" in marketer
    assert "You owe sales nothing" in marketer
    manager = reads(Home("U0MGR", frozenset({Role.MANAGER}), agreement, boards=(Board("A", 0, 0, 0, ()),)))
    assert "Everything is within the agreed time" in manager
    both = reads(
        Home(
            "U0X",
            frozenset({Role.REP, Role.MANAGER}),
            agreement,
            own=Own((), 0, 0, {}),
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
    assert words == "You cannot add leads. <@U0MGR> can; please ask them."
