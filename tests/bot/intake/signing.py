"""How each tool signs what it sends, written from its documentation and apart from what checks it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

SECRET = "s3cret-of-the-tool"
URL = "https://baton.example.com/intake/source"


@dataclass(frozen=True)
class Signed:
    """What a tool adds to a body that it sends."""

    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


def _mac(secret: str, message: bytes, algorithm: str = "sha256") -> hmac.HMAC:
    return hmac.new(secret.encode(), message, algorithm)


def bearer(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    return Signed({"authorization": f"Bearer {secret}"})


def basic(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    return Signed({"authorization": f"Basic {base64.b64encode(f'baton:{secret}'.encode()).decode()}"})


def in_query(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    return Signed(query={"key": secret})


def in_body(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    return Signed()


def hubspot(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    stamp = str(int(at.timestamp() * 1000))
    digest = _mac(secret, b"POST" + url.encode() + body + stamp.encode()).digest()
    return Signed(
        {
            "x-hubspot-signature-v3": base64.b64encode(digest).decode(),
            "x-hubspot-request-timestamp": stamp,
        }
    )


def typeform(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    digest = base64.b64encode(_mac(secret, body).digest()).decode()
    return Signed({"typeform-signature": f"sha256={digest}"})


def calendly(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    stamp = str(int(at.timestamp()))
    digest = _mac(secret, stamp.encode() + b"." + body).hexdigest()
    return Signed({"calendly-webhook-signature": f"t={stamp},v1={digest}"})


def segment(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    return Signed({"x-signature": hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()})


def meta(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    return Signed({"x-hub-signature-256": f"sha256={_mac(secret, body).hexdigest()}"})


def linkedin(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    return Signed({"x-li-signature": _mac(secret, b"hmacsha256=" + body).hexdigest()})


def webflow(secret: str, body: bytes, at: datetime, url: str) -> Signed:
    stamp = str(int(at.timestamp() * 1000))
    digest = _mac(secret, stamp.encode() + b":" + body).hexdigest()
    return Signed({"x-webflow-timestamp": stamp, "x-webflow-signature": digest})


Sign = Callable[[str, bytes, datetime, str], Signed]

SIGNS: dict[str, Sign] = {
    "hubspot_workflow": hubspot,
    "hubspot_webhook": hubspot,
    "salesforce_flow": bearer,
    "salesforce_outbound": in_query,
    "marketo_webhook": bearer,
    "pipedrive": basic,
    "typeform": typeform,
    "calendly": calendly,
    "segment": segment,
    "webflow": webflow,
    "jotform": in_query,
    "unbounce": in_query,
    "meta_leadgen": meta,
    "linkedin_leadgen": linkedin,
    "google_ads_lead_form": in_body,
    "zapier": bearer,
    "plain": bearer,
}
"""Of each preset, how its tool shows that it is who it says."""
