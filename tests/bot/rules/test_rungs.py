"""What becomes of a handoff when a rung is reached: decided once, for the live ladder and for a replay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import bot.replay
from bot.agreement import default_agreement
from bot.agreement.vocabulary import Verb
from bot.rules.rungs import Follows, Reached, follows, said_to_pool
from storage.models import ClockKind, HandoffState, NagKind, Stage

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
WAITING = Reached(
    now=NOW,
    kind=ClockKind.ACCEPT,
    owner="U0REP1",
    state=HandoffState.WAITING,
    pooled=False,
    team_stands=True,
    agreement=default_agreement().agreement,
    stage=lambda: Stage.MQL,
    is_gone=lambda _: False,
    marketing_hears=lambda: True,
)
ACCEPTED = replace(WAITING, kind=ClockKind.FIRST_TOUCH, state=HandoffState.ACCEPTED, stage=lambda: Stage.SAL)
DEAL = replace(ACCEPTED, kind=ClockKind.OUTCOME, stage=lambda: Stage.OPPORTUNITY)
ANSWER = replace(WAITING, kind=ClockKind.ANSWER, owner=None, state=HandoffState.REJECTED)


@pytest.mark.parametrize(
    ("verb", "reached", "says"),
    [
        (Verb.NUDGE, WAITING, NagKind.NUDGE),
        (Verb.NUDGE, replace(WAITING, is_gone=lambda _: True), NagKind.CHOOSE),
        (Verb.NUDGE, replace(WAITING, owner=None, team_stands=False), NagKind.CHOOSE),
        (Verb.NUDGE, ANSWER, NagKind.NUDGE),
        (Verb.NUDGE, replace(ANSWER, marketing_hears=lambda: False), None),
        (Verb.NOTIFY_MANAGER, WAITING, NagKind.BREACH),
        (Verb.NOTIFY_CHANNEL, WAITING, NagKind.NUDGE),
        (Verb.NOTIFY_CHANNEL, ANSWER, NagKind.BREACH),
        (Verb.NOTIFY_CHANNEL, replace(WAITING, team_stands=False), NagKind.BREACH),
        (Verb.POOL, replace(WAITING, pooled=True), NagKind.CHOOSE),
        (Verb.POOL, replace(WAITING, owner=None), NagKind.CHOOSE),
        (Verb.POOL, replace(WAITING, team_stands=False), NagKind.CHOOSE),
        (Verb.POOL, DEAL, NagKind.CHOOSE),
        (Verb.MARKETING, replace(WAITING, stage=lambda: None), NagKind.CHOOSE),
    ],
)
def test_what_only_is_said_changes_nothing(verb: Verb, reached: Reached, says: NagKind | None) -> None:
    found = follows(verb, reached)
    assert replace(found, to_pool=False) == Follows(says)


def test_a_pool_takes_a_lead_from_its_owner_once_and_starts_anew() -> None:
    found = follows(Verb.POOL, WAITING)
    assert (found.stops, found.opens, found.to_pool) == (True, True, True)
    assert found.handoff == {"owner": None, "owner_why": None, "given_at": None, "pooled_at": NOW}
    assert found.lead == {"owner": None, "updated_at": NOW}


def test_a_pool_takes_an_accepted_lead_that_nobody_contacted_back_to_waiting() -> None:
    found = follows(Verb.POOL, ACCEPTED)
    assert found.handoff["state"] is HandoffState.WAITING
    assert found.lead["stage"] is Stage.MQL


def test_marketing_has_a_lead_back_that_waited_as_rejected_and_an_accepted_one_as_recycled() -> None:
    waiting, accepted = follows(Verb.MARKETING, WAITING), follows(Verb.MARKETING, ACCEPTED)
    assert waiting.handoff["state"] is HandoffState.REJECTED
    assert (accepted.handoff["state"], accepted.handoff["recycled_at"]) == (HandoffState.CLOSED, NOW)
    assert waiting.lead["stage"] is accepted.lead["stage"] is Stage.RECYCLED
    assert (waiting.stops, waiting.opens, waiting.says) == (True, False, None)


def test_a_reassignment_is_left_to_the_round() -> None:
    assert follows(Verb.REASSIGN, WAITING) == Follows(changes_hands=True)


def test_a_pool_in_which_nobody_can_take_it_is_not_called() -> None:
    assert said_to_pool(NagKind.POOLED, vacant=False) is NagKind.POOLED
    assert said_to_pool(NagKind.POOLED, vacant=True) is NagKind.CHOOSE


def test_a_replay_knows_no_verb_of_the_ladder() -> None:
    files = sorted(Path(bot.replay.__file__).parent.glob("*.py"))
    assert len(files) > 10
    assert [file.name for file in files if "Verb" in file.read_text("utf-8")] == []
