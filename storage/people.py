"""Who is who in the workspace, as Slack told it; what each chose, and who looks at Home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select

from storage.database.sql import Query, upsert
from storage.models import Person, events, people, user_groups
from storage.models.upkeep import GroupValues
from storage.models.values import PersonValues


class LastEvent:
    """The newest event."""

    id: int
    at: datetime


_AMONG = Query(Person, select(people).where(people.c.user_id.in_(bindparam("users", expanding=True))))
_GET = Query(Person, select(people).where(people.c.user_id == bindparam("user")))
_WATCHING = select(people.c.user_id, people.c.home_opened_at).where(
    people.c.home_opened_at > bindparam("since")
)
_LAST_EVENT = Query(
    LastEvent, select(events.c.id, events.c.at).order_by(events.c.id.desc()).limit(literal_column("1"))
)


def among(tx: Connection, user_ids: Iterable[str]) -> dict[str, Person]:
    """The rows of `person` that exist for these ids, by id."""
    return {row.user_id: row for row in _AMONG.all(tx, {"users": list(user_ids)})}


def get(tx: Connection, user_id: str) -> Person | None:
    """A row of `person`; None for somebody of whom nothing is known."""
    return _GET.one(tx, {"user": user_id})


def called(tx: Connection, handle: str) -> str | None:
    """Who is called so in Slack, by the whole name or its first word; None for nobody or several."""
    wanted = handle.strip().casefold()
    rows = tx.execute(select(people.c.user_id, people.c.name).where(people.c.name.is_not(None))).all()
    names = {row.user_id: str(row.name).casefold() for row in rows}
    whole = [user for user, name in names.items() if name == wanted]
    first = [user for user, name in names.items() if name.split()[:1] == [wanted]]
    return next((found[0] for found in (whole, first) if len(found) == 1), None)


def remember(
    tx: Connection,
    user_id: str,
    *,
    name: str | None,
    email: str | None,
    timezone: str | None,
    left: bool,
    outsider: bool | None = None,
    asked_at: datetime,
) -> None:
    """Keep what Slack told about somebody; what they told Baton themselves is not touched."""
    known: PersonValues = {
        "name": name,
        "email": email,
        "timezone": timezone,
        "left": left,
        "outsider": outsider,
    }
    _set(tx, user_id, {**known, "asked_at": asked_at})


def remember_outsider(tx: Connection, user_id: str, outsider: bool) -> None:
    """Keep whether somebody is a guest or of another organisation."""
    _set(tx, user_id, {"outsider": outsider})


def remember_group(tx: Connection, group_id: str, members: Iterable[str], *, asked_at: datetime) -> None:
    """Keep who is in a user group, as Slack told it."""
    values: GroupValues = {"members": sorted(members), "asked_at": asked_at}
    row: GroupValues = {"group_id": group_id, **values}
    statement = upsert(tx, user_groups).values(**row)
    tx.execute(statement.on_conflict_do_update(index_elements=["group_id"], set_=dict(values)))


def groups(tx: Connection) -> dict[str, frozenset[str]]:
    """The people in each user group that Slack ever told of."""
    return {row.group_id: frozenset(row.members) for row in tx.execute(select(user_groups)).all()}


def set_prefs(tx: Connection, user_id: str, prefs: Mapping[str, Any]) -> None:
    """Keep how somebody wants to be reminded."""
    _set(tx, user_id, {"prefs": dict(prefs)})


def home_opened(tx: Connection, user_id: str, at: datetime) -> None:
    """Keep when somebody looked at their Home."""
    _set(tx, user_id, {"home_opened_at": at})


def watching_home(tx: Connection, since: datetime) -> dict[str, datetime]:
    """Who opened their Home after that moment, and when."""
    return {row.user_id: row.home_opened_at for row in tx.execute(_WATCHING, {"since": since})}


def last_event(tx: Connection) -> LastEvent | None:
    """The newest event, if there is any."""
    return _LAST_EVENT.one(tx)


def _set(tx: Connection, user_id: str, values: PersonValues) -> None:
    row: PersonValues = {"user_id": user_id, **values}
    statement = upsert(tx, people).values(**row)
    tx.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=dict(values)))
