"""What people ask of Baton in a slash command, and what they do from the answer."""

from __future__ import annotations

import pytest

from bot.sandbox.scenario.sentences import ephemeral_to, post_in, reads, reply_to, update_of
from bot.sandbox.slack.model import Message
from tests.scenarios.conftest import Story


async def asks(story: Story, text: str, *, who: str = "U0MARA", in_: str = "C0MKTG") -> Message:
    answer = await story.slack.person(who).says("/lead", text, in_=in_)
    assert answer is not None
    return answer


async def told(story: Story, text: str, *, who: str = "U0MARA") -> str:
    return reads(await asks(story, text, who=who))


async def test_everybody_may_ask_where_a_lead_stands(story: Story) -> None:
    slack = story.slack
    taken = await story.lead_comes_in(external_id="00Q1", company="ACME Corp.")
    card = await slack.expects(post_in("C0SALES"))
    names = ("jane@acme.example", "JANE+news@acme.example", f"#{taken.id}", "ext:00Q1", "00Q1")
    for name in (*names, "acme", "ACME corporation", "acme.example", "https://www.acme.example/about", "acm"):
        answer = await told(story, f"status {name}")
        assert "Jane Doe, CTO at ACME Corp." in answer, name
        assert "nobody has accepted it yet" in answer
        assert "Asked for a demo" in answer
        assert "Handed off to sales: team Enterprise" in answer
    await slack.person("U0REP1").clicks("Accept").on(card)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    answer = await told(story, "status <mailto:jane@acme.example|jane@acme.example>")
    assert "Accepted by sales" in answer
    assert "with <@U0REP1>, team Enterprise" in answer
    assert "First contact due by <!date^" in answer


async def test_a_near_miss_is_offered_and_one_click_shows_it(story: Story) -> None:
    slack = story.slack
    await story.lead_comes_in(company="ACME Corp.")
    await slack.expects(post_in("C0SALES"))
    answer = await asks(story, "status akme")
    assert "No match for “akme”. Did you mean one of these?" in reads(answer)
    assert "ACME Corp." in reads(answer)
    await slack.person("U0MARA").clicks("Show").on(answer)
    shown = await slack.expects(update_of(answer), containing="Jane Doe, CTO")
    assert "Details" in str(shown.blocks)


async def test_a_name_that_several_bear_is_a_list_to_choose_from(quick_story: Story) -> None:
    for number, company in enumerate(("Acme", "Acme Bank", "Acme Bank", "Acmeon")):
        email = f"p{number}@{company.replace(' ', '').lower()}.example"
        await quick_story.lead_comes_in(email=email, company=company, last_name=f"No{number}", activities=[])
    answer = await told(quick_story, "status acme b")
    assert "*Acme Bank*: 2 leads" in answer
    assert "No1" in answer
    assert "No2" in answer
    choice = await told(quick_story, "status acm")
    assert "Which “acm” do you mean?" in choice
    assert "Acme Bank* — 2 leads" in choice
    nobody = await told(quick_story, "status nobdy@acmebank.example")
    assert "No lead has the address" in nobody
    near = await told(quick_story, "status p3@acmebank.example")
    assert "Did you mean p1@acmebank.example?" in near


async def test_whoever_asks_reads_why_a_lead_is_with_somebody(quick_story: Story) -> None:
    taken = await quick_story.lead_comes_in(employees=20)
    await quick_story.slack.expects(post_in("C0GROWTH"))
    answer = await told(quick_story, f"why #{taken.id}", who="U0REP4")
    assert "Assigned to <@U0REP3>" in answer
    assert "Rotation: New York shift, 0 of 30 open" in answer
    assert "<@U0REP4>: starts 9:00, due 9:05" in answer
    assert "Which lead? Give its number" in await told(quick_story, "why")


async def test_what_is_nowhere_is_told_with_what_was_searched(quick_story: Story) -> None:
    answer = await told(quick_story, "status zzzzzz")
    assert "I looked for a name, a company, an address and a phone number" in answer
    assert "`/lead add`" in answer
    assert "There is no lead #999." in await told(quick_story, "status #999")


async def test_an_answer_may_be_shared_and_has_no_buttons_then(quick_story: Story) -> None:
    await quick_story.lead_comes_in()
    card = await quick_story.slack.expects(post_in("C0SALES"))
    for flag in ("--share", "—share"):
        answer = await asks(quick_story, f"status acme {flag}", who="U0REP1", in_="C0SALES")
        assert answer.ephemeral_to == ""
        assert "Jane Doe" in reads(answer)
        assert not [block for block in answer.blocks if block["type"] == "actions"]
    assert (await asks(quick_story, "mine --share", who="U0REP1")).ephemeral_to == "U0REP1"
    assert card.ts


