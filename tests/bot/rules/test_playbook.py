from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from bot.agreement import default_agreement
from bot.rules.playbook import content_for, journey_stage, persona_of

AGREEMENT = default_agreement().agreement


class Activity(NamedTuple):
    type: str
    at: datetime = datetime(2026, 11, 2, tzinfo=UTC)
    detail: Any = None


@pytest.mark.parametrize(
    ("title", "persona"),
    [
        ("CTO", "Engineering leader"),
        ("VP of Engineering", "Engineering leader"),
        ("Head of Finance", "Finance leader"),
        ("RevOps Director", "Operations leader"),
        ("Florist", None),
        (None, None),
    ],
)
def test_a_lead_has_the_first_persona_it_matches(title: str | None, persona: str | None) -> None:
    found = persona_of(AGREEMENT, {"title": title})
    assert (found.name if found else None) == persona


@pytest.mark.parametrize(
    ("types", "stage"),
    [
        ([], "awareness"),
        (["page_view", "download"], "awareness"),
        (["page_view", "Webinar"], "consideration"),
        (["demo-request", "webinar"], "decision"),
    ],
)
def test_the_furthest_activity_tells_the_stage_of_the_journey(types: list[str], stage: str) -> None:
    assert journey_stage([Activity(kind) for kind in types]) == stage


def test_content_for_the_persona_comes_before_content_for_anyone() -> None:
    persona = persona_of(AGREEMENT, {"title": "CTO"})
    titles = [item.title for item in content_for(AGREEMENT, persona, "mql", "decision")]
    assert titles == [
        "Case study: 40% fewer incidents",
        "Security and architecture overview",
        "Price list and pilot offer",
    ]


def test_a_stranger_gets_what_is_for_anyone() -> None:
    assert [item.title for item in content_for(AGREEMENT, None, "mql", "awareness")] == [
        "The problem in five minutes"
    ]
