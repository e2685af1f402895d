"""One name for one thing: a word that has another name stands on no surface."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from bot.agreement import Agreement, default_agreement
from bot.errors import (
    AlreadyDecided,
    AmbiguousId,
    AnotherCard,
    DomainError,
    HandoffNotFound,
    LeadNotFound,
    NotAllowed,
    NotPossible,
    Obstacle,
)
from bot.rules.roles import Role
from bot.views import answers, away, home, queue, rows
from bot.views.agreement import agreement_words
from bot.views.away import HandedOn
from bot.views.blocks import Block
from bot.views.board import Board, Share
from bot.views.details import ended_words
from bot.views.help import help_text, said_otherwise, unknown_word
from bot.views.home import CampaignLine, Home, Marketing, Own
from bot.views.ids import Listed
from bot.views.message import Rendered
from bot.views.modals.add import Added, added_words
from bot.views.nags import nag
from bot.views.notices import unrouted_notice
from bot.views.states import NagLine, NagState, UnroutedNotice
from storage.models import HandoffState, NagKind
from tests.bot.views import samples as s
from tests.bot.views.reading import texts
from tests.bot.views.surfaces import everything, full_row

OTHERWISE = {
    r"put off|paused": "snoozed until",
    r"pass(es|ed)? (it |on|to)|sent on|moved to|hand(ed)? on|went to": "reassigned to",
    r"take(n)? (it )?back": "undo, undone",
    r"report(ed)? (contact|an outcome)|became of it": "log contact, set outcome",
    r"needs? verified|\d verified": "SQL, qualified",
    r"go away|I am back": "Set away…, I'm back",
    r"disturb": "notify",
    r"heard of|was told|did something|whose turn": "created, updated, activity, assigned by rotation",
    r"also told": "other fields",
    r"rul(es|ed|ings?) (on|it|this)|manager rules|nothing to rule": "decide, the manager decides",
    r"rests\b|rest (in|until)|join(s|ed)|put (it )?right|mend": "nurtured, merged, fixed",
    r"is with me|tell me of|I (know|knew|find) no": "added",
    r"kept (late|in time|\d)|promises? kept|missed clocks|not so:": "SLA met, SLA missed",
    r"whoever should|that which|anew\b": "plain English",
    r"(?<![\d,.])1 (leads|contacts|SQLs|opportunities|turns|reps|messages|times|rejections|events)\b": "one",
}
"""What is not said, as a pattern, and what is said instead."""


def _ones(agreement: Agreement) -> Iterator[Rendered | Block]:
    """Surfaces that count to one."""
    row = full_row("x")
    own = Own((row,), 2, (row,), 2, dict.fromkeys(home.WEEK_WORDS, 1))
    marketing = Marketing((CampaignLine("x", 1, 1, 1, 1, 1),), (row,), 1, (row,))
    board = Board("x", 1, 1, 1, ())
    shares = (Share("x", "U0REP1", 1, 1.2),)
    yield home.home_view(
        Home(
            "U0REP1",
            frozenset(Role),
            agreement,
            own=own,
            marketing=marketing,
            boards=(board,),
            shares=shares,
        ),
        s.NOW,
    )
    page = rows.Page((row,), 1, Listed(what="queue"))
    yield queue.mine_answer(page, s.NOW, reader="U0REP1")
    yield queue.queue_answer(queue.Queue(page, ("x",)), s.NOW, reader="U0REP1")
    yield unrouted_notice(UnroutedNotice((s.JANE,), 1))
    for what in NagKind:
        yield nag(NagState((NagLine(7, s.JANE, what, "x", "P1", s.ACCEPT),)), s.NOW)


def _sentences(agreement: Agreement) -> Iterator[str]:
    """What is said in answer to a click or a word, outside blocks."""
    errors: list[DomainError] = [
        *(AlreadyDecided(state, by, s.NOW) for state in HandoffState for by in (s.SAM, s.RILEY, None)),
        *(NotPossible(obstacle, s.SAM, s.NOW) for obstacle in Obstacle),
        NotAllowed("x", [s.SAM], "x", holder=s.SAM),
        LeadNotFound("x"),
        AmbiguousId("x", ("x", "y")),
        HandoffNotFound(7),
        AnotherCard(7),
    ]
    yield from (answers.answer_to(error, s.RILEY) for error in errors)
    yield from (answers.something_wrong("x"), answers.TRY_AGAIN)
    for to in ({}, {s.SAM: 1}, {s.SAM: 1, s.RILEY: 2}):
        yield from (away.handed_on_words(HandedOn(to, n, n, (7,) * n)) for n in (0, 1, 2))
    yield from (help_text(frozenset(Role)), unknown_word("x", "x"), said_otherwise("accept", "x") or "")
    yield agreement_words(agreement)
    for fate in ({"team": "x"}, {"with_sales": True}, {"unrouted": True}, {}):
        added: dict[str, Any] = fate
        yield from (added_words(Added(7, "x", created, "C3", "B2", **added)) for created in (True, False))
    for late in (s.NOW, None):
        yield ended_words(s.NOW, s.SAM, late, stopped=False)
        yield from (ended_words(None, None, late, stopped=stopped) for stopped in (True, False))


@pytest.fixture(scope="module")
def said() -> set[str]:
    agreement = default_agreement().agreement
    found = set(_sentences(agreement))
    for surface in (*everything("x", agreement), *_ones(agreement)):
        parts: Any = surface.blocks if isinstance(surface, Rendered) else surface
        found |= {surface.text} if isinstance(surface, Rendered) else set()
        found |= {*texts(parts), *texts(parts, "plain_text")}
    return found


def otherwise(words: set[str], pattern: str) -> list[str]:
    """The lines in which the pattern stands."""
    lines = {line for text in words for line in text.splitlines()}
    return sorted(line for line in lines if re.search(rf"\b(?:{pattern})", line, re.IGNORECASE))


@pytest.mark.parametrize("pattern", OTHERWISE)
def test_no_surface_says_what_has_another_name(pattern: str, said: set[str]) -> None:
    assert otherwise(said, pattern) == [], f"say: {OTHERWISE[pattern]}"


@pytest.mark.parametrize(
    "planted",
    [
        *("⏸️ Put off until noon", "passed on to Sam", "3 verified", "1 opportunities", "It rests until May."),
        *("the manager rules", "It joined lead #3", "One thing to mend", "First heard of, from crm"),
    ],
)
def test_an_old_word_would_be_found(planted: str) -> None:
    assert any(otherwise({planted}, pattern) for pattern in OTHERWISE)
