"""Leads come in over HTTP and appear in Slack: hostile ones, many at once, those that no team wants.

And the database may stop meanwhile: nothing is answered for that is not stored, and nothing stored is lost.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.clock import Clock
from bot.handoffs.posts import GATHER_FOR, GATHER_REFUSED_FOR
from bot.lookups.api_lead import lead_details
from bot.sandbox.scenario.sentences import Scenario, dm_to, post_in, reply_to, update_of
from tests.databases import PostgresServer, migrated
from tests.scenarios.conftest import Story, told

TOKEN = "a-token-of-the-crm"
HOSTILE = "<!channel> & <@U0ADMIN> <https://evil.example|click> *bold* `code`\n> quote"


@asynccontextmanager
async def story_with_intake(
    transport: str, url: str, agreement: LoadedAgreement, clock: Clock
) -> AsyncIterator[tuple[Story, aiohttp.ClientSession]]:
    tokens = {SecretStr(TOKEN): "crm"}
    async with (
        told(transport, url, agreement, clock, intake_tokens=tokens) as story,
        aiohttp.ClientSession(story.baton.url, headers={"Authorization": f"Bearer {TOKEN}"}) as crm,
    ):
        yield story, crm


async def test_a_posted_lead_is_a_card_and_can_be_read_with_all_that_happened(
    transport: str, database_url: str, agreement: LoadedAgreement, clock: Clock
) -> None:
    async with story_with_intake(transport, database_url, agreement, clock) as (story, crm):
        asked = [{"type": "demo_request", "at": story.clock.now().isoformat()}]
        lead = {"Email Address": "jane@acme.example", "Job Title": "CTO", "employees": 450, "hobby": "go"}
        async with crm.post("/leads", json={**lead, "external_id": "crm-1", "activities": asked}) as answer:
            assert answer.status == 201
            taken = await answer.json()
        card = await story.slack.expects(post_in("C0SALES"), containing="CTO")
        await story.slack.person("U0REP1").clicks("Accept").on(card)
        await story.slack.expects(update_of(card))
        await story.slack.expects(reply_to(card))
        async with crm.get("/leads/ext:crm-1") as answer:
            told_of = await answer.json()
    assert (told_of["id"], told_of["stage"], told_of["extra"]) == (taken["id"], "sal", {"hobby": "go"})
    [handoff] = told_of["handoffs"]
    assert (handoff["id"], handoff["accepted_by"]) == (taken["handoff_id"], "U0REP1")
    accept, touch = sorted(told_of["clocks"], key=lambda clock: str(clock["kind"]))
    assert {"kind", "due_at", "met_at", "met_by", "breached_at", "cause"} <= set(accept)
    assert (accept["kind"], accept["met_by"], accept["breached_at"]) == ("accept", "U0REP1", None)
    assert (touch["kind"], touch["met_at"]) == ("first_touch", None)
    assert {"kind", "at", "actor", "detail"} <= set(told_of["events"][0])
    actors = {event["kind"]: event["actor"] for event in told_of["events"]}
    assert (actors["lead.created"], actors["lead.accepted"]) == ("api:crm", "U0REP1")


async def test_what_a_lead_is_called_pings_nobody_and_breaks_nothing(story: Story) -> None:
    names = {"first_name": HOSTILE, "last_name": "", "company": HOSTILE * 200, "title": "CTO " + HOSTILE}
    await story.lead_comes_in(**names, notes=HOSTILE * 200, campaign=HOSTILE, source=HOSTILE)
    slack = story.slack
    card = await slack.expects(post_in("C0SALES"))
    riley = slack.person("U0REP1")
    await riley.clicks("Reject").on(card)
    modal = await riley.sees_modal()
    await modal.enters(reason="bad_contact", note=HOSTILE)
    assert (await modal.submit()).ok
    shown = [
        card,
        await slack.expects(post_in("C0MKTG")),
        await slack.expects(reply_to(card)),
        await slack.expects(update_of(card)),
    ]
    texts = [text for message in shown for text in (message.text, *marked_up(message.blocks))]
    assert any("&lt;!channel&gt;" in text for text in texts)
    assert [text for text in texts if re.search("<!channel>|<@U0ADMIN>|<https://evil", text)] == []


def marked_up(node: Any) -> Iterator[str]:
    """Every text of some blocks in which Slack looks for mentions and links."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            yield node["text"]
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from marked_up(part)


