"""What changed from one agreement to the next, in words: a line for each thing, the most important first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.agreement import AgreementError, AgreementFaults
from bot.agreement.model import Agreement
from bot.views.blocks import section
from bot.views.message import Rendered, rendered
from bot.views.text import cut, mention, plural, short, who

SHOWN = 20
_LIMIT = 2900
_LENGTH = re.compile(r"\d+[smhdy]")
_NAMES = ("name", "code", "user", "why", "title", "label")
"""What the items of a list are known by, the first that they have."""
_PLACES: Mapping[str, str] = {
    "duty": "SLA of marketing",
    "sla": "SLA",
    "teams": "Team",
    "reps": "rep",
    "reasons": "Reason",
    "campaigns": "Campaign",
    "priorities": "Priority",
    "office": "Working hours",
    "fit": "fit",
    "first_touch": "first contact",
}
_KEYS: Mapping[str, str] = {
    "qualification.mql": "Lowest grade of an MQL",
    "qualification.hot_for": "A request stays hot for",
    "qualification.customers": "When a customer raises a hand",
    "qualification.bands.fit.A": "Fit A from",
    "qualification.bands.fit.B": "Fit B from",
    "qualification.bands.fit.C": "Fit C from",
    "qualification.bands.engagement.1": "Engagement 1 from",
    "qualification.bands.engagement.2": "Engagement 2 from",
    "sla.marketing.answer": "SLA of marketing to answer",
    "ladder.quiet": "Quiet time between reminders",
    "ladder.repeat": "Last reminder comes again every",
    "ladder.p1_after_hours": "P1 reminders after hours",
    "goals.purpose": "Shared goal",
    "goals.mql": "Goal: MQLs a quarter",
    "goals.sal_rate": "Goal: SAL rate",
    "goals.sla_attainment": "Goal: SLAs met",
    "goals.pipeline": "Goal: pipeline a quarter",
    "goals.revenue": "Goal: revenue a quarter",
}
"""Keys of the agreement that both sides talk about by another name than the file's."""
_CUSTOMERS: Mapping[str, str] = {"tell": "tell the owner", "handoff": "hand it off"}
_VALUES: Mapping[str, Mapping[str, str]] = {"qualification.customers": _CUSTOMERS}
"""Keys whose values are words of the file, and what people call each."""


def agreement_notice(before: Agreement | None, after: Agreement, by: Sequence[str] = ()) -> Rendered:
    """The admins and the report's channel read what changed, and who did it, where that was in Slack.

    Without `before`, whose text cannot be read any more, nobody can tell what changed.
    """
    lines = changes(before, after) if before is not None else ["What changed is not known any more."]
    more = [f"… and {plural(len(lines) - SHOWN, 'more change')}"] if len(lines) > SHOWN else []
    version = f"version {short(after.version, 60)} is in force."
    names = " and ".join(who(user) for user in by)
    news = f"{names} changed the agreement: {version}" if by else f"The agreement has changed: {version}"
    kept = "Running clocks keep their due times." if lines else "Only its wording changed."
    text = "\n".join([f"📜 *{news}*", *(f"• {line}" for line in lines[:SHOWN]), *more, kept])
    return rendered(f"📜 {news} {kept}", [section(cut(text, _LIMIT))])


def refusal_words(error: AgreementError) -> str:
    """Why a change was not made, as plain text for the form it was asked in."""
    if not isinstance(error, AgreementFaults):
        return str(error)
    more = len(error.faults) - 1
    return f"{error.faults[0]}" + (f" And {plural(more, 'more fault')}." if more else "")


def changes(before: Agreement, after: Agreement) -> list[str]:
    """What is different, a line of mrkdwn each; none where only comments or the version's name changed."""
    old, new = (one.model_dump(mode="python", exclude={"version"}) for one in (before, after))
    return list(dict.fromkeys(_different(old, new, ())))


def _different(old: Any, new: Any, place: tuple[str, ...]) -> Iterator[str]:
    if old == new:
        return
    old, new = _by_name(old), _by_name(new)
    if not (isinstance(old, dict) and isinstance(new, dict)):
        names = choices_of(".".join(place))
        before, now = (
            names.get(one, _value(one)) if isinstance(one, str) else _value(one) for one in (old, new)
        )
        yield f"{called(place)}: {before} → {now}"
        return
    for key in [*old, *(key for key in new if key not in old)]:
        here = (*place, str(key))
        if key not in new:
            yield f"{called(here)}: removed{_label(old[key])}"
        elif key not in old:
            yield f"{called(here)}: added{_label(new[key])}"
        else:
            yield from _different(old[key], new[key], here)


def _label(item: Any) -> str:
    """How people know what was added or removed, where its place says only a code."""
    label = item.get("label") if isinstance(item, dict) else None
    return f", “{short(label, 80)}”" if isinstance(label, str) else ""


def _by_name(value: Any) -> Any:
    """A list of things that have names, as a table of them; a length of time as it is written: 5m."""
    if isinstance(value, dict) and value.keys() == {"amount", "unit"}:
        return f"{value['amount']}{value['unit']}"
    if not isinstance(value, list | tuple) or not all(isinstance(item, dict) for item in value):
        return value
    name = next((one for one in _NAMES if value and all(one in item for item in value)), None)
    names = [str(item[name]) for item in value] if name else []
    return dict(zip(names, value, strict=True)) if names and len(set(names)) == len(names) else value


def called(place: tuple[str, ...]) -> str:
    """A place of the agreement as people name it, as mrkdwn: "SLA P1 accept"."""
    if known := _KEYS.get(".".join(place)):
        return known
    words = [_PLACES.get(part, mention(part) if _is_person(part) else short(part, 60)) for part in place]
    text = " ".join(word.replace("_", " ").replace(".", " ") for word in words)
    return text[:1].upper() + text[1:]


def choices_of(place: str) -> Mapping[str, str]:
    """The values that a key may have, by what the file says, and what people call them; none: any value."""
    return _VALUES.get(place, {})


def _is_person(part: str) -> bool:
    return part[:1] in "UWS" and part.isupper() and any(letter.isdigit() for letter in part)


def _value(value: Any) -> str:
    """A value as people would say it."""
    if value is None or value == () or value == []:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(_value(one) for one in value)
    if isinstance(value, str) and _LENGTH.fullmatch(value):
        return value
    if isinstance(value, str):
        return mention(value) if _is_person(value) else f"“{short(value, 80)}”"
    if isinstance(value, list | tuple | dict):
        return f"{len(value)} entries"
    return short(str(value), 80)
