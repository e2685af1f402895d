"""The words that matter: what a person at seven in the morning must not get wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import (
    AlreadyDecided,
    AmbiguousId,
    AnotherCard,
    DomainError,
    HandoffNotFound,
    InvalidInput,
    LeadNotFound,
    NotAllowed,
    NotAMember,
    NotPossible,
    Obstacle,
    Unverified,
)
from bot.views import answers
from bot.views.agreement_change import called
from bot.views.card import card
from bot.views.ids import Listed
from bot.views.lead_list import lead_list
from bot.views.message import Rendered
from bot.views.modals.reject import reject_modal
from bot.views.notices import unrouted_notice
from bot.views.parked import parked_notice, parked_words
from bot.views.queue import rep_answer
from bot.views.rows import LeadRow, Page, row_words
from bot.views.states import CardState, RunningClock, UnroutedNotice
from storage.models import ClockKind, HandoffState, Outcome
from tests.bot.views import samples as s
from tests.bot.views import surfaces
from tests.bot.views.reading import action_ids, said

LATER = s.NOW + timedelta(minutes=6)


def test_the_notification_says_who_where_and_by_when() -> None:
    expected = "New P1 lead: Jane Doe, VP Engineering at ACME — accept within 5 min"
    assert card(s.WAITING, s.NOW).text == expected


def test_a_late_card_says_since_when_and_who_has_not_accepted_it() -> None:
    nobodys = said(card(s.WAITING, LATER))
    assert "🔴" in nobodys
    assert "Late since" in nobodys
    assert "nobody has accepted it yet" in nobodys
    assigned = replace(s.WAITING, owner=s.SAM, clock=replace(s.ACCEPT, owner=s.SAM))
    assert "<@U0SAM> has not accepted it yet" in said(card(assigned, LATER))
    assert card(s.WAITING, LATER).text.startswith("Late P1 lead: Jane Doe")


def test_a_card_is_amber_from_the_moment_it_is_told_and_says_so() -> None:
    before, after = (card(s.WAITING, s.NOW + timedelta(minutes=m)) for m in (3, 4))
    assert "🔵" in said(before)
    assert "🟠" in said(after)
    assert "Almost due" in said(after)


def test_a_snoozed_lead_is_not_in_a_hurry() -> None:
    paused = replace(s.WAITING, clock=replace(s.ACCEPT, paused_until=LATER))
    assert "Snoozed until" in said(card(paused, s.NOW + timedelta(minutes=4)))


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (s.WAITING, ["lead_accept", "lead_reject", "lead_crm", "lead_more"]),
        (
            replace(s.WAITING, lead=replace(s.JANE, crm_url="ftp://crm")),
            ["lead_accept", "lead_reject", "lead_more"],
        ),
        (s.ACCEPTED, ["lead_touch", "lead_outcome", "lead_crm", "lead_more"]),
        (s.REJECTED, ["lead_more"]),
        (s.CLOSED, ["lead_more"]),
        (s.MERGED, ["lead_more"]),
        (s.MOVED, ["lead_more"]),
    ],
)
def test_a_card_offers_only_what_can_be_done(state: CardState, buttons: list[str]) -> None:
    assert action_ids(card(state, s.NOW)) == buttons


def test_a_waiting_card_is_seven_lines_an_accepted_one_three_and_one_that_is_over_one() -> None:
    full = replace(s.WAITING, owner=s.RILEY, owner_why="Rotation", raised="now P1: asked for a demo")
    for state in (s.WAITING, full, s.hostile_card(s.UNBROKEN)):
        assert len(said(card(state, s.NOW)).splitlines()) <= 7
    assert len(said(card(replace(full, state=HandoffState.ACCEPTED), s.NOW)).splitlines()) <= 3
    for state in (s.REJECTED, s.CLOSED, s.MERGED, s.MOVED):
        assert len(said(card(state, s.NOW)).splitlines()) == 1


@pytest.mark.parametrize("name", s.HOSTILE)
def test_no_value_makes_a_card_longer(name: str) -> None:
    longest = s.hostile_card(s.HOSTILE[name])
    assert len(said(card(longest, s.NOW)).splitlines()) <= 7
    for state in HandoffState:
        if state is not HandoffState.WAITING:
            lines = said(card(replace(longest, state=state), s.NOW)).splitlines()
            assert len(lines) <= (3 if state is HandoffState.ACCEPTED else 1), state


def test_the_points_and_ages_of_reasons_are_left_to_the_details() -> None:
    why = (
        "Asked for a demo 3 minutes ago (+60)",
        "Senior title (+30)",
        "Webinar 2 months ago (+7 of 30)",
        "x",
    )
    lines = said(card(replace(s.WAITING, why=why), s.NOW))
    assert "A1: Asked for a demo, Senior title, Webinar and 1 more" in lines
    assert "(+" not in lines


def test_a_card_says_what_they_asked_for_and_how_long_they_have_waited_whoever_has_it_now() -> None:
    handed = s.NOW - timedelta(hours=3)
    lines = said(card(replace(s.WAITING, owner=s.SAM, handed_at=handed), s.NOW)).splitlines()
    assert lines[1].startswith("*Demo request* ")
    assert "“We need this by March”" in lines[1]
    assert f"waiting since <!date^{int(handed.timestamp())}^{{date_short_pretty}} {{time}}|" in lines[2]


def test_fields_without_a_word_leave_no_label_behind() -> None:
    blank = s.hostile_card(s.HOSTILE["blank"])
    lines = said(card(blank, s.NOW)).splitlines()
    assert not [line for line in lines if line.startswith(("via", "“", "*Lead", "*Send", "*Earlier"))]
    assert "No e-mail address or phone number" in lines


@pytest.mark.parametrize(
    ("reader", "late", "says"),
    [
        (s.MARA, True, "<@U0SAM> has not logged contact yet · team Enterprise"),
        (s.MARA, False, "with <@U0SAM>, team Enterprise"),
        (s.SAM, True, "no contact logged yet"),
        (s.SAM, False, ""),
    ],
)
def test_a_row_names_its_owner_once_and_to_others_only(reader: str, late: bool, says: str) -> None:
    due = s.NOW + timedelta(minutes=-5 if late else 5)
    clock = RunningClock(ClockKind.FIRST_TOUCH, owner=s.SAM, due_at=due)
    mine = LeadRow(s.JANE, 7, "Enterprise", "P1", s.SAM, HandoffState.ACCEPTED, clock, s.NOW)
    text = row_words(mine, s.NOW, reader=reader)
    assert says in text
    assert text.count("<@U0SAM>") == (reader != s.SAM)
    of_sam = rep_answer(s.SAM, Page((mine,), 1, Listed(what="rep", of=s.SAM)), s.NOW)
    assert said(of_sam).count("<@U0SAM>") == 1


def test_a_list_gives_each_lead_its_own_buttons() -> None:
    message = lead_list([replace(s.WAITING, handoff_id=n) for n in (5, 6)], s.NOW)
    rows = [block for block in message.blocks if block["type"] == "actions"]
    assert [row["block_id"] for row in rows] == ["lead:5", "lead:6"]
    assert [[button["value"] for button in row["elements"]] for row in rows] == [["5", "5"], ["6", "6"]]
    assert rows[0]["elements"][0]["accessibility_label"] == "Accept Jane Doe, ACME"


def test_a_decided_row_is_one_line() -> None:
    assert said(lead_list([s.ACCEPTED], s.NOW)).endswith("~Jane Doe, ACME~ — accepted by <@U0RILEY>")


@pytest.mark.parametrize("count", [0, 11])
def test_a_list_holds_one_to_ten_leads(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        lead_list([s.WAITING] * count, s.NOW)


def test_a_message_without_text_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a text"):
        Rendered(" ", [])


def test_the_modal_reports_the_choice_and_keeps_what_was_chosen() -> None:
    view = reject_modal(replace(s.FORM, chosen="duplicate"))
    menu = next(block for block in view["blocks"] if block.get("block_id") == "reason")
    assert menu["dispatch_action"] is True
    assert menu["element"]["initial_option"]["value"] == "duplicate"
    assert view["private_metadata"] == '{"handoff_id":7,"chosen":"duplicate"}'
    assert [block["block_id"] for block in view["blocks"] if "block_id" in block] == [
        "reason",
        "merge_into",
        "note",
    ]


def test_a_reason_that_is_gone_counts_as_not_chosen() -> None:
    assert reject_modal(replace(s.FORM, chosen="gone")) == reject_modal(s.FORM)


def test_one_unrouted_lead_is_spoken_of_as_one() -> None:
    message = unrouted_notice(UnroutedNotice((s.JANE,), 1))
    assert message.text == "⚠️ 1 qualified lead matches no team: Jane Doe, ACME"
    assert "more" not in said(message).splitlines()[1]


@pytest.mark.parametrize(
    ("error", "wrong", "remedy"),
    [
        ("not_in_channel", "I am not in <#C0SALES>", "/invite @Baton"),
        ("channel_not_found", "I cannot find <#C0SALES>", "/invite @Baton"),
        ("is_archived", "<#C0SALES> (C0SALES) is archived", "Unarchive it"),
        ("restricted_action", "restricted", "channel's settings"),
        ("invalid_auth", "no longer accepts my token", "SLACK_BOT_TOKEN"),
        ("token_revoked", "revoked", "SLACK_BOT_TOKEN"),
        ("account_inactive", "removed from the workspace", "SLACK_BOT_TOKEN"),
        ("missing_scope", "permission", "manifest.yml"),
        ("something_new", "`something_new`", "Slack's docs"),
    ],
)
def test_a_place_that_refuses_says_what_is_wrong_and_what_to_do(error: str, wrong: str, remedy: str) -> None:
    told = parked_words("C0SALES", error)
    assert wrong in told[0]
    assert remedy in told[1]


def test_a_person_who_is_gone_is_named() -> None:
    for error in ("user_not_found", "channel_not_found"):
        wrong, remedy = parked_words("U0SAM", error)
        assert (wrong, "/invite" in remedy) == ("I cannot find <@U0SAM>.", False)


def test_what_waits_for_a_place_to_be_fixed_is_counted() -> None:
    assert "On hold until then: 3 messages." in said(parked_notice(s.PARKED))


TIME = "<!date^1795442400^{date_short_pretty} {time}|2026-11-23 14:00 UTC>"


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (
            AlreadyDecided(HandoffState.ACCEPTED, s.RILEY, s.NOW),
            f"<@U0RILEY> accepted it first, {TIME}.",
        ),
        (
            AlreadyDecided(HandoffState.ACCEPTED, s.SAM, s.NOW),
            f"You already accepted this lead, {TIME}.",
        ),
        (
            AlreadyDecided(HandoffState.REJECTED, s.RILEY, s.NOW),
            f"<@U0RILEY> rejected it first, {TIME}.",
        ),
        (AlreadyDecided(HandoffState.CLOSED, None, s.NOW), f"This lead was closed {TIME}."),
        (AlreadyDecided(HandoffState.REJECTED, s.SAM, None), "You already rejected this lead."),
        (
            AlreadyDecided(HandoffState.WAITING, None, None),
            "This lead has changed in the meantime. Please look at its card again.",
        ),
        (
            NotAllowed("accept this lead", [s.RILEY, s.SAM], "Enterprise"),
            "You cannot accept this lead: it belongs to team *Enterprise*. "
            "Please ask <@U0RILEY> or <@U0SAM>.",
        ),
        (
            NotAllowed("accept this lead", [f"U0REP{n}" for n in range(6)], None),
            "You cannot accept this lead. Please ask <@U0REP0>, <@U0REP1>, <@U0REP2>, <@U0REP3> or 2 more.",
        ),
        (
            NotAllowed("snooze this lead", [s.RILEY], holder=s.RILEY),
            "You cannot snooze this lead: <@U0RILEY> has it. Please ask <@U0RILEY>.",
        ),
        (
            NotPossible(Obstacle.TOO_LATE_TO_UNDO, s.SAM, s.NOW),
            f"That was {TIME}. You can undo within a minute, but no later.",
        ),
        (
            NotPossible(Obstacle.NOT_YOURS_TO_UNDO, "crm", s.NOW),
            f"The CRM did that {TIME}. Only they can undo it, and only within a minute.",
        ),
        (NotAllowed("see this", [s.RILEY]), "You cannot see this. Please ask <@U0RILEY>."),
        (
            NotAllowed("see this", []),
            "You cannot see this. Nobody in the agreement can; please tell an admin.",
        ),
        (
            LeadNotFound("<jane>"),
            "No lead found for “&lt;jane&gt;”. Check the e-mail address, or use # and its number.",
        ),
        (HandoffNotFound(7), "This lead no longer exists, so there is nothing left to do."),
        (InvalidInput({"note": "Please add <a note>."}), "Please add &lt;a note&gt;."),
    ],
)
def test_every_refusal_says_why_and_what_now(error: DomainError, answer: str) -> None:
    assert answers.answer_to(error, reader=s.SAM) == answer


def test_every_domain_error_has_an_answer() -> None:
    answered = {
        AlreadyDecided,
        AmbiguousId,
        AnotherCard,
        HandoffNotFound,
        InvalidInput,
        LeadNotFound,
        NotAllowed,
        NotAMember,
        NotPossible,
        Unverified,
    }
    assert answers.answer_to(NotAMember(), reader=s.SAM) == answers.OUTSIDER
    assert answers.answer_to(Unverified(), reader=s.SAM) == answers.UNVERIFIED
    assert set(DomainError.__subclasses__()) == answered
    with pytest.raises(TypeError, match="no answer"):
        answers.answer_to(DomainError("new"), reader=s.SAM)


@pytest.mark.parametrize("obstacle", Obstacle)
@pytest.mark.parametrize("known", [True, False])
def test_every_obstacle_is_told_in_a_sentence(obstacle: Obstacle, known: bool) -> None:
    error = NotPossible(obstacle, s.RILEY, s.NOW) if known else NotPossible(obstacle)
    answer = answers.answer_to(error, reader=s.SAM)
    assert answer[0] not in "{abcdefghijklmnopqrstuvwxyz"
    assert answer.endswith(".")
    assert "{" not in answer.replace("{date_short_pretty}", "").replace("{time}", "")


def test_the_menu_of_a_card_never_has_more_than_five_choices() -> None:
    menu = card(s.WAITING, s.NOW).blocks[-1]["elements"][-1]
    assert [option["value"] for option in menu["options"]] == [
        *("snooze:7", "reassign:7", "details:7", "undo:7", "crm:7")
    ]
    assert menu["options"][-1]["url"].startswith("https://crm.example/")


def test_a_card_tells_how_far_its_deal_has_come() -> None:
    deal = replace(s.ACCEPTED, outcome=Outcome.OPPORTUNITY, amount_minor=1_250_000, currency="EUR")
    assert "*Opportunity*, €12,500" in said(card(deal, s.NOW))
    won = replace(s.CLOSED, outcome=Outcome.WON, amount_minor=1_250_000, currency="EUR")
    assert "*Won*, €12,500 by <@U0RILEY>" in said(card(won, s.NOW))


def test_an_unforeseen_error_gives_its_reference() -> None:
    assert "Reference: `abc123`" in answers.something_wrong("abc123")


def test_a_card_says_how_the_lead_heated_up_until_it_is_over() -> None:
    hotter = replace(s.WAITING, raised="now P1: asked for a demo")
    assert "*Now P1: asked for a demo*" in said(card(hotter, s.NOW))
    assert "asked for a demo*" not in said(
        card(replace(s.REJECTED, raised="now P1: asked for a demo"), s.NOW)
    )


def test_a_place_of_the_agreement_has_the_name_that_people_use() -> None:
    assert called(("sla", "P1", "first_touch")) == "SLA P1 first contact"
    assert called(("duty", "answer_rejection")) == "SLA of marketing answer rejection"


OF_NOBODY = ("🗑️ This person was removed", "✅ Every qualified lead", "📥 ", "✅ All done")


@pytest.mark.parametrize("messages", [surfaces.lead_messages, surfaces.reminders, surfaces.dispute_messages])
def test_the_notification_alone_says_whom_it_is_about(
    messages: Callable[[str], Iterator[Rendered]],
) -> None:
    texts = [each.text for each in messages("Zelda")]
    assert [each for each in texts if "Zelda" not in each and not each.startswith(OF_NOBODY)] == []
