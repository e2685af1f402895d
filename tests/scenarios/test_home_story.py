"""App Home by role: what each finds there, that it keeps up, and what people say of themselves in it."""

from __future__ import annotations

from typing import Any

from bot.sandbox.scenario.actors import view_reads
from bot.sandbox.scenario.sentences import dm_to, post_in, reply_to, update_of
from bot.sandbox.slack.model import Person
from tests.scenarios.conftest import Story


def now_on(story: Story, user: str) -> str:
    home = story.slack.workspace.homes.get(user)
    return view_reads(home) if home else ""


async def reads_soon(story: Story, user: str, *words: str, without: str = "") -> None:
    def look() -> Any:
        text = now_on(story, user)
        return (all(word in text for word in words) and not (without and without in text)) or None

    await story.slack.until(look, f"a Home for {user} with {words}")


async def test_a_rep_sees_their_leads_and_their_week(story: Story) -> None:
    slack = story.slack
    riley = slack.person("U0REP1")
    await riley.opens_home(containing="You have no open leads")
    text = now_on(story, "U0REP1")
    assert "Your week: nothing yet" in text
    assert "What we agreed" in text
    assert "sales accepts or rejects within 5 minutes" in text
    assert "version 2026-Q4" in text
    await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await reads_soon(story, "U0REP1", "Waiting for you", "Jane Doe", "Please accept by")
    await riley.clicks("Accept").on(card)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    await reads_soon(story, "U0REP1", "Jane Doe", "First contact due by", "1 accepted")


