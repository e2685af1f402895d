"""What a message, or a line that somebody typed, says of a person.

Only what can hardly be anything else is taken: whoever sends the form looks it over. Each line is looked at
by itself and no further than `LONGEST`, so that a long message takes no longer than its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.leadform.blanks import is_blank
from bot.leadform.countries import country_code
from bot.leadform.names import read_name
from bot.leadform.sizes import employees
from bot.leadform.text import BadValue

LONGEST = 4_000  # characters that are looked at; a Slack message may have ten times as many
NOTES_LIMIT = 1_000
_LONGEST_LINE = 500
_LONGEST_PHONE = 15  # digits, ITU-T E.164

_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_URL = re.compile(r"https?://\S+")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b")
_PHONE = re.compile(r"(?<![\w/.-])\+?\(?\d[\d\s().\-/]{6,18}\d(?![\w-])")
_WORD = r"[^\W\d_a-z][^\W\d_]{0,40}(?:[-'\u2019][^\W\d_]{1,40}){0,3}"
_PART = rf"(?:{_WORD}|[A-Z0-9&]{{2,20}})"
_NAME_LINE = re.compile(rf"\*?(?:full )?name\*? ?[:=]\*? ?({_WORD}(?: {_WORD}){{1,4}})", re.IGNORECASE)
_COMPANY_LINE = re.compile(r"\*?(?:company|organi[sz]ation)\*? ?[:=]\*? ?(.{2,80})", re.IGNORECASE)
_NAME = re.compile(rf"(?<![\w@#])({_WORD}) ({_WORD}(?: {_WORD})?)(?![\w@])")
_COMPANY = re.compile(rf"\b(?:at|from|of|with) ({_PART}(?: {_PART}){{0,2}})")
_NO_NAMES = frozenset(
    {"i", "we", "the", "this", "that", "hi", "hey", "hello", "dear", "thanks", "thank", "please", "met"}
    | {"just", "call", "ping", "new", "lead", "from"}
)
_EMPLOYEES = re.compile(
    r"(?:about |ca\.? |~ ?)?(\d[\d.,k+ -]{0,15}?)[ -]?(?:employees|people|staff|heads?|headcount|fte"
    r"|mitarbeiter)",
    re.IGNORECASE,
)
_AT = re.compile(r"(.{2,100}?)(?: at | @ | bei | chez )(.{2,100})", re.IGNORECASE)
_SOURCE = re.compile(r"(?:source|via|from)[:= ] ?(.{2,60})", re.IGNORECASE)


def found_in(text: str, campaigns: Sequence[str] = ()) -> dict[str, str]:
    """What a message says of a person: e-mail, phone, names, company, a campaign, and all as a note."""
    lines = [" ".join(line.split())[:_LONGEST_LINE] for line in text[:LONGEST].splitlines()]
    lines = [line for line in lines if line]
    told = {"notes": " ".join(lines)[:NOTES_LIMIT]} if lines else {}
    if email := _first(_EMAIL, lines):
        told["email"] = email[0].rstrip(".")
    bare = [_DATE.sub(" ", _URL.sub(" ", _EMAIL.sub(" ", line))) for line in lines]
    phone = _first(_PHONE, bare)
    if phone and sum(letter.isdigit() for letter in phone[0]) <= _LONGEST_PHONE:
        told["phone"] = phone[0].strip()
    if company := _at_start(_COMPANY_LINE, bare) or _first(_COMPANY, bare):
        told["company"] = company[1].strip(" .,*")
    told |= _name_in(bare, told.get("company", "\0"), told.get("email", ""))
    return told | _campaign(text[:LONGEST], campaigns)


def found_in_line(text: str, campaigns: Sequence[str] = ()) -> dict[str, str]:
    """What a typed line says, part by part: "jane@acme.com, Jane Doe, CTO at ACME, 450 employees, Germany".

    Without commas it is read as a message is. What is nothing else becomes the note.
    """
    parts = [" ".join(part.split()) for part in text[:LONGEST].replace("\n", ",").split(",") if part.strip()]
    if len(parts) < 2:
        return {name: value for name, value in found_in(text, campaigns).items() if name != "notes"}
    told: dict[str, str] = {}
    rest: list[str] = []
    for part in parts:
        found = next((found for read in _PARTS if (found := read(part[:_LONGEST_LINE], told))), None)
        if found is None or found.keys() & told.keys():
            rest.append(part)
        else:
            told |= found
    named = _campaign(text[:LONGEST], campaigns)
    left = [part for part in rest if part.casefold() != named.get("campaign", "").casefold()]
    if left:
        named["notes"] = ", ".join(left)[:NOTES_LIMIT]
    if "email" in told and not told.keys() & {"first_name", "last_name"}:
        named |= _name_of_address(told["email"])
    return told | named


def _first(pattern: re.Pattern[str], lines: Sequence[str]) -> re.Match[str] | None:
    return next((found for line in lines if (found := pattern.search(line))), None)


def _at_start(pattern: re.Pattern[str], lines: Sequence[str]) -> re.Match[str] | None:
    return next((found for line in lines if (found := pattern.match(line.lstrip()))), None)


def _campaign(text: str, campaigns: Sequence[str]) -> dict[str, str]:
    said = text.casefold()
    found = next((one for one in campaigns if one.strip() and one.casefold() in said), None)
    return {"campaign": found} if found else {}


def _name_in(lines: Sequence[str], company: str, email: str) -> dict[str, str]:
    labelled = _at_start(_NAME_LINE, lines)
    if labelled:
        first, _, last = labelled[1].partition(" ")
        return {"first_name": first, "last_name": last}
    for line in lines:
        for found in _NAME.finditer(line.replace(company, " ")):
            if found[1].lower() not in _NO_NAMES:
                return {"first_name": found[1], "last_name": found[2]}
    return _name_of_address(email)


def _name_of_address(email: str) -> dict[str, str]:
    """The names in jane.doe@acme.com."""
    parts = re.split(r"[._]", email.partition("@")[0])
    if len(parts) == 2 and all(part.isalpha() and len(part) > 1 for part in parts):
        return {"first_name": parts[0].capitalize(), "last_name": parts[1].capitalize()}
    return {}


# The parts of a typed line, each read by the first that knows it.

_Told = dict[str, str]


def _email_part(part: str, _told: _Told) -> _Told | None:
    found = _EMAIL.fullmatch(part)
    return {"email": found[0]} if found else None


def _size_part(part: str, _told: _Told) -> _Told | None:
    found = _EMPLOYEES.fullmatch(part)
    if found is None:
        return None
    try:
        return {"employees": str(employees(found[1].strip())[0])}
    except BadValue:
        return None


def _phone_part(part: str, _told: _Told) -> _Told | None:
    found = _PHONE.fullmatch(part)
    digits = sum(letter.isdigit() for letter in part)
    return {"phone": part} if found and digits <= _LONGEST_PHONE and not _DATE.search(part) else None


def _job_part(part: str, _told: _Told) -> _Told | None:
    found = _AT.fullmatch(part)
    return {"title": found[1].strip(), "company": found[2].strip()} if found else None


def _source_part(part: str, _told: _Told) -> _Told | None:
    found = _SOURCE.fullmatch(part)
    return {"source": found[1].strip()} if found else None


def _country_part(part: str, _told: _Told) -> _Told | None:
    return {"country": part} if len(part) > 2 and country_code(part) else None


def _name_part(part: str, told: _Told) -> _Told | None:
    """The first part of two words or more that may be somebody's name."""
    if told.keys() & {"first_name", "last_name"} or is_blank(part) or not 2 <= len(part.split()) <= 5:
        return None
    person = None if any(letter.isdigit() for letter in part) else read_name(part, None)
    if person is None or not (person.first and person.last):
        return None
    return {"first_name": person.first, "last_name": person.last}


def _company_part(part: str, told: _Told) -> _Told | None:
    """What follows the person is a company: a few words of which the first is no small one."""
    words = part.split()
    if "company" in told or not told.keys() & {"email", "first_name", "last_name"}:
        return None
    is_name = len(words) == 1 or (len(words) <= 4 and not words[0][0].islower())
    return {"company": part} if is_name and part[0].isalnum() else None


_PARTS: tuple[Callable[[str, _Told], _Told | None], ...] = (
    _email_part,
    _size_part,
    _phone_part,
    _source_part,
    _country_part,
    _job_part,
    _name_part,
    _company_part,
)
