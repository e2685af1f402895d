"""Signatures that any receiver's library verifies, secrets that change, and secrets that are none."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from bot.events.signing import BadSecret, key_of, signed

OLD, NEW = (base64.b64encode(word * 4).decode() for word in (b"old one.", b"new one."))


def now() -> datetime:
    """Receivers refuse what is old."""
    return datetime.now(UTC)


def test_a_receiver_verifies_what_was_signed() -> None:
    headers = dict(signed([key_of(OLD)], "evt_1", now(), b'{"a":"\xc3\xa9"}'))
    assert Webhook(OLD).verify('{"a":"é"}', headers) == {"a": "é"}
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify('{"a":"e"}', headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify('{"a":"é"}', headers)


def test_while_a_secret_is_changed_both_verify() -> None:
    headers = dict(signed([key_of("whsec_" + NEW), key_of(OLD)], "evt_1", now(), b"{}"))
    assert Webhook(OLD).verify("{}", headers) == Webhook(NEW).verify("{}", headers) == {}


@pytest.mark.parametrize("secret", ["hunter2", "whsec_", "c2hvcnQ=", "not base64 at all, but long enough!"])
def test_what_no_receiver_could_use_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(BadSecret, match="openssl rand -base64 32") as refused:
        key_of(secret)
    assert secret not in str(refused.value)
