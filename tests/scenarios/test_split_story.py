"""A merge by hand was wrong: the manager looks at what goes where, and splits the lead."""

from __future__ import annotations

from bot.sandbox.scenario.sentences import post_in, reply_to, update_of
from tests.scenarios.conftest import Story


async def test_a_manager_splits_what_was_merged_by_mistake(story: Story) -> None:
    slack = story.slack
    riley, manager = slack.person("U0REP1"), slack.person("U0MGR")
    carl = await story.lead_comes_in(
        **{"email": "carl@birch.example", "first_name": "Carl", "last_name": "Dunn", "company": "Birch"},
        **{"activities": [], "employees": 3, "title": "Buyer"},
    )
    jane = await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal()
    await modal.enters(reason="duplicate", merge_into=f"#{carl.id}")
    assert (await modal.submit()).ok
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    await slack.expects(post_in("C0MKTG"), containing="was merged into another lead")

    assert await manager.says("/lead", f"split #{carl.id}") is None
    shown = await manager.sees_modal("Split this lead")
    for words in ("Carl Dunn", f"stays lead #{carl.id}", "Jane Doe", f"goes back to lead #{jane.id}"):
        assert words in shown.text
    assert (await shown.submit()).ok
    assert f"is lead #{jane.id} now, handed off to team" in (await manager.sees_modal()).text
    await slack.expects(post_in("C0SALES"), containing="Jane Doe")

    for lead, name in ((carl, "Carl Dunn"), (jane, "Jane Doe")):
        answer = await manager.says("/lead", f"status #{lead.id}")
        assert answer is not None
        assert name in answer.text
        assert "Split" in str(answer.blocks)


async def test_a_lead_of_one_person_opens_no_modal(quick_story: Story) -> None:
    manager = quick_story.slack.person("U0MGR")
    jane = await quick_story.lead_comes_in()
    await quick_story.slack.expects(post_in("C0SALES"))
    answer = await manager.says("/lead", f"split #{jane.id}")
    assert answer is not None
    assert "is about one person only" in answer.text
    which = await manager.says("/lead", "split")
    assert which is not None
    assert "`/lead split #12`" in which.text
