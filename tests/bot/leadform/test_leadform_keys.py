from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.leadform import company_domain, company_key, email_domain, email_key, full_name


@pytest.mark.parametrize(
    ("email", "key"),
    [
        ("Jane.Doe+q4@Example.COM", "jane.doe@example.com"),
        ("JANE@example.com.", "jane@example.com"),
        ("+only@example.com", "+only@example.com"),
        ("jörg@MÜNCHEN.example", "jörg@xn--mnchen-3ya.example"),
        ("jo\u0308rg@xn--mnchen-3ya.example", "jörg@xn--mnchen-3ya.example"),
        ("no address", "no address"),
    ],
)
def test_one_person_has_one_key(email: str, key: str) -> None:
    assert email_key(email) == key


@settings(max_examples=300)
@example("@.\r0")
@given(st.emails() | st.text() | st.builds("{}@{}".format, st.text(), st.text()))
def test_the_key_of_a_key_is_itself(email: str) -> None:
    assert email_key(email_key(email)) == email_key(email)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.com", "acme.com"),
        ("https://www.Acme.com:8443/about?x#y", "acme.com"),
        ("jane@mail.acme.co.uk", "acme.co.uk"),
        ("emea.acme.com", "acme.com"),
        ("https://shop.eu.acme.com.br/", "acme.com.br"),
        ("http://user:pw@acme.io/", "acme.io"),
        ("//acme.io.", "acme.io"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("www.example", "www.example"),
        ("www.com", None),
        ("jane@gmail.com", None),
        ("yahoo.co.uk", None),
        ("jane@vip.qq.com", None),
        ("https://www.linkedin.com/company/acme", None),
        ("jane@linkedin.com", "linkedin.com"),
        ("co.uk", None),
        ("192.168.0.1", None),
        ("localhost", None),
        ("coming soon", None),
        ("x." * 200 + "com", None),
        ("", None),
    ],
)
def test_a_company_is_known_by_its_domain_but_not_by_a_free_mail_one(text: str, domain: str | None) -> None:
    assert company_domain(text) == domain


def test_the_first_domain_that_stands_for_a_company_is_taken() -> None:
    assert company_domain(None, "gmail.com", "jane@acme.com") == "acme.com"
    assert company_domain("https://facebook.com/acme", "jane@emea.acme.com") == "acme.com"
    assert email_domain("jane@GMail.com") == "gmail.com"
    assert email_domain("jane") is None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Acme, Inc.", "acme"),
        ("ACME Corporation", "acme"),
        ("Société Générale S.A.", "societe generale"),
        ("Müller & Co. KG", "muller"),
        ("Foo S. A.", "foo"),
        ("A.P. Møller - Mærsk A/S", "ap moller maersk"),
        ("Allegro sp. z o.o.", "allegro"),
        ("O'Reilly Media", "oreilly media"),
        ("Booking.com B.V.", "booking com"),
        ("Barilla S.p.A.", "barilla"),
        ("Rossi S.r.l.", "rossi"),
        ("Zara Servicios, S.L.", "zara servicios"),
        ("Volvo Trucks AB", "volvo trucks"),
        ("Nokia Oyj", "nokia"),
        ("Škoda Auto a.s.", "skoda auto"),
        ("Avast s.r.o.", "avast"),
        ("Richter Gedeon Nyrt.", "richter gedeon"),
        ("Koç Holding A.Ş.", "koc"),
        ("PT Astra Tbk", "astra"),
        ("The Home Depot", "home depot"),
        ("株式会社トヨタ 自動車", "株式会社トヨタ 自動車"),
        ("Co", "co"),
        ("!!!", "!!!"),
        ("<!channel> & Sons", "channel sons"),
    ],
)
def test_a_company_has_one_key_whatever_its_legal_form(name: str, key: str) -> None:
    assert company_key(name) == key


def test_a_full_name_makes_do_with_what_is_there() -> None:
    assert full_name("Jane", "Doe") == "Jane Doe"
    assert full_name(None, "Doe") == "Doe"
    assert full_name(None, "", "somebody") == "somebody"
