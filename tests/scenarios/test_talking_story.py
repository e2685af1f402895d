"""What people write to Baton is answered: in a direct message, with a mention, in the thread of a card."""

from __future__ import annotations

import pytest

from bot.sandbox.scenario.sentences import dm_to, ephemeral_to, post_in, reads, reply_to, update_of
from bot.sandbox.slack.model import Message
from tests.scenarios.conftest import Story

BATON = "<@U0BATON>"


async def card_of(story: Story, **fields: str) -> Message:
    await story.lead_comes_in(**fields)
    return await story.slack.expects(post_in("C0SALES"))


async def test_a_direct_message_is_answered_as_the_command_would_be(story: Story) -> None:
    slack = story.slack
    await card_of(story)
    mara = slack.person("U0MARA")
    for text in ("status acme", "/lead status acme", "lead status ACME", "STATUS jane@acme.example"):
        await mara.writes(text, in_="U0BATON")
        answer = await slack.expects(dm_to(mara), containing="Jane Doe, CTO at ACME")
        assert "nobody has accepted it yet" in reads(answer)
    await mara.writes("help", in_="U0BATON")
    await slack.expects(dm_to(mara), containing="What I can do for you")
    await mara.writes("statsu acme", in_="U0BATON")
    await slack.expects(dm_to(mara), containing="Did you mean `/lead status acme`?")
    await story.stays_quiet()


async def test_a_mention_is_answered_to_whoever_wrote_it_alone(quick_story: Story) -> None:
    slack = quick_story.slack
    await card_of(quick_story)
    mara = slack.person("U0MARA")
    await mara.writes(f"{BATON} status acme", in_="C0MKTG")
    answer = await slack.expects(ephemeral_to(mara), containing="Jane Doe, CTO at ACME")
    assert answer.channel == "C0MKTG"
    await mara.writes(f"and {BATON}: is there anything?", in_="C0MKTG")
    await slack.expects(ephemeral_to(mara), containing="is not a command")


async def test_a_mention_may_be_answered_to_all(quick_story: Story) -> None:
    slack = quick_story.slack
    await card_of(quick_story)
    mara = slack.person("U0MARA")
    await mara.writes(f"{BATON} status acme --share", in_="C0MKTG")
    answer = await slack.expects(post_in("C0MKTG"), containing="Jane Doe")
    assert not [block for block in answer.blocks if block["type"] == "actions"]


async def test_in_a_cards_thread_status_alone_means_that_lead(quick_story: Story) -> None:
    slack = quick_story.slack
    card = await card_of(quick_story)
    robin = slack.person("U0REP2")
    await robin.writes(f"{BATON} status", in_="C0SALES", thread=card)
    answer = await slack.expects(ephemeral_to(robin), containing="Jane Doe, CTO at ACME")
    assert answer.thread_ts == card.ts
    await robin.clicks("Accept").on(answer)
    await slack.expects(update_of(card), containing="Accepted")
    await slack.expects(reply_to(card), containing="Accepted by Robin Brandt")
    await slack.expects(update_of(answer), containing="Accepted by sales")
    await robin.writes(f"{BATON} history", in_="C0SALES", thread=card)
    await slack.expects(ephemeral_to(robin), containing="Handed off to sales")


async def test_in_any_other_thread_it_means_ones_own_leads(quick_story: Story) -> None:
    slack = quick_story.slack
    riley = slack.person("U0REP1")
    root = await slack.person("U0MARA").writes("Who has capacity?", in_="C0SALES")
    await riley.writes(f"{BATON} status", in_="C0SALES", thread=root)
    await slack.expects(ephemeral_to(riley), containing="You have no open leads")


async def test_what_needs_a_form_says_how_to_get_it(quick_story: Story) -> None:
    slack = quick_story.slack
    riley = slack.person("U0REP1")
    await riley.writes("add", in_="U0BATON")
    answer = await slack.expects(dm_to(riley), containing="this button can")
    await riley.clicks("Add a lead").on(answer)
    assert "Add a lead" in (await riley.sees_modal("Add a lead")).text
    await riley.writes("split #1", in_="U0BATON")
    await slack.expects(dm_to(riley), containing="Type `/lead split #1` instead")


async def test_a_refusal_is_answered_too(quick_story: Story) -> None:
    slack = quick_story.slack
    mara = slack.person("U0MARA")
    await mara.writes("away until friday", in_="U0BATON")
    await slack.expects(dm_to(mara), containing="Absence is for reps")


async def test_the_report_is_there_for_who_asks_in_a_message(quick_story: Story) -> None:
    slack = quick_story.slack
    mara = slack.person("U0MARA")
    await mara.writes("alignment week", in_="U0BATON")
    await slack.expects(dm_to(mara), containing="Alignment")
    await mara.writes("alignment help", in_="U0BATON")
    await slack.expects(dm_to(mara), containing="What `/alignment` shows")


@pytest.mark.parametrize("text", ["help", "HELP", " ? "])
async def test_alignment_says_how_it_is_used(quick_story: Story, text: str) -> None:
    answer = await quick_story.slack.person("U0MARA").says("/alignment", text)
    assert answer is not None
    assert "`/alignment month`" in answer.text


async def test_what_bots_write_is_passed_over(quick_story: Story) -> None:
    slack = quick_story.slack
    quick_story.slack.ignores(dm_to("U0MARA"), containing="What I can do")
    tell = slack.people.event
    for event in (
        {"user": "U0BATON", "bot_id": "B0BATON"},
        {"user": "U0OTHER", "bot_id": "B0OTHER"},
        {"bot_id": "B0OTHER", "subtype": "bot_message"},
        {"subtype": "message_changed", "message": {"user": "U0MARA", "text": "help"}, "hidden": True},
        {"subtype": "message_deleted", "deleted_ts": "1.000000", "hidden": True},
        {"user": "USLACKBOT"},
        {"subtype": "channel_join", "user": "U0MARA"},
    ):
        for kind in ("app_mention", "message"):
            said = {
                "type": kind,
                "channel": "C0SALES",
                "text": f"{BATON} help",
                "ts": slack.workspace.next_ts(),
            }
            slack.people.subscriptions |= {"message"}
            ack = await tell({**said, **event, "event_ts": said["ts"]})
            assert ack is not None
            assert ack.ok
    await quick_story.stays_quiet()


async def test_an_event_that_slack_repeats_is_answered_once(quick_story: Story) -> None:
    slack = quick_story.slack
    mara = slack.person("U0MARA")
    await mara.writes("help", in_="U0BATON")
    await slack.expects(dm_to(mara), containing="What I can do")
    sent = [entry for entry in slack.traffic.entries if entry.name == "message"]
    assert len(sent) >= 1
    await quick_story.stays_quiet()
