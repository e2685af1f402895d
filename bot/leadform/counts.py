"""What marketing tools count of a lead, under the names that their exports give it: visits, opens, a score.

A count is a summary: it may be matched, and it decays from the moment at which it was told. What it is worth
is the agreement's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.agreement.matching import number_range, simplify
from bot.memory import remembered

_ALIASES: dict[str, str] = {
    "visits": "visit count, web visits, website visits, site visits, number of visits, number of sessions,"
    "sessions, session count, total visits, total sessions",
    "page_views": "page view count, number of page views, total page views, pages viewed, web page views,"
    "web pages viewed",
    "minutes_on_site": "minutes on website, time on site min, time on site minutes, time on site in minutes",
    "email_opens": "emails opened, email open count, number of emails opened, marketing emails opened,"
    "e-mails opened, total email opens, opens",
    "email_clicks": "emails clicked, email click count, number of emails clicked, marketing emails clicked,"
    "e-mails clicked, total email clicks, clicks",
    "form_submissions": "number of form submissions, form submission count, forms submitted, form fills",
    "score": "lead score, hubspot score, person score, contact score, engagement score, behavior score,"
    "behaviour score, pardot score, marketo score",
}

COUNTS = tuple(_ALIASES)
"""The counts that have a name of their own in rules, whatever the sender calls them."""

_NAMES = {
    simplify(alias): count for count, aliases in _ALIASES.items() for alias in (count, *aliases.split(","))
}


@remembered(4096)
def count_of(name: str) -> str | None:
    """The count that a column of this name holds, None where it is none that is known."""
    return _NAMES.get(simplify(name))


def with_counts(lead: Mapping[str, Any]) -> Mapping[str, Any]:
    """A lead's values with its counts under their own names too; of two columns the first stands."""
    counted = _counted(tuple(lead))
    return {**lead, **{count: lead[name] for count, name in counted.items()}} if counted else lead


@remembered(512)
def _counted(names: tuple[str, ...]) -> Mapping[str, str]:
    """Under which of these names each count stands that has not its own."""
    counts = ((count_of(name), name) for name in reversed(names))
    return {count: name for count, name in counts if count is not None and count not in names}


def told_moments(
    known: Mapping[str, Any], told: Mapping[str, Any], moments: Mapping[str, datetime], now: datetime
) -> dict[str, datetime]:
    """When each number among a lead's own columns was told its present value, by `simplify`d name.

    `known` and `told` are `extra` before and after a record, `moments` what this function gave before. The
    same number again keeps its moment; another one, and one that is new, has `now`. Both the sender's name
    of a count and its own stand in the result. Give it to `judge` as `told_at`.
    """
    before = {simplify(name): value for name, value in known.items()}
    found = dict(moments)
    for name, value in told.items():
        number, plain = number_range(value), simplify(name)
        if number is None:
            continue
        if plain not in moments or number != number_range(before.get(plain, "")):
            found |= dict.fromkeys((plain, simplify(count_of(name) or name)), now)
    return found
