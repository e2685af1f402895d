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


FORMS = {
    "acme": (
        "ACME Corporation|Acme, Inc.|Acme Company Limited|Acme (Pty) Ltd|Acme Pvt. Ltd."
        "|The Acme Group|ACME LLC"
    ),
    "muller": (
        "Müller & Co. KG|Müller GmbH & Co. KGaA|Müller Ges.m.b.H.|Müller UG (haftungsbeschränkt)|Müller e.K."
    ),
    "societe generale": (
        "Société Générale S.A.|SARL Société Générale|Société Générale et Cie|Société Générale SASU"
    ),
    "zara": ("Zara, S.L.|Zara S. de R.L. de C.V.|ZARA S.A. DE C.V.|Zara y Cía. Ltda.|Zara Sociedad Anónima"),
    "padaria joao": (
        "Padaria João Ltda.|Padaria João, Lda.|Padaria João S/A|Padaria João Ltda ME|Padaria João Lda"
    ),
    "barilla": "Barilla S.p.A.|Barilla S.r.l.|Barilla Società per Azioni|Barilla S.R.L.S.",
    "booking com": "Booking.com B.V.|Booking.com NV|Booking.com BVBA",
    "volvo trucks": "Volvo Trucks AB|AB Volvo Trucks|Volvo Trucks AB (publ)|Volvo Trucks Aktiebolag",
    "nokia": ("Nokia Oyj|Oy Nokia Ab|Nokia ApS|Nokia A/S|A/S Nokia|Nokia ASA|Nokia AS|Nokia ehf.|Nokia I/S"),
    "vinted": "UAB Vinted|Vinted UAB|SIA Vinted|Vinted OÜ",
    "allegro": (
        "Allegro sp. z o.o.|Allegro Sp. z o. o. sp. k.|Allegro S.A.|Allegro Spółka z o.o."
        "|Allegro spółka akcyjna"
    ),
    "skoda auto": (
        "Škoda Auto a.s.|Škoda Auto s.r.o.|Škoda Auto, spol. s r.o.|Škoda Auto s. r. o.|Škoda Auto v.o.s."
    ),
    "richter gedeon": ("Richter Gedeon Nyrt.|Richter Gedeon Kft.|Richter Gedeon d.o.o.|Richter Gedeon EOOD"),
    "koc": ("Koç Holding A.Ş.|Koç Ltd. Şti.|Koç Şti.|KOÇ LTD.ŞTİ.|Koç San. ve Tic. A.Ş.|Koç Anonim Şirketi"),
    "ромашка": (
        'ООО Ромашка|ООО «Ромашка»|Ромашка, ООО|АО Ромашка|ПАО Ромашка|ООО"Ромашка"|ТОВ Ромашка|ЗАО Ромашка'
    ),
    "οτε": "ΟΤΕ Α.Ε.|ΟΤΕ ΕΠΕ",
    "카카오": (
        "카카오 주식회사|주식회사 카카오|주식회사카카오|카카오주식회사|(주)카카오|카카오(주)|㈜카카오"
        "|유한회사 카카오|카카오 유한회사"
    ),
    "华为技术": (
        "华为技术有限公司|华为技术股份有限公司|华为技术 有限公司|华为技术集团有限公司|华为技术有限责任公司"
    ),
    "台積電": "台積電股份有限公司|台積電有限公司|台積電公司|台積電集團",
    "グーグル": (
        "グーグル合同会社|合同会社グーグル|株式会社グーグル|グーグル株式会社|有限会社 グーグル"
        "|㈱グーグル|（株）グーグル"
    ),
    "ปตท": "บริษัท ปตท จำกัด (มหาชน)|บริษัทปตทจำกัด",
    "fpt": "Công ty TNHH FPT|Công ty Cổ phần FPT|CTCP FPT",
    "astra": "PT Astra Tbk|Astra Sdn. Bhd.|Astra Pte. Ltd.|Kabushiki Kaisha Astra|Astra K.K.",
    "טבע": 'טבע בע"מ|טבע בע״מ',
    "ارامكو": "ارامكو ش.م.م|شركة ارامكو",
}


@pytest.mark.parametrize(("key", "written"), FORMS.items())
def test_a_company_has_one_key_whatever_its_legal_form(key: str, written: str) -> None:
    assert {name: company_key(name) for name in written.split("|")} == dict.fromkeys(written.split("|"), key)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        *(
            (form, form.lower())
            for form in ("Co", "AB", "SA", "AS", "Ltd", "ООО", "株式会社", "有限公司", "주식회사")
        ),
        ("(주)", "주"),
        ("A.Ş.", "as"),
        ("Co Ltd", "co"),
        ("Oy Ab", "oy"),
        ("株式会社有限公司", "有限公司"),
        ("!!!", "!!!"),
    ],
)
def test_a_company_whose_name_is_a_legal_form_keeps_it(name: str, key: str) -> None:
    assert company_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Foo S. A.", "foo"),
        ("A.P. Møller - Mærsk A/S", "ap moller maersk"),
        ("O'Reilly Media", "oreilly media"),
        ("The Home Depot", "home depot"),
        ("SAS Institute", "sas institute"),
        ("AG Insurance", "ag insurance"),
        ("A. O. Smith", "a o smith"),
        ("Sanofi-Aventis Groupe", "sanofi aventis groupe"),
        ("株式会社トヨタ 自動車", "トヨタ 自動車"),
        ("苹果（中国）有限公司", "苹果 中国"),
        ("<!channel> & Sons", "channel sons"),
    ],
)
def test_what_is_no_legal_form_stays_in_the_key(name: str, key: str) -> None:
    assert company_key(name) == key


def test_a_full_name_makes_do_with_what_is_there() -> None:
    assert full_name("Jane", "Doe") == "Jane Doe"
    assert full_name(None, "Doe") == "Doe"
    assert full_name(None, "", "somebody") == "somebody"
