"""What must hold between the parts of an agreement, checked on the tables as they were read.

The checks read the file's own tables, not the model, so that they speak even where a part of it is broken:
all faults are told at once. What one key alone may hold is the model's business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from bot.agreement.crm import NAME as CRM_NAME
from bot.agreement.crm import faults_of_crm
from bot.agreement.faults import Loc
from bot.agreement.hours import OFFICE, HoursTable, faults_of_exceptions, faults_of_week, inline_hours
from bot.agreement.intake import faults_of_source
from bot.agreement.vocabulary import ReasonKind, Then, Verb
from bot.agreement.wording import near, remedy
from storage.models import ClockKind, member_of

Finding = tuple[Loc, str]
Check = Callable[[Mapping[str, Any]], Iterator[Finding]]

_MENU = 100  # options that fit into a Slack select
TOLD = ("webhooks", "destinations", "workflows")
_NAMED = (
    *(("teams", "name"), ("reasons", "code"), ("personas", "name")),
    *(("campaigns", "name"), ("intake", "name"), *((key, "name") for key in TOLD)),
)


def findings(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything that does not fit together in the (reshaped) tables, each with its location."""
    for check in _CHECKS:
        yield from check(data)


def _rows(data: Any, key: str) -> list[tuple[int, Mapping[str, Any]]]:
    rows = data.get(key) if isinstance(data, dict) else None
    return [(i, row) for i, row in enumerate(rows) if isinstance(row, dict)] if isinstance(rows, list) else []


def _table(data: Any, key: str) -> Mapping[str, Any]:
    table = data.get(key) if isinstance(data, dict) else None
    return table if isinstance(table, dict) else {}


def _names(data: Any, key: str, field: str = "name") -> list[str]:
    return [row[field] for _, row in _rows(data, key) if isinstance(row.get(field), str)]


def _named_once(data: Mapping[str, Any]) -> Iterator[Finding]:
    for key, field in _NAMED:
        counts = Counter(name.strip().casefold() for name in _names(data, key, field))
        seen: set[str] = set()
        for index, row in _rows(data, key):
            name = row.get(field)
            folded = name.strip().casefold() if isinstance(name, str) else ""
            if counts[folded] > 1 and folded in seen:
                yield (key, index, field), f'"{name}" is there twice; rename one, or take it out'
            seen.add(folded)


def _renamed_once(data: Mapping[str, Any]) -> Iterator[Finding]:
    present, before = set(_names(data, "teams")), dict[str, str]()
    for index, team in _rows(data, "teams"):
        names = team.get("renamed_from")
        for number, name in enumerate(names if isinstance(names, list) else []):
            place = ("teams", index, "renamed_from", number)
            if name in present:
                yield place, f'"{name}" is still a team; take it out here, or rename that team'
            elif isinstance(name, str) and name in before:
                yield place, f'"{before[name]}" was renamed from "{name}" already; take it out of one of them'
            elif isinstance(name, str):
                before[name] = str(team.get("name"))


def _reps_once(data: Mapping[str, Any]) -> Iterator[Finding]:
    for index, team in _rows(data, "teams"):
        seen: set[Any] = set()
        for number, rep in _rows(team, "reps"):
            user = rep.get("user")
            if isinstance(user, str) and user in seen:
                yield ("teams", index, "reps", number), f'"{user}" is twice in this team; take one out'
            seen.add(user if isinstance(user, str) else None)


def _teams_reachable(data: Mapping[str, Any]) -> Iterator[Finding]:
    before: Any = None
    for index, team in _rows(data, "teams"):
        if before is not None:
            yield (
                ("teams", index),
                f'gets no lead, since "{before}" above it takes all; '
                f'move "{before}" to the end, or give it a match',
            )
        elif not team.get("match", {}):
            before = team.get("name", f"teams[{index}]")


def _every_priority_has_clocks(data: Mapping[str, Any]) -> Iterator[Finding]:
    if not isinstance(sla := data.get("sla"), dict):
        return
    names = _names(data, "priorities")
    for name in names:
        if name not in sla:
            spare = near(name, [key for key in sla if key not in names])
            hint = (
                f'is "{spare}" meant?' if spare else f"add [sla.{name}] with accept, first_touch and outcome"
            )
            yield ("sla", name), f"is missing, and priority {name} needs its clocks; {hint}"


