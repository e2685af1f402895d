from __future__ import annotations

import pytest

from bot.leadform.stages import CRM_STAGES, stage, status
from bot.leadform.text import BadValue
from storage.models import Stage


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (
            Stage.SAL,
            "Working - Contacted, Contacted, IN_PROGRESS, CONNECTED, Attempted to Contact, Contact Made",
        ),
        (
            Stage.SQL,
            "Sales Qualified Lead, salesqualifiedlead, Closed - Converted, Qualified, Qualified To Buy",
        ),
        (
            Stage.OPPORTUNITY,
            "Opportunity, Open Deal, OPEN_DEAL, Prospecting, Id. Decision Makers, Proposal/Price Quote,"
            " Negotiation/Review, Presentation scheduled, Decision maker bought-In, "
            " Contract sent, Demo Scheduled",
        ),
        (Stage.WON, "Closed Won, closedwon, Customer, won, Closed - Won"),
        (Stage.LOST, "Closed Lost, closedlost, lost, Closed-Lost to Competition"),
        (Stage.RECYCLED, "Nurturing, Bad timing, Recycled, Contact in Future"),
        (Stage.DISQUALIFIED, "Unqualified, UNQUALIFIED, Closed - Not Converted, Junk Lead, Disqualified"),
        (
            None,
            "Open - Not Contacted, New, NEW, Open, Marketing Qualified Lead, marketingqualifiedlead, Lead,"
            " Subscriber, MQL, Inquiry, Evangelist, CREATED, Waiting for Godot, ,",
        ),
    ],
)
def test_the_names_that_crms_ship_are_known(found: Stage | None, names: str) -> None:
    each = [name.strip() for name in names.split(",")]
    assert {name: status(name) for name in each} == dict.fromkeys(each, found)


@pytest.mark.parametrize("own", CRM_STAGES)
def test_baton_s_own_names_are_its_stages(own: Stage) -> None:
    assert stage(own.value) is stage(own.value.upper()) is own


@pytest.mark.parametrize("name", ["mql", "Open - Not Contacted", "Waiting for Godot"])
def test_what_sets_no_stage_is_refused_where_a_stage_is_asked_for(name: str) -> None:
    with pytest.raises(BadValue, match="write one of sal, sql, opportunity"):
        stage(name)
