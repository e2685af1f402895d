"""What admins look over: what came in lately that no rule knows, who fell just short, who has no address.

Each looks at the newest rows only, so that it costs the same however much there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, bindparam, func, select

from storage.database.sql import Query
from storage.models import (
    OPEN_HANDOFF,
    Lead,
    Stage,
    activities,
    handoffs,
    leads,
    people,
)

ACTIVITIES_LOOKED_AT, LEADS_LOOKED_AT, COLUMNS_LOOKED_AT = 2000, 5000, 500
_TYPES = (
    select(activities.c.type, func.count())
    .where(activities.c.id > select(func.max(activities.c.id)).scalar_subquery() - ACTIVITIES_LOOKED_AT)
    .group_by(activities.c.type)
)
_NEWEST = select(func.max(leads.c.id)).scalar_subquery()
_EXTRAS = select(leads.c.extra).where(leads.c.id > _NEWEST - COLUMNS_LOOKED_AT)
_SHORT = Query(
    Lead,
    select(leads)
    .where(
        leads.c.id > _NEWEST - LEADS_LOOKED_AT,
        leads.c.stage == Stage.INQUIRY,
        leads.c.grade.in_(bindparam("grades", expanding=True)),
        leads.c.merged_into.is_(None),
    )
    .order_by(leads.c.id.desc())
    .limit(bindparam("most")),
)
_NO_ADDRESS = select(people.c.user_id).where(
    people.c.user_id.in_(bindparam("users", expanding=True)),
    people.c.email.is_(None),
    people.c.left.is_(False),
)
_CRM_OWNERS = (
    select(leads.c.crm_owner)
    .join(handoffs, handoffs.c.lead_id == leads.c.id)
    .where(handoffs.c.state.in_(list(OPEN_HANDOFF)), leads.c.crm_owner.is_not(None))
    .distinct()
)


def activity_types(tx: Connection) -> dict[str, int]:
    """The types of the newest activities, and how many of each."""
    return {str(row[0]): int(row[1]) for row in tx.execute(_TYPES)}


def columns(tx: Connection) -> dict[str, int]:
    """The senders' own columns among the newest leads, and how many leads have each."""
    return dict(Counter(name for extra in tx.execute(_EXTRAS).scalars() for name in extra))


def inquiries(tx: Connection, grades: Collection[str], *, limit: int) -> Sequence[Lead]:
    """The newest inquiries of these grades."""
    return _SHORT.all(tx, {"grades": list(grades), "most": limit}) if grades else ()


def without_address(tx: Connection, users: Collection[str]) -> list[str]:
    """Which of these people Slack tells no e-mail address of, so that no other tool's word of them fits."""
    return sorted(tx.execute(_NO_ADDRESS, {"users": list(users)}).scalars())


def unknown_owners(tx: Connection) -> list[str]:
    """The owners that the CRM names for open leads by an address that nobody here has."""
    known = {str(each).casefold() for each in tx.execute(select(people.c.email)).scalars() if each}
    named = (str(each) for each in tx.execute(_CRM_OWNERS).scalars())
    return sorted(each for each in named if "@" in each and each.casefold() not in known)
