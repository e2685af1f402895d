"""What looks like a secret is kept nowhere, at whichever door it comes in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.leadform import read_lead
from bot.leadform.secrets import storable, without_secrets

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)


def test_of_a_record_no_secret_is_kept_and_its_sender_is_told() -> None:
    raw = {"email": "ada@fabrikam.example", "google_key": "k", "hint": {"api_key": "k", "shoe": 43}}
    found = read_lead(raw, now=NOW)
    assert found.extra == {"hint": '{"shoe": 43}'}
    assert found.remarks == ("google_key: looks like a secret, and was not kept",)


@pytest.mark.parametrize("key", ["Keyword", "Monkey", "key account", "Turnkey"])
def test_what_only_sounds_like_one_is_kept(key: str) -> None:
    assert read_lead({"email": "ada@fabrikam.example", key: "x"}, now=NOW).extra == {key: "x"}


def test_a_known_secret_is_struck_wherever_it_stands() -> None:
    body = {"a": "x-s3cret-y", "s3cret": 1, "n": [12345, {"b": "s3cret"}]}
    assert without_secrets(body, ("s3cret", "12345")) == {
        "a": "x-[secret]-y",
        "n": ["[secret]", {"b": "[secret]"}],
    }


def test_a_short_word_is_too_common_to_be_struck() -> None:
    assert without_secrets({"a": "key to it"}, ("key",)) == {"a": "key to it"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<a><SessionId>00D!x</SessionId><b/></a>", "<a><SessionId>[secret]</SessionId><b/></a>"),
        ('<t:apiToken t="1">x</t:apiToken>', '<t:apiToken t="1">[secret]</t:apiToken>'),
        ("password: hunter2", "password: [secret]"),
        ("a=1&my-old_api-token2&x-api-token=b&c", "a=1&my-old_api-token2&x-api-token=[secret]&c"),
        (
            '"token"=a;secret="b"authorization: Basic c d',
            '"token"=[secret];secret=[secret]authorization: [secret] d',
        ),
        (f"{'x' * 9_000}token=a", f"{'x' * 9_000}token=[secret]"),
    ],
)
def test_a_text_that_could_not_be_read_tells_no_secret(text: str, left: str) -> None:
    assert storable(text) == left
