"""Who is believed: each tool's own signature, and nobody else's, late, early or changed on the way."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.agreement.intake import Intake
from bot.agreement.vocabulary import Preset
from bot.intake import Request, Source, address, challenged, why_not
from tests.bot.intake.signing import SECRET, SIGNS, URL

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
BODY = json.dumps({"email": "ada@fabrikam.example", "google_key": SECRET}).encode()
DATED = ("hubspot_workflow", "hubspot_webhook", "calendly", "webflow")


def source(preset: str = "plain", auth: str | None = None, secret: str | None = SECRET) -> Source:
    extra = {"verify_token_env": "V"} if preset == "meta_leadgen" else {}
    intake = Intake.model_validate(
        {"name": "source", "preset": preset, "secret_env": "S", "auth": auth, **extra}
    )
    return Source(intake, secret, "verify-me" if extra else None)


def request(preset: str, *, secret: str = SECRET, body: bytes = BODY, at: datetime = NOW) -> Request:
    signed = SIGNS[preset](secret, body, at, URL)
    return Request("POST", URL, body, signed.headers, signed.query)


@pytest.mark.parametrize("preset", Preset)
def test_each_tool_is_believed_by_its_own_signature(preset: str) -> None:
    assert why_not(source(preset), request(preset), NOW) is None


@pytest.mark.parametrize("preset", Preset)
def test_nobody_is_believed_with_another_secret(preset: str) -> None:
    body = BODY.replace(SECRET.encode(), b"another-secret")
    why = why_not(source(preset), request(preset, secret="another-secret", body=body), NOW)
    assert why is not None
    assert SECRET not in why


@pytest.mark.parametrize("preset", Preset)
def test_nobody_is_believed_without_a_sign(preset: str) -> None:
    why = why_not(source(preset), Request("POST", URL, b"{}"), NOW) or ""
    assert why.startswith(("Send ", "Add ", "The header ")), why


@pytest.mark.parametrize(
    "preset", [p for p in Preset if "hmac" in str(SIGNS[p]) or p in (*DATED, "typeform", "segment")]
)
def test_a_body_that_was_changed_on_the_way_is_not_believed(preset: str) -> None:
    assert why_not(source(preset), replace(request(preset), body=BODY + b" "), NOW) is not None


@pytest.mark.parametrize("preset", DATED)
@pytest.mark.parametrize("off", [timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=-400)])
def test_an_old_signature_and_one_from_the_future_are_not_believed(preset: str, off: timedelta) -> None:
    why = why_not(source(preset), request(preset, at=NOW + off), NOW)
    assert why is not None
    assert "minutes off" in why


@pytest.mark.parametrize("preset", DATED)
@pytest.mark.parametrize("off", [timedelta(minutes=2, seconds=50), timedelta(minutes=-2, seconds=-50)])
def test_a_clock_may_be_a_little_off(preset: str, off: timedelta) -> None:
    assert why_not(source(preset), request(preset, at=NOW + off), NOW) is None


@pytest.mark.parametrize("stamp", ["", "x", "-5", "1e3", "9" * 40])
def test_a_time_that_is_none_is_not_believed(stamp: str) -> None:
    shown = request("hubspot_workflow")
    headers = {**shown.headers, "x-hubspot-request-timestamp": stamp}
    assert why_not(source("hubspot_workflow"), replace(shown, headers=headers), NOW) is not None


def test_hubspots_signature_covers_the_address_as_hubspot_knows_it() -> None:
    signed = SIGNS["hubspot_workflow"](SECRET, BODY, NOW, "https://baton.example.com/intake/source?to=a@b")
    seen = address("https://baton.example.com/", "http://127.0.0.1:3000/intake/source?to=a%40b")
    assert why_not(source("hubspot_workflow"), Request("POST", seen, BODY, signed.headers), NOW) is None
    other = address(None, "http://127.0.0.1:3000/intake/source?to=a%40b")
    why = why_not(source("hubspot_workflow"), Request("POST", other, BODY, signed.headers), NOW)
    assert why is not None
    assert "public_url" in why


@pytest.mark.parametrize(
    ("auth", "headers", "query"),
    [
        ("bearer", {"authorization": f"bearer {SECRET}"}, {}),
        ("basic", {"authorization": f"Basic {base64.b64encode(f'any:{SECRET}'.encode()).decode()}"}, {}),
        ("header:X-Key", {"x-key": SECRET}, {}),
        ("query:token", {}, {"token": SECRET}),
        ("body:google_key", {}, {}),
        ("hmac_sha256:X-Sign", SIGNS["meta_leadgen"](SECRET, BODY, NOW, URL).headers, {}),
        ("hmac_sha256_base64:X-Sign", SIGNS["typeform"](SECRET, BODY, NOW, URL).headers, {}),
    ],
)
def test_any_source_may_be_checked_in_any_of_the_ways(
    auth: str, headers: dict[str, str], query: dict[str, str]
) -> None:
    if auth.startswith("hmac"):
        headers = {"x-sign": next(iter(headers.values()))}
    shown = Request("POST", URL, BODY, headers, query)
    assert why_not(source(auth=auth), shown, NOW) is None
    wrong = replace(shown, headers={k: f"{v}x" for k, v in headers.items()}, query={}, body=b"[]")
    assert why_not(source(auth=auth), wrong, NOW) is not None


def test_a_source_whose_secret_is_not_set_believes_nobody() -> None:
    why = why_not(source(secret=None), Request("POST", URL, BODY, {"authorization": "Bearer "}), NOW)
    assert why is not None
    assert "set S" in why


def test_meta_gets_its_own_words_back_for_the_verify_token() -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "verify-me"}
    assert challenged(source("meta_leadgen"), asked) == "1158201444"
    assert challenged(source("meta_leadgen"), {**asked, "hub.verify_token": "guess"}) is None
    assert challenged(source("plain"), asked) is None


def test_linkedin_gets_its_code_signed() -> None:
    code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
    answer = challenged(source("linkedin_leadgen"), {"challengeCode": code})
    assert isinstance(answer, dict)
    assert answer["challengeCode"] == code
    assert len(answer["challengeResponse"]) == 64
    assert challenged(source("plain"), {"challengeCode": code}) is None


def test_a_public_key_lets_in_whoever_shows_it() -> None:
    page = Source(
        Intake.model_validate(
            {"name": "web", "public_key": "website-2026", "origins": ["https://www.example.com"]}
        )
    )
    assert why_not(page, Request("POST", URL, b"", query={"key": "website-2026"}), NOW) is None
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert why_not(page, Request("POST", URL, b"key=website-2026&email=x", form), NOW) is None
    assert why_not(page, Request("POST", URL, b"key=website&email=x", form), NOW) is not None
