"""Whether a request comes from whom it says: signatures as each tool documents them, keys, and challenges.

Everything is compared in constant time, over the bytes as they came; nothing is parsed for it but where the
secret stands in the body itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.agreement.intake import Auth
from bot.agreement.vocabulary import Proof
from bot.intake.bodies import parsed
from bot.intake.mapping import PUBLIC_KEY, Source
from bot.leadform import LeadFaults

HUBSPOT_AGE = timedelta(minutes=5)
CALENDLY_AGE = timedelta(minutes=3)
WEBFLOW_AGE = timedelta(minutes=5)
"""How old a signature may be, and how far ahead, as the tools' documentation has it."""

_HUBSPOT_PLAIN = re.compile(r"%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """What a request shows of itself. `headers` by their names in small letters; `url` is the whole address
    as the sender wrote it."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


def why_not(source: Source, request: Request, now: datetime) -> str | None:
    """Why a request is not to be believed, in a sentence for the tool's log; None where it is.

    A source whose secret is not set believes nobody.
    """
    intake = source.intake
    if intake.public_key is not None:
        given = request.query.get(PUBLIC_KEY) or _in_body(request, PUBLIC_KEY)
        return None if _same(given, intake.public_key) else "Send the source's public_key as key."
    if not source.believed:
        return f"This source has no secret yet; set {' and '.join(intake.secret_env)} in .env, then reload."
    auth = Auth.parse(intake.auth or source.known.auth)
    found = [CHECKS[auth.proof](request, secret, auth.name, now) for secret in source.believed]
    return None if None in found else found[0]


def _same(given: str | bytes | None, wanted: str | bytes) -> bool:
    """Compared in constant time; nothing is never the same."""
    if not given:
        return False
    return hmac.compare_digest(_bytes(given), _bytes(wanted))


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _in_body(request: Request, key: str) -> str | None:
    """What stands under a key of the body, the one place where a body is read before it is believed."""
    try:
        body: Any = parsed(request.body, request.headers.get("content-type", ""))
    except LeadFaults:
        return None
    value = body.get(key) if isinstance(body, Mapping) else None
    return str(value) if isinstance(value, str | int) else None


def _bearer(request: Request, secret: str, _name: str, _now: datetime) -> str | None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    good = _same(given.strip(), secret) and scheme.lower() == "bearer"
    return None if good else "Send the header Authorization: Bearer with the source's secret."


def _basic(request: Request, secret: str, _name: str, _now: datetime) -> str | None:
    """The secret is `user:password`, or a password alone for any user."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    shown = decoded if ":" in secret else decoded.partition(b":")[2]
    good = _same(shown, secret) and scheme.lower() == "basic"
    return None if good else "Send HTTP basic auth with the source's user and password."


def _header(request: Request, secret: str, name: str, _now: datetime) -> str | None:
    good = _same(request.headers.get(name.lower(), "").strip(), secret)
    return None if good else f"Send the source's secret in the header {name}."


def _query(request: Request, secret: str, name: str, _now: datetime) -> str | None:
    return None if _same(request.query.get(name), secret) else f"Add ?{name}= with the source's secret."


def _body(request: Request, secret: str, name: str, _now: datetime) -> str | None:
    return None if _same(_in_body(request, name), secret) else f"Send the source's secret as {name}."


def _signature(algorithm: str, *, in_base64: bool = False) -> Check:
    def check(request: Request, secret: str, name: str, _now: datetime) -> str | None:
        given = request.headers.get(name.lower(), "").strip()
        given = re.sub(r"^(?:hmac)?sha(?:1|256)=", "", given, flags=re.IGNORECASE)
        digest = hmac.new(_bytes(secret), request.body, algorithm)
        wanted = base64.b64encode(digest.digest()).decode() if in_base64 else digest.hexdigest()
        good = _same(given if in_base64 else given.lower(), wanted)
        return None if good else _unsigned(request, name)

    return check


def _unsigned(request: Request, header: str) -> str:
    if not request.headers.get(header.lower()):
        return f"The header {header} is missing: this call is not signed."
    return f"The signature in {header} does not match the source's secret."


def _untimely(stamp: str, header: str, per_second: int, now: datetime, age: timedelta) -> str | None:
    """Why a moment, in parts of a second since 1970, is none or not near enough: neither old nor ahead."""
    if not stamp:
        return f"The header {header} is missing: this call is not signed."
    is_number = stamp.isascii() and stamp.isdigit() and len(stamp) <= 16
    if is_number and abs(now.timestamp() - int(stamp) / per_second) <= age.total_seconds():
        return None
    return f"The time in {header} is more than {age // timedelta(minutes=1)} minutes off."


def _hubspot(request: Request, secret: str, _name: str, now: datetime) -> str | None:
    stamp = request.headers.get("x-hubspot-request-timestamp", "")
    if why := _untimely(stamp, "X-HubSpot-Request-Timestamp", 1000, now, HUBSPOT_AGE):
        return why
    url = _HUBSPOT_PLAIN.sub(lambda found: chr(int(found[1], 16)), request.url)
    signed = _bytes(request.method + url) + request.body + stamp.encode()
    wanted = base64.b64encode(hmac.new(_bytes(secret), signed, hashlib.sha256).digest())
    good = _same(request.headers.get("x-hubspot-signature-v3", "").strip(), wanted)
    return None if good else f"{_unsigned(request, 'X-HubSpot-Signature-v3')} Check [http] public_url, too."


def _calendly(request: Request, secret: str, _name: str, now: datetime) -> str | None:
    header = request.headers.get("calendly-webhook-signature", "")
    parts = dict(part.strip().split("=", 1) for part in header.split(",") if "=" in part)
    stamp = parts.get("t", "")
    if why := _untimely(stamp, "Calendly-Webhook-Signature", 1, now, CALENDLY_AGE):
        return why
    wanted = hmac.new(_bytes(secret), f"{stamp}.".encode() + request.body, hashlib.sha256).hexdigest()
    return None if _same(parts.get("v1"), wanted) else _unsigned(request, "Calendly-Webhook-Signature")


def _linkedin(request: Request, secret: str, _name: str, _now: datetime) -> str | None:
    given = request.headers.get("x-li-signature", "").strip().removeprefix("hmacsha256=")
    wanted = hmac.new(_bytes(secret), b"hmacsha256=" + request.body, hashlib.sha256).hexdigest()
    return None if _same(given.lower(), wanted) else _unsigned(request, "X-LI-Signature")


def _webflow(request: Request, secret: str, _name: str, now: datetime) -> str | None:
    stamp = request.headers.get("x-webflow-timestamp", "")
    if why := _untimely(stamp, "X-Webflow-Timestamp", 1000, now, WEBFLOW_AGE):
        return why
    wanted = hmac.new(_bytes(secret), f"{stamp}:".encode() + request.body, hashlib.sha256).hexdigest()
    given = request.headers.get("x-webflow-signature", "").strip().lower()
    return None if _same(given, wanted) else _unsigned(request, "X-Webflow-Signature")


Check = Callable[[Request, str, str, datetime], str | None]

CHECKS: Mapping[Proof, Check] = {
    Proof.BEARER: _bearer,
    Proof.BASIC: _basic,
    Proof.HEADER: _header,
    Proof.QUERY: _query,
    Proof.BODY: _body,
    Proof.HMAC_SHA256: _signature("sha256"),
    Proof.HMAC_SHA256_BASE64: _signature("sha256", in_base64=True),
    Proof.HMAC_SHA1: _signature("sha1"),
    Proof.HUBSPOT_V3: _hubspot,
    Proof.CALENDLY: _calendly,
    Proof.LINKEDIN: _linkedin,
    Proof.WEBFLOW: _webflow,
}
"""How each way to prove oneself is checked: why it fails, or None."""


def challenged(source: Source, query: Mapping[str, str]) -> str | dict[str, str] | None:
    """What a GET that asks whether this is the right address is answered; None where it does not ask so.

    Meta wants its own words back from whoever knows the verify token, LinkedIn a hash of its own.
    """
    if query.get("hub.mode") == "subscribe" and source.verify_token:
        known = _same(query.get("hub.verify_token"), source.verify_token)
        return query.get("hub.challenge") if known else None
    code = query.get("challengeCode")
    if code and source.secret and Auth.parse(source.intake.auth or source.known.auth).proof is Proof.LINKEDIN:
        response = hmac.new(_bytes(source.secret), _bytes(code), hashlib.sha256).hexdigest()
        return {"challengeCode": code, "challengeResponse": response}
    return None


def address(public_url: str | None, seen: str) -> str:
    """The address as its sender wrote it: `seen`, with what stands before the path as `[http] public_url`."""
    if public_url is None:
        return seen
    parts = urlsplit(seen)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return public_url.rstrip("/") + path
