"""Who may do what: one table of actions and the roles that may take them."""

from __future__ import annotations

from enum import StrEnum

from bot.agreement.book import AgreementBook
from bot.agreement.model import Team
from bot.errors import NotAllowed


class Role(StrEnum):
    """What somebody is to a lead's team."""

    ADMIN = "admin"
    MARKETING = "marketing"
    MANAGER = "manager"  # of the lead's team
    REP = "rep"  # of the lead's team
    OWNER = "owner"  # holds the lead


class Deed(StrEnum):
    """What can be done to a lead, in the words that a refusal uses."""

    ACCEPT = "accept this lead"
    REJECT = "reject this lead"


_SALES = frozenset({Role.REP, Role.MANAGER, Role.ADMIN})

MAY: dict[Deed, frozenset[Role]] = {
    Deed.ACCEPT: _SALES,
    Deed.REJECT: _SALES,
}


def roles_of(book: AgreementBook, user: str, team: Team | None, owner: str | None = None) -> frozenset[Role]:
    """Every role that somebody has towards a lead of this team that this owner holds."""
    agreement = book.current
    held = {
        Role.ADMIN: user in book.people_in(agreement.roles.admins),
        Role.MARKETING: user in book.people_in(agreement.roles.marketing),
        Role.MANAGER: team is not None and user == team.manager,
        Role.REP: team is not None and team.rep(user) is not None,
        Role.OWNER: owner is not None and user == owner,
    }
    return frozenset(role for role, has in held.items() if has)


def require(book: AgreementBook, user: str, deed: Deed, team: Team | None, owner: str | None = None) -> None:
    """Let pass who may. Raises NotAllowed, naming who could, for everyone else."""
    allowed = MAY[deed]
    if allowed & roles_of(book, user, team, owner):
        return
    raise NotAllowed(deed.value, _who_can(book, allowed, team, owner), team.name if team else None)


def _who_can(
    book: AgreementBook, allowed: frozenset[Role], team: Team | None, owner: str | None
) -> tuple[str, ...]:
    """The nearest people first: the owner, the team's reps, its manager, then marketing and the admins."""
    named: list[tuple[Role, tuple[str, ...]]] = [
        (Role.OWNER, (owner,) if owner else ()),
        (Role.REP, tuple(rep.user for rep in team.reps) if team else ()),
        (Role.MANAGER, (team.manager,) if team else ()),
        (Role.MARKETING, book.current.roles.marketing),
        (Role.ADMIN, book.current.roles.admins),
    ]
    return tuple(dict.fromkeys(user for role, users in named if role in allowed for user in users))
