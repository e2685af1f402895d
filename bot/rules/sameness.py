"""When a value is another one, and when it is the same written otherwise: `+1 555 0101` and `+15550101`.

How values are read and shown is left to the form; what follows from another value, to the other rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.leadform.countries import country_code
from bot.leadform.keys import company_key, email_key, host_of
from bot.memory import remembered
from bot.rules.names import normal_name

_EXTRAS = re.compile(
    '^\'|^="|"$|\\b(?:p|tel|phone|mobile):|[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]', re.IGNORECASE
)
_ABROAD = re.compile(r"^00(?=\s?[1-9])")


def is_another(field: str, old: Any, new: Any, region: str | None = None) -> bool:
    """Whether a field's new value says something else than the old one, and is not only written otherwise.

    No value and an empty one are the same. `region` is the lead's country (ISO 3166, two letters): phone
    numbers without a country code are read as dialled there.
    """
    if _is_empty(old) or _is_empty(new):
        return _is_empty(old) != _is_empty(new)
    if old == new:
        return False
    if not isinstance(old, str) or not isinstance(new, str):
        return bool(_unordered(old) != _unordered(new))
    if field == "phone":
        return not same_phone(old, new, region)
    form = _FORMS.get(field, _folded)
    return form(old) != form(new)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ((), [], {})


def _unordered(value: Any) -> Any:
    if isinstance(value, Mapping) or not isinstance(value, Iterable):
        return value
    return sorted(map(repr, (tuple(each) if isinstance(each, list) else each for each in value)))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _host(text: str) -> str:
    return host_of(text) or _folded(text)


_FORMS: Mapping[str, Callable[[str], str]] = {
    "email": email_key,
    "first_name": normal_name,
    "last_name": normal_name,
    "company": company_key,
    "domain": _host,
}


def same_phone(a: str, b: str, region: str | None = None) -> bool:
    """Whether two texts are one phone number: by E.164 and extension where the country is known.

    Where one of them does not say its country, its whole national number decides. What is no number is
    compared by its letters and digits.
    """
    key, other = phone_key(a, region), phone_key(b, region)
    if key is not None and other is not None:
        return key == other
    bare, bare_too = _bare(a), _bare(b)
    if _letters_and_digits(bare) == _letters_and_digits(bare_too):
        return True
    import phonenumbers

    match = phonenumbers.is_number_match(bare, bare_too)
    return bool(match in (phonenumbers.MatchType.NSN_MATCH, phonenumbers.MatchType.EXACT_MATCH))


def region_of(*leads: Mapping[str, Any]) -> str | None:
    """Where a phone number without a country code is dialled (ISO 3166): the first country told of."""
    country = next((each["country"] for each in leads if each.get("country")), None)
    return country_code(country) if country else None


@remembered(4096)
def phone_key(text: str, region: str | None = None) -> str | None:
    """A phone number in E.164, with its extension (`+16175550101;ext=23`); None without a country.

    `region` is where numbers without a country code are dialled. A number that cannot be one has no key.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(_bare(text), region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written};ext={number.extension}" if number.extension else written


def country_code_of(key: str) -> str | None:
    """The country's code with which a number's key begins, without the plus; None where there is none."""
    import phonenumbers

    try:
        return str(phonenumbers.parse(key.partition(";")[0], None).country_code)
    except phonenumbers.NumberParseException:
        return None


def _bare(text: str) -> str:
    return _ABROAD.sub("+", _EXTRAS.sub("", text).strip())


def _letters_and_digits(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
