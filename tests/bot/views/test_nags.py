"""The reminder: what it says to whom, what can be pressed, and that no data breaks it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from slack_sdk.models.blocks import Block as SdkBlock
from syrupy.assertion import SnapshotAssertion

from bot.sandbox.slack.blockkit import check_blocks
from bot.views.nags import nag
from bot.views.states import NagLine, NagState, RunningClock, Settled, SettledAs
from storage.models import ClockKind, NagKind
from tests.bot.views import samples as s
from tests.bot.views.reading import action_ids, outline, said, texts
from tests.bot.views.surfaces import reminders
from tests.bot.views.test_limits import MARK

LATE = RunningClock(ClockKind.ACCEPT, None, s.NOW - timedelta(minutes=1), breached_at=s.NOW)
NUDGE = NagLine(7, s.JANE, NagKind.NUDGE, "Enterprise", "P1", s.ACCEPT)
BREACH = NagLine(
    8,
    replace(s.JANE, name="Bob Ray", company="Bravo"),
    NagKind.BREACH,
    "Enterprise",
    "P2",
    LATE,
    choices=((s.RILEY, "Riley"), (s.SAM, "Sam")),
)
CHOOSE = replace(BREACH, what=NagKind.CHOOSE, excused=True)
TOUCH = replace(NUDGE, clock=replace(s.ACCEPT, kind=ClockKind.FIRST_TOUCH, owner=s.RILEY))
OUTCOME = replace(NUDGE, clock=replace(s.ACCEPT, kind=ClockKind.OUTCOME, owner=s.RILEY))
ANSWER = replace(BREACH, clock=replace(LATE, kind=ClockKind.ANSWER), choices=())
ACCEPTED = Settled(SettledAs.ACCEPTED, by=s.RILEY, at=s.NOW)
SETTLED = {
    "accepted": ACCEPTED,
    "rejected": Settled(SettledAs.REJECTED, by=s.RILEY, at=s.NOW),
    "contacted": Settled(SettledAs.CONTACTED, by=s.RILEY, at=s.NOW),
    "reported": Settled(SettledAs.REPORTED, by="crm", at=s.NOW),
    "answered": Settled(SettledAs.ANSWERED, by=s.MARA, at=s.NOW),
    "opened": Settled(SettledAs.OPENED, at=s.NOW),
    "repeated": Settled(SettledAs.REPEATED),
    "passed on": Settled(SettledAs.PASSED_ON, at=s.NOW, to=s.SAM),
    "paused": Settled(SettledAs.PAUSED, until=s.NOW + timedelta(hours=1)),
    "ended": Settled(SettledAs.ENDED, at=s.NOW),
}
STATES = {
    "one nudge in a direct message": NagState((NUDGE,)),
    "one nudge in a thread": NagState((NUDGE,), mention=(s.RILEY, s.SAM)),
    "a lead that came by the ladder": NagState((replace(NUDGE, what=NagKind.ASSIGNED),)),
    "a lead that is anybody's now": NagState((replace(NUDGE, what=NagKind.POOLED),)),
    "a lead that waited for somebody": NagState((replace(NUDGE, what=NagKind.ABLE),)),
    "a lead that a person gave": NagState(
        (replace(NUDGE, what=NagKind.GIVEN, by=s.SAM, why="away until Monday 30 November"),)
    ),
    "contact": NagState((TOUCH,)),
    "an outcome": NagState((OUTCOME,)),
    "a breach": NagState((BREACH,)),
    "an answer that is late": NagState((ANSWER,)),
    "a choice that only the manager has": NagState((CHOOSE,)),
    "a lead that nobody can take": NagState(
        (replace(CHOOSE, excused=False, why="Nobody can take it: 2 away, 1 at capacity"),)
    ),
    "several, one settled": NagState((NUDGE, BREACH, replace(TOUCH, settled=ACCEPTED)), mention=(s.SAM,)),
    "all settled": NagState((replace(NUDGE, settled=ACCEPTED), replace(BREACH, settled=ACCEPTED)), (s.SAM,)),
}


@pytest.mark.parametrize("name", STATES)
def test_the_reminder_reads_as_agreed(name: str, snapshot: SnapshotAssertion) -> None:
    assert outline(nag(STATES[name], s.NOW)) == snapshot


@pytest.mark.parametrize("name", SETTLED)
def test_a_settled_line_says_how_and_has_nothing_to_press(name: str, snapshot: SnapshotAssertion) -> None:
    message = nag(NagState((replace(NUDGE, settled=SETTLED[name]),)), s.NOW)
    assert action_ids(message) == []
    assert said(message) == snapshot


def test_nobody_is_called_to_what_is_settled() -> None:
    assert "<@" not in said(nag(STATES["all settled"], s.NOW)).replace(f"<@{s.RILEY}>", "")


def test_a_reminder_about_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one lead"):
        nag(NagState(()), s.NOW)


def test_a_long_reminder_has_buttons_for_the_first_and_names_more() -> None:
    many = tuple(replace(NUDGE, handoff_id=n) for n in range(200))
    message = nag(NagState(many), s.NOW)
    assert len(message.blocks) <= 50
    assert action_ids(message).count("lead_accept") == 15
    assert "And 185 more" in said(message)
    assert "200 leads are waiting for you" in said(message)


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_breaks_a_reminder_or_gets_out_of_it(name: str) -> None:
    for message in reminders(s.HOSTILE[name]):
        assert len(message.text) <= 1000
        assert check_blocks(message.blocks) == []
        for block in message.blocks:
            known = SdkBlock.parse(block)
            assert known is not None
            known.to_dict()
        for written in [message.text, *texts(message.blocks)]:
            assert not re.search(r"[<>]", MARK.sub("", written)), written
