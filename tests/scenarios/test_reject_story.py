"""A rep says why a lead is not for them; marketing hears of it, and the lead goes where the reason says."""

from __future__ import annotations

from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import ephemeral_to, post_in, reply_to, update_of
from tests.scenarios.conftest import Story


async def test_marketing_hears_at_once_why_a_lead_was_rejected(story: Story) -> None:
    slack = story.slack
    riley = slack.person("U0REP1")
    await story.lead_comes_in(campaign="q4-webinar")
    card = await slack.expects(post_in("C0SALES"))

    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal("Reject this lead")
    assert "Jane Doe, ACME" in modal.text
    await modal.enters(reason="bad_contact")
    assert (await modal.enters(note="The phone is dead")).errors == {}
    assert (await modal.submit()).ok

    told = ("Jane Doe", "Bad or missing contact data", "The phone is dead", "Riley Ross", "<@U0MARA>")
    await slack.expects(post_in("C0MKTG"), containing=told)
    await slack.expects(update_of(card), containing="Rejected")
    await slack.expects(reply_to(card), containing="Rejected by Riley Ross")


async def test_a_lead_of_another_team_is_sent_there(story: Story) -> None:
    slack = story.slack
    riley = slack.person("U0REP1")
    await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))

    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal()
    await modal.enters(reason="wrong_territory")
    await slack.until(lambda: "It goes to *Growth*" in modal.text or None, "the team named in the modal")
    assert (await modal.submit()).ok

    await slack.expects(update_of(card), containing="Now with team Growth")
    await slack.expects(reply_to(card), containing="Growth")
    await slack.expects(post_in("C0GROWTH"), containing=("Jane Doe", "<@U0REP3>"))
    await slack.expects(post_in("C0MKTG"), containing=("was rerouted to another team", "Growth"))


async def test_a_duplicate_joins_the_lead_that_the_modal_asks_for(story: Story) -> None:
    slack = story.slack
    riley = slack.person("U0REP1")
    first = await story.lead_comes_in(email="first@acme.example", activities=[], employees=3, title="")
    assert first.handoff_id is None
    await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))

    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal()
    await modal.enters(reason="duplicate", merge_into="#99")
    assert "No lead found for “#99”" in (await modal.submit()).errors["merge_into"]
    await modal.enters(merge_into=f"#{first.id}")
    assert (await modal.submit()).ok

    await slack.expects(update_of(card), containing=f"lead #{first.id}")
    await slack.expects(reply_to(card), containing=f"lead #{first.id}")
    await slack.expects(post_in("C0MKTG"), containing="was merged into another lead")


async def test_what_is_missing_is_said_in_the_modal(quick_story: Story) -> None:
    slack = quick_story.slack
    riley = slack.person("U0REP1")
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal()
    assert set((await modal.submit()).errors) == {"reason"}

    slack.fault(
        "views.update", kind=FaultKind.SERVER_ERROR, times=None
    )  # the modal is sent before it asks for a note
    await modal.enters(reason="other")
    assert "needs a note" in (await modal.submit()).errors["note"]
    slack.faults.lift()
    await modal.enters(reason="duplicate")
    await slack.until(lambda: "Which lead is it a duplicate of?" in modal.text or None, "the question")


async def test_a_modal_that_comes_too_late_says_who_was_first(story: Story) -> None:
    slack = story.slack
    riley, robin = slack.person("U0REP1"), slack.person("U0REP2")
    await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal()
    await modal.enters(reason="too_small")

    await robin.clicks("Accept").on(card)
    await slack.expects(update_of(card), containing="Accepted")
    await slack.expects(reply_to(card), containing="Accepted")

    await modal.submit()
    assert "<@U0REP2> accepted it first" in (await riley.sees_modal("Baton")).text


async def test_a_reason_chosen_too_late_says_so_at_once(quick_story: Story) -> None:
    slack = quick_story.slack
    riley, robin = slack.person("U0REP1"), slack.person("U0REP2")
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal()
    await robin.clicks("Accept").on(card)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    await modal.enters(reason="too_small")
    assert "<@U0REP2> accepted it first" in (await riley.sees_modal("Baton")).text


async def test_a_decided_lead_opens_no_modal(quick_story: Story) -> None:
    slack = quick_story.slack
    riley, robin = slack.person("U0REP1"), slack.person("U0REP2")
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    was = card.blocks
    await robin.clicks("Accept").on(card)
    await slack.expects(update_of(card))
    await slack.expects(reply_to(card))
    card.blocks = was
    await riley.clicks("Reject").on(card)
    await slack.expects(ephemeral_to(riley), containing="<@U0REP2> accepted it first")
    assert not slack.workspace.modals.get("U0REP1")
