"""The report as it reads: the message and each part of its thread, of a full week and of an empty one."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.digest.report import DigestReport
from bot.views.digest.details import PARTS, detail_message, reps_message
from bot.views.digest.message import Posted, digest_message
from tests.bot.views.digest.reports import nothing, week
from tests.bot.views.reading import outline

REPORTS = {"full": week("Acme"), "empty": nothing()}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_message_as_it_reads(report: DigestReport, snapshot: SnapshotAssertion) -> None:
    assert outline(digest_message(report, Posted(7, {}))) == snapshot


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_part_of_the_thread_as_it_reads(
    report: DigestReport, part: str, snapshot: SnapshotAssertion
) -> None:
    message = detail_message(report, part, plain=False)
    assert (outline(message) if message else None) == snapshot


def test_the_reps_as_their_manager_reads_of_them(snapshot: SnapshotAssertion) -> None:
    assert outline(reps_message(week("Acme"))) == snapshot