def _ladders_climb(data: Mapping[str, Any]) -> Iterator[Finding]:
    names = _names(data, "priorities")
    for kind in _table(data, "ladder"):
        last = 0.0
        for index, step in _rows(data["ladder"], kind):
            at = step.get("at")
            if isinstance(at, int | float) and at > 0:
                if at <= last:
                    yield (
                        ("ladder", kind, index, "at"),
                        f"{at} does not come after {last}; put the steps in order",
                    )
                last = max(last, float(at))
            if (fault := _misplaced(kind, step.get("do"))) is not None:
                yield ("ladder", kind, index, "do"), fault
            skip = step.get("skip")
            for number, name in enumerate(skip if isinstance(skip, list) else []):
                if names and isinstance(name, str) and name not in names:
                    yield (
                        ("ladder", kind, index, "skip", number),
                        f'"{name}" is not a priority; {remedy(name, names)}',
                    )


def _marketing_has_the_last_word(data: Mapping[str, Any]) -> Iterator[Finding]:
    for kind in _table(data, "ladder"):
        rows = _rows(data["ladder"], kind)
        for (_, step), (index, _) in pairwise(rows):
            if step.get("do") == Verb.MARKETING and kind != ClockKind.ANSWER:
                yield (
                    ("ladder", kind, index),
                    "never comes, since the step before it gives the lead back to marketing; "
                    "put that one last, or take this one out",
                )


def _told_of_known_teams(data: Mapping[str, Any]) -> Iterator[Finding]:
    names = _names(data, "teams")
    for key, (index, row) in _told(data):
        teams = row.get("teams")
        for number, team in enumerate(teams if isinstance(teams, list) else []):
            if isinstance(team, str) and team not in names:
                yield (key, index, "teams", number), f'"{team}" is not a team; {remedy(team, names)}'


def _told_apart(data: Mapping[str, Any]) -> Iterator[Finding]:
    known: dict[str, str] = {}
    for key in TOLD:
        taken = dict(known)
        for index, row in _rows(data, key):
            name = row.get("name")
            if isinstance(name, str) and (of := taken.get(name.strip().casefold())):
                yield (key, index, "name"), f'"{name}" is a {of} already; write another name'
            elif isinstance(name, str):
                known[name.strip().casefold()] = key.removesuffix("s")


def _told(data: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, Mapping[str, Any]]]]:
    return ((key, row) for key in TOLD for row in _rows(data, key))


def _caps_fit(data: Mapping[str, Any]) -> Iterator[Finding]:
    for index, team in _rows(data, "teams"):
        for number, rep in _rows(team, "reps"):
            day, week = rep.get("per_day"), rep.get("per_week")
            if isinstance(day, int) and isinstance(week, int) and 0 < week < day:
                yield (
                    ("teams", index, "reps", number, "per_week"),
                    f"{week} a week is less than the {day} a day; write {day} or more, or take per_day out",
                )


_STAYS = {ClockKind.ANSWER: 'an answer cannot change hands; write "notify_manager"'}
RUNG_FAULTS: Mapping[Verb, Mapping[ClockKind, str]] = {
    Verb.NUDGE: {},
    Verb.NOTIFY_MANAGER: {},
    Verb.NOTIFY_CHANNEL: {},
    Verb.REASSIGN: _STAYS,
    Verb.POOL: _STAYS,
    Verb.MARKETING: _STAYS,
}
"""Of each verb, the clocks whose ladder cannot have it, and why."""


def _misplaced(kind: str, verb: Any) -> str | None:
    """What is wrong with a rung of this clock; words that nobody knows are the model's business."""
    known, clock = member_of(Verb, verb), member_of(ClockKind, kind)
    return RUNG_FAULTS[known].get(clock) if known is not None and clock is not None else None


def _reasons_fit(data: Mapping[str, Any]) -> Iterator[Finding]:
    rows = _rows(data, "reasons")
    for index, reason in rows:
        if "then" in reason:
            yield from ((("reasons", index, key), fault) for key, fault in _then_fits(reason))
    kinds = Counter(str(reason.get("kind")) for _, reason in rows)
    if kinds.keys() == {ReasonKind.DISQUALIFY}:
        yield ("reasons",), 'has none that sales could reject with; add one with kind = "reject"'
    for kind, count in kinds.items():
        if count > _MENU:
            yield ("reasons",), f"has {count} of kind {kind}, and Slack's menu holds {_MENU}; take some out"


THEN_KEYS: Mapping[Then, tuple[str, ...]] = {
    Then.FIX: ("contests",),
    Then.NURTURE: ("recycle",),
    Then.REROUTE: (),
    Then.OWNER: (),
    Then.MERGE: (),
    Then.CLOSE: (),
}
"""The keys of a reason that go with each `then`, and with no other."""
_NEEDED = {"recycle": 'add recycle = "90d"'}


