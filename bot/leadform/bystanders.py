"""Whose "User Email" it is: the lead's, or, beside "Invitee Email", that of a colleague who uses the tool.

Taken for the lead's it would make one lead of all whom that colleague has met.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.agreement.matching import simplify

_OF_USER = frozenset({"useremail", "username", "userphone"})
_PART_OF = {"first_name": "name", "last_name": "name"}
_MET = (
    *("invitee", "attendee", "registrant", "participant", "guest"),
    *("lead", "prospect", "contact", "customer", "client"),
)


def may_be_ours(name: str) -> bool:
    """Whether a column or key of this name can be about the user of a tool."""
    return simplify(name) in _OF_USER


def ours(fields: Iterable[tuple[str, str | None]]) -> frozenset[str]:
    """Of the names of a file or a record, each with the field it holds, those that are not about the lead:
    another holds the same of whoever the user has met."""
    told = [(simplify(name), name, _PART_OF.get(field, field)) for name, field in fields if field is not None]
    of_met = {field for plain, _, field in told if plain.startswith(_MET)}
    return frozenset(name for plain, name, field in told if plain in _OF_USER and field in of_met)
