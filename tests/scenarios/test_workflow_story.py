"""A workflow of Slack gives Baton a lead by its step, and goes on with what became of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.sandbox.scenario.sentences import post_in
from bot.sandbox.slack.faults import FaultKind, PlantedFault
from bot.views.ids import Step
from storage import leads, refused
from tests.scenarios.conftest import Story

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
