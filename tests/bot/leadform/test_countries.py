from __future__ import annotations

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform.countries import LANGUAGES, country_code


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (
            "DE",
            "Germany, Deutschland, Allemagne, Alemania, Alemanha, Duitsland, Germania, ドイツ, DE, de, DEU",
        ),
        (
            "US",
            "United States, USA, U.S.A., US, us, United States of America, Vereinigte Staaten, États-Unis",
        ),
        ("GB", "United Kingdom, UK, U.K., England, Great Britain, Royaume-Uni, Großbritannien, GB, GBR"),
        (
            "NL",
            "Netherlands, The Netherlands, Holland, Niederlande, Pays-Bas, Países Bajos, Nederland, オランダ",
        ),
        ("CZ", "Czechia, Czech Republic, Tschechien, Tchéquie, Česko, CZE"),
        ("KR", "South Korea, Südkorea, Corée du Sud, 韓国"),
        ("CH", "Switzerland, Schweiz, Suisse, Svizzera, Zwitserland, スイス"),
        ("CI", "Côte d\u2019Ivoire, Côte d'Ivoire, Cote d\u2019Ivoire, Ivory Coast"),
        ("JP", "Japan, 日本, Japon, Japón, Giappone"),
        ("BR", "Brazil, Brasil, Brasilien, Brésil, Brasile"),
        ("TR", "Turkey, Türkiye, Türkei, Turquie"),
        ("RU", "Russia, Russian Federation, Russland, Russie"),
        ("VN", "Vietnam, Viet Nam, VNM"),
        (None, "Bavaria, Europe, EU, XX, n/a, -, 4711, Acme, , Midwest"),
    ],
)
def test_a_country_is_known_by_code_and_by_name(code: str | None, names: str) -> None:
    assert {name: country_code(name) for name in names.split(", ")} == dict.fromkeys(names.split(", "), code)


@pytest.mark.parametrize(
    ("name", "code"),
    [("Korea, Republic of", "KR"), ("Tanzania, United Republic of", "TZ"), ("Germany (DE)", "DE")],
)
def test_the_standard_s_inverted_names_are_known_too(name: str, code: str) -> None:
    assert country_code(name) == code


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_names_of_all_languages_are_known(language: str) -> None:
    names = {
        c: n for c, n in Locale(language).territories.items() if len(c) == 2 and c in ("FR", "PL", "MX", "IN")
    }
    assert {code: country_code(name) for code, name in names.items()} == {code: code for code in names}


@given(text=st.text(max_size=100))
def test_no_text_breaks_the_look_up(text: str) -> None:
    code = country_code(text)
    assert code is None or (len(code) == 2 and code.isupper())
