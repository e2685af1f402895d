"""A form is noted once, whichever database; a day later it is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage import sent_forms
from storage.database import Database

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)


def test_a_form_is_the_first_of_its_kind_once(database: Database) -> None:
    sent = [database.write_now(sent_forms.is_first, key, NOW) for key in ("a", "a", "b", "a")]
    assert sent == [True, False, True, False]
    assert database.write_now(sent_forms.is_first, "a", NOW + timedelta(days=2))