async def test_a_rep_accepts_from_the_answer_and_it_shows_that(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    robin = slack.person("U0REP2")
    answer = await asks(quick_story, "status acme", who="U0REP2", in_="C0SALES")
    await robin.clicks("Accept").on(answer)
    await slack.expects(update_of(card), containing="Accepted")
    await slack.expects(reply_to(card), containing="Accepted by Robin Brandt")
    await slack.expects(update_of(answer), containing="Accepted by sales")


async def test_each_is_offered_only_what_they_may_do(quick_story: Story) -> None:
    await quick_story.lead_comes_in()
    await quick_story.slack.expects(post_in("C0SALES"))
    for who, offered in (
        ("U0REP1", True),
        ("U0MGR", True),
        ("U0ADMIN", True),
        ("U0MARA", False),
        ("U0REP3", False),
    ):
        answer = await asks(quick_story, "status acme", who=who)
        assert ("lead_accept" in str(answer.blocks)) is offered, who
        assert "lead_details" in str(answer.blocks)


async def test_the_queue_is_that_of_ones_own_teams(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    await slack.expects(post_in("C0SALES"))
    await quick_story.lead_comes_in(
        email="sam@small.example", company="Small", employees=5, last_name="Small"
    )
    await slack.expects(post_in("C0GROWTH"))
    enterprise = await told(quick_story, "queue", who="U0REP1")
    assert "Jane Doe" in enterprise
    assert "Small" not in enterprise
    everything = await told(quick_story, "queue", who="U0MARA")
    assert "Jane Doe" in everything
    assert "Jane Small" in everything
    assert "You have no open leads" in await told(quick_story, "mine", who="U0REP1")
    mine = [await told(quick_story, "mine", who=who) for who in ("U0REP3", "U0REP4")]
    assert sum("Jane Small" in answer for answer in mine) == 1


async def test_a_long_list_is_leafed_through(quick_story: Story) -> None:
    slack = quick_story.slack
    slack.ignores(post_in("C0SALES"))
    for number in range(12):
        await quick_story.lead_comes_in(
            email=f"p{number}@big.example", company="Big", last_name=f"N{number:02}"
        )
    answer = await asks(quick_story, "queue", who="U0REP1", in_="C0SALES")
    assert "1-10 of 12 leads" in reads(answer)
    await slack.person("U0REP1").clicks("Next").on(answer)

    await slack.expects(update_of(answer), containing="11-12 of 12 leads")
    await slack.person("U0REP1").clicks("Previous").on(slack.workspace.messages[answer.channel][answer.ts])
    await slack.expects(update_of(answer), containing="1-10 of 12 leads")


async def test_a_leads_history_is_told_newest_first(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await slack.person("U0REP1").clicks("Accept").on(card)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    answer = await told(quick_story, "history acme")
    assert (
        answer.index("Accepted by <@U0REP1>") < answer.index("Handed off to sales") < answer.index("Created")
    )


async def test_details_show_everything_and_take_what_people_say(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in(
        notes="Wants SSO", favourite_colour="blue", crm_url="https://crm.example/1"
    )
    await slack.expects(post_in("C0SALES"))
    answer = await asks(quick_story, "status acme", who="U0REP1", in_="C0SALES")
    await slack.person("U0REP1").clicks("Details").on(answer)
    modal = await slack.person("U0REP1").sees_modal("Lead #")
    for words in (
        "*Score*",
        "Asked for a demo",
        "halves every",
        "Wants SSO",
        "blue",
        "History",
        "Playbook",
    ):
        assert words in modal.text, words
    await modal.presses("Something is missing")
    missing = await slack.person("U0REP1").sees_modal("Something is missing")
    deed = await missing.fill(note="A price list").submit()
    assert deed.ok


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "What I can do for you"),
        ("HELP", "/lead status"),
        ("status", "You have no open leads"),
        ("statsu jane@acme.example", "Did you mean `/lead status jane@acme.example`?"),
        ("qeue", "Did you mean `/lead queue`?"),
        ("find nobody@acme.example", "No lead has the address “nobody@acme.example”"),
        ("list", "Nothing is waiting in all teams"),
        ("hello", "What I can do for you"),
        ("thanks!", "You're welcome. `/lead help` lists what I can do."),
        ("snooze #1", "*Snooze* is on the lead's card, or in its ⋯ menu. `/lead status #1` links to it."),
        (
            "log contact for #1",
            "*Log contact* is on the lead's card, or in its ⋯ menu. `/lead status #1` links",
        ),
        ("set outcome", "*Set outcome* is on the lead's card, or in its ⋯ menu. `/lead mine` links to"),
        ("set away", "`set` is not a command."),
        ("accept the lead Ann Of", "`/lead status Ann Of` links to it."),
        ("snooze 2 hours", "*Snooze* is on the lead's card, or in its ⋯ menu. `/lead mine` links to"),
        ("snooze #1 until tomorrow", "`/lead status #1` links to it."),
        (
            "assign #3 to @Robin Brandt",
            "*Reassign* is on the lead's card, or in its ⋯ menu. `/lead status #3` links",
        ),
        ("delete #1", "*Forget a person…* on an admin's Home erases everything about a person."),
        ("reject", "*Reject* is on the lead's card, or in its ⋯ menu. `/lead mine` links to"),
        ("<!channel>", "`&lt;!channel&gt;` is not a command"),
        ("status <!channel>", "No lead found for “&lt;!channel&gt;”"),
        ("status \u0000\ud800 x", "No lead found for"),
        ("nobody@acme.example", "No lead has the address “nobody@acme.example”"),
        ("history #404", "There is no lead #404."),
        ("queue extra words", "Nothing is waiting in all teams"),
        ("away", "Absence is for reps"),
    ],
)
async def test_every_other_word_is_answered_in_words(quick_story: Story, text: str, words: str) -> None:
    assert words in await told(quick_story, text)


async def test_a_name_alone_is_looked_up_where_somebody_bears_it(quick_story: Story) -> None:
    await quick_story.lead_comes_in(
        email="farid@delta.example", first_name="Farid", last_name="Dunne", company="Harbor Office Ltd"
    )
    await quick_story.slack.expects(post_in("C0SALES"))
    for typed in ("farid dunne", "Dunne", "dunne far", "harbor office", "delta.example"):
        assert "Farid Dunne, CTO at Harbor Office Ltd" in await told(quick_story, typed), typed
    assert "Did you mean `/lead add`?" in await told(quick_story, "ad")  # no beginning of a name
    assert "Did you mean `/lead status farid dunne`?" in await told(quick_story, "statu farid dunne")
    slack = quick_story.slack
    await slack.person("U0MARA").says("/alignment", "farid dunne", in_="C0LEADS")
    await slack.expects(ephemeral_to("U0MARA"), containing="For that lead, type /lead farid dunne.")
    for typed in ("farid nobody", "farit dunne"):
        assert "is not a command" in await told(quick_story, typed), typed


async def test_a_question_in_plain_words_is_answered(quick_story: Story) -> None:
    taken = await quick_story.lead_comes_in(company="ACME Corp.")
    await quick_story.slack.expects(post_in("C0SALES"))
    asks = (
        "who has acme",
        "Where is Jane Doe?",
        "what's happened with acme.example",
        f"who owns #{taken.id}?",
    )
    for typed in (*asks, "show me jane doe"):
        assert "Jane Doe, CTO at ACME Corp." in await told(quick_story, typed), typed
    for typed in ("any leads waiting?", "what is in the queue"):
        assert "1 lead waiting in all teams" in await told(quick_story, typed), typed
    for typed in ("how many leads do I have?", "what are my leads", "are any of the cards mine"):
        assert "You have no open leads" in await told(quick_story, typed), typed
    assert "No lead found for “globex”" in await told(quick_story, "who has globex")
    assert "What I can do for you" in await told(quick_story, "what can you do?")


async def test_help_fits_the_role(quick_story: Story) -> None:
    assert "/lead away" in await told(quick_story, "help", who="U0REP1")
    assert "/lead away" not in await told(quick_story, "help", who="U0MARA")


async def test_a_lead_that_was_never_handed_off_has_a_status_too(quick_story: Story) -> None:
    await quick_story.lead_comes_in(activities=[], title="Intern", employees=3)
    assert "not handed off yet" in await told(quick_story, "status jane@acme.example")


async def test_a_company_is_found_by_the_signs_in_its_name(quick_story: Story) -> None:
    await quick_story.lead_comes_in(company="AT&T <Labs>")
    card = await quick_story.slack.expects(post_in("C0SALES"))
    assert "AT&amp;T &lt;Labs&gt;" in reads(card)
    assert "Jane Doe, CTO at AT&amp;T &lt;Labs&gt;" in await told(quick_story, "status AT&T")
    assert "Jane Doe" in await told(quick_story, "status <http://acme.example|acme.example>")


async def test_a_person_a_number_a_pasted_link_and_a_mention_are_found(quick_story: Story) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in(phone="+4915112345678", company="Northwind Rail Ltd")
    card = await slack.expects(post_in("C0SALES"))
    await slack.person("U0REP1").clicks("Accept").on(card)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    for typed in ("doe jane", "0151 12345678", "rail", "<http://acme.example|acme.example>"):
        assert "Jane Doe, CTO at Northwind Rail Ltd" in await told(quick_story, f"status {typed}"), typed
    listed = await told(quick_story, "status <@U0REP1|riley>")
    assert "*<@U0REP1>*: 1 open lead, most urgent first" in listed
    assert "<@U0REP2> has no open leads." in await told(quick_story, "status <@U0REP2>")
    await quick_story.lead_comes_in(email="jane@other.example", company="Other", activities=[])
    both = await asks(quick_story, "status jane doe")
    assert "Which “jane doe” do you mean?" in reads(both)
    await slack.person("U0MARA").clicks("Show").on(both, beside="Other")
    await slack.expects(update_of(both), containing="at Other")
