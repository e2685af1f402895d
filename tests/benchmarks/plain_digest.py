"""The aggregates of the report as one would write them by hand in SQL, for the benchmark to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from bot.agreement import default_agreement
from bot.digest.periods import WEEK, Span, local_day, quarter_of, week_of

_EPOCH = {
    "sqlite": "CAST(strftime('%s', substr({0}, 1, 19)) AS INTEGER)",
    "postgresql": "CAST(floor(extract(epoch FROM {0})) AS BIGINT)",
}
_COUNTS = """
    count(*), count(CASE WHEN accepted_at < :now THEN 1 END), count(CASE WHEN rejected_at < :now THEN 1 END),
    count(CASE WHEN touched_at < :now THEN 1 END),
    count(CASE WHEN sql_at < :now AND {sql} - {handed} <= 7776000
                 OR opportunity_at < :now AND {opportunity} - {handed} <= 7776000
                 OR won_at < :now AND {won} - {handed} <= 7776000 THEN 1 END),
    count(CASE WHEN opportunity_at < :now AND {opportunity} - {handed} <= 7776000
                 OR won_at < :now AND {won} - {handed} <= 7776000 THEN 1 END),
    count(CASE WHEN won_at < :now AND {won} - {handed} <= 7776000 THEN 1 END),
    count(CASE WHEN lost_at < :now THEN 1 END), count(CASE WHEN recycled_at < :now THEN 1 END),
    count(CASE WHEN disqualified_at < :now THEN 1 END)
"""
_COHORT = "handoff.state <> 'merged' AND handed_at >= :since AND handed_at < :until"
_MISSED = """
    (breached_at IS NOT NULL OR met_at > due_at OR stopped_at > due_at
     OR (met_at IS NULL AND stopped_at IS NULL AND due_at <= :now))
"""
_KEPT = f"""
    count(CASE WHEN met_at <= due_at AND breached_at IS NULL THEN 1 END),
    count(CASE WHEN {_MISSED} AND (cause IS NULL OR cause <> 'outage') THEN 1 END)
"""
_CLOCKS = {
    "short": f"""FROM handoff JOIN clock ON clock.handoff_id = handoff.id
                 WHERE clock.kind IN ('accept', 'first_touch') AND {_COHORT}""",
    "long": """FROM clock JOIN handoff ON handoff.id = clock.handoff_id
               WHERE clock.kind IN ('outcome', 'answer') AND clock.due_at >= :since AND clock.due_at < :until
                     AND handoff.state <> 'merged'""",
}
_SPREAD = {
    # SQLite has no percentiles: the rows at the two ranks.
    "sqlite": """
        SELECT label, v, i, n, j, m FROM (
            SELECT label, v, row_number() OVER (PARTITION BY label ORDER BY v) i,
                   count(*) OVER (PARTITION BY label) n, row_number() OVER (ORDER BY v) j, count(*) OVER () m
            FROM (SELECT {label} label, {value} v {source}))
        WHERE i IN ((n + 1) / 2, (9 * n + 9) / 10) OR j IN ((m + 1) / 2, (9 * m + 9) / 10)
    """,
    "postgresql": """
        SELECT label, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY v), count(*)
        FROM (SELECT {label} label, {value} v {source}) taken GROUP BY GROUPING SETS ((label), ())
    """,
}
_CAME = {"accept": "accepted_at", "first_touch": "touched_at"}
_DEALS = """
    SELECT campaign, currency, count(*), sum(amount_minor), count(won_at), count(lost_at) FROM (
        SELECT * FROM handoff WHERE deal_at >= :since AND deal_at < :until AND {milestone} IS NOT NULL
        UNION ALL
        SELECT * FROM handoff WHERE {milestone} >= :since AND {milestone} < :until AND deal_at IS NULL
    ) deal WHERE state <> 'merged' GROUP BY campaign, currency
