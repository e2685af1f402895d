"""Calls made up from the API's own description: none of them is answered by a fault of Baton's.

A few hundred in every run; `BATON_FUZZ=10000 python -m pytest -s tests/handlers/http/test_api_fuzz.py` makes
exactly so many, and says how each door answered them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.schemas import BaseSchema

from storage.database import Database
from tests.handlers.http.api_client import api_of

CASES = int(os.environ.get("BATON_FUZZ", "240"))
SENT = {"Authorization": "Bearer s3cret"}


@pytest.fixture
def schema(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseSchema]:
    monkeypatch.setattr("handlers.http.door.PER_SECOND", 10**9)  # else most would be turned away unread
    database = Database.open(sqlite_url)
    yield schemathesis.openapi.from_asgi("/openapi.json", api_of(database))
    database.close()


def test_no_call_is_answered_by_a_fault_of_ours(schema: BaseSchema, caplog: pytest.LogCaptureFixture) -> None:
    answered: Counter[tuple[str, int]] = Counter()
    operations = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]  # it raises
    operations.sort(key=lambda each: each.method.upper() == "POST")  # last: of those there is no end
    for behind, operation in enumerate(operations):

        @settings(
            max_examples=(CASES - answered.total()) // (len(operations) - behind),
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answer(case: Case[Any]) -> None:
            reply = case.call(headers=SENT)
            assert reply.status_code < 500, f"{case.method} {case.path}: {reply.text}"
            answered[f"{case.method} {case.path}", reply.status_code] += 1

        answer()
    for (call, status), count in sorted(answered.items()):
        print(f"{call}: {count} times {status}")
    assert answered.total() == CASES
    assert {call for call, _ in answered} == {f"{each.method.upper()} {each.path}" for each in operations}
    assert [record for record in caplog.records if record.exc_info] == []
