"""The weekly report: posted once, decided over, shared, and drawn plainly where Slack refuses charts."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import Connection, insert

from bot.agreement import LoadedAgreement
from bot.digest.posting import post_due_digest
from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import dm_to, ephemeral_to, post_in, reply_to, update_of
from bot.sandbox.slack.model import Message
from storage.models import handoffs, leads
from tests.scenarios.conftest import A_MOMENT, Story, quick_clock, told

A_WEEK = timedelta(days=7)
TO_NINE = timedelta(hours=-1)  # the stories begin at ten in New York


def rejected(tx: Connection, story: Story, count: int) -> None:
    """So many leads that were rejected as too small this week."""
    now = story.clock.now()
    for number in range(1, count + 1):
        tx.execute(
            insert(leads).values(
                id=number,
                stage="disqualified",
                company="ACME",
                last_name=f"Doe {number}",
                created_at=now,
                updated_at=now,
            )
        )
        tx.execute(
            insert(handoffs).values(
                lead_id=number,
                agreement_id=story.baton.desk.book.current_id,
                state="rejected",
                team="Enterprise",
                priority="P2",
                grade="B2",
                campaign="q4-webinar",
                handed_at=now,
                rejected_at=now,
                rejected_by="U0REP1",
                reason="too_small",
            )
        )


async def look_for_the_digest(story: Story) -> None:
    desk = story.baton.desk
    await post_due_digest(desk.database, desk.clock, desk.book)


async def digest_of(story: Story, containing: str = "Alignment") -> Message:
    """The report as it stands in the channel, with its thread and the managers' part."""
    slack = story.slack
    report = await slack.expects(post_in("C0LEADS"), containing=containing)
    for part in (
        "Why leads were rejected",
        "Time to accept",
        "Campaigns",
        "SLA missed",
        "Goals",
        "Calibration",
    ):
        await slack.expects(reply_to(report), containing=part)
    for manager in {team.manager for team in story.baton.desk.book.current.teams}:
        await slack.expects(dm_to(manager), containing="Your reps")
    return report


async def test_the_report_is_posted_once_decided_over_and_opened_by_the_next(story: Story) -> None:
    slack, manager = story.slack, story.slack.person("U0MGR")
    await story.baton.desk.database.write(rejected, story, 12)
    story.clock.jump(A_WEEK + TO_NINE)
    await asyncio.gather(*(look_for_the_digest(story) for _ in range(4)))
    report = await digest_of(story)

    await manager.clicks("Decided…").on(report)
    modal = await manager.sees_modal("What was decided")
    await modal.fill(what="Ask for 50 employees", who="U0MARA").submit()
    await slack.expects(update_of(report), containing="Ask for 50 employees")
    await story.all_is_delivered()

    story.clock.jump(A_WEEK)
    await look_for_the_digest(story)
    await look_for_the_digest(story)
    await digest_of(story, containing="*Ask for 50 employees*, Mara Marsh. Then 12 of 12, now 0")


async def test_a_rep_may_read_the_report_and_not_decide(quick_story: Story) -> None:
    slack, rep = quick_story.slack, quick_story.slack.person("U0REP1")
    await quick_story.baton.desk.database.write(rejected, quick_story, 12)
    quick_story.clock.jump(A_WEEK + TO_NINE)
    await look_for_the_digest(quick_story)
    report = await digest_of(quick_story)
    await rep.clicks("Decided…").on(report)
    await slack.expects(ephemeral_to(rep), containing="say what was decided")
    await rep.clicks("Show the leads").on(report)
    await slack.expects(ephemeral_to(rep), containing="Doe 12 at ACME")
    await rep.chooses("reasons.too_small", from_="digest_figure").on(report)
    await slack.expects(ephemeral_to(rep), containing="Rejected: too small, Week 47, 16 to 22 Nov 2026")


async def test_a_slack_that_refuses_charts_gets_bars_of_text(quick_story: Story) -> None:
    slack = quick_story.slack
    slack.tolerates("invalid_blocks")
    slack.fault("chat.postMessage", FaultKind.REFUSED, channel="C0LEADS", error="invalid_blocks")
    await quick_story.baton.desk.database.write(rejected, quick_story, 12)
    quick_story.clock.jump(A_WEEK + TO_NINE)
    await look_for_the_digest(quick_story)
    report = await slack.expects(post_in("C0LEADS"), containing="█")
    slack.ignores(reply_to(report), *(dm_to(t.manager) for t in quick_story.baton.desk.book.current.teams))


async def test_nothing_is_posted_for_a_time_before_baton_was_there(quick_story: Story) -> None:
    await look_for_the_digest(quick_story)
    await quick_story.all_is_delivered()
    quick_story.slack.nothing_unexpected()


async def test_a_report_that_fell_due_while_baton_was_down_is_posted_late(
    sqlite_url: str, agreement: LoadedAgreement
) -> None:
    async with told("socket", sqlite_url, agreement, quick_clock()):
        pass
    async with told("socket", sqlite_url, agreement, quick_clock(timedelta(days=10))) as story:
        report = await digest_of(story)
        assert "Week 47" in report.text
        await story.all_is_delivered()
    async with told("socket", sqlite_url, agreement, quick_clock(timedelta(days=31))) as story:
        for week in (48, 49, 50):
            await digest_of(story, containing=f"Week {week}")


async def test_the_report_on_demand_is_for_the_asker_alone_and_can_be_shared(story: Story) -> None:
    slack, rep = story.slack, story.slack.person("U0REP1")
    await story.baton.desk.database.write(rejected, story, 12)
    story.clock.jump(A_MOMENT)
    await rep.says("/alignment", "week q4-webinar", in_="C0LEADS")
    answer = await slack.expects(ephemeral_to(rep), containing="campaign q4-webinar")
    await rep.clicks("Share with this channel").on(answer)
    await slack.expects(post_in("C0LEADS"), containing="campaign q4-webinar")
    for asked, said in (
        ("2026-11-20..2026-11-10", "Write the earlier day first"),
        ("2027-W01", "is still to come"),
        ("week nobody", "nor a team or campaign"),
        ("leads nothing", "There is no figure"),
        ("leads reasons.too_small week", "12 handoffs"),
    ):
        await rep.says("/alignment", asked, in_="C0LEADS")
        await slack.expects(ephemeral_to(rep), containing=said)
