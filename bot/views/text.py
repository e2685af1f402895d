"""Words and marks of Slack's mrkdwn: escaping, cutting, times, people, links, money, counts, lengths of time.

Every value that people or other systems wrote passes through `escape` (or `short`) before it stands in
mrkdwn. Which words a surface uses is the business of the files beside this one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote as percent
from urllib.parse import urlsplit

from storage.models import Actor, member_of

ELLIPSIS = "…"
URL_LIMIT = 3000  # Slack's limit for the address of a button
INLINE_URL_LIMIT = 700  # a link in running text; longer ones would crowd out the text of their section

_ENTITY = re.compile(r"&(?:amp|lt|gt);")
# Controls, lone surrogates, and the marks that turn the direction of all that follows: no surface shows them.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_FIRST_TO_THE_LEFT = "\u0590"  # where Hebrew begins; no letter before it is written from right to left
_LONGEST_LETTER = 40  # code points: a family of four with skin tones has eleven
_FLAG = ("\U0001f1e6", "\U0001f1ff")
_TAILS = frozenset(["\u200d", "\ufe0f", *map(chr, (*range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080)))])
"""What belongs to the emoji before it: a joiner, its colour, the rest of a flag."""
_TRAILING = re.compile(r"[\s\u200d]+$")
# Slack's ids have a digit somewhere or are long; a plain word from a CRM is neither.
_PERSON = re.compile(r"[UW](?=[A-Z0-9]*\d|[A-Z0-9]{8})[A-Z0-9]{2,}")
_GROUP = re.compile(r"S(?=[A-Z0-9]*\d|[A-Z0-9]{8})[A-Z0-9]{2,}")
_CHANNEL = re.compile(r"[CG](?=[A-Z0-9]*\d|[A-Z0-9]{8})[A-Z0-9]{2,}")
_MAILBOX = re.compile(r"[^\s<>|&@,;?]+@[^\s<>|&@,;?]+")
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
ACTOR_WORDS: Mapping[Actor, str] = {
    Actor.BATON: "Baton",
    Actor.CRM: "the CRM",
    Actor.IMPORT: "an import",
}
TOKEN = "api:"
"""How an actor begins that is a caller of the API: after it stands the name of their token."""
_UNITS = (("days", 86400), ("h", 3600), ("min", 60), ("s", 1))


def escape(text: str) -> str:
    """The text with `&`, `<` and `>` as Slack's entities, so that it can mention nobody and link nowhere."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def units(text: str) -> int:
    """How long a text is to Slack, at worst: in UTF-16 units, of which an emoji has two or more."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """The beginning of a text, of at most `limit` units; what is read as one letter is not split."""
    return text if units(text) <= limit else text[: _end(text, limit)]


def cut(text: str, limit: int) -> str:
    """mrkdwn of at most `limit` (≥ 1) UTF-16 units, with "…" where something is missing.

    Neither an entity (`&amp;`), nor a whole mark in angle brackets, nor what is read as one letter (a flag, a
    family) is ever split.
    """
    if units(text) <= limit:
        return text
    end = _end(text, limit - 1)
    mark = text.rfind("<", 0, end)
    if mark != -1 and text.find(">", mark) >= end:
        end = mark
    for entity in _ENTITY.finditer(text, max(0, end - 4), end + 5):
        if entity.start() < end < entity.end():
            end = entity.start()
    return _TRAILING.sub("", text[:end]) + ELLIPSIS


def _end(text: str, limit: int) -> int:
    """Where the text has to end, to be of at most `limit` units, between what is read as two letters."""
    end = max(0, min(limit, len(text)))
    over = units(text[:end]) - limit
    while over > 0 and end:
        end -= 1
        over -= units(text[end])
    for place in range(end, max(0, end - _LONGEST_LETTER), -1):
        if not _goes_on(text, place):
            return place
    return 0 if end < _LONGEST_LETTER else end  # no letter is so long: it is noise, and may be split


def _goes_on(text: str, place: int) -> bool:
    """Whether the letter before this place goes on after it."""
    before, after = text[place - 1], text[place : place + 1]
    if not after:
        return False
    if _FLAG[0] <= after <= _FLAG[1]:  # flags are two signs each
        first = place
        while first and _FLAG[0] <= text[first - 1] <= _FLAG[1]:
            first -= 1
        return (place - first) % 2 == 1
    return before == "\u200d" or after in _TAILS or unicodedata.category(after) in ("Mn", "Me", "Mc")


def cut_plain(text: str, limit: int) -> str:
    """Text for a plain_text object, unescaped: at most `limit` (≥ 1) UTF-16 units once Slack escapes it."""
    escaped = escape(text[: limit + 1])  # no more can be left of it
    if units(escaped) <= limit:
        return text
    return unescape(cut(escaped, limit))


def unescape(text: str) -> str:
    """The text as it was typed, from how Slack sends it: `AT&amp;T` is AT&T."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def flat(text: str) -> str:
    """The text on one line, without control characters or marks that turn the direction of what follows."""
    seen = text if text.isprintable() else _UNSEEN.sub("", text)
    return " ".join(seen.split())


def short(text: str | None, limit: int) -> str:
    """A stored value made ready for a line of mrkdwn: flat, escaped, cut to units; empty if it says nothing.

    Text that runs from right to left is isolated, so that it does not turn its neighbours round.
    """
    value = cut(escape(flat(text or "")[: limit + 1]), limit)
    if max(value, default="") >= _FIRST_TO_THE_LEFT and any(map(_goes_to_the_left, value)):
        return f"\u2068{cut(value, limit - 2)}\u2069"
    return value


