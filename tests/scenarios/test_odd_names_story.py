"""Names that are no letters, companies that are only marks, two people of one name: all of it works."""

from __future__ import annotations

import pytest

from bot.sandbox.scenario.sentences import dm_to, post_in, reads, reply_to, update_of
from bot.sandbox.slack.model import Person
from tests.scenarios.conftest import Story


@pytest.mark.parametrize(
    ("first", "last", "company"),
    [
        ("🚀🔥", "👩\u200d🚀", "Emoji GmbH"),
        ("محمد", "الأحمد", "شركة النور"),
        ("\u202eevil", "Doe", "Turned"),
        ("Jane", "Doe", "_*~"),
        ("*Jane*", "_Doe_", "`code`"),
    ],
)
async def test_a_lead_of_any_name_is_shown_found_and_accepted(
    quick_story: Story, first: str, last: str, company: str
) -> None:
    slack = quick_story.slack
    taken = await quick_story.lead_comes_in(first_name=first, last_name=last, company=company)
    card = await slack.expects(post_in("C0SALES"))
    assert "\u202e" not in reads(card)
    riley = slack.person("U0REP1")
    for asked in ("jane@acme.example", f"#{taken.id}"):
        answer = await riley.says("/lead", f"status {asked}")
        assert answer is not None
        assert "nobody has accepted it yet" in reads(answer), asked
    await riley.writes(f"status #{taken.id}", in_="U0BATON")
    await slack.expects(dm_to(riley), containing="nobody has accepted it yet")
    await riley.clicks("Accept").on(card)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card), containing="Accepted by Riley Ross")
    await quick_story.stays_quiet()


async def test_two_people_of_one_name_are_told_apart_by_their_ids(quick_story: Story) -> None:
    slack = quick_story.slack
    await slack.staff.joins(Person("U0TWIN", "riley", "Riley Ross", "twin@example.com"), "C0SALES")
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await slack.person("U0TWIN").clicks("Reject").on(card)
    refused = await slack.until(
        lambda: next(
            (m for m in slack.workspace.messages["C0SALES"].values() if m.ephemeral_to == "U0TWIN"), None
        ),
        "a refusal",
    )
    assert "You cannot reject this lead" in refused.text
    slack.sightings.clear()
    await slack.person("U0REP1").clicks("Accept").on(card)
    await slack.expects(update_of(card), containing="Accepted")
    await slack.expects(reply_to(card), containing="Riley Ross")


async def test_somebody_without_an_e_mail_address_works_as_everybody(quick_story: Story) -> None:
    slack = quick_story.slack
    await slack.staff.changes("U0REP1", email="")
    await slack.staff.joins(Person("U0NOMAIL", "nomail", "No Mail"), "C0SALES")
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    answer = await slack.person("U0NOMAIL").says("/lead", "status jane@acme.example")
    assert answer is not None
    assert "Jane Doe" in reads(answer)
    await slack.person("U0REP1").clicks("Accept").on(card)
    await slack.expects(update_of(card), containing="Accepted")
    await slack.expects(reply_to(card))
