"""Every counted line of an import's summary is English for one and for many."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.handoffs import staying
from bot.handoffs.import_summary import first_sentence, in_slack, sentences
from bot.handoffs.importing import ImportReport, PastTally
from bot.handoffs.past import Fate
from bot.handoffs.remarks import Remarks
from bot.handoffs.staying import Staying, counted
from bot.leadform.csvfile import Skips
from bot.leadform.filereport import FileReport
from bot.rules.news import Change, Standing

OF_ONE_AND_OF_TWO = {
    staying.BELOW: ("1 below the MQL threshold", "2 below the MQL threshold"),
    staying.HERE: ("1 already with sales", "2 already with sales"),
    staying.HELD: (
        "1 good enough for sales, kept back by --no-handoff",
        "2 good enough for sales, kept back by --no-handoff",
    ),
    staying.CAME_BEFORE: (
        "1 came before, and nothing in it is new",
        "2 came before, and nothing in them is new",
    ),
    staying.EXPORTED: ("1 was with sales when it was exported", "2 were with sales when they were exported"),
    staying.NO_TEAM: ("1 matches no team", "2 match no team"),
    staying.CUSTOMER: (
        "1 is an existing customer who raised a hand; the owner was told",
        "2 are existing customers who raised a hand; their owners were told",
    ),
    f"{staying.NO_NEWS_OF}{Standing.LOST.value}: {Change.SAME.value}": (
        "1 had nothing new for a lead that is lost: the same record again",
        "2 had nothing new for leads that are lost: the same record again",
    ),
}


@pytest.mark.parametrize(("reason", "said"), OF_ONE_AND_OF_TWO.items())
def test_a_reason_is_counted_in_english(reason: str, said: tuple[str, str]) -> None:
    assert (counted(reason, 1), counted(reason, 2)) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (
            1,
            [
                "1 row: 1 new lead, 1 already known, 1 handed off to sales, 1 not imported.",
                "… and one more line that is not a row.",
                "Read as UTF-8 (one byte that is not was read as Windows-1252).",
                "IDs are those of crm.",
                "History: 1 without a handoff. Nothing was posted.",
                "1 SLA clock not yet due now runs.",
                "Note on one row: external_id: stands for no id.",
                "Not handed off, 1:",
                "  1 below the MQL threshold: 1 held back by “Student”",
            ],
        ),
        (
            2,
            [
                "2 rows: 2 new leads, 2 already known, 2 handed off to sales, 2 not imported.",
                "… and 2 more lines that are not rows.",
                "Read as UTF-8 (2 bytes that are not were read as Windows-1252).",
                "History: 2 without a handoff. Nothing was posted.",
                "2 SLA clocks not yet due now run.",
                "Note on each of 2 rows: external_id: stands for no id.",
                "Not handed off, 2:",
                "  2 below the MQL threshold: 2 held back by “Student”",
            ],
        ),
    ],
)
def test_a_summary_of_one_and_of_two_reads_as_english(count: int, said: list[str]) -> None:
    report = a_report(count)
    lines = in_slack(report)
    assert lines[0] == first_sentence(report)
    assert set(sentences(report)) <= set(lines)
    assert [each for each in said if each not in lines] == []


def a_report(count: int) -> ImportReport:
    file = FileReport("UTF-8", count, ",", 1, None, (), Skips(12 + count))
    return ImportReport(
        total=count,
        created=count,
        updated=count,
        bad=count,
        handed_off=count,
        file=file,
        system="crm",
        staying=Staying(Counter({staying.BELOW: count}), Counter({"held back by “Student”": count})),
        remarks=Remarks(Counter({"external_id: stands for no id": count})),
        past=PastTally(Counter({Fate.LEAD: count}), clocks=count),
    )
