"""What rows are read as, and what is written: held against the tables, and against mypy."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import types
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeGuard, Union, get_args, get_origin, get_type_hints

import pytest
from mypy import api
from sqlalchemy import JSON, Column, CompoundSelect, Connection, Select, TypeDecorator, insert
from sqlalchemy.sql.dml import UpdateBase
from sqlmodel import SQLModel
from typing_extensions import is_typeddict

import storage
from storage import handoffs, leads
from storage.database import Database
from storage.database.sql import Pair, Query, columns_of, known
from storage.models import (
    Activity,
    AgreementVersion,
    Campaign,
    ContentFeedback,
    CrmAccount,
    CrmFeed,
    CrmLink,
    Delivery,
    Dispute,
    DroppedFile,
    Event,
    Forecast,
    Handoff,
    Heard,
    Heartbeat,
    Lane,
    Lead,
    LeadAlias,
    LeadFields,
    LeadRecord,
    Nag,
    Outage,
    Person,
    Proposal,
    Refused,
    Report,
    ReportDecision,
    SlaClock,
    Stage,
    UserGroup,
    Workspace,
    agreement_versions,
    upkeep,
)
from storage.models import values as written
from storage.models.columns import Words

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
WRITTEN: Mapping[type[SQLModel], type] = {
    Campaign: written.CampaignValues,
    Lead: written.LeadValues,
    Handoff: written.HandoffValues,
    SlaClock: written.ClockValues,
    Event: written.EventValues,
    Delivery: written.DeliveryValues,
    Nag: written.NagValues,
    Dispute: written.DisputeValues,
    Person: written.PersonValues,
    Proposal: written.ProposalValues,
    ContentFeedback: written.FeedbackValues,
    Refused: written.RefusedValues,
    DroppedFile: written.DroppedFileValues,
    LeadAlias: upkeep.AliasValues,
    LeadRecord: upkeep.RecordValues,
    Lane: upkeep.LaneValues,
    Report: upkeep.ReportValues,
    ReportDecision: upkeep.DecisionValues,
    Heartbeat: upkeep.HeartbeatValues,
    Outage: upkeep.OutageValues,
    AgreementVersion: upkeep.VersionValues,
    Forecast: upkeep.ForecastValues,
    UserGroup: upkeep.GroupValues,
    Workspace: upkeep.WorkspaceValues,
    Heard: upkeep.HeardValues,
    CrmLink: upkeep.CrmLinkValues,
    CrmAccount: upkeep.CrmAccountValues,
    CrmFeed: upkeep.CrmFeedValues,
}


def models() -> list[type[SQLModel]]:
    return sorted(
        (each for each in SQLModel.__subclasses__() if each.__module__.startswith("storage.")), key=str
    )


def table_of(model: type[Any]) -> Any:
    return model.__table__


def modules() -> Iterator[types.ModuleType]:
    for found in pkgutil.walk_packages(storage.__path__, "storage."):
        if not found.name.startswith("storage.migrations"):
            yield importlib.import_module(found.name)


def queries() -> dict[str, Query[Any] | Pair[Any, Any]]:
    """Every query that stands in a module of storage, by its name."""
    found: dict[str, Query[Any] | Pair[Any, Any]] = {}
    for module in modules():
        for name, value in vars(module).items():
            for n, each in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(each, Query | Pair):
                    found[f"{module.__name__}.{name}[{n}]"] = each
    return found


def selected(query: Query[Any]) -> Mapping[str, Any]:
    """What the statement gives, by name."""
    statement = query.statement
    if isinstance(statement, Select | CompoundSelect):
        return dict(statement.selected_columns.items())
    assert isinstance(statement, UpdateBase)
    return {column.key: column for column in statement.exported_columns if column.key}


def hints(row: type[Any]) -> dict[str, Any]:
    """A row's columns with their types; SQLModel's own attributes are none."""
    model = getattr(row, "__table__", None)
    told = get_type_hints(row)
    return {name: kind for name, kind in told.items() if model is None or name in model.c}


def plain(kind: Any) -> tuple[Any, bool]:
    """A type without its None, and whether it had one."""
    if get_origin(kind) in (Union, types.UnionType):
        (one,) = (each for each in get_args(kind) if each is not type(None))
        return one, True
    return kind, False


def fits(column: Any, kind: Any) -> bool:
    """Whether what the column holds is read as that type."""
    wanted, _ = plain(kind)
    held = column.type
    if isinstance(held, TypeDecorator) and not isinstance(held, Words):
        held = held.impl_instance
    if isinstance(held, Words):
        return wanted is held.words
    if isinstance(held, JSON):
        return is_typeddict(wanted) or get_origin(wanted) in (dict, list)
    return bool(held.python_type is wanted)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_a_tables_class_says_what_its_columns_hold(model: type[SQLModel]) -> None:
    told = hints(model)
    columns: list[Column[Any]] = list(table_of(model).c)
    assert set(told) == {column.name for column in columns}
    for column in columns:
        assert fits(column, told[column.name]), column
        assert plain(told[column.name])[1] == column.nullable, column


@pytest.mark.parametrize("model", WRITTEN, ids=lambda model: model.__name__)
def test_what_may_be_written_is_what_the_table_has(model: type[SQLModel]) -> None:
    told = hints(model)
    told.pop("id", None)  # the database counts it up
    written = get_type_hints(WRITTEN[model])
    by_form_alone = (LeadFields.model_fields if model is Lead else {}).keys() - written.keys()
    assert written == {name: kind for name, kind in told.items() if name not in by_form_alone}


def test_every_query_is_found() -> None:
    assert len(queries()) > 40


@pytest.mark.parametrize("name", queries())
def test_a_query_gives_all_that_its_class_promises(name: str) -> None:
    query = queries()[name]
    if isinstance(query, Pair):
        both = [*table_of(query.left).c, *table_of(query.right).c]
        assert [*query.statement.selected_columns] == both
        return
    given = selected(query)
    for column, kind in hints(query.row).items():
        assert column in given, column
        assert fits(given[column], kind) or not isinstance(given[column], Column), column
    assert set(given) == set(hints(query.row)), "what is selected can be read"


def _a_lead_and_a_handoff(tx: Connection) -> int:
    lead_id = leads.add(
        tx, {"created_at": NOW, "updated_at": NOW, "company": "Acme", "extra": {"seats": 5}}, "crm", None
    )
    version = {"version": "1", "hash": "h", "text": "", "first_seen_at": NOW}
    tx.execute(insert(agreement_versions), version)
    new: written.HandoffValues = {"lead_id": lead_id, "agreement_id": 1, "handed_at": NOW, "owner": "U0REP1"}
    return handoffs.add(tx, {**new, "team": "Enterprise", "priority": "P1", "grade": "A1"})


def test_a_handoff_comes_with_its_lead(database: Database) -> None:
    handoff_id = database.write_now(_a_lead_and_a_handoff)
    found = database.read_now(handoffs.with_lead, handoff_id)
    assert found is not None
    handoff, lead = found
    assert (handoff.id, handoff.team, handoff.owner) == (handoff_id, "Enterprise", "U0REP1")
    assert (lead.id, lead.company, lead.stage, lead.owner) == (handoff.lead_id, "Acme", Stage.INQUIRY, None)
    assert database.read_now(handoffs.with_lead, handoff_id + 1) is None


def test_rows_of_either_kind_give_their_columns_by_name(database: Database) -> None:
    handoff_id = database.write_now(_a_lead_and_a_handoff)
    found = database.read_now(handoffs.with_lead, handoff_id)
    assert found is not None
    lead = database.read_now(leads.get, found[1].id)
    assert columns_of(lead) == columns_of(found[1])
    assert set(columns_of(lead)) == set(hints(Lead))


def test_a_word_of_the_data_is_read_as_its_enum(database: Database) -> None:
    handoff_id = database.write_now(_a_lead_and_a_handoff)
    locked = database.write_now(handoffs.lock, handoff_id)
    assert locked is not None
    assert locked.lead_stage is Stage.INQUIRY
    assert locked.card_state is None


def test_a_word_of_a_newer_version_stays_text() -> None:
    class Colour(StrEnum):
        RED = "red"

    read = Words(Colour).result_processor(None, None)  # type: ignore[arg-type]  # neither is asked
    assert (read("red"), read("blue"), read(None)) == (Colour.RED, "blue", None)


def test_what_every_row_of_a_kind_has_is_known() -> None:
    assert known(0) == 0
    with pytest.raises(ValueError, match="lacks"):
        known(None)


def test_changes_are_what_the_row_does_not_say_yet() -> None:
    row = Activity(lead_id=1, type="call", at=NOW, detail=None, key="call")
    told = {"type": "call", "detail": "Busy"}
    assert written.changes(row, told) == {"detail": "Busy"}
    assert told == {"type": "call", "detail": "Busy"}


def written_bare() -> Iterator[str]:
    """Each `.values(column=…)` in a function of storage: no type checker looks at its columns.

    What is bound later has no value there that could be of a wrong type; that the column exists is asked when
    it runs.
    """
    for path in sorted((ROOT / "storage").rglob("*.py")):
        if "migrations" not in path.parts:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
            for call in (node for function in functions for node in ast.walk(function)):
                if _names_columns(call):
                    yield f"{path.relative_to(ROOT)}:{call.lineno}"


def _names_columns(call: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "values"
        and any(each.arg and "bindparam" not in ast.unparse(each.value) for each in call.keywords)
    )


def test_what_a_function_writes_is_typed_by_its_table() -> None:
    """Statements that a module builds once are held to their tables by the next test."""
    assert list(written_bare()) == []


def test_what_a_module_writes_is_in_its_table() -> None:
    found = 0
    for module in modules():
        for value in vars(module).values():
            statement = value.statement if isinstance(value, Query) else value
            if isinstance(statement, UpdateBase):
                statement.compile()  # raises for a column that the table does not have
                found += 1
    assert found > 20


_PLANTED = """
from datetime import datetime
from sqlalchemy import Connection
from storage import clocks, handoffs, history, leads
from storage.models import EventKind, Stage
from storage.stamp import Stamp
from storage.models.values import ClockValues, DeliveryValues
from storage.outbox import claims, posts


