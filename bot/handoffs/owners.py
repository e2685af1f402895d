"""Who in Slack is meant by the owner that a CRM names: by id, by e-mail address, or by name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import Connection

from storage import people

_USER = re.compile(r"[UW][A-Z0-9]{4,}")
_IN_BRACKETS = re.compile(r"(.*?)\s*[(<]([^()<>\s]+@[^()<>\s]+)[)>]")


def owner_named(tx: Connection, users: Iterable[str], written: str | None) -> str | None:
    """Which of these people, by Slack id, a CRM's owner is; None for somebody else.

    "Jane Doe (jane@acme.com)" is whoever has the address, else the name. People are known by what Slack said
    of them.
    """
    text = (written or "").strip()
    if not text:
        return None
    among = set(users)
    if _USER.fullmatch(text):
        return text if text in among else None
    both = _IN_BRACKETS.fullmatch(text)
    wanted = [part.casefold() for part in (reversed(both.groups()) if both else (text,)) if part]
    known = people.among(tx, sorted(among))
    for each in wanted:
        for user, person in known.items():
            if each in {(person.email or "").casefold(), (person.name or "").casefold()}:
                return user
    return None