def _then_fits(reason: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys that should be there or should not, each with what is wrong."""
    then = member_of(Then, reason["then"])
    own = THEN_KEYS[then] if then is not None else ()
    for key in own:
        if key in _NEEDED and key not in reason:
            yield key, f"is missing, and {then} needs it; {_NEEDED[key]}"
    for other, keys in THEN_KEYS.items():
        for key in keys:
            if key in reason and key not in own:
                yield key, f'only goes with then = "{other}"; take it out, or change then'


def _personas_exist(data: Mapping[str, Any]) -> Iterator[Finding]:
    names = _names(data, "personas")
    for index, content in _rows(data, "content"):
        persona = content.get("persona")
        if isinstance(persona, str) and persona not in names:
            hint = remedy(persona, names) if names else "add [[personas]] with that name, or take the key out"
            yield ("content", index, "persona"), f'"{persona}" is not a persona of this file; {hint}'


def _bands_descend(data: Mapping[str, Any]) -> Iterator[Finding]:
    bands = _table(_table(data, "qualification"), "bands")
    for side, order in (("fit", "ABC"), ("engagement", "12")):
        given = [(key, _table(bands, side).get(key)) for key in order]
        points = [(key, value) for key, value in given if isinstance(value, int | float)]
        for (better, high), (worse, low) in pairwise(points):
            if low >= high:
                yield (
                    ("qualification", "bands", side, worse),
                    f"{low} is not below the {high} of {better}; write fewer points",
                )


def _marketing_can_hear(data: Mapping[str, Any]) -> Iterator[Finding]:
    roles = _table(data, "roles")
    if roles and not roles.get("marketing", ()) and "channel" not in _table(data, "marketing"):
        yield (
            ("roles", "marketing"),
            'names nobody, so no one would hear of rejections; add marketing = ["U0123ABCD"], '
            "or a channel under [marketing]",
        )


def _stand_ins_are_others(data: Mapping[str, Any]) -> Iterator[Finding]:
    sides: list[tuple[Loc, Mapping[str, Any]]] = [(("marketing",), _table(data, "marketing"))]
    sides += [(("teams", index), team) for index, team in _rows(data, "teams")]
    for place, side in sides:
        if side.get("stand_in") is not None and side["stand_in"] == side.get("manager"):
            yield (
                (*place, "stand_in"),
                "is the manager themselves; name somebody else",
            )


def _weeks_hold(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Look at the week of the office, each team and each rep that says something of its own about hours."""
    office, faults = _laid_over(OFFICE, data, ("hours",))
    yield from faults
    for index, team in _rows(data, "teams"):
        shared, faults = _laid_over(office, inline_hours(team), ("teams", index, "hours"))
        yield from faults
        for number, rep in _rows(team, "reps"):
            _, faults = _laid_over(shared, inline_hours(rep), ("teams", index, "reps", number, "hours"))
            yield from faults


def _laid_over(above: HoursTable, holder: Mapping[str, Any], loc: Loc) -> tuple[HoursTable, list[Finding]]:
    """The hours that hold at a level and what is wrong with them, save what the level above has told."""
    if "hours" not in holder:
        return above, []
    try:
        written = HoursTable.model_validate(holder["hours"])
    except ValidationError:
        return above, []  # the model tells of it
    table, known = written.over(above), set(faults_of_week(above))
    found: list[Finding] = [(loc, fault) for fault in faults_of_week(table) if fault not in known]
    found += [((*loc, "except", number), fault) for number, fault in faults_of_exceptions(table, written)]
    return table, found


def _sources_hold(data: Mapping[str, Any]) -> Iterator[Finding]:
    for index, source in _rows(data, "intake"):
        yield from ((("intake", index, key), fault) for key, fault in faults_of_source(source))


def _crm_holds(data: Mapping[str, Any]) -> Iterator[Finding]:
    if crm := _table(data, "crm"):
        yield from ((("crm", key), fault) for key, fault in faults_of_crm(crm))
    if crm:
        for key, (index, row) in _told(data):
            if row.get("name") == CRM_NAME:
                yield (key, index, "name"), '"crm" is the CRM\'s own name; write another'


_CHECKS: tuple[Check, ...] = (
    _named_once,
    _renamed_once,
    _reps_once,
    _teams_reachable,
    _every_priority_has_clocks,
    _ladders_climb,
    _marketing_has_the_last_word,
    _caps_fit,
    _told_of_known_teams,
    _told_apart,
    _reasons_fit,
    _personas_exist,
    _bands_descend,
    _marketing_can_hear,
    _stand_ins_are_others,
    _weeks_hold,
    _sources_hold,
    _crm_holds,
)
