"""An admin edits a team on Home: a rep joins, moves, gets another limit or leaves; the channel changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.agreement import default_agreement, load_agreement
from bot.clock import Clock
from bot.sandbox.scenario.actors import Modal, view_reads
from bot.sandbox.scenario.sentences import dm_to, post_in
from storage import replicas
from tests.scenarios.conftest import Story, told

COMMENT = "# Ours; do not touch without asking Ada."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "agreement.toml"
    path.write_text(f"{COMMENT}\n{default_agreement().text}", "utf-8")
    return path


@pytest.fixture
async def quick_story(sqlite_url: str, clock: Clock, file: Path) -> AsyncIterator[Story]:
    async with told("socket", sqlite_url, load_agreement(file), clock, agreement_path=file) as story:
        yield story


async def edits(story: Story, team: str) -> Modal:
    ada = story.slack.person("U0ADMIN")
    home = await ada.opens_home(containing="Your installation")
    await ada.clicks("Edit team…").on(home, beside=f"*{team}* ·")
    return await ada.sees_modal("Edit team")


async def both_hear(story: Story, words: str) -> None:
    for place in (dm_to("U0ADMIN"), post_in("C0LEADS")):
        await story.slack.expects(place, containing=words)


def reps_of(story: Story) -> dict[str, list[str]]:
    teams = story.baton.desk.book.current.teams
    return {team.name: [rep.user for rep in team.reps] for team in teams}


async def test_a_rep_joins_and_gets_leads_in_two_clicks(quick_story: Story, file: Path) -> None:
    modal = await edits(quick_story, "Growth")
    await modal.fill(rep="U0REP1", capacity="7").submit()
    assert "Saved. Version 2026-Q4+2 is in force." in modal.text
    assert "Enterprise" in modal.text
    await both_hear(quick_story, "changed the agreement: version 2026-Q4+2 is in force")
    assert "U0REP1" in reps_of(quick_story)["Growth"]
    assert "U0REP1" not in reps_of(quick_story)["Enterprise"]
    text = file.read_text("utf-8")
    assert text.startswith(COMMENT)
    assert load_agreement(file).agreement == quick_story.baton.desk.book.current
    await quick_story.slack.person("U0ADMIN").opens_home(containing="version 2026-Q4+2")


async def test_a_newcomer_a_limit_a_channel_and_a_leaver(quick_story: Story, file: Path) -> None:
    slack = quick_story.slack
    modal = await edits(quick_story, "Enterprise")
    await modal.fill(channel="C0LEADS", rep="U0MARA", capacity="9").submit()
    assert "invite me: `/invite @Baton`" in modal.text
    await both_hear(quick_story, "changed the agreement")
    team = quick_story.baton.desk.book.current.teams[0]
    added = team.rep("U0MARA")
    assert (team.channel, added and added.capacity) == ("C0LEADS", 9)
    assert '"U0MARA", capacity = 9 },' in file.read_text("utf-8")
    await slack.person("U0ADMIN").opens_home(containing="version 2026-Q4+2")
    modal = await edits(quick_story, "Enterprise")
    await modal.fill(rep="U0MARA", remove=["remove"]).submit()
    await both_hear(quick_story, "version 2026-Q4+3")
    assert "U0MARA" not in reps_of(quick_story)["Enterprise"]
    await quick_story.stays_quiet()


async def test_refusals_stand_in_the_form(quick_story: Story, file: Path) -> None:
    before = file.read_text("utf-8")
    modal = await edits(quick_story, "Enterprise")
    await modal.submit()
    assert modal.errors == {"rep": "Nothing would change. Choose another channel, or a rep."}
    await modal.fill(capacity="5").submit()
    assert modal.errors == {"rep": "Who? Please choose a person."}
    await modal.fill(rep="U0MARA", remove=["remove"]).submit()
    assert modal.errors == {"rep": "They are not in Enterprise."}
    assert file.read_text("utf-8") == before
    file.write_text(before.replace('accept      = "5m"', 'accept      = "6m"'), "utf-8")  # by hand
    modal = await edits(quick_story, "Enterprise")
    await modal.fill(rep="U0MARA").submit()
    assert "was changed by hand. Run `python app.py reload`" in modal.errors["rep"]
    assert await quick_story.baton.reloading.reload()
    await both_hear(quick_story, "The agreement has changed")
    await modal.fill(rep="U0MARA").submit()
    assert "The agreement has changed meanwhile" in modal.errors["rep"]
    await quick_story.stays_quiet()


async def test_only_admins_are_offered_it_and_a_forged_click_is_refused(quick_story: Story) -> None:
    rep = quick_story.slack.person("U0REP1")
    home = await rep.opens_home(containing="What we agreed")
    assert "Edit team" not in view_reads(home)
    forged = {
        "type": "button",
        "text": {"type": "plain_text", "text": "B"},
        "action_id": "team_edit",
        "value": "Growth",
    }
    home = quick_story.slack.workspace.publish_home(
        "U0REP1", {"type": "home", "blocks": [{"type": "actions", "elements": [forged]}]}
    )
    await rep.clicks("B").on(home)
    notice = await rep.sees_modal("Baton")
    assert "change the agreement" in notice.text


async def test_other_replicas_are_named_where_they_may_stay_behind(quick_story: Story) -> None:
    desk = quick_story.baton.desk
    other = "elsewhere:7", desk.book.text_hash
    await desk.database.write(replicas.beat, other[0], quick_story.clock.wire(), other[1])
    modal = await edits(quick_story, "Growth")
    await modal.fill(rep="U0MARA").submit()
    await both_hear(quick_story, "changed the agreement")
    assert "Other replicas follow within a minute if they read the same file" in modal.text
    await desk.database.write(replicas.beat, other[0], quick_story.clock.wire(), other[1])
    await quick_story.slack.person("U0ADMIN").opens_home(containing="elsewhere:7 runs another agreement")


async def test_the_seventh_team_is_edited_as_the_first_five_are(
    sqlite_url: str, clock: Clock, file: Path
) -> None:
    more = "".join(
        f'[[teams]]\nname = "Team {n}"\nchannel = "C0LEADS"\nmanager = "U0MGR"\n'
        f'match = {{ country = "Nowhere {n}" }}\nreps = [{{ user = "U0REP1" }}]\n\n'
        for n in range(5)
    )
    text = file.read_text("utf-8")
    start = text.index("[[teams]]")
    file.write_text(text[:start] + more + text[start:], "utf-8")
    async with told("socket", sqlite_url, load_agreement(file), clock, agreement_path=file) as story:
        ada = story.slack.person("U0ADMIN")
        home = await ada.opens_home(containing="2 more teams")
        await ada.chooses("Growth", from_="team_menu").on(home)
        modal = await ada.sees_modal("Edit team")
        assert "Growth" in modal.text
        await modal.fill(rep="U0MARA").submit()
        await both_hear(story, "changed the agreement")
        assert "U0MARA" in reps_of(story)["Growth"]
