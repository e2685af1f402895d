"""The keys by which leads and companies are told apart: e-mail, domain, company name.

Keys are stored and compared, so a change here needs a migration. What people read stays as they wrote it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import idna

from bot.leadform import legal_forms
from bot.leadform.domains import is_mailbox_provider, is_page_host, registrable_domain
from bot.memory import remembered

_LONGEST_DOMAIN = 253  # RFC 1035, 2.3.4

_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_EDGES = re.compile(r"^[\s.]+|[\s.]+$")
_BARE = re.compile(r"[\w.+-]+@[\w.-]+")  # an address that holds no sign of a web address
_AFTER_HOST = re.compile(r"[/?#\\]")
_PORT = re.compile(r":\d*$")
_WWW = re.compile(r"^(?:www\.)+(?=.*\.)")
_SCHEME = re.compile(r"^(?:mailto:|(?:[a-z][a-z0-9+.-]*:)?//)")

_ABBREVIATION = re.compile(r"\b(\w)[./](?=\w\b)")  # "S.A.", "A/S" are one word
_APOSTROPHE = re.compile(r"['\u2019](?=\w)")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_VOICED = 8  # the class of the marks that make ga of ka
_AROUND = " \t.,;:\"'"  # what may stand around a name; brackets may be a form's own
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    for _ in range(2):  # composing may bring back a letter that folds again
        text = unicodedata.normalize("NFC", text.casefold())
    return text


def ascii_domain(domain: str) -> str:
    """A domain in the form that goes over the wire: lower case, international names as `xn--…` (UTS 46)."""
    domain = _EDGES.sub("", domain).lower()
    if domain.isascii() or len(domain) > _LONGEST_DOMAIN:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii").strip(".").lower()
    except UnicodeError:
        return _fold(domain)


def email_key(email: str) -> str:
    """The key under which an address is one person: no case, no plus-tag, the domain in its wire form.

    Dots stay: only some providers ignore them. The key of a key is itself.
    """
    local, at, domain = email.strip().rpartition("@")
    if not at:
        return _fold(domain)
    local = local.partition("+")[0] or local
    return f"{_fold(local)}@{ascii_domain(domain)}"


def email_domain(email: str) -> str | None:
    """The host of an address in its wire form, mailbox providers included; None where it has none."""
    _, at, domain = email.rpartition("@")
    return host_of(domain) if at else None


def host_of(text: str) -> str | None:
    """The host of a domain, web address or e-mail address, without `www.`; None where there is none."""
    text = _SCHEME.sub("", text.strip().lower())
    text = _AFTER_HOST.split(text, maxsplit=1)[0].rpartition("@")[2]
    host = _WWW.sub("", ascii_domain(_PORT.sub("", text)))
    return host if len(host) <= _LONGEST_DOMAIN and _HOST.fullmatch(host) else None


def company_domain(*candidates: str | None) -> str | None:
    """The first domain, among domains, websites and e-mail addresses, that stands for a company.

    It is the registrable one: `acme.com` for `emea.acme.com`. Mailbox providers are no company, nor is a page
    at a social network; IP addresses and names without a dot are no domains. None where no candidate fits.
    """
    return next(filter(None, map(_company_of, filter(None, candidates))), None)


def _company_of(candidate: str) -> str | None:
    _, at, domain = candidate.rpartition("@")
    if at and _BARE.fullmatch(candidate):
        return _company_behind(f"@{domain}")  # whoever it is: a file has many people of one company
    return _company_behind(candidate)


@remembered(8192)
def _company_behind(candidate: str) -> str | None:
    host = host_of(candidate)
    if host is None or is_mailbox_provider(host) or ("@" not in candidate and is_page_host(host)):
        return None
    return registrable_domain(host)


def _without_case(name: str) -> str:
    """A name without case and accents, each syllable one letter again."""
    if name.isascii():
        return name.lower()
    parts = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(c for c in parts if unicodedata.combining(c) in (0, _VOICED))
    return unicodedata.normalize("NFC", bare.casefold().translate(_UNDECOMPOSED))


def _words(plain: str) -> list[str]:
    return _BETWEEN_WORDS.sub(" ", _APOSTROPHE.sub("", _ABBREVIATION.sub(r"\1", plain))).split()


def _joined(forms: Iterable[str]) -> frozenset[str]:
    return frozenset("".join(_words(_without_case(form))) for form in forms)


_BEHIND = _joined(legal_forms.BEHIND)
_IN_FRONT = _joined(form for form in legal_forms.IN_FRONT if " " not in form)
_IN_FRONT_AS_WORDS = _joined(form for form in legal_forms.IN_FRONT if " " in form)
_STUCK = tuple(sorted(map(_without_case, legal_forms.STUCK), key=len, reverse=True))
_MOST_WORDS = 5  # "S. de R.L. de C.V."


def _without_stuck_forms(plain: str) -> str:
    """Without the forms that need no space, on either side; a name that is nothing else keeps the last."""
    while not plain.isascii():
        rests = (plain.removesuffix(form).removeprefix(form) for form in _STUCK)
        rest = next((rest.strip(_AROUND) for rest in rests if rest != plain), plain)
        if rest == plain or not _words(rest):
            break
        plain = rest
    return plain


def _without_legal_forms(words: list[str]) -> list[str]:
    """Without every form behind and the one in front, the longest first; one word is always left."""
    while size := _form_behind(words):
        words = words[:-size]
    return words[_form_in_front(words) :]


def _form_behind(words: list[str]) -> int:
    """Of how many words the longest form behind a name is: a form may be written in letters."""
    return next((n for n in _sizes(words) if "".join(words[-n:]) in _BEHIND), 0)


def _form_in_front(words: list[str]) -> int:
    several = (n for n in _sizes(words) if n > 1 and "".join(words[:n]) in _IN_FRONT_AS_WORDS)
    return next(several, 1 if len(words) > 1 and words[0] in _IN_FRONT else 0)


def _sizes(words: list[str]) -> range:
    return range(min(_MOST_WORDS, len(words) - 1), 0, -1)


@remembered(8192)
def company_key(name: str) -> str:
    """A company's name without case, accents, punctuation and legal forms: "Müller & Co. KG" → "muller".

    For finding a company by what somebody typed; two companies may share a key. A name that is nothing but a
    legal form keeps it.
    """
    plain = _without_case(name)
    words = _without_legal_forms(_words(_without_stuck_forms(plain.strip(_AROUND))))
    return " ".join(words) or " ".join(plain.split())


def full_name(first: str | None, last: str | None, fallback: str = "") -> str:
    """First and last name in one, or the fallback for somebody who gave neither."""
    return " ".join(part for part in (first, last) if part) or fallback
