"""Bodies as nobody would write them and some tool sends them all the same, by chance."""

from __future__ import annotations

import json
import random
from typing import Any

_KEYS = (
    *("email", "Email Address", "name", "first_name", "Last Name", "phone", "company", "employees", "amount"),
    *("activity", "activities", "activity_at", "id", "lead_id", "country", "stage", "qualified", "api_key"),
    *("notes", "data", "properties", "field_data", "user_column_data", "extra", "", "\x00", "ключ", "owner"),
)
_TEXTS = (
    *(
        "",
        " ",
        "n/a",
        "Ada Lind",
        "ada@fabrikam.example",
        "info@fabrikam.example",
        "nobody",
        "+1 650 555 0123",
    ),
    *("demo_request", "2026-11-05", "11/5/2026", "never", "50", "Just me", "$12k", "DE", "\ud800", "a\x00b"),
    *("x" * 300, "=1+2", "won", "true", "<b>", "null", "1.23457E+11", "José", "\u202e", "https://a.example"),
)


def body(chance: random.Random, number: int) -> tuple[bytes, str]:
    """A body, and the type that it says it is. Now and then it is broken off, or a form."""
    kind = chance.random()
    if kind < 0.05:
        return chance.choice((b"", b"{", b"[1,", b"\xff\xfe", b"<a>", b"null", b"[[[", b'"x"')), ""
    if kind < 0.15:
        form = f"email=p{chance.randrange(50)}%40fabrikam.example&name=P+{number}&company=%FF"
        return form.encode(), "application/x-www-form-urlencoded"
    if kind < 0.3:
        records = [record(chance, number) for _ in range(chance.randrange(4))]
        return json.dumps(records).encode(), "application/json"
    return json.dumps(record(chance, number)).encode(), "application/json"


def record(chance: random.Random, number: int) -> Any:
    """One record: mostly an object, and mostly one that says who it is about."""
    if chance.random() < 0.05:
        return chance.choice((None, 7, "x", [], [7], True, 1.5))
    found = {chance.choice(_KEYS): _value(chance, 3) for _ in range(chance.randrange(1, 7))}
    if chance.random() < 0.5:
        found["email"] = f"p{chance.randrange(400)}@company{number % 40}.example"
    return found


def _value(chance: random.Random, depth: int) -> Any:
    kind = chance.random()
    if depth == 0 or kind < 0.6:
        return chance.choice(_TEXTS)
    if kind < 0.8:
        return chance.choice((None, True, False, 0, -1, 7, 1.5, 1e300, 10**18, 1762772400000))
    if kind < 0.9:
        return [_value(chance, depth - 1) for _ in range(chance.randrange(3))]
    return {chance.choice(_KEYS): _value(chance, depth - 1) for _ in range(chance.randrange(3))}
