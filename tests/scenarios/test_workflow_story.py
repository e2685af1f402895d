"""A workflow of Slack gives Baton a lead by its step, and goes on with what became of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from bot.agreement import AgreementError, default_agreement, loaded
from bot.clock import Clock
from bot.events.sinks import Message, Verdict
from bot.events.workflow import VARIABLES, SlackWorkflow
from bot.sandbox import Sandbox
from bot.sandbox.scenario.sentences import Scenario, post_in, reply_to, update_of
from bot.sandbox.slack.faults import FaultKind, PlantedFault
from bot.sandbox.slack.model import Workflow
from bot.setup.webhooks import workflow_faults
from bot.views.ids import Step
from storage import leads, refused
from tests.bot.ledger import RILEY
from tests.scenarios.conftest import Story, told

JANE = {
    "email": "jane@acme.example",
    "first_name": "Jane",
    "last_name": "Doe",
    "company": "Acme",
    "employees": "Mid-Market (200-999)",
    "notes": "Asked at the fair.",
}


async def ended(story: Story, inputs: dict[str, Any]) -> dict[str, Any]:
    """How a step with these inputs ends."""
    people = story.slack.people
    execution = await people.run_step(Step.HAND_OFF, inputs)
    async with asyncio.timeout(story.slack.patience):
        while not (end := people.workspace.steps[execution]):
            await asyncio.sleep(0.01)
    return end


async def test_a_step_hands_off_a_lead_and_the_workflow_goes_on_with_it(story: Story) -> None:
    end = await ended(story, JANE)
    await story.slack.expects(post_in("C0SALES"), containing="Jane Doe")
    outputs = end["outputs"]
    lead = await story.baton.desk.database.read(leads.get, outputs["lead"])
    assert lead is not None
    assert (lead.email, lead.stage, lead.notes) == ("jane@acme.example", "mql", "Asked at the fair.")
    assert outputs["stage"] == "mql"
    assert outputs["summary"].startswith(f"Jane Doe (#{lead.id}) is with team ")
    assert outputs.get("owner") == lead.owner


async def test_the_same_inputs_again_are_the_same_lead(quick_story: Story) -> None:
    first, second = await ended(quick_story, JANE), await ended(quick_story, JANE)
    assert first["outputs"]["lead"] == second["outputs"]["lead"]
    await quick_story.slack.expects(post_in("C0SALES"), containing="Jane Doe")
    await quick_story.stays_quiet()


async def test_the_agreement_may_decide(quick_story: Story) -> None:
    end = await ended(quick_story, {**JANE, "agreement_decides": True})
    assert end["outputs"]["stage"] == "inquiry"
    assert "not with sales" in end["outputs"]["summary"]
    await quick_story.stays_quiet()


@pytest.mark.parametrize(
    "inputs", [{}, {"company": "Acme", "email": ""}, {"email": None, "notes": "Call her"}]
)
async def test_a_step_without_a_person_fails_in_words_and_is_kept(
    quick_story: Story, inputs: dict[str, Any]
) -> None:
    end = await ended(quick_story, inputs)
    assert end["error"].startswith("No lead was handed off. email: is missing")
    kept = await quick_story.baton.desk.database.read(refused.newest, limit=5)
    assert [each.door for each in kept] == ["workflow"]


async def test_slack_hears_of_the_end_once_it_answers_again(quick_story: Story) -> None:
    fault = PlantedFault("functions.completeSuccess", FaultKind.DROPPED)
    quick_story.slack.faults.plant(fault)
    end = await ended(quick_story, JANE)
    await quick_story.slack.expects(post_in("C0SALES"), containing="Jane Doe")
    assert (fault.struck, end["outputs"]["stage"]) == (1, "mql")


KUDOS = """
[[workflows]]
name = "kudos"
url_env = "KUDOS_WORKFLOW_URL"
"""


async def test_a_workflow_begins_when_a_lead_is_decided(sqlite_url: str, clock: Clock) -> None:
    kudos, variables = Workflow(frozenset(VARIABLES)), dict[str, SecretStr]()

    def prepare(slack: Scenario) -> None:
        slack.workspace.workflows["its-secret"] = kudos
        address = slack.api_url.replace("/api/", "/triggers/its-secret")
        variables["KUDOS_WORKFLOW_URL"] = SecretStr(address)

    agreement = loaded(default_agreement().text + KUDOS)
    playing = told("socket", sqlite_url, agreement, clock, prepare=prepare, variables=variables)
    async with playing as story:
        taken = await story.lead_comes_in()
        card = await story.slack.expects(post_in("C0SALES"), containing="Jane Doe")
        await story.slack.person(RILEY).clicks("Accept").on(card)
        await story.slack.expects(update_of(card), containing="Accepted")
        await story.slack.expects(reply_to(card), containing="Accepted by Riley Ross")
        async with asyncio.timeout(story.slack.patience):
            while not kudos.runs:
                await asyncio.sleep(0.01)
    (run,) = kudos.runs
    assert {key: run[key] for key in ("event", "lead", "name", "company", "stage", "owner", "actor")} == {
        **{"event": "accepted", "lead": str(taken.id), "name": "Jane Doe", "company": "ACME"},
        **{"stage": "sal", "owner": RILEY, "actor": RILEY},
    }
    assert (run["reason"], run["note"]) == ("", "")


async def test_a_workflow_with_other_variables_or_none_at_all_is_named_with_its_remedy() -> None:
    message = Message("evt_1", "lead.accepted", 7, b'{"lead":{"id":7}}')
    async with Sandbox() as slack:
        slack.workspace.workflows["other"] = Workflow(frozenset({"lead"}))
        for secret, status in (("other", 400), ("gone", 404)):
            sink = SlackWorkflow(slack.api_url.replace("/api/", f"/triggers/{secret}"), Clock())
            (answer,) = await sink.send([message])
            await sink.close()
            assert answer.verdict is Verdict.REFUSED
            assert (answer.why or "").startswith(
                f"refused it with {status}; is the workflow published, and does it take exactly these"
            )


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (None, "KUDOS_WORKFLOW_URL is not set. Put the address that Workflow Builder shows into it."),
        ("http://hooks.slack.com/triggers/T0/1/x", "the address in KUDOS_WORKFLOW_URL is not https; only"),
        ("https://hooks.slack.com/triggers/T0/1/x", None),
    ],
)
def test_what_keeps_a_workflow_from_its_begin_is_said_by_check(address: str | None, says: str | None) -> None:
    agreement = loaded(default_agreement().text + KUDOS).agreement
    found = list(workflow_faults(agreement, lambda _: address))
    assert [each.name for each in found] == (["kudos"] if says else [])
    assert all(each.says.startswith(says or "") for each in found)


def test_a_workflow_has_a_name_of_its_own() -> None:
    webhook = '[[webhooks]]\nname = "Kudos"\nurl = "https://tool.example/x"\nsecret_env = "S"\n'
    with pytest.raises(AgreementError, match='"kudos" is a webhook already; write another name'):
        loaded(default_agreement().text + webhook + KUDOS)
