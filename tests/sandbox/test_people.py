"""What people can enter, what the bot then gets, and the rarer deeds: shortcuts, suggestions, stacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import JsonDict, Sandbox
from bot.sandbox.scenario.choices import client_side_errors, entered
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.payloads import as_typed
from bot.sandbox.slack.state import initial_values
from tests.sandbox.payloads import button, field, modal, options, plain, section
from tests.sandbox.tinybot import over_socket_mode

OPTIONS = {"options": options()}
FIRST = options()[0]


@pytest.mark.parametrize(
    ("element", "value", "state"),
    [
        ({"type": "plain_text_input"}, "hello", {"value": "hello"}),
        ({"type": "plain_text_input"}, "", {"value": None}),
        ({"type": "number_input"}, 7, {"value": "7"}),
        ({"type": "static_select", **OPTIONS}, "Option 0", {"selected_option": FIRST}),
        ({"type": "static_select", **OPTIONS}, "v0", {"selected_option": FIRST}),
        ({"type": "static_select", **OPTIONS}, None, {"selected_option": None}),
        ({"type": "radio_buttons", **OPTIONS}, "v0", {"selected_option": FIRST}),
        ({"type": "checkboxes", **OPTIONS}, ["v0", "Option 1"], {"selected_options": options()}),
        ({"type": "multi_static_select", **OPTIONS}, "v0", {"selected_options": [FIRST]}),
        ({"type": "users_select"}, "U0REP1", {"selected_user": "U0REP1"}),
        ({"type": "multi_users_select"}, ["U0REP1"], {"selected_users": ["U0REP1"]}),
        ({"type": "channels_select"}, "C0SALES", {"selected_channel": "C0SALES"}),
        ({"type": "conversations_select"}, "C0SALES", {"selected_conversation": "C0SALES"}),
        ({"type": "datepicker"}, "2026-11-23", {"selected_date": "2026-11-23"}),
        ({"type": "timepicker"}, "09:30", {"selected_time": "09:30"}),
        ({"type": "datetimepicker"}, 1_795_000_000, {"selected_date_time": 1_795_000_000}),
    ],
)
def test_what_is_entered_becomes_the_state_that_slack_sends(
    element: JsonDict, value: Any, state: JsonDict
) -> None:
    assert entered(element, value) == {"type": element["type"], **state}


def test_only_what_is_offered_can_be_chosen() -> None:
    with pytest.raises(NotPossible, match="no option 'v9'; there are: Option 0, Option 1"):
        entered({"type": "static_select", **OPTIONS}, "v9")


@pytest.mark.parametrize(
    ("element", "value", "fault"),
    [
        ({"type": "plain_text_input"}, "", "required"),
        ({"type": "plain_text_input", "min_length": 3}, "ab", "at least 3"),
        ({"type": "plain_text_input", "max_length": 3}, "abcd", "at most 3"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "number"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "2"}, "1.5", "at least 2"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "1"}, "1.5", "at most 1"),
        ({"type": "email_text_input"}, "jane", "email"),
        ({"type": "url_text_input"}, "example.com", "URL"),
        ({"type": "multi_static_select", **OPTIONS}, [], "required"),
    ],
)
def test_slacks_client_does_not_send_what_cannot_be_right(element: JsonDict, value: Any, fault: str) -> None:
    blocks = field(element, block_id="b")
    named = blocks[0]["element"]
    assert fault in client_side_errors(blocks, {"b": {"i": entered(named, value)}})["b"]


def test_an_update_of_a_view_keeps_what_was_entered_where_the_input_remains() -> None:
    before = field({"type": "plain_text_input", "initial_value": "first"}, block_id="b")
    typed = {"b": {"i": {"type": "plain_text_input", "value": "typed"}}}
    assert initial_values(before, {})["b"]["i"]["value"] == "first"
    assert initial_values(before, typed) == typed
    other = field({"type": "static_select", **OPTIONS}, block_id="b")
    assert initial_values(other, typed)["b"]["i"] == {"type": "static_select", "selected_option": None}


# ---- with a bot


@pytest.fixture
async def bot(slack: Sandbox) -> AsyncIterator[AsyncApp]:
    async with over_socket_mode(slack) as app:
        yield app


def two_step(*extra: JsonDict) -> JsonDict:
    """A modal whose first choice tells the bot, which may then ask for more."""
    first = field(
        {"type": "static_select", "action_id": "then", **OPTIONS}, block_id="first", dispatch_action=True
    )
    button_row = section(accessory=button(action_id="push"), block_id="more")
    return modal(blocks=[*first, *button_row, *extra], submit=plain("Send"), callback_id="steps")


async def test_a_choice_in_a_modal_lets_the_bot_ask_for_more_and_stack_another(
    slack: Sandbox, bot: AsyncApp
) -> None:
    @bot.shortcut("steps")
    async def start(ack: Any, body: JsonDict, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=two_step())

    @bot.action("then")
    async def asked(ack: Any, body: JsonDict, client: AsyncWebClient) -> None:
        await ack()
        more = field({"type": "plain_text_input"}, block_id="second")
        view = body["view"]
        await client.views_update(view_id=view["id"], hash=view["hash"], view=two_step(*more))

    @bot.action("push")
    async def push(ack: Any, body: JsonDict, client: AsyncWebClient) -> None:
        await ack()
        await client.views_push(
            trigger_id=body["trigger_id"], view=modal(title=plain("Deeper"), clear_on_close=True)
        )

    @bot.view("steps")
    async def sent(ack: Any, view: JsonDict) -> None:
        await ack(response_action="update", view=modal(title=plain("Thanks")))

    assert (await slack.people.shortcut("U0REP1", "steps")).ok
    view = slack.people.modal("U0REP1")
    await slack.people.fill(view, "first", "Option 1")
    await slack.people.fill(view, "second", "because")
    assert view.values["first"]["then"]["selected_option"]["value"] == "v1"
    await slack.people.press(view, "push")
    assert [v.title for v in slack.workspace.modals["U0REP1"]] == ["Title", "Deeper"]
    await slack.people.close(slack.people.modal("U0REP1"))
    assert slack.workspace.modals["U0REP1"] == []

    await slack.people.shortcut("U0REP1", "steps")
    again = slack.people.modal("U0REP1")
    await slack.people.fill(again, "first", "v0")
    await slack.people.fill(again, "second", "because")
    assert (await slack.people.submit(again)).ok
    assert slack.people.modal("U0REP1").title == "Thanks"


async def test_an_external_select_asks_the_bot_for_its_options(slack: Sandbox, bot: AsyncApp) -> None:
    @bot.options("lead")
    async def leads(ack: Any, payload: JsonDict) -> None:
        await ack(options=options(1, text=plain(f"Lead {payload['value']}")))

    element = {"type": "external_select", "action_id": "lead"}
    view = slack.workspace.open_modal("U0REP1", modal(blocks=field(element), submit=plain("Send")))
    found = await slack.people.suggestions(view, view.blocks, "lead", "jane", "U0REP1")
    assert [option["text"]["text"] for option in found] == ["Lead jane"]


async def test_an_answer_that_slack_cannot_show_leaves_the_modal_in_trouble(
    slack: Sandbox, bot: AsyncApp
) -> None:
    @bot.view("steps")
    async def sent(ack: Any) -> None:
        await ack(response_action="errors", errors={"nowhere": "?"})

    view = slack.workspace.open_modal("U0REP1", modal(callback_id="steps"))
    deed = await slack.people.submit(view)
    assert "trouble" in deed.errors[""]
    assert slack.traffic.refused()[-1].error == "invalid_arguments"


async def test_only_an_author_or_an_admin_deletes_a_message(slack: Sandbox) -> None:
    card = slack.workspace.post("C0SALES", "U0BATON", text="card")
    with pytest.raises(NotPossible, match="riley may not delete"):
        await slack.people.delete("U0REP1", card)
    await slack.people.delete("U0ADMIN", card)
    with pytest.raises(NotPossible, match="does not see this message"):
        await slack.people.click("U0REP1", card, "Accept")


async def test_a_bot_that_subscribed_hears_what_is_written_and_deleted() -> None:
    heard: list[tuple[str, str]] = []
    subscriptions = ("message.im", "message.channels")
    async with Sandbox(subscriptions=subscriptions) as slack, over_socket_mode(slack) as app:

        @app.event("message")
        async def message(event: JsonDict) -> None:
            heard.append((event["channel"], str(event.get("subtype") or event.get("text"))))

        await slack.people.write("U0REP1", "U0BATON", "hello")
        said = await slack.people.write("U0REP1", "C0SALES", "hello all")
        await slack.people.delete("U0REP1", said)
    assert heard == [("D0REP1", "hello"), ("C0SALES", "hello all"), ("C0SALES", "message_deleted")]


async def test_a_command_that_the_app_does_not_declare_cannot_be_typed(slack: Sandbox) -> None:
    with pytest.raises(NotPossible, match="/explode is not a valid command"):
        await asyncio.wait_for(slack.people.command("U0REP1", "/explode"), 20)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("status AT&T", "status AT&amp;T"),
        ("status a < b > c", "status a &lt; b &gt; c"),
        ("status <@U0REP1> & <#C0SALES>", "status <@U0REP1> &amp; <#C0SALES>"),
        ("status <https://acme.example|acme> &amp;", "status <https://acme.example|acme> &amp;amp;"),
    ],
)
def test_what_is_typed_goes_escaped_over_the_wire_but_for_slacks_own_links(typed: str, sent: str) -> None:
    assert as_typed(typed) == sent
