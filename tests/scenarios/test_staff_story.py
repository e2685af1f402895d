"""People who leave, join or change groups: Baton hears of it at once, and acts on it."""

from __future__ import annotations

from typing import Any

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.clock import Clock
from bot.sandbox import UserGroup
from bot.sandbox.scenario.sentences import dm_to, post_in, reads
from storage import people
from tests.scenarios.conftest import Story, told


async def test_a_rep_who_leaves_gets_no_lead_any_more_and_the_manager_is_told(quick_story: Story) -> None:
    slack = quick_story.slack
    await slack.staff.leaves("U0REP3")
    for reader in ("U0ADMIN", "U0MGR"):
        notice = await slack.expects(dm_to(reader), containing="has no account here any more")
        assert "Remove them from the agreement" in reads(notice)
    for number in range(3):
        await quick_story.lead_comes_in(email=f"p{number}@small.example", company="Small", employees=5)
    cards = [await slack.expects(post_in("C0GROWTH")) for _ in range(3)]
    assert ["U0REP4" in str(card.blocks) for card in cards] == [True] * 3
    await slack.staff.leaves("U0REP3")  # told again, nobody hears it twice
    await quick_story.stays_quiet()


async def test_who_is_called_otherwise_is_known_by_that_name_at_once(quick_story: Story) -> None:
    await quick_story.slack.staff.changes("U0REP1", real_name="Riley Stone", tz="Europe/Paris")
    known = await quick_story.baton.desk.database.read(people.get, "U0REP1")
    assert known is not None
    assert (known.name, known.timezone, known.left) == ("Riley Stone", "Europe/Paris", False)


async def test_who_joins_is_known_at_once(quick_story: Story) -> None:
    slack, database = quick_story.slack, quick_story.baton.desk.database
    person = slack.workspace.people["U0REP3"]
    person.real_name = "Sasha Stone"
    await slack.staff.joins(person)
    known = await database.read(people.get, person.id)
    assert known is not None
    assert (known.name, known.left) == ("Sasha Stone", False)


async def test_of_people_who_never_had_to_do_with_it_nothing_is_kept(quick_story: Story) -> None:
    await quick_story.slack.staff.changes("U0BATON", real_name="Else")
    assert await quick_story.baton.desk.database.read(people.get, "U0BATON") is None


async def test_who_joins_a_group_has_its_role_at_once_and_who_leaves_it_has_it_no_more(
    sqlite_url: str, clock: Clock
) -> None:
    text = default_agreement().text.replace('marketing = ["U0MARA"]', 'marketing = ["S0MKTG"]')
    agreement: LoadedAgreement = loaded(text)
    async with told("socket", sqlite_url, agreement, clock, prepare=_with_group) as story:
        slack, book = story.slack, story.baton.desk.book
        assert book.people_in(("S0MKTG",)) == {"U0MARA"}
        asked = len(slack.traffic.calls("usergroups.users.list"))
        await slack.staff.regroups(UserGroup("S0MKTG", "marketing", "Marketing", ["U0CMO"]))
        assert book.people_in(("S0MKTG",)) == {"U0CMO"}
        kept = await story.baton.desk.database.read(people.groups)
        assert kept["S0MKTG"] == {"U0CMO"}
        await slack.staff.regroups(UserGroup("S0ELSE", "else", "Else", ["U0CMO"]))
        assert "S0ELSE" not in book.groups
        assert len(slack.traffic.calls("usergroups.users.list")) == asked


def _with_group(slack: Any) -> None:
    slack.workspace.groups["S0MKTG"] = UserGroup("S0MKTG", "marketing", "Marketing", ["U0MARA"])
