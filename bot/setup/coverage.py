"""How many stored leads each rule of the agreement matches, so that one that matches none is seen.

Every rule counts for itself: a lead that the first team takes may match the second as well. Rules by an
activity are asked whether the lead ever did it; what it is worth today is left to the judgement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.agreement import Agreement
from bot.agreement.fields import activity_name
from bot.agreement.matching import compile_when
from bot.leadform.counts import with_counts
from bot.lookups.judgement import told_moments_of
from bot.rules.qualification import ActivityLike, facts_of, judge
from storage.database.sql import columns_of
from storage.lead_batches import BATCH, batches


@dataclass(frozen=True, slots=True)
class Seen:
    """A lead as a rule sees it: what is known of it, what it did, and its grade."""

    facts: Mapping[str, Any]
    activities: Sequence[ActivityLike]
    grade: str


Matches = Callable[[Seen], bool]


@dataclass(slots=True)
class Coverage:
    """How many leads there are, and how many of them each rule matches, by its place in the file.

    `columns` are the senders' own columns and `activities` the types of activity that have come in.
    """

    matched: dict[str, int]
    leads: int = 0
    columns: set[str] = field(default_factory=set)
    activities: set[str] = field(default_factory=set)

    @property
    def idle(self) -> list[str]:
        """The places of the rules that match no lead."""
        return [place for place, count in self.matched.items() if count == 0]


def coverage(tx: Connection, agreement: Agreement, now: datetime, *, size: int = BATCH) -> Coverage:
    """Hold every stored lead against every rule, `size` leads at a time."""
    rules = dict(_rules(agreement))
    found = Coverage(dict.fromkeys(rules, 0))
    for batch in batches(tx, size):
        for lead, did in batch:
            facts = facts_of(columns_of(lead))
            judged = judge(agreement, facts, did, now, told_at=told_moments_of(lead))
            seen = Seen(facts, did, judged.grade)
            found.leads += 1
            found.columns.update(lead.extra)
            found.activities.update(activity.type for activity in did)
            for place, matches in rules.items():
                found.matched[place] += matches(seen)
    return found


def _rules(agreement: Agreement) -> Iterator[tuple[str, Matches]]:
    """Each rule with its place in the file, as a person would name it."""
    rules = agreement.qualification
    for number, rule in enumerate(rules.fit):
        yield f'qualification.fit[{number}] "{rule.why}"', _of_counts(rule.when)
    for number, counting in enumerate(rules.engagement):
        made = _of_counts(counting.when) if counting.counts else _of_activities(counting.when)
        yield f'qualification.engagement[{number}] "{counting.why}"', made
    for mark in rules.always:
        yield f'qualification.always "{mark}"', _of_mark(mark)
    for priority in agreement.priorities:
        for mark in priority.rules:
            yield f'priorities.{priority.name} "{mark}"', _of_mark(mark)
    for number, team in enumerate(agreement.teams):
        yield f'teams[{number}] "{team.name}".match', _of_facts(team.match)
    for number, persona in enumerate(agreement.personas):
        yield f'personas[{number}] "{persona.name}".match', _of_facts(persona.match)


def _of_facts(when: Mapping[str, Any]) -> Matches:
    test = compile_when(when)
    return lambda seen: test(seen.facts)


def _of_counts(when: Mapping[str, Any]) -> Matches:
    test = compile_when(when)
    return lambda seen: test(with_counts(seen.facts))


def _of_activities(when: Mapping[str, Any]) -> Matches:
    test = compile_when(when)
    return lambda seen: any(
        test({"activity": activity_name(each.type), "detail": each.detail}) for each in seen.activities
    )


def _of_mark(mark: str) -> Matches:
    """A rule of `always` or of a priority: an activity, a grade, or every lead."""
    kind = mark.removeprefix("activity:")
    if kind != mark:
        return lambda seen: any(activity_name(each.type) == kind for each in seen.activities)
    return lambda seen: mark in ("*", seen.grade)
