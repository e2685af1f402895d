"""Slash commands, answered in the ack to whoever typed them."""

from __future__ import annotations

import pytest

from bot.sandbox.sentences import post_in, reply_to, update_of
from tests.scenarios.conftest import Story


async def says(story: Story, command: str, text: str) -> str:
    answer = await story.slack.person("U0MARA").says(command, text, in_="C0MKTG")
    assert answer is not None
    assert answer.ephemeral_to == "U0MARA"
    return str(answer.text) + str(answer.blocks)


async def test_everybody_may_ask_where_a_lead_stands(story: Story) -> None:
    slack = story.slack
    taken = await story.lead_comes_in(external_id="00Q1")
    card = await slack.expects(post_in("C0SALES"))
    for who in ("jane@acme.example", "JANE+news@acme.example", f"#{taken.id}", "ext:00Q1", "00Q1"):
        answer = await says(story, "/lead", f"status {who}")
        assert "Jane Doe, CTO at ACME" in answer
        assert "nobody has taken it yet" in answer
    await slack.person("U0REP1").clicks("Accept").on(card)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    answer = await says(story, "/lead", "status <mailto:jane@acme.example|jane@acme.example>")
    assert "Accepted by sales" in answer
    assert "with <@U0REP1>, team Enterprise" in answer
    assert "First contact due by <!date^" in answer


async def test_a_lead_that_was_never_handed_off_has_a_status_too(quick_story: Story) -> None:
    await quick_story.lead_comes_in(activities=[], title="Intern", employees=3)
    assert "not handed to sales yet" in await says(quick_story, "/lead", "status jane@acme.example")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "What I can tell you"),
        ("help", "/lead status"),
        ("HELP", "/lead status"),
        ("status", "Which lead?"),
        ("status nobody@acme.example", "I know no lead “nobody@acme.example”"),
        ("statsu jane@acme.example", "Did you mean `/lead status`?"),
        ("<!channel>", "I do not know `&lt;!channel&gt;`"),
        ("status <!channel>", "I know no lead “&lt;!channel&gt;”"),
    ],
)
async def test_every_other_word_is_answered_in_words(quick_story: Story, text: str, told: str) -> None:
    assert told in await says(quick_story, "/lead", text)


async def test_the_alignment_report_says_honestly_that_there_is_none(quick_story: Story) -> None:
    assert "I do not make the alignment report yet" in await says(quick_story, "/alignment", "week")


async def test_looking_at_home_is_acked(quick_story: Story) -> None:
    ack = await quick_story.slack.people.open_home("U0REP1")
    assert ack is not None
    assert ack.ok