@lru_cache(maxsize=4096)
def _goes_to_the_left(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in ("R", "AL")


def quoted(text: str, limit: int) -> str:
    """What a person wrote, as a quotation of at most `limit` characters before the marks; lines are kept."""
    lines = (flat(line) for line in text.splitlines())
    words = cut(escape("\n".join(line for line in lines if line)), limit)
    return "\n".join(f"> {line}" for line in words.split("\n"))


def local_time(moment: datetime) -> str:
    """An aware moment that each reader sees in their own time zone."""
    stamp, fallback = int(moment.timestamp()), moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{stamp}^{{date_short_pretty}} {{time}}|{fallback}>"


def local_day(moment: datetime) -> str:
    """The day of an aware moment, in each reader's own time zone."""
    stamp, fallback = int(moment.timestamp()), moment.astimezone(UTC).strftime("%Y-%m-%d")
    return f"<!date^{stamp}^{{date_short_pretty}}|{fallback}>"


def local_ago(moment: datetime) -> str:
    """How long ago an aware moment was, whenever it is read: "5 minutes ago"."""
    fallback = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(moment.timestamp())}^{{ago}}|{fallback}>"


def mention(user_id: str) -> str:
    """A person or a user group by Slack id; in a posted message their name, which rings nobody (see `call`).

    What is no id is shown as escaped text.
    """
    if _PERSON.fullmatch(user_id):
        return f"<@{user_id}>"
    if _GROUP.fullmatch(user_id):
        return f"<!subteam^{user_id}>"
    return short(user_id, 60) or "somebody"


NAMED = re.compile(r"<@([UW][A-Z0-9]+)>")
CALLED = re.compile(r"<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+)\|call>")


def call(user_id: str) -> str:
    """A person or user group who has to act: a posted message rings these, and nobody whom it only names.

    What is no id is shown as escaped text and calls nobody.
    """
    found = mention(user_id)
    return f"{found[:-1]}|call>" if found.startswith("<") else found


def who(actor: str) -> str:
    """The actor of an event: a person by mention, else what stood in for one, such as the CRM."""
    if actor.startswith(TOKEN):
        return f"the API ({short(actor.removeprefix(TOKEN), 60)})"
    known = member_of(Actor, actor)
    return ACTOR_WORDS[known] if known is not None else mention(actor)


def place(place_id: str) -> str:
    """A channel by link and id (the link alone says nothing where Slack cannot find it), or a person."""
    if _CHANNEL.fullmatch(place_id):
        return f"<#{place_id}> ({place_id})"
    return mention(place_id)


def web_address(url: str | None) -> str | None:
    """The address made safe for a mark or a button, or None if it is not http(s) or too long to keep."""
    address = percent(flat(url or ""), safe="!#$%&'()*+,/:;=?@[]~")
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return address if known and len(escape(address)) <= URL_LIMIT else None


def link(url: str | None, label: str) -> str:
    """A link with a label from data; the label alone where the address is not http(s) or is very long."""
    words, address = short(label, 150), escape(web_address(url) or "")
    return f"<{address}|{words or cut(address, 60)}>" if 0 < len(address) <= INLINE_URL_LIMIT else words


def email_link(email: str) -> str:
    """An e-mail address to tap; as text where it cannot be one."""
    shown = short(email, 120)
    tappable = len(email) <= 254 and flat(email) == email and _MAILBOX.fullmatch(email)
    return f"<mailto:{email}|{shown}>" if tappable else shown


def phone_link(phone: str) -> str:
    """A phone number to tap; as text where it cannot be one."""
    shown, digits = short(phone, 40), re.sub(r"[\s().\-/]", "", phone)
    return f"<tel:{digits}|{shown}>" if re.fullmatch(r"\+?[0-9]{5,15}", digits) else shown


def money(minor: int, currency: str | None) -> str:
    """An amount given in hundredths: "$1,200", "€99.50", "1,200 SEK"."""
    whole, cents = divmod(abs(minor), 100)
    figure = f"{whole:,}" + (f".{cents:02}" if cents else "")
    minus, code = "-" if minor < 0 else "", flat(currency or "").upper()
    if code in _SIGNS:
        return f"{minus}{_SIGNS[code]}{figure}"
    return f"{minus}{figure} {short(code, 12)}".rstrip()


def plural(count: int, noun: str, many: str | None = None) -> str:
    """A count and its noun: "1 lead", "2,000 leads"; `many` where the plural is no plain "s"."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def about(length: timedelta) -> str:
    """A length of time in one unit, the next whole one: "5 min", "3 h", "2 days". At least a minute."""
    minutes = max(1, -int(-length.total_seconds() // 60))
    if minutes <= 90:
        return f"{minutes} min"
    hours = -(-minutes // 60)
    return f"{hours} h" if hours <= 36 else f"{round(hours / 24)} days"


def duration(length: timedelta) -> str:
    """A length of time in its two greatest units: "4 min", "2 h 5 min", "3 days". Never below "0 s"."""
    left = max(0, int(length.total_seconds()))
    parts: list[tuple[int, str]] = []
    for unit, size in _UNITS:
        count, rest = divmod(left, size)
        if count or parts:
            parts.append((count, unit))
            if len(parts) == 2:
                break
        left = rest
    words = [f"{count:,} {unit if (unit, count) != ('days', 1) else 'day'}" for count, unit in parts if count]
    return " ".join(words) or "0 s"
