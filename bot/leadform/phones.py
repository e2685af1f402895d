"""A phone number as it can be dialled from anywhere, out of what forms and spreadsheets make of it.

Which column's number is a lead's is left to columns.py. The numbering plans are Google's (libphonenumber);
they are loaded at the first number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.leadform.text import BadValue, as_text, quoted

if TYPE_CHECKING:
    from types import ModuleType

_LONGEST = 255
_FEWEST_DIGITS, _FEWEST_ALONE, _MOST_DIGITS = 5, 7, 20

_MARKS = re.compile("[\u00ad\u061c\u200c-\u200f\u2060-\u206f]")  # that turn the direction, join or part
_FORMULA = re.compile(r'="?([^"]*)"?')
_LABEL = re.compile(
    r"^'?\s*(?:p|tel|tél|telefon|téléphone|phone|ph|mobile?|mob|cell|work|home|direct|office|fon|handy"
    r"|t|m|\u260e|📞)(?:\s*[.:]+\s*|\s+(?=[+(\d]))",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,2}", re.IGNORECASE)
_SEVERAL = re.compile(
    r"\s*(?:[;|\n\t]|,(?!,)|\s/\s|/(?=\s*\+)|\bor\b|\boder\b|\bou\b|:::)(?!\s*(?:ext|x\s?\d))\s*",
    re.IGNORECASE,
)
_AMERICAN = re.compile(
    r"\+1[ .-]?\(?([2-9]\d\d)\)?[ .-]?([2-9]\d\d)[ .-]?(\d{4})"
)  # all of them are possible
_AMERICAN_VANITY = re.compile(r"(?:\+?1[\s.-]?)?\(?\d{3}\)?[\s.-]?[A-Z0-9]*[A-Z]{3}[A-Z0-9-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Phone:
    """One number. `number` is E.164 (`+16175550101`) where the country is known, else as it was written.

    `extension` are digits, only beside an E.164 number; `others` are further numbers from the same cell.
    """

    number: str
    extension: str | None = None
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.number} ext. {self.extension}" if self.extension else self.number


def read_phone(value: Any, country: str | None = None) -> Phone:
    """The first number of a cell. `country` (ISO 3166) is where the lead lives, for numbers without a code.

    Raises BadValue for what is no number: too few digits, words, and numbers that a spreadsheet shortened
    (`4.91512E+12`).
    """
    text = _bare(as_text(value))
    if plain := _AMERICAN.fullmatch(text):
        return Phone("+1" + "".join(plain.groups()))
    if len(text) > _LONGEST:
        raise BadValue(f"is longer than {_LONGEST} characters; send one phone number")
    if _SHORTENED.fullmatch(text):
        raise BadValue(
            f"{quoted(text)} is a number that a spreadsheet has shortened; format the column as text"
        )
    found: list[Phone] = []
    problem = BadValue("is missing; send a phone number")
    for part in _parts(text):
        try:
            found.append(_one(part, country))
        except BadValue as bad:
            problem = bad
    if not found:
        raise problem
    first, *others = found
    kept = tuple(dict.fromkeys(str(other) for other in others if other.number != first.number))
    return Phone(first.number, first.extension, kept)


def _bare(text: str) -> str:
    """The cell without what a spreadsheet or a form puts around a number."""
    text = " ".join(_MARKS.sub("", text).split())
    if formula := _FORMULA.fullmatch(text):
        text = formula[1]
    text = _LABEL.sub("", text).strip().strip("'\"").strip()
    return re.sub(r"^(\d+)\.0+$", r"\1", text)


def _parts(text: str) -> list[str]:
    """The numbers of a cell. "030 / 123456" is one of them: its first part alone would be too short."""
    parts = [part for part in _SEVERAL.split(text) if part]
    short = any(0 < len(re.sub(r"\D", "", part)) < _FEWEST_ALONE for part in parts)
    return [text] if short and len(re.sub(r"\D", "", text)) <= _MOST_DIGITS else parts


def _one(text: str, country: str | None) -> Phone:
    written = _LABEL.sub("", text).strip()
    digits = re.sub(r"\D", "", written)
    vanity = bool(_AMERICAN_VANITY.fullmatch(written))
    if not vanity and not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        raise BadValue(f"{quoted(text)} is not a phone number; write it like +1 617 555 0101")
    if "@" in written or (len(set(digits)) == 1 and len(digits) >= _FEWEST_DIGITS):
        raise BadValue(f"{quoted(text)} is not a phone number; write it like +1 617 555 0101")
    return _dialled(written, country) or Phone(written)


def _dialled(written: str, country: str | None) -> Phone | None:
    """The number in E.164, None where it does not say its country or cannot be one."""
    plans = _plans()
    found = None
    if country and re.fullmatch(r"[1-9]\d{10,14}", written):  # a database's, with the code and without a plus
        found = _parsed(plans, "+" + written, None)
        if found and found.country_code != plans.country_code_for_region(country):
            found = None
    found = found or _parsed(plans, written, country)
    if found is None and re.match(r"00\s?[1-9]", written):
        found = _parsed(plans, "+" + written[2:].lstrip(), None)
    return found and Phone(plans.format_number(found, plans.PhoneNumberFormat.E164), found.extension)


def _parsed(plans: ModuleType, written: str, country: str | None) -> Any:
    try:
        number = plans.parse(written, country)
    except plans.NumberParseException:
        return None
    whole = plans.is_possible_number_with_reason(number) == plans.ValidationResult.IS_POSSIBLE
    # A plus is its own word for where it is; new ranges are not in every plan yet.
    fine = whole and (written.startswith("+") or plans.is_valid_number(number))
    return number if fine else None


@cache
def _plans() -> ModuleType:
    import phonenumbers

    return phonenumbers
