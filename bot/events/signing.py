"""Signatures of what is sent, as Standard Webhooks specify them (standardwebhooks.com, version 1.0).

HMAC-SHA256 over `id.timestamp.body`, once with each secret, so that a receiver may change its own at leisure.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

PREFIX = "whsec_"
LEAST_BYTES = 24
"""What the specification asks of a secret."""


class BadSecret(ValueError):
    """A secret that receivers could not use, in words; never the secret itself."""


def key_of(secret: str) -> bytes:
    """The bytes of a secret: base64, with or without `whsec_`. Raises BadSecret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < LEAST_BYTES:
        raise BadSecret(
            f"is not base64 of at least {LEAST_BYTES} bytes. Make one: openssl rand -base64 {LEAST_BYTES + 8}"
        )
    return key


def signed(keys: Sequence[bytes], message: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers that identify and sign a message sent at this moment, aware."""
    stamp = str(int(at.timestamp()))
    payload = b".".join((message.encode(), stamp.encode(), body))
    signatures = (base64.b64encode(hmac.digest(key, payload, "sha256")).decode() for key in keys)
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