def reads(tx: Connection) -> str | None:
    lead, locked = leads.get(tx, 1), handoffs.lock(tx, 1)
    assert lead is not None and locked is not None
    stage: Stage = lead.stage
    lead.stagee  # fault
    locked.lead_stag  # fault
    posts.require(tx, 1).handoff  # fault
    due: str = clocks.running(tx, 1)[0].due_at  # fault
    team: str = lead.company  # fault
    return locked.team + locked.lead_stage + stage


def writes(tx: Connection, now: datetime) -> None:
    leads.change(tx, 1, {"stage": Stage.SAL, "owner": None, "updated_at": now})
    leads.change(tx, 1, {"stagee": Stage.SAL})  # fault
    leads.change(tx, 1, {"stage": "sall"})  # fault
    handoffs.change(tx, 1, {"accepted_at": "now"})  # fault
    handoffs.add(tx, {"team": None})  # fault
    changed: ClockValues = {"met_at": now}
    clocks.change(tx, 1, changed)
    changed["met_att"] = now  # fault
    changed["met_at"] = 5  # fault
    DeliveryValues(due_at=now, rank=1)
    DeliveryValues(due=now)  # fault
    DeliveryValues(rank="first")  # fault


def the_history(tx: Connection, stamp: Stamp) -> str | None:
    history.record(tx, stamp, EventKind.ACCEPTED, detail={"owner": "U1", "why": None})
    history.record(tx, stamp, EventKind.ACCEPTED, detail={"ownr": "U1"})  # fault
    history.record(tx, stamp, EventKind.ACCEPTED, detail={"amount_minor": "5"})  # fault
    line = history.last_of_lead(tx, 1, EventKind.ACCEPTED)
    return line.detail["ownr"] if line is not None else None  # fault
"""


@pytest.mark.slow
def test_a_misspelt_column_or_a_wrong_type_fails_mypy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(_PLANTED)
    monkeypatch.chdir(ROOT)
    out, err, _ = api.run(["--strict", "--config-file", "pyproject.toml", "--no-pretty", str(planted)])
    assert err == ""
    faults = {int(line.split(":")[1]) for line in out.splitlines() if ": error: " in line}
    lines = _PLANTED.splitlines()
    assert faults == {n for n, line in enumerate(lines, start=1) if line.endswith("# fault")}, out
