"""Words that nothing knows: keys, columns and types of activity that may be slips, each with the nearest.

Nothing is refused for them: they are told, to the sender of a lead as notes and to whoever checks the
agreement.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.agreement import Agreement
from bot.agreement.fields import ACTIVITY_KEYS, activity_name
from bot.agreement.matching import compile_condition, simplify
from bot.leadform import LeadForm, field_of, is_touch
from bot.leadform.counts import COUNTS
from bot.leadform.past import contradictions
from bot.memory import remembered
from bot.rules.qualification import Identity
from storage.models import TouchKind

PRESETS = (
    *("demo_request", "pricing_request", "contact_sales", "quote_request", "trial_signup", "meeting_booked"),
    *(
        "webinar",
        "webinar_attended",
        "webinar_registered",
        "event",
        "trade_show",
        "booth_visit",
        "case_study",
    ),
    *("content_download", "download", "whitepaper", "page_view", "email_open", "email_click", "form_submit"),
    *("proposal", "comparison", "product_tour", "newsletter_signup"),
)
"""Types of activity that tools commonly tell of."""

_LEAD_KEYS = (
    *(name for name in LeadForm.model_fields if name not in ("activities", "extra")),
    *("origin", "company_domain", *COUNTS),
)
_PLAIN_LEAD_KEYS = frozenset(map(simplify, _LEAD_KEYS))
_NAMES_AN_ID = re.compile(r"(?<=[a-z])(?:[ _-]id|Id|ID)$")  # campaign_id is not a slip for campaign
_NEAR = 0.72  # of 1: "employes" is 0.89 like "employees", "demo_requested" 0.86 like "demo_request"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word of the agreement that nothing knows: its place, and what to do about it."""

    place: str
    says: str


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like this one without case and punctuation, if any is like it at all."""
    from rapidfuzz import process  # a start does without it
    from rapidfuzz.distance import OSA

    choices = {name: simplify(name) for name in known}
    found = process.extractOne(simplify(word), choices, scorer=OSA.normalized_similarity, score_cutoff=_NEAR)
    return found[2] if found else None


def is_slip(word: str, known: str) -> bool:
    """Whether two words differ by one slip: a letter more, less, other or exchanged; by two in long ones."""
    from rapidfuzz.distance import OSA

    far = OSA.distance(simplify(word), simplify(known))
    return 0 < far <= (2 if min(len(word), len(known)) >= 8 else 1)


def notes_on(agreement: Agreement, form: LeadForm) -> tuple[str, ...]:
    """What the sender of a record should know: what was read otherwise than meant, and words in no rule."""
    types = [each.type for each in form.activities]
    odd = contradictions(form.extra) if form.extra else ()
    return (*form.remarks, *odd, *column_notes(agreement, form.extra), *activity_notes(agreement, types))


def column_notes(agreement: Agreement, columns: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each of the sender's own columns that is one slip away from a field of a lead, and that
    no rule asks for."""
    by = Identity(agreement)
    return tuple(note for name in columns if (note := _note_on_column(by, name)) is not None)


@remembered(2048)
def _note_on_column(agreement: Identity[Agreement], name: str) -> str | None:
    if simplify(name) in _asked(agreement) or simplify(name) in _PLAIN_LEAD_KEYS:
        return None
    near = nearest(name, _LEAD_KEYS)
    if near is None or not is_slip(name, near) or _NAMES_AN_ID.search(name):
        return None
    return f"{name} is not a field of a lead, and was kept as it is; did you mean {near}?"


@lru_cache(maxsize=16)
def _asked(agreement: Identity[Agreement]) -> frozenset[str]:
    """The keys that a rule asks for."""
    return frozenset(simplify(key) for _, table in _tables(agreement.it) for key in table)


def unruled_columns(agreement: Agreement, columns: Iterable[str]) -> tuple[str, ...]:
    """Which of the senders' own columns no rule asks for."""
    asked = _asked(Identity(agreement))
    return tuple(name for name in columns if simplify(name) not in asked)


