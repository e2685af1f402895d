"""A form at another tool becomes a card in Slack; its test lead and its sync become nothing at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from bot.agreement import default_agreement, loaded
from bot.clock import Clock
from bot.sandbox.scenario.sentences import post_in
from storage import leads
from tests.bot.intake.signing import SECRET, SIGNS
from tests.scenarios.conftest import told

FORM = Path(__file__).parents[1] / "bot" / "intake" / "data" / "typeform_response.json"
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
