"""The name of a form says what somebody asked for, in the languages that tools speak."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.leadform import read_lead
from bot.leadform.conversions import conversion_kind

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Request a demo: Website form", "demo_request"),
        ("Book a Demo", "demo_request"),
        ("DEMO REQUEST", "demo_request"),
        ("demo_request", "demo_request"),
        ("Get your personal demo today", "demo_request"),
        ("Demo anfordern", "demo_request"),
        ("Demander une démo", "demo_request"),
        ("Solicitar una demostración", "demo_request"),
        ("Richiedi una demo", "demo_request"),
        ("Demo aanvragen", "demo_request"),
        ("デモのお申し込み", "demo_request"),
        ("Get a quote", "pricing_request"),
        ("Request pricing: Enterprise", "pricing_request"),
        ("Angebot anfordern", "pricing_request"),
        ("Demander un devis", "pricing_request"),
        ("Contact sales: Form 12", "contact_sales"),
        ("Talk to Sales", "contact_sales"),
        ("Watch the demo", None),
        ("Demo video", None),
        ("Pricing page", None),
        ("Contact us", None),
        ("Request the whitepaper", None),
        ("Democracy webinar: request a seat", None),
        ("Email", None),
    ],
)
def test_a_form_is_known_by_what_it_asks_for(name: str, kind: str | None) -> None:
    assert conversion_kind(name) == kind


def test_hubspots_recent_conversion_is_a_demo_request_at_its_date() -> None:
    record = {
        "Recent Conversion": "Request a demo: Website form",
        "Recent Conversion Date": "2026-11-14 09:00",
    }
    form = read_lead({"email": "jane@acme.example", **record}, now=NOW)
    (one,) = form.activities
    assert (one.type, one.detail, one.summary) == ("demo_request", "Request a demo: Website form", True)
    assert one.at.date() == date(2026, 11, 14)


def test_an_activity_of_its_own_is_called_as_its_sender_says() -> None:
    form = read_lead({"email": "jane@acme.example", "activity": "Request a demo"}, now=NOW)
    assert [each.type for each in form.activities] == ["request_a_demo"]