async def test_a_lead_is_accepted_on_home(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in(email="sam@small.example", company="Small", employees=5)
    card = await slack.expects(post_in("C0GROWTH"))
    owner = "U0REP3" if "U0REP3" in str(card.blocks) else "U0REP4"
    rep = slack.person(owner)
    home = await rep.opens_home(containing="Jane Doe")
    await rep.clicks("Accept").on(home, beside="Jane Doe")
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    manager = await slack.person("U0MGR").opens_home(containing="*Late*: none")
    assert "Jane Doe" not in view_reads(manager)


async def test_a_manager_sees_the_team_and_how_fair_the_turns_are(quick_story: Story) -> None:
    slack = quick_story.slack
    slack.ignores(post_in("C0GROWTH"))
    for number in range(3):
        await quick_story.lead_comes_in(
            email=f"p{number}@small{number}.example", company=f"S{number}", employees=5
        )
    await slack.person("U0MGR").opens_home(containing="Your teams")
    text = now_on(quick_story, "U0MGR")
    assert "*Growth*: 3 open, 3 waiting, 0 late" in text
    assert "Decisions waiting*: none" in text
    assert "Lead rotation" in text
    assert "<@U0REP3> (Growth): 3 assigned, fair share 3" in text


async def test_a_marketer_sees_campaigns_and_what_is_owed(quick_story: Story) -> None:
    slack = quick_story.slack
    mara = slack.person("U0MARA")
    await mara.opens_home(containing="Rejections to answer")
    assert "You owe sales nothing" in now_on(quick_story, "U0MARA")
    await quick_story.lead_comes_in(campaign="q4-webinar")
    card = await slack.expects(post_in("C0SALES"))
    await slack.person("U0REP1").clicks("Reject").on(card)
    modal = await slack.person("U0REP1").sees_modal("Reject")
    await modal.enters(reason="bad_contact")
    await modal.submit()
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    await slack.expects(post_in("C0MKTG"))
    await reads_soon(quick_story, "U0MARA", "Rejections to answer*: 1 lead", "Marketing's answer due by")


async def test_somebody_whom_the_agreement_does_not_know_is_told_whom_to_ask(quick_story: Story) -> None:
    workspace = quick_story.slack.workspace
    workspace.people["U0NEW"] = Person(
        "U0NEW", "nina", "Nina New", "nina@example.com", "Europe/Berlin", "New"
    )
    await quick_story.slack.person("U0NEW").opens_home(containing="does not name you yet")
    text = now_on(quick_story, "U0NEW")
    assert "<@U0ADMIN> can add you" in text
    assert "What we agreed" in text


async def test_people_choose_how_they_are_reminded(quick_story: Story) -> None:
    riley = quick_story.slack.person("U0REP1")
    home = await riley.opens_home(containing="P1 leads always notify you")
    await riley.chooses("thread", from_="pref_nudges").on(home)
    await riley.chooses("20:00-08:00", from_="pref_quiet").on(home)
    await riley.chooses("no", from_="pref_digest").on(home)

    def kept() -> bool | None:
        chosen = [
            element["initial_option"]["value"]
            for block in quick_story.slack.workspace.homes["U0REP1"].blocks
            if block["type"] == "actions"
            for element in block["elements"]
            if element["type"] == "static_select"
        ]
        return chosen == ["thread", "no", "20:00-08:00"] or None

    await quick_story.slack.until(kept, "the choices on Home")


async def test_whoever_goes_away_hands_the_open_leads_on_and_gets_none_until_back(story: Story) -> None:
    slack = story.slack
    await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    riley = slack.person("U0REP1")
    await riley.clicks("Accept").on(card)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    answer = await riley.says("/lead", "away until tomorrow 9:00")
    assert answer is not None
    assert "Nobody has contacted 1 of your open leads" in answer.text
    modal = await riley.sees_modal("Open leads")
    assert "Jane Doe, ACME" in modal.text
    await modal.submit()
    await slack.expects(update_of(card), containing="Robin Brandt")
    await slack.expects(reply_to(card), containing="Reassigned to Robin Brandt")
    await slack.expects(dm_to("U0REP2"), containing="Jane Doe")
    back = await riley.says("/lead", "back")
    assert back is not None
    assert "Welcome back" in back.text
    again = await riley.says("/lead", "back")
    assert again is not None
    assert "You were not away" in again.text


async def test_an_impossible_date_is_refused_with_examples(quick_story: Story) -> None:
    riley = quick_story.slack.person("U0REP1")
    for typed, why in (("until 2026-02-30", "There is no "), ("until whenever", "cannot read")):
        answer = await riley.says("/lead", f"away {typed}")
        assert answer is not None
        assert why in answer.text
    home = await riley.opens_home(containing="Set away")
    await riley.clicks("Set away…").on(home)
    modal = await riley.sees_modal("Set away")
    deed = await modal.fill(until="yesterday").submit()
    assert "is past" in deed.errors["until"]
    done = await modal.fill(until="2h").submit()
    assert done.ok
    await reads_soon(quick_story, "U0REP1", "You are away until")


async def test_a_lead_that_nobody_can_take_waits_in_the_queue_and_the_manager_is_told(
    quick_story: Story,
) -> None:
    slack = quick_story.slack
    for user in ("U0REP3", "U0REP4"):
        await slack.person(user).says("/lead", "away")
    await quick_story.lead_comes_in(email="sam@small.example", company="Small", employees=5)
    await slack.expects(post_in("C0GROWTH"), containing="Jane Doe")
    await slack.expects(dm_to("U0MGR"), containing="Jane Doe")
    answer = await slack.person("U0MGR").says("/lead", "queue")
    assert answer is not None
    assert "Jane Doe" in str(answer.blocks)
    await slack.person("U0MGR").opens_home(containing="🌴 away")


async def test_a_lead_is_added_by_hand_from_a_message(quick_story: Story) -> None:
    slack = quick_story.slack
    mara = slack.person("U0MARA")
    text = "Met Sam Ray from Big Corp at the fair, sam@big.example, +1 555 01 99, wants a demo"
    message = await mara.writes(text, in_="C0MKTG")
    await slack.people.shortcut("U0MARA", "lead_add_from_message", message=message)
    modal = await mara.sees_modal("Add a lead")
    assert "sam@big.example" in str(modal.view.blocks)
    assert "Big Corp" in str(modal.view.blocks)
    bad = await modal.fill(email="not an address").submit()
    assert "e-mail address" in bad.errors["email"]
    done = await modal.fill(email="sam@big.example", qualified="now").submit()
    assert done.ok
    assert "It was handed off to team *Growth*" in modal.text
    await slack.expects(post_in("C0GROWTH"), containing=("Sam Ray", "Big Corp"))


async def test_a_file_dropped_into_the_form_is_imported_and_told_of_by_message(quick_story: Story) -> None:
    slack = quick_story.slack
    mara = slack.person("U0MARA")
    await slack.people.shortcut("U0MARA", "lead_add")
    modal = await mara.sees_modal("Add a lead")
    rows = "Email,First Name,Company,qualified\nsam@big.example,Sam,Big,yes\n,Nobody,=1+2,\n"
    file = slack.people.put_file("U0MARA", "fair.csv", rows.encode())
    assert (await modal.fill(file=file).submit()).ok
    assert "Reading *fair.csv*" in modal.text
    await slack.expects(post_in("C0GROWTH"), containing="Sam")
    said = ("2 rows: 1 new lead", "1 handed off to sales, 1 not imported", "Line 3: email:", "Email → email")
    await slack.expects(dm_to("U0MARA"), containing=said)
    await slack.expects(dm_to("U0MARA"), containing=("📎 fair.rejected.csv", "the first column says why"))
    sent = next(each for each in slack.context.uploads.values() if each["name"] == "fair.rejected.csv")
    assert b"'=1+2" in sent["content"]


async def test_a_file_that_is_too_large_or_no_list_is_refused_in_words(quick_story: Story) -> None:
    slack = quick_story.slack
    mara = slack.person("U0MARA")
    await slack.people.shortcut("U0MARA", "lead_add")
    modal = await mara.sees_modal("Add a lead")
    large = {**slack.people.put_file("U0MARA", "all.csv", b"Email\n"), "size": 12_000_000}
    deed = await modal.fill(file=large).submit()
    assert "This file has 12.0 MB; up to 5 MB is read here" in deed.errors["file"]
    file = slack.people.put_file("U0MARA", "notes.csv", b"Colour\nred\n")
    assert (await modal.fill(file=file).submit()).ok
    await slack.expects(dm_to("U0MARA"), containing=("notes.csv", "I found a single column, Colour"))


async def test_a_lead_without_a_name_is_sent_back_to_its_field(quick_story: Story) -> None:
    slack = quick_story.slack
    await slack.people.shortcut("U0REP1", "lead_add")
    modal = await slack.person("U0REP1").sees_modal("Add a lead")
    deed = await modal.fill(email="a@b.example").submit()
    assert "a name or a company" in deed.errors["last_name"]


async def test_a_stranger_cannot_add_leads_and_is_told_who_can(quick_story: Story) -> None:
    workspace = quick_story.slack.workspace
    workspace.people["U0NEW"] = Person(
        "U0NEW", "nina", "Nina New", "nina@example.com", "Europe/Berlin", "New"
    )
    answer = await quick_story.slack.person("U0NEW").says("/lead", "add")
    assert answer is not None
    assert "You cannot add leads" in answer.text
    assert "<@U0MGR>" in answer.text
