"""Random histories as plain rows: what happened to some leads, however unlikely, near the edges of a week."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook, open_book
from storage.database import Database
from storage.models import (
    clocks,
    deliveries,
    disputes,
    handoffs,
    leads,
    nags,
)

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # Monday of week 48, 09:00 in New York
SINCE = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)  # week 47 begins in New York
UNTIL = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
CAMPAIGNS = ("q4-webinar", "Q4-Webinar", "search-ads", "fair.de", "", None)
TEAMS = ("Enterprise", "Growth")
PEOPLE = ("U0REP1", "U0REP2", "U0REP3")
REASONS = ("too_small", "bad_contact", "duplicate", "gone_code", None)
CURRENCIES = ("USD", "USD", "EUR", None)
CAUSES = ("outage", "no_eligible_rep", "bad_data", "rep", None)
Row = dict[str, Any]


@dataclass
class History:
    """Rows by table, as they are stored. Ids are given in order."""

    leads: list[Row] = field(default_factory=list)
    handoffs: list[Row] = field(default_factory=list)
    clocks: list[Row] = field(default_factory=list)
    disputes: list[Row] = field(default_factory=list)
    nags: list[Row] = field(default_factory=list)


class Undone(Exception):
    """Takes an answer out of a transaction that leaves nothing behind."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer


def asked_of(database: Database, history: History, ask: Callable[[Connection, AgreementBook], T]) -> T:
    """What is answered in a database that holds this history and nothing else."""

    def ask_and_undo(tx: Connection) -> None:
        raise Undone(ask(tx, store(tx, history)))

    try:
        database.write_now(ask_and_undo)
    except Undone as undone:
        answer: T = undone.answer
        return answer
    raise AssertionError("the transaction was meant to be undone")


def store(tx: Connection, history: History) -> AgreementBook:
    """Write the rows, under the built-in agreement."""
    book = open_book(tx, default_agreement(), NOW - timedelta(days=400))
    delivery: Row = {"kind": "nag", "op": "post", "lane": "post:U0", "rank": 0, "place": "U0", "trace": "-"}
    moments = {"created_at": NOW, "due_at": NOW}
    agreement = {"agreement_id": book.current_id}
    _insert(tx, leads, history.leads)
    _insert(tx, handoffs, [row | agreement for row in history.handoffs])
    _insert(tx, clocks, [row | agreement for row in history.clocks])
    _insert(tx, disputes, history.disputes)
    sent = sorted({(row["delivery_id"], row["delivery_state"]) for row in history.nags})
    _insert(tx, deliveries, [delivery | moments | {"id": one, "state": state} for one, state in sent])
    _insert(tx, nags, [{k: v for k, v in row.items() if k != "delivery_state"} for row in history.nags])
    return book


def _insert(tx: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        tx.execute(insert(table), list(rows))


# Moments: round about the week, on its edges, and far back.

EDGES = (SINCE, UNTIL, SINCE - timedelta(days=7), SINCE - timedelta(days=28), SINCE - timedelta(days=77))
EDGE = st.builds(
    lambda edge, nudge: edge + timedelta(microseconds=nudge),
    st.sampled_from(EDGES),
    st.sampled_from((-1, 0, 1, 999_999)),
)
RECENT = st.integers(-8 * 86_400, 7 * 86_400 + 8 * 3600).map(
    lambda s: SINCE + timedelta(seconds=s, microseconds=s % 7)
)
LONG_AGO = st.integers(0, 95 * 86_400).map(lambda s: NOW - timedelta(seconds=s, microseconds=999_999))
ESTABLISHED = NOW - timedelta(days=95)
MOMENT = st.one_of(RECENT, RECENT, RECENT, EDGE, LONG_AGO)
LATER = st.one_of(
    st.integers(0, 400).map(lambda minutes: timedelta(minutes=minutes, microseconds=minutes)),
    st.integers(0, 100).map(lambda days: timedelta(days=days)),
)


@st.composite
def histories(draw: st.DrawFn, most: int = 25) -> History:
    """Up to `most` handoffs, of leads that may come back."""
    history = History()
    for number in range(1, draw(st.integers(1, 8)) + 1):
        words = {
            name: draw(st.sampled_from((None, "x"))) for name in ("first_name", "company", "title", "email")
        }
        created = {"created_at": NOW, "updated_at": NOW, "stage": "mql"}
        history.leads.append({"id": number, "phone": None, "email_key": None} | created | words)
    for number in range(1, draw(st.integers(0, most)) + 1):
        _handoff(draw, history, number)
    return history


def _handoff(draw: st.DrawFn, history: History, number: int) -> None:
    # Mostly there are data from long ago, so that the weeks before can be compared with.
    handed_at = ESTABLISHED if number == 1 and draw(st.integers(0, 3)) else min(draw(MOMENT), NOW)
    row: Row = {
        "id": number,
        "lead_id": draw(st.integers(1, len(history.leads))),
        "team": draw(st.sampled_from(TEAMS)),
        "priority": draw(st.sampled_from(("P1", "P2"))),
        "grade": draw(st.sampled_from(("A1", "B2", "C3"))),
        "campaign": draw(st.sampled_from(CAMPAIGNS)),
        "owner": draw(st.sampled_from((*PEOPLE, None))),
        "handed_at": handed_at,
        # Closed, so that a lead may have many handoffs; their moments say which were open.
        "state": "closed",
    }
    moments = dict.fromkeys(
        (
            "accepted_at",
            "rejected_at",
            "touched_at",
            "sql_at",
            "opportunity_at",
            "won_at",
            "lost_at",
            "deal_at",
        )
    )
    row |= moments | dict.fromkeys(
        ("accepted_by", "rejected_by", "touched_by", "reason", "amount_minor", "currency")
    )
    way = draw(st.sampled_from(("open", "rejected", "accepted", "accepted", "deal", "deal", "merged")))
    _WAYS[way](draw, row)
    history.handoffs.append(row)
    for kind in ("accept", "first_touch", "outcome", "answer"):
        for _ in range(draw(st.integers(0, 2 if kind == "accept" else 1))):
            _clock(draw, history, row, kind)
    if row["rejected_at"] and row["state"] == "rejected" and draw(st.booleans()):
        _dispute(draw, history, number)
    nagged = draw(st.booleans())
    if history.clocks and nagged:
        _nag(draw, history, number)


def _rejected(draw: st.DrawFn, row: Row) -> None:
    row["state"] = "rejected"
    row["rejected_at"] = _after(draw, row["handed_at"])
    row["rejected_by"], row["reason"] = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(REASONS))


