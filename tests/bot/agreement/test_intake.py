"""`[[intake]]` and `[http]`: what they take, and every fault in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.agreement import AgreementFaults, parse_agreement
from bot.agreement.intake import LEAD_KEYS, Auth
from bot.agreement.paths import OWN_FUNCTIONS
from bot.intake.functions import OwnFunctions
from bot.leadform import field_of

SAMPLE = (Path(__file__).parents[1] / "data" / "sample_agreement.toml").read_text(encoding="utf-8")
GOOD = """
[http]
public_url = "https://baton.example.com"
[[intake]]
name = "google-ads"
preset = "google_ads_lead_form"
secret_env = "GOOGLE_ADS_KEY"
campaign = "q4-search"
employees = 50
[intake.fields]
email = "user_column_data[?column_id=='EMAIL'].string_value | [0]"
activity = "'demo_request'"
plan = "custom.plan"
[intake.values.country]
Deutschland = "DE"
[[intake]]
name = "website"
public_key = "website-2026"
origins = ["https://www.Example.com/"]
honeypot = "fax"
"""


def faults_of(text: str) -> list[str]:
    with pytest.raises(AgreementFaults) as caught:
        parse_agreement(SAMPLE + text)
    return [str(fault) for fault in caught.value.faults]


def test_a_source_has_constants_paths_and_tables() -> None:
    ads, website = parse_agreement(SAMPLE + GOOD).intake
    assert ads.constants == {"campaign": "q4-search", "employees": 50}
    assert ads.fields["activity"] == "'demo_request'"
    assert ads.values == {"country": {"Deutschland": "DE"}}
    assert website.origins == ("https://www.example.com",)


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ('"google_ads_lead_form"', '"google_ads"', '"google-ads".preset', "google_ads_lead_form"),
        ('name = "google-ads"', 'name = "Google Ads"', "name", "small letters, digits, dashes"),
        ('name = "google-ads"', 'name = "import"', "name", "a door of Baton's own"),
        ('name = "website"', 'name = "google-ads"', "intake[1]", "is there twice"),
        ('"GOOGLE_ADS_KEY"', '"GOOGLE ADS KEY"', "secret_env", "the name of an environment variable"),
        ('secret_env = "GOOGLE_ADS_KEY"', "", "secret_env", "is missing; add secret_env"),
        ('campaign = "q4-search"', 'campain = "q4"', "campain", 'did you mean "campaign"?'),
        ('campaign = "q4-search"', "campaign = [1]", "campaign", "not a field's value"),
        ('campaign = "q4-search"', 'auth = "header"', "auth", '"header:X-Name"'),
        ('campaign = "q4-search"', 'auth = "bearer:X"', "auth", '"bearer"'),
        ('campaign = "q4-search"', 'auth = "baerer"', "auth", 'did you mean "bearer"?'),
        ("[?column_id", "[?column_id(", "fields.email", "is not a JMESPath (at character"),
        ("\"'demo_request'\"", '""', "fields.activity", "is empty"),
        ("\"'demo_request'\"", "\"names(@, 'a')\"", "fields.activity", 'did you mean "named"?'),
        ("activity =", "actvity =", "fields.actvity", 'did you mean "activity"?'),
        ('Deutschland = "DE"', "Deutschland = []", "Deutschland", "not a field's value"),
        ('"website-2026"', '"x"', "public_key", "8 to 80 letters"),
        ('honeypot = "fax"', 'secret_env = "S"', "secret_env", "does not go with public_key"),
        ('origins = ["https://www.Example.com/"]', "", "origins", "is missing; add origins"),
        ('"https://www.Example.com/"', '"www.example.com"', "origins", "is not an origin"),
        ('campaign = "q4-search"', 'origins = ["https://a.example"]', "origins", "only goes with public_key"),
        ('campaign = "q4-search"', 'honeypot = "fax"', "honeypot", "only goes with public_key"),
        ('"google_ads_lead_form"', '"meta_leadgen"', "verify_token_env", "is missing; add verify_token_env"),
        ('"https://baton.example.com"', '"baton"', "http.public_url", "is not a web address"),
    ],
)
def test_a_fault_names_its_place_and_its_remedy(old: str, new: str, place: str, says: str) -> None:
    assert old in GOOD
    found = faults_of(GOOD.replace(old, new, 1))
    assert len(found) == 1, found
    assert place in found[0].partition(":")[0]
    assert says in found[0]


def test_what_a_source_may_set_are_fields_of_a_lead() -> None:
    assert [key for key in LEAD_KEYS if field_of(key) is None] == []


def test_the_functions_of_our_own_are_those_that_the_file_is_checked_for() -> None:
    names = {name.removeprefix("_func_") for name in vars(OwnFunctions) if name.startswith("_func_")}
    assert names == set(OWN_FUNCTIONS)


def test_a_way_to_check_may_name_what_it_goes_by() -> None:
    assert Auth.parse("header:X-Key").name == "X-Key"
    assert Auth.parse("hmac_sha256:X-Sign").proof == "hmac_sha256"
