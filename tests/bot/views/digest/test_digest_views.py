"""Whatever a report holds, Slack takes it, and no figure stands without its n."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.digest.report import AgreedChange, DigestReport, from_json, to_json
from bot.metrics import Rate
from bot.sandbox.slack.blockkit import check_blocks, check_view
from bot.views.digest.details import PARTS, detail_message, reps_message
from bot.views.digest.forms import decide_modal, leads_answer
from bot.views.digest.message import LINES, Agreed, Posted, digest_answer, digest_message
from bot.views.ids import FigureRef
from bot.views.message import Rendered
from tests.bot.views import samples as s
from tests.bot.views.digest.reports import nothing, week
from tests.bot.views.reading import texts
from tests.bot.views.test_limits import MARK

AGREED = Agreed("Raise the line", "U0MGR", date(2026, 11, 30), "U0CMO")
POSTED = Posted(7, {"k0": AGREED})


def messages(report: DigestReport) -> Iterator[Rendered]:
    for plain in (False, True):
        yield digest_message(report, POSTED, plain=plain)
        yield digest_answer(report, "2026-W47", plain=plain)
        yield digest_answer(report, "2026-W47", plain=plain, shared=True)
        yield from (found for part in PARTS if (found := detail_message(report, part, plain=plain)))
    yield reps_message(report)


@pytest.mark.parametrize("text", s.HOSTILE.values(), ids=s.HOSTILE)
def test_no_value_breaks_a_report(text: str) -> None:
    report = week(text, campaigns=12, reps=200, huge=10**9)
    for message in messages(report):
        assert check_blocks(message.blocks) == []
        assert len(message.blocks) <= 50
        for said in [message.text, *texts(message.blocks)]:
            assert not re.search(r"[<>]", MARK.sub("", said).replace("\n> ", "\n"))


@pytest.mark.parametrize(
    "report", [nothing(), week(), week(campaigns=0, reps=0, leads=0)], ids=["empty", "full", "few"]
)
def test_slack_takes_every_report(report: DigestReport) -> None:
    for message in messages(report):
        assert check_blocks(message.blocks) == []


def test_a_report_is_the_same_after_it_was_stored() -> None:
    for report in (week(), nothing()):
        assert from_json(to_json(report)) == report


def test_a_percentage_never_stands_without_its_n_or_its_goal() -> None:
    said = "\n".join(text for message in messages(week()) for text in texts(message.blocks))
    for line in said.splitlines():
        for found in re.finditer(r"(\S+ )?\d+%", line):
            about = line[max(0, found.start() - 60) : found.end() + 30]
            assert re.search(r"n = \d|\d of \d+|goal|\d committed \(|%  \(marketing|marketing \d", about), (
                line
            )


@pytest.mark.parametrize("posted", [Posted(1, {}), Posted(1, {f"k{n}": AGREED for n in range(3)})])
def test_the_message_has_at_most_25_lines_and_the_rest_is_in_its_thread(posted: Posted) -> None:
    message = digest_message(week(campaigns=12, reps=200), posted)
    said = [*texts(message.blocks), *(b["text"]["text"] for b in message.blocks if b["type"] == "header")]
    assert sum(len(text.splitlines()) for text in said) <= LINES


def test_the_message_reads_in_short_sentences() -> None:
    for message in messages(week()):
        for text in texts(message.blocks):
            for sentence in re.split(r"[.:;·—|]\s|\n", MARK.sub("", text)):
                assert len(re.findall(r"[\w'-]*[a-z][\w'-]*", sentence)) < 15, sentence


def test_an_empty_week_is_said_in_words_and_not_in_zeros() -> None:
    said = "\n".join(texts(digest_message(nothing(), Posted(1, {})).blocks))
    assert "handed off no leads" in said
    assert "none due" in said
    assert "0%" not in said
    assert "Nothing stands out" in said


def test_changes_that_both_sides_signed_stand_in_the_report_with_who_and_since_when() -> None:
    since = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
    changes = tuple(
        AgreedChange((f"SLA P{n} accept: 5m → 10m", "Goals mql: 40 → 50"), "U0CMO", ("U0CMO", "U0MGR"), since)
        for n in (1, 2)
    )
    said = "\n".join(texts(digest_message(replace(nothing(), agreed=changes), Posted(1, {})).blocks))
    for n in (1, 2):
        line = (
            f"Agreed: *SLA P{n} accept: 5m → 10m; Goals mql: 40 → 50*, proposed by <@U0CMO>, "
            "signed by <@U0CMO> and <@U0MGR>, "
            "in force since <!date^1794992400^{date_short_pretty}|2026-11-18>."
        )
        assert line in said.splitlines()


@pytest.mark.parametrize(("foretold", "more"), [(True, [8]), (False, [0, 7])])
def test_many_long_changes_that_were_signed_keep_within_the_message(foretold: bool, more: list[int]) -> None:
    since = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
    says = tuple(f"Teams Enterprise reps <@U0REP{n}> capacity: 20 &amp; 30 → none" for n in range(9))
    change = AgreedChange(says, "U0CMO", ("U0CMO", "U0MGR"), since)
    report = replace(week(campaigns=12, reps=200), agreed=(change,) * 9)
    report = report if foretold else replace(report, foretold=None)
    message = digest_message(report, POSTED)
    said = [*texts(message.blocks), *(b["text"]["text"] for b in message.blocks if b["type"] == "header")]
    assert check_blocks(message.blocks) == []
    assert sum(len(text.splitlines()) for text in said) <= LINES
    assert not re.search(r"[<>]", MARK.sub("", "\n".join(said)).replace("\n> ", "\n"))
    assert from_json(to_json(report)) == report
    lines = "\n".join(said).splitlines()
    assert [left_out(line) for line in lines if line.startswith("Agreed: ")] == more
    assert [left_out(line) for line in lines if line.startswith("Decided: ")] == [8]


def left_out(line: str) -> int:
    """How many more there are, as the last line of a list says."""
    found = re.search(r" … and (\d+) more$", line)
    return int(found[1]) if found else 0


def test_a_decided_point_says_so_and_lets_it_be_changed() -> None:
    blocks = digest_message(week(), POSTED).blocks
    said = "\n".join(texts(blocks))
    assert "✅ *Raise the line*, <@U0MGR|call> by 30 Nov 2026 (decided by <@U0CMO>)" in said
    labels = [
        e["text"]["text"] for b in blocks if b["type"] == "actions" for e in b["elements"] if "text" in e
    ]
    assert labels == [
        "Change the decision…",
        "Show the leads",
        "Decided…",
        "Show the leads",
        "Decided…",
        "Show the leads",
    ]


def test_only_a_posted_report_takes_decisions() -> None:
    labels = {
        element["text"]["text"]
        for block in digest_answer(week(), "week").blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if "text" in element
    }
    assert labels == {"Show the leads", "Share with this channel", "Propose…"}


def test_a_menu_leads_to_the_leads_behind_every_figure() -> None:
    [menu] = [
        element
        for block in digest_message(week(campaigns=12), POSTED).blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "static_select"
    ]
    values = [option["value"] for option in menu["options"]]
    assert {"reasons.r0", "missed", "pipeline.USD", "disputes.upheld", "cause.rep.accept"} <= set(values)
    assert not [
        block for block in digest_message(nothing(), Posted(1, {})).blocks if block["type"] == "actions"
    ]


def test_charts_become_bars_of_text_where_slack_refuses_them() -> None:
    drawn, plain = (digest_message(week(), POSTED, plain=plain) for plain in (False, True))
    assert [b["type"] for b in drawn.blocks].count("data_visualization") == 2
    assert [b["type"] for b in plain.blocks].count("data_visualization") == 0
    bars = [text for text in texts(plain.blocks) if "```" in text]
    assert len(bars) == 2
    assert "MQL          ████████████████████ 42  (the one before 42, usually 33)" in bars[0]


def test_weeks_with_too_few_slas_are_left_out_of_the_line_and_said_in_the_thread() -> None:
    report = week()
    few = replace(report.trend[0], sales=Rate("missed", 1, 2, shows_rest=True))
    report = replace(report, trend=(few, *report.trend[1:]))
    thread = detail_message(report, "breaches", plain=False)
    assert thread is not None
    assert "1 of 12 weeks had too few SLAs due" in "\n".join(texts(thread.blocks))
    chart = [b for b in digest_message(report, POSTED).blocks if b["type"] == "data_visualization"][1][
        "chart"
    ]
    assert len(chart["axis_config"]["categories"]) == 11


@pytest.mark.parametrize("shown", [True, False])
def test_what_was_left_out_is_said(shown: bool) -> None:
    report = week(campaigns=12, reps=200 if shown else 3)
    said = "\n".join(text for message in messages(report) for text in texts(message.blocks))
    assert "28 smaller campaigns left out" in said
    assert ("160 others left out" in said) is shown


def test_the_form_for_a_decision_holds_what_was_decided_before() -> None:
    view = decide_modal(FigureRef(asked="2026-W47", key="k0", report=7), s.HORROR, AGREED)
    assert check_view(view, kind="modal") == []
    what, who, until = (block["element"] for block in view["blocks"] if block["type"] == "input")
    assert (what["initial_value"], who["initial_user"], until["initial_date"]) == (
        "Raise the line",
        "U0MGR",
        "2026-11-30",
    )


@pytest.mark.parametrize("count", [0, 1, 100, 5000])
def test_the_leads_behind_a_figure_are_listed_up_to_a_hundred(count: int) -> None:
    leads = [replace(s.JANE, name=s.HORROR, company=s.HORROR)] * min(count, 100)
    message = leads_answer(s.HORROR, count, leads)
    assert check_blocks(message.blocks) == []
    assert ("The newest 100 leads" in "\n".join(texts(message.blocks))) is (count > 100)
