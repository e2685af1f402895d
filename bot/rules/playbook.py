"""What to say to a lead and what to send: its persona, its place on the journey, and the content for both.

Pure look-ups in the agreement; how they are shown is the views' business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.agreement import Agreement, Content, Persona
from bot.agreement.fields import activity_name
from bot.agreement.matching import compile_when
from bot.agreement.vocabulary import Journey
from bot.rules.qualification import ActivityLike

_ACTIVITIES: dict[Journey, tuple[str, ...]] = {
    Journey.DECISION: (
        "demo_request",
        "pricing_request",
        "contact_sales",
        "trial_signup",
        "quote_request",
        "meeting",
        "proposal",
    ),
    Journey.CONSIDERATION: (
        "webinar",
        "webinar_attended",
        "event",
        "trade_show",
        "booth_visit",
        "case_study",
        "comparison",
        "product_tour",
        "call",
    ),
}


def persona_of(agreement: Agreement, lead: Mapping[str, Any]) -> Persona | None:
    """The first persona that the lead matches, if any."""
    return next((persona for persona in agreement.personas if compile_when(persona.match)(lead)), None)


def journey_stage(activities: Iterable[ActivityLike]) -> Journey:
    """How far a lead has come on its journey: the furthest stage that one of its activities speaks for.

    Whatever is in no list, such as a download or a page view, speaks for awareness.
    """
    done = {activity_name(activity.type) for activity in activities}
    return next((stage for stage, types in _ACTIVITIES.items() if done & set(types)), Journey.AWARENESS)


def content_for(
    agreement: Agreement, persona: Persona | None, stage: str, journey: str
) -> tuple[Content, ...]:
    """What to send a lead now: what is meant for its waterfall stage or its stage of the journey.

    First what is for its persona, then what is for anyone, each in the order of the file.
    """
    fitting = [item for item in agreement.content if item.stage in (stage, journey)]
    own = [item for item in fitting if persona is not None and item.persona == persona.name]
    return (*own, *(item for item in fitting if item.persona is None))
