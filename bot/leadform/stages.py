"""What other systems call a lead's stage, and which of Baton's it is.

Whether a move is legal is the lifecycle's business.
"""

from __future__ import annotations

from typing import Any

from bot.leadform.text import BadValue, as_text, quoted, simplify
from storage.models import Stage

CRM_STAGES = (
    Stage.SAL,
    Stage.SQL,
    Stage.OPPORTUNITY,
    Stage.WON,
    Stage.LOST,
    Stage.RECYCLED,
    Stage.DISQUALIFIED,
)
"""The stages that another system may set; inquiry and MQL are for the agreement to judge."""

# The names that HubSpot, Salesforce, Pipedrive, Zoho and Marketo ship for lifecycle stages, lead statuses,
# stages of deals and of opportunities. None: it says nothing that another system may set.
_NAMES: dict[Stage | None, str] = {
    Stage.SAL: """
        sales accepted; sales accepted lead; working; working - contacted; contacted; connected; in progress;
        attempted to contact; attempting contact; attempted; engaged; contact made""",
    Stage.SQL: """
        sales qualified; sales qualified lead; qualified; qualified lead; closed - converted; converted;
        qualified to buy; meeting booked; meeting scheduled""",
    Stage.OPPORTUNITY: """
        open deal; appointment scheduled; presentation scheduled; decision maker bought-in; contract sent;
        prospecting; qualification; needs analysis; value proposition; id. decision makers;
        identify decision makers; perception analysis; proposal; proposal/price quote; proposal made;
        negotiation; negotiation/review; negotiations started; demo scheduled; discovery""",
    Stage.WON: "closed won; customer; closed - won; deal won",
    Stage.LOST: "closed lost; closed - lost; closed-lost to competition; deal lost",
    Stage.RECYCLED: "nurturing; nurture; bad timing; contact in future; recycle",
    Stage.DISQUALIFIED: """
        unqualified; not qualified; closed - not converted; disqualify; junk; junk lead; lost lead;
        do not contact; bad fit""",
    None: """
        new; open; open - not contacted; not contacted; uncontacted; not started; open lead; pre-qualified;
        subscriber; lead; inquiry; raw; created; assigned; intake; known; prospect; evangelist; other;
        marketing qualified; marketing qualified lead; mql; marketing accepted lead""",
}
STAGE_OF_STATUS: dict[str, Stage | None] = {
    simplify(name): stage for stage, names in _NAMES.items() for name in names.split(";")
}
STAGE_OF_STATUS.update({stage.value: stage for stage in CRM_STAGES})


def stage(value: Any) -> Stage:
    """A stage that another system may set, by Baton's name or by one that a CRM ships ("Closed Won").

    Raises BadValue for any other, also for those that the agreement judges ("Marketing Qualified Lead").
    """
    found = status(value)
    if found is None:
        names = ", ".join(each.value for each in CRM_STAGES)
        raise BadValue(f"{quoted(value)} is not a stage that can be set from outside; write one of {names}")
    return found


def status(value: Any) -> Stage | None:
    """The stage that a status amounts to: "Working - Contacted" is SAL; None where it says nothing of one.

    "Open - Not Contacted", "New", "Marketing Qualified Lead", and whatever a team made up itself are None.
    """
    return STAGE_OF_STATUS.get(simplify(as_text(value)))