def activity_notes(agreement: Agreement, types: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each type of activity that is in no rule, for the answer to whoever told of it.

    Contact by a rep needs no rule.
    """
    by, kinds = Identity(agreement), dict.fromkeys(map(activity_name, types))
    return tuple(note for kind in kinds if (note := _note_on_activity(by, kind)) is not None)


@remembered(2048)
def _note_on_activity(agreement: Identity[Agreement], kind: str) -> str | None:
    if in_a_rule(agreement.it, kind):
        return None
    near = nearest(kind, ruled_activities(agreement.it))
    return f"activity {kind} is in no rule" + (f"; did you mean {near}?" if near else "")


def unknown_keys(agreement: Agreement, columns: Iterable[str] = ()) -> tuple[Unknown, ...]:
    """Keys in `match` and `when` that no lead field and no known column has.

    `columns` are the senders' own columns that have come in. Case and punctuation do not matter.
    """
    known = {simplify(name): name for name in (*_LEAD_KEYS, *columns)}
    return tuple(
        Unknown(f"{place}.{key}", _key_says(key, known.values()))
        for place, table in _tables(agreement)
        for key in table
        if simplify(key) not in known
    )


def slips(agreement: Agreement, seen: Collection[str] = ()) -> tuple[Unknown, ...]:
    """Activities in `always` and `priorities` that are one slip away from one that is known elsewhere: from
    rules, commonly told, or among `seen`, the types that have come in."""
    known = {*_literals(agreement), *map(activity_name, seen), *PRESETS, *TouchKind}
    rules = [("qualification.always", agreement.qualification.always)]
    rules += [(f"priorities.{each.name}", each.rules) for each in agreement.priorities]
    return tuple(
        Unknown(f"{place}[{number}]", f'"{kind}" appears nowhere else; did you mean "{near}"?')
        for place, named in rules
        for number, rule in enumerate(named)
        if rule.startswith("activity:") and (kind := rule.removeprefix("activity:")) not in known
        if not _matches_a_rule(agreement, kind)
        if (near := nearest(kind, known)) is not None and is_slip(kind, near)
    )


def _key_says(key: str, known: Collection[str]) -> str:
    field = field_of(key)
    if field in _LEAD_KEYS:
        return f'no lead has "{key}": a column of that name is read as {field}; write "{field}"'
    near = nearest(key, known)
    hint = f'did you mean "{near}"?' if near else "it matches nothing until a lead has such a column"
    return f'no lead field and no column that came in is called "{key}"; {hint}'


def _tables(agreement: Agreement) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every table of conditions on a lead, with its place in the file."""
    rules = agreement.qualification
    for number, team in enumerate(agreement.teams):
        yield f'teams[{number}] "{team.name}".match', team.match
    for number, rule in enumerate(rules.fit):
        yield f"qualification.fit[{number}].when", rule.when
    for number, counting in enumerate(rules.engagement):
        if counting.counts:
            yield f"qualification.engagement[{number}].when", counting.when
    for number, persona in enumerate(agreement.personas):
        yield f'personas[{number}] "{persona.name}".match', persona.match


def in_a_rule(agreement: Agreement, kind: str) -> bool:
    """Whether a type of activity counts for anything: in a rule, or as contact by a rep."""
    named = f"activity:{kind}"
    return (
        is_touch(kind)
        or named in agreement.qualification.always
        or any(named in each.rules for each in agreement.priorities)
        or _matches_a_rule(agreement, kind)
    )


def _matches_a_rule(agreement: Agreement, kind: str) -> bool:
    """Whether an engagement rule counts activities of this type, whatever their detail."""
    return any(
        compile_condition(rule.when["activity"])(kind) if "activity" in rule.when else True
        for rule in agreement.qualification.engagement
        if any(key in rule.when for key in ACTIVITY_KEYS)
    )


def _literals(agreement: Agreement) -> list[str]:
    """The types of activity that engagement rules name plainly."""
    found: list[str] = []
    for rule in agreement.qualification.engagement:
        text = str(rule.when.get("activity", "~"))
        if not text.startswith("~"):
            found += text.removeprefix("in ").split(", ") if text.startswith("in ") else [text]
    return found


def ruled_activities(agreement: Agreement) -> Sequence[str]:
    """Types of activity that are in a rule, as far as they can be named."""
    rules = (agreement.qualification.always, *(each.rules for each in agreement.priorities))
    named = [
        rule.removeprefix("activity:") for some in rules for rule in some if rule.startswith("activity:")
    ]
    common = [kind for kind in PRESETS if in_a_rule(agreement, kind)]
    return list(dict.fromkeys([*_literals(agreement), *named, *common, *TouchKind]))