@pytest.mark.parametrize(
    ("reason", "stage", "words"), [("low_intent", "recycled", "Intent"), ("junk", "disqualified", "Junk")]
)
async def test_a_lead_that_is_not_worth_it_rests_or_is_closed(
    story: Story, reason: str, stage: str, words: str
) -> None:
    slack = story.slack
    riley = slack.person("U0REP1")
    taken = await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    await riley.clicks("Reject").on(card)
    assert (await (await riley.sees_modal()).fill(reason=reason).submit()).ok
    await slack.expects(post_in("C0MKTG"), containing=(words, "Riley Ross"))
    await slack.expects(update_of(card), containing="Rejected")
    await slack.expects(reply_to(card), containing="Rejected by Riley Ross")
    assert (await story.baton.desk.database.read(lead_details, str(taken.id))).stage == stage


async def test_a_lead_that_matches_no_team_is_held_and_the_admins_are_told(
    transport: str, database_url: str, clock: Clock
) -> None:
    text = default_agreement().text.replace(
        'assign  = "rotate"', 'match = { country = "NZ" }\nassign = "rotate"'
    )
    async with told(transport, database_url, loaded(text), clock) as story:
        await story.lead_comes_in(employees=5, qualified=True)
        clock.jump(GATHER_FOR)
        ada = story.slack.person("U0ADMIN")
        await story.slack.expects(dm_to(ada), containing=("1 qualified lead matches no team", "Jane Doe"))
        answer = await ada.says("/lead", "queue")
        assert answer is not None
        assert "Jane Doe" in answer.text + json.dumps(answer.blocks)


async def test_what_is_refused_is_told_to_the_admins_in_one_message(
    sqlite_url: str, agreement: LoadedAgreement, clock: Clock
) -> None:
    async with story_with_intake("socket", sqlite_url, agreement, clock) as (story, crm):
        for number in range(3):
            async with crm.post("/leads", json={"email": f"no address {number}"}) as answer:
                assert answer.status == 422
        story.clock.jump(GATHER_REFUSED_FOR)
        notice = await story.slack.expects(dm_to("U0ADMIN"), containing="3 records were refused")
        assert "*api*: 3 records with unreadable fields" in json.dumps(notice.blocks)


async def test_many_come_as_a_list_and_one_is_accepted_from_its_row(
    transport: str, database_url: str, agreement: LoadedAgreement, clock: Clock
) -> None:
    async with story_with_intake(transport, database_url, agreement, clock) as (story, crm):
        slack = story.slack
        async with crm.post("/leads/batch", json=[_cold(number) for number in range(12)]) as answer:
            assert answer.status == 207
            assert [each["status"] for each in await answer.json()] == [201] * 12
        the_list = await slack.expects(post_in("C0SALES"), containing=("Lead 0", "Lead 9"))
        for _ in range(2):
            await slack.expects(post_in("C0SALES"))
        await slack.person("U0REP1").clicks("Accept").on(the_list, beside="Lead 3")
        await slack.expects(update_of(the_list), containing="Lead 3")
        await slack.expects(post_in("C0SALES"), containing=("Lead 3", "Accepted"))
        await slack.expects(reply_to(the_list), containing=("Lead 3", "Accepted by Riley Ross"))


def _cold(number: int) -> dict[str, Any]:
    who = {"email": f"lead{number}@acme{number}.example", "first_name": "Lead", "last_name": str(number)}
    return {**who, "employees": 500, "qualified": True}


async def test_a_database_that_stops_is_told_of_and_nothing_is_lost(
    agreement: LoadedAgreement, clock: Clock
) -> None:
    server = await asyncio.to_thread(PostgresServer)
    url = await asyncio.to_thread(migrated, server.url(server.create()))
    async with story_with_intake("socket", url, agreement, clock) as (story, crm):
        slack = story.slack
        hot = {"activities": [{"type": "demo_request", "at": story.clock.now().isoformat()}]}
        async with crm.post("/leads", json={**_cold(1), **hot}) as answer:
            assert answer.status == 201
        card = await slack.expects(post_in("C0SALES"), containing="Lead 1")
        await story.all_is_delivered()

        await asyncio.to_thread(server.stop)
        async with crm.post("/leads", json={**_cold(2), **hot}) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
            assert "cannot be reached" in (await answer.json())["detail"]
        async with crm.get("/readyz") as answer:
            assert answer.status == 503
            assert "start it, or correct DATABASE_URL" in (await answer.json())["database"]["says"]

        await asyncio.to_thread(server.start)
        async with crm.get("/leads/2") as answer:
            assert answer.status == 404  # what was not answered for was not stored
        async with crm.post("/leads", json={**_cold(2), **hot}) as answer:
            assert answer.status == 201
        await slack.expects(post_in("C0SALES"), containing="Lead 2")
        await slack.person("U0REP1").clicks("Accept").on(card)
        await slack.expects(update_of(card), containing="Accepted")
        await slack.expects(reply_to(card))
        await becomes_ready(slack, crm)
    await asyncio.to_thread(server.remove)


async def becomes_ready(slack: Scenario, crm: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(30):
        while True:
            async with crm.get("/readyz") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.1)
