"""The Web API through Slack's own SDK: what it gives, and what it refuses under which name."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import psutil
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.clock import Clock
from bot.sandbox import FaultKind, Sandbox
from bot.sandbox.slack.context import DEFAULT_SCOPES
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.tickets import Tickets
from tests.sandbox.payload_cases import VALID
from tests.sandbox.payloads import divider, modal, plain

Call = Callable[[AsyncWebClient], Awaitable[Any]]
METADATA = {"event_type": "baton", "event_payload": {"delivery": 7, "lead": 3}}


async def refusal(call: Awaitable[Any]) -> str:
    """The name under which Slack refuses this call."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response.get("error"))


async def test_the_bot_learns_who_it_is_and_what_it_may(slack: Sandbox, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["team_id"]) == ("U0BATON", "T0TEAM")
    assert answer.headers["x-oauth-scopes"].split(",") == list(DEFAULT_SCOPES)


async def test_a_post_is_found_again_by_its_metadata(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0SALES", text="Jane", metadata=METADATA)
    history = await client.conversations_history(channel="C0SALES", include_all_metadata=True)
    assert [(m["ts"], m["metadata"]) for m in history["messages"]] == [(posted["ts"], METADATA)]
    without = await client.conversations_history(channel="C0SALES")
    assert "metadata" not in without["messages"][0]


async def test_what_is_said_in_a_thread_is_only_in_its_replies(client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="C0SALES", text="Jane")
    child = await client.chat_postMessage(
        channel="C0SALES", text="late", thread_ts=parent["ts"], metadata=METADATA
    )
    history = await client.conversations_history(channel="C0SALES")
    assert [(m["ts"], m["reply_count"]) for m in history["messages"]] == [(parent["ts"], 1)]
    replies = await client.conversations_replies(
        channel="C0SALES", ts=parent["ts"], include_all_metadata=True
    )
    assert [m["ts"] for m in replies["messages"]] == [parent["ts"], child["ts"]]
    assert replies["messages"][1]["metadata"] == METADATA


async def test_history_comes_newest_first_in_pages_and_between_two_moments(client: AsyncWebClient) -> None:
    sent = [(await client.chat_postMessage(channel="C0SALES", text=str(n)))["ts"] for n in range(5)]
    history = await client.conversations_history(channel="C0SALES", limit=2)
    pages = [[message["ts"] for message in page["messages"]] async for page in history]
    assert pages == [sent[:2:-1], sent[2:0:-1], sent[:1]]
    between = await client.conversations_history(channel="C0SALES", oldest=sent[1], latest=sent[3])
    assert [m["ts"] for m in between["messages"]] == [sent[2]]
    inclusive = await client.conversations_history(
        channel="C0SALES", oldest=sent[1], latest=sent[3], inclusive=True
    )
    assert len(inclusive["messages"]) == 3


async def test_an_update_keeps_the_metadata_and_the_blocks_it_does_not_name(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0SALES", text="a", blocks=[divider()], metadata=METADATA)
    answer = await client.chat_update(channel="C0SALES", ts=posted["ts"], text="b")
    assert (answer["message"]["text"], answer["message"]["metadata"]) == ("b", METADATA)
    assert answer["message"]["blocks"][0]["type"] == "divider"
    assert answer["message"]["edited"]["user"] == "U0BATON"


async def test_a_direct_message_is_opened_by_a_user_id(client: AsyncWebClient) -> None:
    opened = await client.conversations_open(users="U0REP1")
    posted = await client.chat_postMessage(channel="U0REP1", text="hello")
    assert posted["channel"] == opened["channel"]["id"] == "D0REP1"


async def test_people_groups_and_channels_can_be_looked_up(slack: Sandbox, client: AsyncWebClient) -> None:
    assert (await client.users_info(user="U0REP2"))["user"]["tz"] == "Europe/Berlin"
    assert (await client.users_lookupByEmail(email="MARA@example.com"))["user"]["id"] == "U0MARA"
    assert len((await client.users_list())["members"]) == 9
    assert (await client.conversations_info(channel="C0SALES"))["channel"]["is_member"] is True
    assert len((await client.conversations_members(channel="C0SALES"))["members"]) == 9
    slack.workspace.archive("C0LEADS")
    listed = await client.conversations_list(exclude_archived=True)
    assert {c["name"] for c in listed["channels"]} == {"sales", "growth", "marketing"}


async def test_a_view_is_validated_without_a_token(slack: Sandbox) -> None:
    anonymous = AsyncWebClient(base_url=slack.api_url)
    assert (await anonymous.blocks_validate(blocks=VALID["table"]))["ok"]
    assert await refusal(anonymous.blocks_validate(blocks=[{"type": "sparkle"}])) == "invalid_blocks"


REFUSALS: list[tuple[str, str, Call]] = [
    ("no text", "no_text", lambda c: c.api_call("chat.postMessage", json={"channel": "C0SALES"})),
    ("long text", "msg_too_long", lambda c: c.chat_postMessage(channel="C0SALES", text="x" * 40_001)),
    (
        "long blocks",
        "msg_blocks_too_long",
        lambda c: c.chat_postMessage(
            channel="C0SALES", text="x", blocks=[{"type": "section", "text": plain("x" * 2900)}] * 5
        ),
    ),
    ("no such channel", "channel_not_found", lambda c: c.chat_postMessage(channel="C0NONE", text="x")),
    ("not a member", "not_in_channel", lambda c: c.chat_postMessage(channel="C0GROWTH", text="x")),
    ("archived", "is_archived", lambda c: c.chat_postMessage(channel="C0LEADS", text="x")),
    (
        "no such thread",
        "thread_not_found",
        lambda c: c.chat_postMessage(channel="C0SALES", text="x", thread_ts="1700000000.000001"),
    ),
    ("no message", "message_not_found", lambda c: c.chat_update(channel="C0SALES", ts="1.000001", text="x")),
    (
        "bad metadata",
        "invalid_metadata_schema",
        lambda c: c.chat_postMessage(channel="C0SALES", text="x", metadata={"event_type": "baton"}),
    ),
    ("bad view", "invalid_arguments", lambda c: c.views_publish(user_id="U0REP1", view=modal())),
    ("no trigger", "invalid_trigger_id", lambda c: c.views_open(trigger_id="1.x", view=modal())),
    ("no view", "not_found", lambda c: c.views_update(view_id="V9", view=modal())),
    ("no person", "user_not_found", lambda c: c.users_info(user="U0NOBODY")),
    ("no address", "users_not_found", lambda c: c.users_lookupByEmail(email="no@example.com")),
    ("unknown method", "unknown_method", lambda c: c.api_call("chat.shout")),
    ("no scope", "missing_scope", lambda c: c.reactions_add(channel="C0SALES", name="eyes", timestamp="1.1")),
    ("no scope to read", "missing_scope", lambda c: c.conversations_list(types="im")),
    ("may not join", "missing_scope", lambda c: c.conversations_join(channel="C0GROWTH")),
    ("no cursor", "invalid_cursor", lambda c: c.users_list(cursor="!")),
    ("no limit", "invalid_limit", lambda c: c.users_list(limit=0x10000)),
]


@pytest.mark.parametrize(("error", "call"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
async def test_a_wrong_call_is_refused_under_slacks_name(
    slack: Sandbox, client: AsyncWebClient, error: str, call: Call
) -> None:
    slack.workspace.remove("C0GROWTH", "U0BATON")
    slack.workspace.archive("C0LEADS")
    assert await refusal(call(client)) == error
    assert slack.traffic.refused()[-1].error == error


async def test_a_refused_block_is_pointed_at(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0SALES", text="x", blocks=[divider(), {"type": "header"}])
    messages = caught.value.response["response_metadata"]["messages"]
    assert messages == ["[ERROR] missing required field: text [json-pointer:/blocks/1]"]


async def test_a_missing_scope_is_named(slack: Sandbox, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.conversations_list(types="public_channel,im")
    assert caught.value.response["needed"] == "im:read"
    assert "chat:write" in caught.value.response["provided"]


async def test_another_authors_message_cannot_be_changed(slack: Sandbox, client: AsyncWebClient) -> None:
    said = slack.workspace.post("C0SALES", "U0REP1", text="mine")
    assert await refusal(client.chat_update(channel="C0SALES", ts=said.ts, text="x")) == "cant_update_message"


async def test_tokens_are_checked(slack: Sandbox, client: AsyncWebClient) -> None:
    assert await refusal(AsyncWebClient(base_url=slack.api_url).auth_test()) == "not_authed"
    assert (
        await refusal(AsyncWebClient(token="xoxb-no", base_url=slack.api_url).auth_test()) == "invalid_auth"
    )
    slack.revoke_token()
    assert await refusal(client.auth_test()) == "token_revoked"
    slack.revoke_token(False)
    assert (await client.auth_test())["ok"]


async def test_direct_messages_need_the_messages_tab(slack: Sandbox, client: AsyncWebClient) -> None:
    slack.workspace.messages_tab_enabled = False
    assert await refusal(client.chat_postMessage(channel="U0REP1", text="x")) == "messages_tab_disabled"


# ---- views


async def test_a_trigger_works_once_and_a_stack_holds_three(slack: Sandbox, client: AsyncWebClient) -> None:
    tickets = slack.context.tickets
    trigger = tickets.trigger("U0REP1")
    await client.views_open(trigger_id=trigger, view=modal())
    assert await refusal(client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"
    for _ in range(2):
        await client.views_push(trigger_id=tickets.trigger("U0REP1"), view=modal())
    fourth = client.views_push(trigger_id=tickets.trigger("U0REP1"), view=modal())
    assert await refusal(fourth) == "push_limit_reached"
    stack = slack.workspace.modals["U0REP1"]
    assert [view.root_id for view in stack] == [stack[0].id] * 3


async def test_an_update_of_a_view_that_has_changed_meanwhile_is_refused(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    opened = await client.views_open(trigger_id=slack.context.tickets.trigger("U0REP1"), view=modal())
    view = opened["view"]
    await client.views_update(view_id=view["id"], hash=view["hash"], view=modal(title=plain("New")))
    stale = client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    assert await refusal(stale) == "hash_conflict"
    assert slack.people.modal("U0REP1").title == "New"


def test_a_trigger_lives_for_three_seconds() -> None:
    now = 0.0
    tickets = Tickets(Clock(), lambda: now)
    early, late = tickets.trigger("U0REP1"), tickets.trigger("U0REP1")
    now = 2.9
    assert tickets.redeem(early).user == "U0REP1"
    now = 3.1
    with pytest.raises(ApiError, match="expired_trigger_id"):
        tickets.redeem(late)


# ---- response URLs


async def test_a_response_url_works_five_times(slack: Sandbox) -> None:
    url = slack.url + slack.context.tickets.response_url("C0SALES", "U0REP1")
    hook = AsyncWebhookClient(url)
    codes = [(await hook.send(text=f"answer {n}")).status_code for n in range(6)]
    assert codes == [200] * 5 + [404]
    assert len(slack.workspace.shown("C0SALES", "U0REP1")) == 5
    assert slack.workspace.shown("C0SALES", "U0REP2") == []


async def test_a_response_url_lives_for_half_an_hour(slack: Sandbox) -> None:
    url = slack.url + slack.context.tickets.response_url("C0SALES", "U0REP1")
    slack.clock.jump(timedelta(minutes=31))
    answer = await AsyncWebhookClient(url).send(text="late")
    assert (answer.status_code, answer.body) == (404, '{"ok": false, "error": "expired_url"}')


async def test_an_answer_replaces_or_deletes_the_original_or_is_refused(slack: Sandbox) -> None:
    original = slack.workspace.post("C0SALES", "U0BATON", text="card")
    url = slack.url + slack.context.tickets.response_url("C0SALES", "U0REP1", original.ts)
    hook = AsyncWebhookClient(url)
    refused = await hook.send(text="x", blocks=[{"type": "sparkle"}])
    assert (refused.status_code, "invalid_blocks" in refused.body) == (400, True)
    await hook.send(text="new card", replace_original=True)
    assert original.text == "new card"
    await hook.send(delete_original=True)
    assert slack.workspace.shown("C0SALES", "U0REP1") == []


# ---- limits and misfortunes


@pytest.fixture
async def paced() -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=Clock(speed=0, idle_speed=0.001)) as sandbox:
        yield sandbox


async def test_a_second_post_within_a_second_waits_for_its_channel_alone(paced: Sandbox) -> None:
    client = AsyncWebClient(token=paced.bot_token, base_url=paced.api_url)
    await client.chat_postMessage(channel="C0SALES", text="1")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0SALES", text="2")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
    await client.chat_postMessage(channel="C0MKTG", text="elsewhere")
    paced.clock.jump(timedelta(seconds=1))
    await client.chat_postMessage(channel="C0SALES", text="2")


async def test_each_method_has_its_calls_a_minute(paced: Sandbox) -> None:
    client = AsyncWebClient(token=paced.bot_token, base_url=paced.api_url)
    for _ in range(20):
        await client.users_list()
    with pytest.raises(SlackApiError) as caught:
        await client.users_list()
    assert caught.value.response.headers["Retry-After"] == "60"
    paced.clock.jump(timedelta(minutes=1))
    assert (await client.users_list())["ok"]


@pytest.mark.parametrize(
    ("kind", "error", "took_effect"),
    [
        (FaultKind.INTERNAL_ERROR, "internal_error", False),
        (FaultKind.INTERNAL_ERROR_AFTER, "internal_error", True),
        (FaultKind.FATAL_ERROR, "fatal_error", False),
        (FaultKind.FATAL_ERROR_AFTER, "fatal_error", True),
        (FaultKind.RATE_LIMITED, "ratelimited", False),
        (FaultKind.SERVER_ERROR, "None", False),
        (FaultKind.SERVER_ERROR_AFTER, "None", True),
        (FaultKind.REFUSED, "is_archived", False),
    ],
)
async def test_a_planted_fault_strikes_once(
    slack: Sandbox, client: AsyncWebClient, kind: FaultKind, error: str, took_effect: bool
) -> None:
    slack.fault("chat.postMessage", kind, channel="C0SALES", error="is_archived")
    assert await refusal(client.chat_postMessage(channel="C0SALES", text="1")) == error
    assert len(slack.workspace.messages.get("C0SALES", {})) == int(took_effect)
    assert (await client.chat_postMessage(channel="C0SALES", text="2"))["ok"]


@pytest.mark.parametrize(("kind", "messages"), [(FaultKind.DROPPED, 0), (FaultKind.DROPPED_AFTER, 1)])
async def test_a_connection_drops_before_or_after_the_effect(
    slack: Sandbox, client: AsyncWebClient, kind: FaultKind, messages: int
) -> None:
    slack.fault("chat.postMessage", kind)
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.chat_postMessage(channel="C0SALES", text="1")
    assert len(slack.workspace.messages.get("C0SALES", {})) == messages
    assert (await client.chat_postMessage(channel="C0SALES", text="2"))["ok"]


async def test_slackness_and_faults_by_condition(slack: Sandbox, client: AsyncWebClient) -> None:
    slow = slack.fault(
        "*", FaultKind.SLOW, seconds=0.2, times=None, when=lambda args: args.get("text") == "slow"
    )
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.chat_postMessage(channel="C0SALES", text="slow"), 0.05)
    assert (await client.chat_postMessage(channel="C0SALES", text="quick"))["ok"]
    slack.faults.lift(slow)
    await asyncio.wait_for(client.chat_postMessage(channel="C0SALES", text="slow"), 20)


# ---- the server


async def test_it_listens_on_the_loopback_address_alone(slack: Sandbox) -> None:
    listening = [
        connection.laddr.ip
        for connection in psutil.Process().net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == slack.port
    ]
    assert listening
    assert all(ipaddress.ip_address(address).is_loopback for address in listening)


async def test_a_port_in_use_gives_way_to_the_next_free_one(slack: Sandbox) -> None:
    async with Sandbox(port=slack.port) as other:
        assert slack.port < other.port <= slack.port + 20


async def test_two_posts_at_one_moment_have_their_order(paced: Sandbox) -> None:
    first = paced.workspace.post("C0SALES", "U0BATON", text="1")
    second = paced.workspace.post("C0SALES", "U0BATON", text="2")
    assert first.ts < second.ts


async def test_each_person_sees_the_changes_that_are_theirs(slack: Sandbox, client: AsyncWebClient) -> None:
    before = slack.workspace.snapshot_for("U0REP1")["seq"]
    await client.chat_postEphemeral(channel="C0SALES", user="U0REP1", text="for you")
    await client.chat_postMessage(channel="C0SALES", text="for all")
    texts = {
        user: [
            change["message"]["text"]
            for change in slack.workspace.changes_since(before, user) or []
            if change["kind"] == "message"
        ]
        for user in ("U0REP1", "U0REP2")
    }
    assert texts == {"U0REP1": ["for you", "for all"], "U0REP2": ["for all"]}
    snapshot = slack.workspace.snapshot_for("U0REP2")
    assert [m["text"] for m in snapshot["messages"]["C0SALES"]] == ["for all"]
