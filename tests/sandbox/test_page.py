"""What the page asks of the sandbox: the snapshot, the stream, deeds, the clock, leads; and who may ask."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp

from bot.clock import Clock
from bot.sandbox import JsonDict, Sandbox
from bot.sandbox.page.page_api import LeadDoor, Page
from tests.sandbox.payloads import section
from tests.sandbox.tinybot import card_blocks, over_socket_mode


@dataclass
class Visitor:
    """What a browser would do, without one."""

    sandbox: Sandbox
    page: Page
    session: aiohttp.ClientSession
    bot: AsyncApp

    async def get(self, path: str, **query: str) -> Any:
        async with self.session.get(self.sandbox.url + path, params=query) as answer:
            return await answer.json()

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        async with self.session.post(self.sandbox.url + path, json=body) as answer:
            return answer.status, await answer.json()

    async def does(self, deed: str, user: str = "U0REP1", **details: Any) -> tuple[int, Any]:
        return await self.post("/page/act", **{"do": deed, "as": user, **details})


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    sandbox = Sandbox(clock=Clock(), rate_limits=False)
    page = Page(sandbox)
    sandbox.add_routes(page.routes())
    async with sandbox, aiohttp.ClientSession() as session, over_socket_mode(sandbox) as bot:
        yield Visitor(sandbox, page, session, bot)


class Listener:
    """The stream as a page hears it."""

    def __init__(self, visitor: Visitor, user: str, since: int) -> None:
        self.visitor, self.user, self.since = visitor, user, since
        self.resume_from = ""

    async def __aenter__(self) -> Listener:
        headers = {"Last-Event-ID": self.resume_from} if self.resume_from else {}
        url = f"{self.visitor.sandbox.url}/page/events?as={self.user}&since={self.since}"
        self.answer = await self.visitor.session.get(url, headers=headers)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.answer.close()

    async def hears(self, name: str) -> Any:
        """The data of the next event of this name."""
        async with asyncio.timeout(20):
            lines: dict[str, str] = {}
            async for raw in self.answer.content:
                line = raw.decode().rstrip("\n")
                if line:
                    key, _, value = line.partition(": ")
                    lines[key] = value
                elif lines.get("event") == name:
                    return json.loads(lines["data"])
                else:
                    lines = {}
        raise AssertionError(f"the stream ended before {name}")


def post_card(sandbox: Sandbox) -> JsonDict:
    message = sandbox.workspace.post(
        "C0SALES", sandbox.workspace.bot_user, text="Jane Doe", blocks=card_blocks("Jane Doe")
    )
    return {"channel": message.channel, "ts": message.ts, "block": message.blocks[1]["block_id"]}


async def test_the_page_and_its_parts_are_served_and_nothing_else(visitor: Visitor) -> None:
    async with visitor.session.get(visitor.sandbox.url) as answer:
        text = await answer.text()
        assert answer.content_type == "text/html"
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert 'src="main.js"' in text
    for name, status in {"main.js": 200, "style.css": 200, "nothing.js": 404}.items():
        async with visitor.session.get(f"{visitor.sandbox.url}/{name}") as answer:
            assert answer.status == status


async def test_a_snapshot_holds_what_one_person_sees(visitor: Visitor) -> None:
    post = visitor.sandbox.workspace.post
    post("C0SALES", visitor.sandbox.workspace.bot_user, text="for Riley", ephemeral_to="U0REP1")
    riley = await visitor.get("/page/state", **{"as": "U0REP1"})
    mara = await visitor.get("/page/state", **{"as": "U0MARA"})
    assert [m["text"] for m in riley["messages"]["C0SALES"]] == ["for Riley"]
    assert mara["messages"]["C0SALES"] == []
    assert {c["id"] for c in riley["channels"] if c["is_im"]} == {"D0REP1"}
    assert riley["clock"]["speed"] == 1.0
    assert (riley["leads"], riley["can_jump"]) == (None, False)


async def test_the_stream_tells_what_changed_and_resumes_where_it_broke(visitor: Visitor) -> None:
    workspace = visitor.sandbox.workspace
    async with Listener(visitor, "U0REP1", workspace.seq) as listener:
        assert (await listener.hears("beat"))["speed"] == 1.0
        workspace.post("C0SALES", "U0MGR", text="one")
        [change] = await listener.hears("changes")
        assert change["message"]["text"] == "one"
    workspace.post("C0SALES", "U0MGR", text="two")
    again = Listener(visitor, "U0REP1", since=0)
    again.resume_from = str(change["seq"])
    async with again:
        missed = await again.hears("changes")
    assert [c["message"]["text"] for c in missed] == ["two"]


async def test_a_stream_carries_only_what_its_person_may_see(visitor: Visitor) -> None:
    workspace = visitor.sandbox.workspace
    async with Listener(visitor, "U0MARA", workspace.seq) as listener:
        await listener.hears("beat")
        workspace.post("C0SALES", workspace.bot_user, text="secret", ephemeral_to="U0REP1")
        workspace.post("C0SALES", "U0MGR", text="open")
        heard = await listener.hears("changes")
    assert [c["message"]["text"] for c in heard if c["kind"] == "message"] == ["open"]


async def test_a_stream_that_is_ahead_of_the_workspace_starts_afresh(visitor: Visitor) -> None:
    async with Listener(visitor, "U0REP1", since=10_000) as listener:
        assert await listener.hears("reset") == {}


async def test_a_click_reaches_the_bot(visitor: Visitor) -> None:
    card = post_card(visitor.sandbox)
    status, answer = await visitor.does("click", **card, action="accept")
    assert (status, answer["ok"], answer["errors"]) == (200, True, {})
    shown = await visitor.get("/page/state", **{"as": "U0REP1"})
    assert shown["messages"]["C0SALES"][0]["text"] == "Accepted by riley"


async def test_a_click_that_crosses_an_edit_reaches_the_bot_and_one_on_nothing_does_not(
    visitor: Visitor,
) -> None:
    card = post_card(visitor.sandbox)
    [message] = visitor.sandbox.workspace.messages["C0SALES"].values()
    visitor.sandbox.workspace.update(message, text="Taken", blocks=section())
    status, answer = await visitor.does("click", **card, action="accept")
    assert (status, answer["ok"]) == (200, True)
    for _ in range(2):
        visitor.sandbox.workspace.update(message, blocks=section())
    status, answer = await visitor.does("click", **card, action="accept")
    assert (status, answer["ok"]) == (409, False)


async def test_a_modal_is_filled_in_and_sent_in_one_go(visitor: Visitor) -> None:
    card = post_card(visitor.sandbox)
    await visitor.does("click", **card, action="reject")
    async with asyncio.timeout(20):
        while not visitor.sandbox.workspace.modals.get("U0REP1"):
            await asyncio.sleep(0.01)
    [view] = visitor.sandbox.workspace.modals["U0REP1"]
    reason = view.blocks[0]["element"]["options"][0]
    _, answer = await visitor.does("submit", view=view.id, entries=[["note", "note", "no"]])
    assert answer["errors"] == {"reason": "Please complete this required field."}
    _, answer = await visitor.does("submit", view=view.id, entries=[["reason", "reason", reason]])
    assert answer["errors"] == {"note": "Say more than no"}
    entries = [["note", "note", "The phone is dead"], ["gone", "gone", "x"]]
    _, answer = await visitor.does("submit", view=view.id, entries=entries)
    assert (answer["ok"], answer["errors"]) == (True, {})
    assert visitor.sandbox.workspace.modals["U0REP1"] == []


async def test_commands_home_and_messages(visitor: Visitor) -> None:
    _, answer = await visitor.does("command", name="/lead", text="status acme", channel="C0SALES")
    assert answer["answered"]
    await visitor.does("home")
    _, answer = await visitor.does("write", channel="C0SALES", text="a < b & c")
    assert visitor.sandbox.workspace.messages["C0SALES"][answer["ts"]].text == "a &lt; b &amp; c"
    shown = await visitor.get("/page/state", **{"as": "U0REP1"})
    assert shown["home"]["blocks"][0]["text"]["text"] == "Welcome"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("@Baton status acme", "<@U0BATON> status acme"),
        ("thanks @riley ross, and @Robin Brandt!", "thanks <@U0REP1>, and <@U0REP2>!"),
        ("<@U0REP1> a@baton.example @Batons @nobody", "<@U0REP1> a@baton.example @Batons @nobody"),
    ],
)
async def test_a_name_behind_an_at_sign_is_a_mention(visitor: Visitor, text: str, sent: str) -> None:
    _, answer = await visitor.does("write", channel="C0SALES", text=text)
    assert visitor.sandbox.workspace.messages["C0SALES"][answer["ts"]].text == sent


async def test_the_bot_is_asked_for_options(visitor: Visitor) -> None:
    options = [{"text": {"type": "plain_text", "text": "ACME"}, "value": "7"}]

    @visitor.bot.options("company")
    async def offer(ack: Any, payload: JsonDict) -> None:
        await ack(options=options if payload["value"] == "ac" else [])

    element = {"type": "external_select", "action_id": "company", "min_query_length": 2}
    label = {"type": "plain_text", "text": "Company"}
    modal = {
        "type": "modal",
        "title": label,
        "submit": label,
        "blocks": [{"type": "input", "block_id": "which", "label": label, "element": element}],
    }
    view = visitor.sandbox.workspace.open_modal("U0REP1", modal)
    _, answer = await visitor.does("suggest", view=view.id, block="which", query="ac")
    assert answer["options"] == options
    _, answer = await visitor.does("submit", view=view.id, entries=[["which", "company", options[0]]])
    assert view.values["which"]["company"]["selected_option"] == options[0]


async def test_shortcuts_are_offered_and_reach_the_bot(visitor: Visitor) -> None:
    heard: list[str] = []

    @visitor.bot.shortcut("lead_add")
    @visitor.bot.shortcut("lead_add_from_message")
    async def add(ack: Any, body: JsonDict) -> None:
        heard.append(body.get("message", {}).get("text", "nowhere"))
        await ack()

    offered = (await visitor.get("/page/state"))["shortcuts"]
    assert {s["callback_id"]: s["on_message"] for s in offered} == {
        "lead_add": False,
        "lead_add_from_message": True,
    }
    message = visitor.sandbox.workspace.post("C0SALES", "U0MGR", text="call Jane")
    place = {"channel": message.channel, "ts": message.ts}
    assert (await visitor.does("shortcut", callback="lead_add"))[1]["ok"]
    assert (await visitor.does("shortcut", callback="lead_add_from_message", **place))[1]["ok"]
    assert heard == ["nowhere", "call Jane"]


async def test_without_a_name_the_page_speaks_for_its_visitor(visitor: Visitor) -> None:
    assert (await visitor.get("/page/state"))["you"] == "U0ADMIN"
    visitor.page.visitor = "U0REP1"
    assert (await visitor.get("/page/state"))["you"] == "U0REP1"


REFUSED = {
    "an unknown deed": {"do": "fly"},
    "nobody": {"do": "home", "as": "U0NOBODY"},
    "a message that is gone": {"do": "click", "channel": "C0SALES", "ts": "1.000001", "action": "accept"},
    "a view that is not open": {"do": "submit", "view": "V999"},
    "an undeclared command": {"do": "command", "name": "/fly"},
    "nothing to say": {"do": "write", "channel": "C0SALES", "text": "  "},
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
async def test_what_nobody_could_do_is_refused_in_words(visitor: Visitor, body: JsonDict) -> None:
    status, answer = await visitor.post("/page/act", **{"as": "U0REP1"} | body)
    assert status == 409
    assert answer["error"]


async def test_a_message_that_is_deleted_is_gone_for_everybody(visitor: Visitor) -> None:
    card = post_card(visitor.sandbox)
    assert (await visitor.does("delete", "U0REP1", **card))[0] == 409
    assert (await visitor.does("delete", "U0ADMIN", **card))[0] == 200
    assert visitor.sandbox.workspace.message(card["channel"], card["ts"]) is None


async def test_what_was_read_stays_read(visitor: Visitor) -> None:
    workspace = visitor.sandbox.workspace
    before = workspace.post("C0SALES", "U0MGR", text="before anybody looked")
    seen = await visitor.get("/page/state", **{"as": "U0REP1"})
    assert seen["read"]["C0SALES"] > before.ts
    after = workspace.post("C0SALES", "U0MGR", text="after")
    assert seen["read"]["C0SALES"] < after.ts
    await visitor.does("read", channel="C0SALES", ts=after.ts)
    assert (await visitor.get("/page/state", **{"as": "U0REP1"}))["read"]["C0SALES"] == after.ts
    assert (await visitor.get("/page/state", **{"as": "U0REP2"}))["read"]["C0SALES"] < after.ts


async def test_older_messages_are_fetched_page_by_page(visitor: Visitor) -> None:
    for number in range(205):
        visitor.sandbox.workspace.post("C0SALES", "U0MGR", text=str(number))
    first = (await visitor.get("/page/state", **{"as": "U0REP1"}))["messages"]["C0SALES"]
    query = {"as": "U0REP1", "channel": "C0SALES", "before": first[0]["ts"]}
    older = (await visitor.get("/page/messages", **query))["messages"]
    assert [m["text"] for m in older + first] == [str(number) for number in range(205)]


async def test_everybody_lives_by_the_speed_that_one_page_sets(visitor: Visitor) -> None:
    async with Listener(visitor, "U0MARA", visitor.sandbox.workspace.seq) as listener:
        await listener.hears("beat")
        _, answer = await visitor.post("/page/clock", speed=600)
        assert answer["clock"]["speed"] == 600.0
        [change] = await listener.hears("changes")
    assert change["clock"]["speed"] == 600.0
    assert visitor.sandbox.clock.speed == 600.0


@pytest.mark.parametrize("body", [{"speed": -1}, {"speed": "fast"}, {"speed": 1e9}, {}, {"jump": True}])
async def test_a_clock_is_not_set_to_nonsense(visitor: Visitor, body: JsonDict) -> None:
    assert (await visitor.post("/page/clock", **body))[0] == 409
    assert visitor.sandbox.clock.speed == 1.0


async def test_the_jump_is_somebody_elses_and_its_words_are_shown(visitor: Visitor) -> None:
    async def jump() -> str:
        return "Jane Doe is late"

    visitor.page.jump = jump
    assert (await visitor.post("/page/clock", jump=True))[1]["words"] == "Jane Doe is late"


async def test_a_lead_goes_through_the_bots_own_door(visitor: Visitor) -> None:
    seen: list[tuple[str, Any]] = []

    async def door(request: web.Request) -> web.Response:
        seen.append((request.headers["Authorization"], await request.json()))
        return web.json_response({"id": 7}, status=201)

    app = web.Application()
    app.router.add_post("/leads", door)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    assert (await visitor.post("/page/lead", email="jane@acme.example"))[0] == 409
    visitor.page.leads = LeadDoor(f"http://127.0.0.1:{runner.addresses[0][1]}/leads", "token")
    try:
        _, answer = await visitor.post("/page/lead", email="jane@acme.example")
    finally:
        await runner.cleanup()
    assert answer == {"status": 201, "body": {"id": 7}}
    assert seen == [("Bearer token", {"email": "jane@acme.example"})]
    _, answer = await visitor.post("/page/lead", email="jane@acme.example")
    assert answer["status"] == 0
    assert "did not answer" in answer["body"]["error"]


async def test_a_permalink_leads_to_the_message_on_the_page(visitor: Visitor) -> None:
    url = f"{visitor.sandbox.url}/archives/C0SALES/p1700000000000100"
    async with visitor.session.get(url, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/#C0SALES/1700000000.000100")


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
async def test_other_sites_in_the_same_browser_are_kept_out(
    visitor: Visitor, headers: dict[str, str]
) -> None:
    async with visitor.session.get(f"{visitor.sandbox.url}/page/state", headers=headers) as answer:
        assert answer.status == 403
    for path in ("/page/act", "/api/chat.postMessage", "/triggers/x", "/response/x", "/socket"):
        async with visitor.session.post(visitor.sandbox.url + path, json={}, headers=headers) as answer:
            assert answer.status == 403, path


async def test_a_form_of_another_site_is_no_deed(visitor: Visitor) -> None:
    async with visitor.session.post(f"{visitor.sandbox.url}/page/act", data='{"do": "home"}') as answer:
        assert answer.status == 409