"""


Asked = Iterator[tuple[str, datetime, datetime]]
"""Statements, and the stretch of time that each is asked of."""


def plain_digest(tx: Connection, span: Span, now: datetime) -> int:
    """Run them all and count the rows that came back."""
    dialect = tx.dialect.name
    epoch = {
        name: _EPOCH[dialect].format(f"{name}_at")
        for name in ("handed", "accepted", "touched", "sql", "opportunity", "won")
    }
    until = min(span.until, now)
    return sum(
        len(
            tx.execute(
                text(statement),
                {"since": _bound(dialect, since), "until": _bound(dialect, end), "now": _bound(dialect, now)},
            ).all()
        )
        for statement, since, end in _statements(dialect, epoch, span, until)
    )


def _bound(dialect: str, moment: datetime) -> Any:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if dialect == "sqlite" else moment


def _of_the_score(dialect: str, until: datetime) -> Asked:
    """Acceptance by grade, and for each criterion, over 13 weeks."""
    rules = default_agreement().agreement.qualification
    always = ", ".join(f"'{rule.removeprefix('activity:')}'" for rule in rules.always)
    raised = f"""lead.qualified OR EXISTS (SELECT 1 FROM activity WHERE activity.lead_id = handoff.lead_id
                 AND activity.type IN ({always}) AND activity.at <= handed_at)"""
    yield (
        f"""SELECT handoff.grade, {raised}, count(*), count(accepted_at), count(rejected_at), count(won_at),
            count(coalesce(won_at, lost_at)) FROM handoff JOIN lead ON lead.id = handoff.lead_id
            WHERE {_COHORT} GROUP BY 1, 2""",
        until - timedelta(days=91),
        until,
    )
    why = "handoff.why" if dialect == "sqlite" else "CAST(handoff.why AS text)"
    columns = ", ".join(
        f"""count(CASE WHEN {why} LIKE '%"{rule.why.replace("%", "")} %' THEN {outcome}_at END)"""
        for rule in (*rules.fit, *rules.engagement)
        for outcome in ("accepted", "rejected")
    )
    yield f"SELECT {columns} FROM handoff WHERE {_COHORT}", until - timedelta(days=91), until


def _statements(dialect: str, epoch: dict[str, str], span: Span, until: datetime) -> Asked:
    periods = [span, *(span.back(step) for step in range(1, 5 if span.kind == WEEK else 2))]
    for period in periods:
        end = min(period.until, until)
        yield (
            f"SELECT campaign, team, reason, {_COUNTS.format(**epoch)} FROM handoff WHERE {_COHORT} "
            "GROUP BY campaign, team, reason",
            period.since,
            end,
        )
    for period in periods[:2]:
        yield from _of_both(dialect, epoch, period.since, min(period.until, until))
    yield from _of_the_period(dialect, span.since, until)
    yield from _of_the_quarter(span, until)
    yield from _of_the_score(dialect, until)
    last = week_of(local_day(until - timedelta(seconds=1), span.tz), span.tz)
    for week in (last.back(step) for step in range(12)):
        for source in _CLOCKS.values():
            yield f"SELECT clock.kind, {_KEPT} {source} GROUP BY clock.kind", week.since, week.until


def _of_both(dialect: str, epoch: dict[str, str], since: datetime, until: datetime) -> Asked:
    """What is asked of a period and of the one before it."""
    yield (
        f"SELECT count(*) FROM handoff JOIN lead ON lead.id = handoff.lead_id WHERE {_COHORT} "
        "AND (first_name IS NOT NULL OR last_name IS NOT NULL) AND company IS NOT NULL AND title IS NOT NULL "
        "AND (email IS NOT NULL OR phone IS NOT NULL)",
        since,
        until,
    )
    for kind in ("accept", "first_touch"):
        yield _spread(dialect, "priority", "worked", _timed(kind)), since, until
    for first, then in (("handed", "accepted"), ("accepted", "touched"), ("handed", "touched")):
        source = f"FROM handoff WHERE {_COHORT} AND {then}_at IS NOT NULL AND {first}_at IS NOT NULL"
        yield _spread(dialect, "priority", f"{epoch[then]} - {epoch[first]}", source), since, until
    yield (
        "SELECT nag.what, count(*), count(DISTINCT nag.delivery_id) FROM nag "
        "JOIN delivery ON delivery.id = nag.delivery_id AND delivery.state = 'sent' "
        "JOIN handoff ON handoff.id = nag.handoff_id AND handoff.state <> 'merged' "
        "WHERE nag.at >= :since AND nag.at < :until GROUP BY nag.what",
        since,
        until,
    )


def _of_the_period(dialect: str, since: datetime, until: datetime) -> Asked:
    for source in _CLOCKS.values():
        yield (
            f"SELECT clock.kind, team, clock.owner, cause, {_KEPT} {source} GROUP BY 1, 2, 3, 4",
            since,
            until,
        )
    for kind in ("accept", "first_touch"):
        yield _spread(dialect, "coalesce(clock.owner, met_by)", "worked", _timed(kind)), since, until
    merged = _COHORT.replace("<>", "=")
    yield f"SELECT count(*) FROM handoff WHERE {merged}", since, until
    yield f"SELECT accepted_by, count(*) FROM handoff WHERE {_COHORT} GROUP BY accepted_by", since, until
    yield (
        "SELECT answer, ruling, count(*) FROM dispute WHERE at >= :since AND at < :until GROUP BY 1, 2",
        since,
        until,
    )
    for milestone in ("opportunity_at", "won_at"):
        yield _DEALS.format(milestone=milestone), since, until


def _of_the_quarter(span: Span, until: datetime) -> Asked:
    quarter = quarter_of(local_day(until - timedelta(seconds=1), span.tz), span.tz)
    since = min(quarter.since, span.since)
    yield (
        "SELECT campaign, count(*), count(accepted_at), count(CASE WHEN sql_at IS NOT NULL "
        f"OR opportunity_at IS NOT NULL THEN 1 END) FROM handoff WHERE {_COHORT} GROUP BY campaign",
        since,
        until,
    )
    recent = until - timedelta(days=28)
    yield f"SELECT count(*) FROM handoff WHERE {_COHORT}", recent, until
    for begin in (since, recent):
        for milestone in ("opportunity_at", "won_at"):
            yield _DEALS.format(milestone=milestone), begin, until


def _timed(kind: str) -> str:
    return f"""FROM handoff JOIN clock ON clock.handoff_id = handoff.id
               WHERE {_COHORT} AND clock.kind = '{kind}' AND {_CAME[kind]} IS NOT NULL
                     AND met_at IS NOT NULL AND worked IS NOT NULL"""


def _spread(dialect: str, label: str, value: str, source: str) -> str:
    return _SPREAD[dialect].format(label=label, value=value, source=source)
