"""A form at another tool becomes a card in Slack; its test lead and its sync become nothing at all."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr
from rich.console import Console

from bot.agreement import default_agreement, loaded
from bot.clock import Clock
from bot.sandbox.scenario.sentences import dm_to, post_in, reply_to, update_of
from handlers.cli.refused import refused_command, retry_refused
from storage import leads
from tests.bot.intake.signing import SECRET, SIGNS
from tests.scenarios.conftest import told

FORM = Path(__file__).parents[1] / "bot" / "intake" / "data" / "typeform_response.json"
BOOKING = FORM.with_name("calendly_created.json")
RENAMED = """
[[intake]]
name = "form"
preset = "plain"
secret_env = "FORM_KEY"
activity = "demo_request"
[intake.fields]
email = "{field}"
"""
SOURCE = """
[http]
public_url = "https://baton.example.com"
[[intake]]
name = "demo-form"
preset = "typeform"
secret_env = "TYPEFORM_SECRET"
[intake.fields]
activity = "'demo_request'"
"""


async def test_a_demo_form_is_a_card_for_sales_once(sqlite_url: str, clock: Clock) -> None:
    agreement = loaded(default_agreement().text + SOURCE)
    variables = {"TYPEFORM_SECRET": SecretStr(SECRET)}
    async with (
        told("socket", sqlite_url, agreement, clock, variables=variables) as story,
        aiohttp.ClientSession(story.baton.url) as typeform,
    ):
        form = json.loads(FORM.read_text(encoding="utf-8"))
        form["form_response"]["submitted_at"] = story.clock.now().isoformat()

        async def sends(body: Any) -> tuple[int, Any]:
            content = json.dumps(body).encode()
            signed = SIGNS["typeform"](SECRET, content, story.clock.now(), "")
            async with typeform.post("/intake/demo-form", data=content, headers=signed.headers) as answer:
                return answer.status, await answer.json()

        status, taken = await sends(form)
        card = await story.slack.expects(post_in("C0GROWTH"), containing="Ada Lind")
        assert (status, taken["priority"], "Fabrikam" in str(card)) == (201, "P1", True)
        again, known = await sends(form)
        assert (again, known["id"], known["handoff_id"]) == (200, taken["id"], taken["handoff_id"])
        form["form_response"]["answers"][2]["email"] = "an_account@example.com"
        assert (await sends(form))[1]["test"] is True
        unsigned = await typeform.post("/intake/demo-form", json=form)
        assert unsigned.status == 401
        assert await story.baton.desk.database.read(leads.get, taken["id"] + 1) is None


async def test_a_meeting_that_is_booked_at_a_calendar_tool_and_missed_is_told_to_its_owner(
    sqlite_url: str, clock: Clock
) -> None:
    table = '\n[[intake]]\nname = "calendly"\npreset = "calendly"\nsecret_env = "CALENDLY_KEY"\n'
    variables = {"CALENDLY_KEY": SecretStr(SECRET)}
    agreement = loaded(default_agreement().text + table)
    async with (
        told("socket", sqlite_url, agreement, clock, variables=variables) as story,
        aiohttp.ClientSession(story.baton.url) as calendly,
    ):
        body = json.loads(BOOKING.read_text(encoding="utf-8"))
        body["payload"].update(name="Jane Doe", questions_and_answers=[], email="jane@acme.example")
        taken = await story.lead_comes_in()
        card = await story.slack.expects(post_in("C0SALES"))
        await story.slack.person("U0REP1").clicks("Accept").on(card)
        await story.slack.expects(reply_to(card), containing="Accepted by")
        story.slack.ignores(update_of(card))
        story.slack.ignores(reply_to(card), containing="Updated by the API (calendly)")

        async def happens(event: str) -> None:
            body.update(event=event, created_at=story.clock.now().isoformat())
            content = json.dumps(body).encode()
            signed = SIGNS["calendly"](SECRET, content, story.clock.now(), "")
            sent = calendly.post("/intake/calendly", data=content, headers=signed.headers)
            async with sent as answer:
                assert (answer.status, (await answer.json())["id"]) == (200, taken.id)

        story.clock.jump(timedelta(minutes=5))
        await happens("invitee.created")
        await story.slack.expects(reply_to(card), containing="Meeting booked")
        story.clock.jump(timedelta(days=1))
        await happens("invitee_no_show.created")
        await story.slack.expects(reply_to(card), containing="No-show")


async def test_a_form_whose_field_was_renamed_costs_a_line_and_a_retry_and_no_lead(
    sqlite_url: str, clock: Clock, tmp_path: Path
) -> None:
    wrong = default_agreement().text + RENAMED.format(field="email")
    file = tmp_path / "ours.toml"
    file.write_text(wrong)
    variables = {"FORM_KEY": SecretStr("key")}
    async with (
        told("socket", sqlite_url, loaded(wrong), clock, agreement_path=file, variables=variables) as story,
        aiohttp.ClientSession(story.baton.url, headers={"authorization": "Bearer key"}) as tool,
    ):
        async with tool.post("/intake/form", json={"work_mail": "jane@acme.example", "q": "demo"}) as answer:
            assert answer.status == 422
        await story.slack.expects(dm_to("U0ADMIN"), containing="1 record was refused")
        file.write_text(default_agreement().text + RENAMED.format(field="work_mail"))
        said = io.StringIO()
        console = Console(file=said, width=120)
        command = retry_refused([], every=True)
        assert await asyncio.to_thread(refused_command, command, story.settings, story.clock, console) == 0
        assert said.getvalue().splitlines() == [
            "#1 is now lead #1: new, D1 P1, handed off.",
            "1 stored, 0 still refused.",
        ]
        await story.slack.expects(post_in("C0GROWTH"), containing="acme.example")