def _accepted(draw: st.DrawFn, row: Row) -> None:
    row["accepted_at"], row["accepted_by"] = _after(draw, row["handed_at"]), draw(st.sampled_from(PEOPLE))
    if draw(st.booleans()):
        row["touched_at"], row["touched_by"] = _after(draw, row["accepted_at"]), row["accepted_by"]
    if draw(st.booleans()):
        row["sql_at"] = _after(draw, row["accepted_at"])


def _deal(draw: st.DrawFn, row: Row) -> None:
    _accepted(draw, row)
    end = draw(st.sampled_from(("open", "won", "won", "lost", "won at once")))
    if end != "won at once":
        row["opportunity_at"] = _after(draw, row["accepted_at"])
    if end.startswith("won"):
        row["won_at"] = _after(draw, row["opportunity_at"] or row["accepted_at"])
    if end == "lost":
        row["lost_at"] = _after(draw, row["opportunity_at"])
    row["deal_at"] = draw(st.one_of(st.none(), MOMENT))
    row["amount_minor"] = draw(st.one_of(st.none(), st.integers(0, 10**9)))
    row["currency"] = draw(st.sampled_from(CURRENCIES))


def _merged(draw: st.DrawFn, row: Row) -> None:
    _rejected(draw, row)
    row["state"] = "merged"


_WAYS: Mapping[str, Callable[[st.DrawFn, Row], None]] = {
    "open": lambda _draw, _row: None,
    "rejected": _rejected,
    "accepted": _accepted,
    "deal": _deal,
    "merged": _merged,
}


def _after(draw: st.DrawFn, moment: datetime) -> datetime:
    return min(moment + draw(LATER), max(NOW, moment))


def _clock(draw: st.DrawFn, history: History, row: Row, kind: str) -> None:
    started = _after(draw, row["handed_at"])
    due = draw(st.one_of(st.just(started + timedelta(hours=draw(st.integers(0, 300)))), EDGE))
    end = draw(st.sampled_from(("open", "met", "met", "late", "stopped")))
    taken = [each for each in history.clocks if (each["handoff_id"], each["kind"]) == (row["id"], kind)]
    if end == "open" and any(each["met_at"] is None and each["stopped_at"] is None for each in taken):
        end = "stopped"
    clock: Row = {
        "id": len(history.clocks) + 1,
        "handoff_id": row["id"],
        "lead_id": row["lead_id"],
        "kind": kind,
        "owner": None if kind == "answer" else draw(st.sampled_from((*PEOPLE, None))),
        "started_at": started,
        "due_at": due,
        "duration": 3600,
        **dict.fromkeys(("met_at", "met_by", "breached_at", "cause", "stopped_at", "worked")),
    }
    if end in ("met", "late"):
        clock["met_at"] = min(due, NOW) if end == "met" and draw(st.booleans()) else _after(draw, started)
        clock["met_by"] = draw(st.sampled_from(PEOPLE))
        clock["worked"] = draw(st.one_of(st.none(), st.integers(0, 5000)))
    if end == "stopped":
        clock["stopped_at"] = _after(draw, started)
    if end == "late" or (due <= NOW and draw(st.booleans())):
        clock["breached_at"], clock["cause"] = due, draw(st.sampled_from(CAUSES))
    history.clocks.append(clock)


def _dispute(draw: st.DrawFn, history: History, number: int) -> None:
    answer = draw(st.sampled_from(("agreed", "resubmitted", "contested", "contested")))
    at = min(draw(MOMENT), NOW)
    ruling = draw(st.sampled_from(("upheld", "overturned", None))) if answer == "contested" else None
    history.disputes.append(
        {
            "handoff_id": number,
            "answer": answer,
            "by": "U0MARA",
            "at": at,
            "ruling": ruling,
            "ruled_at": _after(draw, at) if ruling else None,
            "ruled_by": "U0MGR" if ruling else None,
        }
    )


def _nag(draw: st.DrawFn, history: History, number: int) -> None:
    delivery = draw(st.integers(1, 4))
    state = "sent" if delivery < 4 else "dropped"
    history.nags.append(
        {
            "delivery_id": delivery,
            "delivery_state": state,
            "handoff_id": number,
            "clock_id": history.clocks[-1]["id"],
            "step": len(history.nags),
            "what": draw(st.sampled_from(("nudge", "breach"))),
            "place": draw(st.sampled_from(PEOPLE)),
            "at": min(draw(MOMENT), NOW),
        }
    )
