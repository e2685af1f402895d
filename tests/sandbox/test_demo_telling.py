"""The story in the terminal: whose time is told, what is left out, and that a refusal is not hidden."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from bot.clock import Clock
from bot.sandbox import Sandbox
from bot.sandbox.demo.telling import MOST_SHOWN, Teller
from bot.sandbox.slack.traffic import Exchange

NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(clock=Clock(start=NOW, speed=0))


@pytest.fixture
def teller(sandbox: Sandbox) -> Teller:
    console = Console(file=io.StringIO(), width=100)
    teller = Teller(console, sandbox.workspace, ZoneInfo("America/New_York"))
    teller.watch()
    return teller


def printed(teller: Teller) -> str:
    assert isinstance(teller.console.file, io.StringIO)
    return teller.console.file.getvalue()


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("accept by 15:05 UTC", "accept by 10:05"),
        ("answer by Tue 24 Nov 14:00 UTC", "answer by Tue 24 Nov 09:00"),
        ("late since 15:01 UTC", "late since 10:01"),
        ("<!date^1795446360^{date_short_pretty} {time}|2026-11-23 15:06 UTC>", "Mon 23 Nov 10:06"),
        ("<https://crm.example/1|Jane>, <mailto:j@x.example|j@x.example>", "Jane, j@x.example"),
        ("*<@U0REP1>* took &lt;!channel&gt; &amp; Sons", "@Riley Ross took <!channel> & Sons"),
    ],
)
def test_a_line_reads_as_on_the_screen_in_the_time_of_the_story(
    teller: Teller, words: str, plain: str
) -> None:
    assert teller.plain(words) == plain


def test_who_sees_a_message_is_told_and_of_many_only_some(teller: Teller, sandbox: Sandbox) -> None:
    workspace = sandbox.workspace
    for number in range(MOST_SHOWN + 3):
        workspace.post("C0SALES", workspace.bot_user, text=f"New P1 lead: Number {number}")
    workspace.post("C0SALES", workspace.bot_user, text="Too late", ephemeral_to="U0REP2")
    workspace.post(workspace.direct("U0MGR").id, workspace.bot_user, text="Late since 15:01 UTC")
    teller.shown(teller.taken(), at=NOW)
    told = printed(teller)
    assert "10:00   #sales" in told
    assert "only Robin" in told
    assert "to Morgan" in told
    assert "Late since 10:01" in told
    assert told.count("New P1 lead") == MOST_SHOWN
    assert "… and 3 more" in told


def test_messages_of_one_minute_read_the_same_whether_seen_together_or_apart(sandbox: Sandbox) -> None:
    workspace = sandbox.workspace
    apart, together = (
        Teller(Console(file=io.StringIO(), width=100), workspace, ZoneInfo("America/New_York")) for _ in "12"
    )
    apart.watch()
    together.watch()
    for user in ("U0MGR", "U0REP1"):
        workspace.post(workspace.direct(user).id, workspace.bot_user, text="Late since 15:00 UTC")
        apart.shown(apart.taken(), at=NOW)
    together.shown(together.taken(), at=NOW)
    assert printed(apart) == printed(together)
    assert printed(apart).count("\n10:00 ") == 2


def test_what_the_sandbox_refused_is_said_and_counts_as_a_failure(teller: Teller, sandbox: Sandbox) -> None:
    refused = Exchange(
        "in", "chat.update", ok=False, ms=1.0, error="invalid_blocks", reason="too many /blocks"
    )
    sandbox.traffic.add(refused)
    assert teller.verdict() is False
    assert "chat.update: invalid_blocks too many /blocks" in printed(teller)


def test_being_asked_to_wait_is_no_refusal(teller: Teller, sandbox: Sandbox) -> None:
    sandbox.traffic.add(Exchange("in", "chat.postMessage", ok=False, ms=1.0, error="ratelimited"))
    assert teller.verdict() is True
    assert teller.verdict("a message did not come in time") is False
