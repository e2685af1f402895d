"""Each vocabulary: every member has its words, its handler and its check; a new one without is seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import BigInteger, Boolean, Connection, Integer, Table, create_engine, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from bot.agreement import AgreementFaults, Content, Reason, Step, parse_agreement
from bot.agreement.checks import RUNG_FAULTS, THEN_KEYS
from bot.agreement.crm import Crm
from bot.agreement.intake import Auth, Intake
from bot.agreement.owners import CompanyOwner
from bot.agreement.vocabulary import (
    Assign,
    ClockTime,
    CrmKind,
    CrmSays,
    Journey,
    NoteRule,
    Preset,
    Proof,
    ReasonKind,
    Then,
    TurnRule,
    Verb,
    WhenAway,
)
from bot.crm.connection import ADAPTERS
from bot.crm.port import Did
from bot.crm.sink import ANSWERS
from bot.delivery.carrier import CALLS
from bot.delivery.outcomes import VERDICT_HANDLERS
from bot.delivery.rendering import RENDERERS
from bot.digest import agenda
from bot.digest import calibration as digest_calibration
from bot.digest import words as digest_words
from bot.errors import Obstacle
from bot.events import types as event_types
from bot.handoffs import dispute, outcome
from bot.handoffs.outcome_fields import OUTCOME_READERS
from bot.handoffs.reject import THEN_HANDLERS
from bot.handoffs.snooze import EXTENSIONS, SNOOZES
from bot.intake import PRESETS
from bot.intake.proof import CHECKS as CHECKS_OF_PROOF
from bot.ladder import reassigning, ticking
from bot.leadform import is_touch
from bot.lookups import cards, details, history, lists, reminders
from bot.metrics.calibration import Why
from bot.metrics.lifts import Worth
from bot.rules import rungs
from bot.rules.lifecycle import MOVES, Move
from bot.rules.prefs import NudgeBy
from bot.rules.roles import MAY, Permission
from bot.rules.signing import Side
from bot.slack.errors import Verdict
from bot.slack.pace import PACE
from bot.views import agreement as agreement_view
from bot.views import answers, card, clockface, home, labels, lead_list, nags, notices, parked, people, text
from bot.views import away as away_view
from bot.views import history as history_view
from bot.views import proposal as proposal_view
from bot.views.hearing import HEARD_WORDS
from bot.views.help import COMMANDS
from bot.views.ids import AnswerChoice, Callback, LeadWord, Listed, ListKind, More
from bot.views.modals import dispute as dispute_modal
from bot.views.modals import outcome as outcome_modal
from bot.views.modals import reject as reject_modal
from bot.views.modals import snooze as snooze_modal
from bot.views.outcomes import OUTCOME_WORDS
from bot.views.refused import REFUSED_WORDS
from bot.views.states import SettledAs
from bot.views.thens import THEN_WORDS
from handlers.slack import commands
from handlers.slack import dispute as dispute_door
from handlers.slack.payloads import Form
from storage import models
from storage.database.sql import written
from storage.history import record
from storage.models import (
    AbsenceNotice,
    Actor,
    Answer,
    Cause,
    ClockKind,
    DeliveryKind,
    DeliveryOp,
    DeliveryState,
    DispatchState,
    EventKind,
    HandoffState,
    HeardKind,
    NagKind,
    Outcome,
    ProposalState,
    RefusedCause,
    Ruling,
    Stage,
    TouchKind,
)
from storage.models.columns import Moment
from storage.models.values import NagValues
from storage.outbox.nags import add_lines
from storage.stamp import Stamp
from tests import recorded

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
SAMPLE = (Path(__file__).parent / "bot" / "data" / "sample_agreement.toml").read_text(encoding="utf-8")
PLANTED = "planted"

Words = type[StrEnum]

# Each vocabulary with the tables in which every member must stand: first its words, then what it does.
TABLES: dict[Words, dict[str, Collection[str]]] = {
    Then: {
        "what people read": THEN_WORDS,
        "what the form asks besides": reject_modal.THEN_ASKS,
        "what becomes of the lead before contact": THEN_HANDLERS,
        "where the lead goes after contact": outcome.THEN_MOVES,
        "what goes with it in the file": THEN_KEYS,
    },
    Verb: {
        "what people read": agreement_view.VERB_WORDS,
        "what follows of it": rungs.FOLLOWS,
        "what the ladder does": ticking.VERB_HANDLERS,
        "the clocks that cannot have it": RUNG_FAULTS,
    },
    RefusedCause: {"what people read": REFUSED_WORDS},
    Assign: {"what people read": agreement_view.ASSIGN_WORDS},
    ClockTime: {"what people read": agreement_view.TIME_WORDS},
    EventKind: {"what people read": history_view.EVENT_WORDS, "what other tools hear": event_types.TYPES},
    NagKind: {
        "what people read": nags.NAG_WORDS,
        "what the report says": digest_words.NAG_WORDS,
        "which is told of several": reminders.URGENCY,
    },
    SettledAs: {"what people read": nags.SETTLED_WORDS},
    Why: {"what people read": digest_calibration.WHY_WORDS},
    Worth: {"what people read": digest_calibration.WORTH_WORDS},
    Outcome: {
        "what people read": OUTCOME_WORDS,
        "what the form asks besides": outcome_modal.OUTCOME_ASKS,
        "how the form is read": OUTCOME_READERS,
        "the move that it is": outcome.OUTCOME_MOVES,
        "the event that tells it": outcome.OUTCOME_EVENTS,
        "the stages that it has reached": outcome.REACHED,
        "the date by which a handoff has it": cards.MILESTONES,
        "the stage that it is": tuple(Stage),
    },
    TouchKind: {"what people read": people.TOUCH_WORDS},
    Actor: {"what people read": text.ACTOR_WORDS},
    Cause: {"what people read": digest_words.CAUSE_WORDS},
    Stage: {"what people read": people.STAGE_WORDS},
    HandoffState: {
        "what the card shows": card.CARD_STATES,
        "what a row of a list reads": {*lead_list.DECIDED_WORDS, HandoffState.WAITING},  # which has buttons
        "what who comes too late reads": {*answers.DECIDED_WORDS, HandoffState.WAITING},  # nobody does
    },
    ClockKind: {
        "what is due": clockface.DUE_WORDS,
        "what is late": clockface.LATE_WORDS,
        "what a notification says": clockface.NOTICE_WORDS,
        "what was promised": details.OWED_WORDS,
        "why it is late, in the history": history.LATE_WORDS,
        "why a lead was passed on": reassigning.LATE_WORDS,
        "what the agenda says": agenda.NEXT_STEPS,
        "what the report says": digest_words.CLOCK_WORDS,
        "what can be done about it": nags.CLOCK_BUTTONS,
        "how it is settled": reminders.MET_AS,
    },
    Answer: {"what people read": notices.ANSWERED_WORDS, "the event that tells it": dispute.ANSWER_EVENTS},
    Ruling: {"what people read": notices.RULED_WORDS, "the event that tells it": dispute.RULING_EVENTS},
    AnswerChoice: {
        "what people read": dispute_modal.CHOICE_WORDS,
        "what the form asks besides": dispute_modal.CHOICE_ASKS,
        "what is done": dispute_door.CHOICE_HANDLERS,
    },
    DeliveryKind: {"what it shows": RENDERERS, "what it is called": parked.KIND_WORDS},
    AbsenceNotice: {"what people read": away_view.ABSENCE_WORDS},
    DeliveryOp: {
        "what is asked of Slack": CALLS,
        "how fast": [op for op in DeliveryOp if {op, f"{op}:*"} <= PACE.keys()],
    },
    ListKind: {"its pages": lists.LIST_PAGES},
    LeadWord: {"what people read": COMMANDS, "what is answered": commands.LEAD_HANDLERS},
    NudgeBy: {"what people read": home.NUDGE_BY_WORDS},
    Move: {"where it leads": MOVES},
    ProposalState: {"what people read": proposal_view.STATE_WORDS},
    Side: {"what people read": proposal_view.SIDE_WORDS},
    Permission: {"who has it": MAY},
    Obstacle: {"what people read": answers.OBSTACLE_WORDS},
    HeardKind: {"what it is called, and where it is switched on": HEARD_WORDS},
    Verdict: {"what is done": VERDICT_HANDLERS},
    Callback: {"what its modal is called": labels.MODALS},
    More: {"what the menu says": labels.MENU},
    Preset: {"what is known of the tool": PRESETS},
    Proof: {"how it is checked": CHECKS_OF_PROOF},
    CrmKind: {"its adapter": ADAPTERS},
    Did: {"what its event becomes": ANSWERS},
}
CASES = [(words, name) for words, tables in TABLES.items() for name in tables]
IDS = [f"{words.__name__}: {name}" for words, name in CASES]


def gaps(words: Words, table: Collection[str]) -> list[str]:
    """The members of a vocabulary that have no place in a table."""
    return [word.value for word in words if word not in table]


def grown(words: Words) -> Words:
    """The same vocabulary with one more member."""
    more = {**{word.name: word.value for word in words}, "PLANTED": PLANTED}
    return cast(Words, StrEnum(words.__name__, more))


@pytest.mark.parametrize(("words", "name"), CASES, ids=IDS)
def test_every_member_has_its_place(words: Words, name: str) -> None:
    assert gaps(words, TABLES[words][name]) == []


@pytest.mark.parametrize(("words", "name"), CASES, ids=IDS)
def test_a_new_member_without_its_place_is_seen(words: Words, name: str) -> None:
    assert gaps(grown(words), TABLES[words][name]) == [PLANTED]


def test_no_table_has_a_word_that_is_no_member() -> None:
    for words, tables in TABLES.items():
        for name, table in tables.items():
            if name != "the stage that it is":
                assert [word for word in table if not isinstance(word, words)] == [], name


def test_the_words_of_a_length_are_those_of_its_choice() -> None:
    assert tuple(snooze_modal.SNOOZE_WORDS) == tuple(SNOOZES)
    assert tuple(snooze_modal.EXTENSION_WORDS) == tuple(EXTENSIONS)


# What holds a place to the members of a vocabulary: a word goes in, and what is no member is an error.


@contextmanager
def database() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.connect() as tx:
        yield tx
    engine.dispose()


COLUMNS: list[tuple[Words, Table, str]] = [
    (Stage, models.leads, "stage"),
    (RefusedCause, models.refused, "cause"),
    (HandoffState, models.handoffs, "state"),
    (ClockKind, models.clocks, "kind"),
    (Cause, models.clocks, "cause"),
    (DeliveryKind, models.deliveries, "kind"),
    (DeliveryOp, models.deliveries, "op"),
    (DeliveryState, models.deliveries, "state"),
    (DispatchState, models.dispatches, "state"),
    (Answer, models.disputes, "answer"),
    (Ruling, models.disputes, "ruling"),
    (ProposalState, models.proposals, "state"),
    (RefusedCause, models.refused, "cause"),
]


def row_of(table: Table) -> dict[str, Any]:
    """A row that the table takes: each column that must be there has something."""
    row: dict[str, Any] = {column: next(iter(words)) for words, of, column in COLUMNS if of is table}
    for column in table.columns:
        if not (
            column.nullable
            or column is table.autoincrement_column
            or column.server_default
            or column.name in row
        ):
            row[column.name] = _something(column.type)
    return row


def _something(kind: Any) -> object:
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | BigInteger):
        return 1
    return NOW if isinstance(kind, Moment) else "x"


def stored(table: Table, column: str) -> Callable[[str], object]:
    def put(word: str) -> None:
        with database() as tx:
            tx.execute(insert(table), {**row_of(table), column: word})

    return put


def event(word: str) -> None:
    with database() as tx:
        record(tx, Stamp(NOW, NOW, Actor.BATON, "t"), word)  # type: ignore[arg-type]  # it is to refuse


def nag_line(word: str) -> None:
    with database() as tx:
        add_lines(tx, [cast(NagValues, {**row_of(models.nags), "what": word})])


def reason(**given: str) -> object:
    return Reason.model_validate({"code": "x", "label": "X", "kind": "reject", "then": "close", **given})


def agreed(old: str, new: str) -> object:
    assert old in SAMPLE
    return parse_agreement(SAMPLE.replace(old, new))


def chosen(words: Words) -> Callable[[str], object]:
    def choose(word: str) -> None:
        assert Form("U0REP1", "V0", "{}", {"field": word}).choice("field", words) == word

    return choose


def contact(word: str) -> None:
    assert is_touch(word)


def proof(word: str) -> None:
    with suppress(ValueError):
        Auth.parse(word)
        return
    Auth.parse(f"{word}:X-Name")


CHECKS: list[tuple[Words, str, Callable[[str], object]]] = [
    *((words, f"{table.name}.{column}", stored(table, column)) for words, table, column in COLUMNS),
    (EventKind, "the history", event),
    (NagKind, "reminders", nag_line),
    (Then, "a reason", lambda word: reason(then=word)),
    (ReasonKind, "a reason", lambda word: reason(kind=word)),
    (NoteRule, "a reason", lambda word: reason(note=word)),
    (TurnRule, "a reason", lambda word: reason(turn=word)),
    (Verb, "a step", lambda word: Step.model_validate({"at": 1.0, "do": word})),
    (Assign, "a team", lambda word: agreed('assign = "pool"', f'assign = "{word}"')),
    (ClockTime, "the agreement", lambda word: agreed('clock = "business"', f'clock = "{word}"')),
    (WhenAway, "the routing", lambda word: CompanyOwner.model_validate({"when_away": word})),
    (
        Journey,
        "content",
        lambda word: Content.model_validate({"stage": word, "title": "T", "url": "https://a.example"}),
    ),
    (Preset, "a source", lambda word: Intake.model_validate({"name": "x", "preset": word})),
    (Proof, "a source", proof),
    (CrmKind, "the CRM", lambda word: Crm.model_validate({"kind": word})),
    (CrmSays, "the CRM", lambda word: Crm.model_validate({"kind": "hubspot", "fields": {word: "x"}})),
    (Outcome, "the form", chosen(Outcome)),
    (TouchKind, "the form", chosen(TouchKind)),
    (TouchKind, "an activity", contact),
    (AnswerChoice, "the form", chosen(AnswerChoice)),
    (ListKind, "a list", lambda word: Listed.model_validate({"what": word})),
]


@pytest.mark.parametrize(
    ("words", "where", "check"), CHECKS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_place_takes_every_member_and_nothing_else(
    words: Words, where: str, check: Callable[[str], object]
) -> None:
    for word in words:
        check(word.value)
    with pytest.raises((IntegrityError, ValueError, AgreementFaults, AssertionError)):
        check(PLANTED)


def test_every_vocabulary_of_the_data_and_of_the_agreement_is_checked_here() -> None:
    seen = {*TABLES, *(words for words, _, _ in CHECKS)}
    for module in ("storage.models.vocabulary", "bot.agreement.vocabulary"):
        assert recorded.vocabularies(module) <= seen


def test_a_word_is_written_into_a_statement_as_it_is() -> None:
    assert str(written(EventKind.ASSIGNED)) == "'lead.assigned'"


# What is recorded


def test_every_kind_of_event_is_recorded_and_no_other() -> None:
    assert recorded.kinds() == set(EventKind)


RECORDERS = """
def record(tx: object, kind: EventKind) -> None: ...
def note(kind: EventKind) -> None:
    record(None, kind)
"""


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("def f(): note(EventKind.ACCEPTED)", {EventKind.ACCEPTED}),
        ("X = EventKind.WON\ndef f(): record(None, X)", {EventKind.WON}),
        ("T = {1: EventKind.SQL, 2: EventKind.LOST}\ndef f(n): note(T[n])", {EventKind.SQL, EventKind.LOST}),
        (
            "def f(a):\n    k = EventKind.SQL if a else EventKind.WON\n    note(k)",
            {EventKind.SQL, EventKind.WON},
        ),
        ("def f(): return {'event': EventKind.LOST}", set()),
        ("class A:\n    def note(self, line: int) -> None: ...\ndef f(a): a.note(3)", set()),
    ],
)
def test_the_scan_finds_what_is_given_to_whatever_records(source: str, kinds: set[EventKind]) -> None:
    assert recorded.kinds({"m": RECORDERS + source}) == kinds


def test_the_scan_stops_at_a_kind_that_it_cannot_make_out() -> None:
    with pytest.raises(LookupError, match="lead"):
        recorded.kinds({"m": RECORDERS + "def f(x): note(f'lead.{x}')"})


def test_no_kind_of_event_stands_as_a_bare_string() -> None:
    assert recorded.bare(EventKind) == []
