"""Who may do what: one table of actions and the roles that may take them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from bot.agreement.book import AgreementBook
from bot.agreement.model import Team
from bot.errors import NotAllowed, NotPossible, Obstacle


class Role(StrEnum):
    """What somebody is to a lead's team."""

    ADMIN = "admin"
    MARKETING = "marketing"
    MARKETING_MANAGER = "marketing_manager"
    MANAGER = "manager"  # of the lead's team, or their stand-in
    REP = "rep"  # of the lead's team
    OWNER = "owner"  # holds the lead; what nobody holds is every rep's of its team


class Permission(StrEnum):
    """What can be done to a lead, in the words that a refusal uses."""

    ACCEPT = "accept this lead"
    REJECT = "reject this lead"
    TOUCH = "log contact with this lead"
    OUTCOME = "set the outcome of this lead"
    SNOOZE = "snooze this lead"
    REASSIGN = "reassign this lead"
    TAKE = "take this lead over"
    SPLIT = "split this lead"
    MORE_TIME = "give more time for this lead"
    MORE_TIME_TO_ANSWER = "give more time to answer this rejection"
    DISPUTE = "answer this rejection"
    RULE = "decide on this rejection"
    SAY_WHAT_HELPED = "say what helped with this lead"
    ADD = "add leads"
    GO_AWAY = "set yourself away"
    SET_AWAY = "set them away"
    CHANGE_AGREEMENT = "change the agreement"
    FORGET = "remove a person from Baton"
    PROPOSE = "propose a change to the agreement"


_SALES = frozenset({Role.REP, Role.MANAGER, Role.ADMIN})
_HOLDER = frozenset({Role.OWNER, Role.MANAGER, Role.ADMIN})
_MANAGER = frozenset({Role.MANAGER, Role.ADMIN})

MAY: dict[Permission, frozenset[Role]] = {
    Permission.ACCEPT: _SALES,
    Permission.REJECT: _SALES,
    Permission.TOUCH: _HOLDER,
    Permission.OUTCOME: _HOLDER,
    Permission.SNOOZE: _HOLDER,
    Permission.REASSIGN: _MANAGER,
    Permission.TAKE: _MANAGER,
    Permission.SPLIT: _MANAGER,
    Permission.MORE_TIME: _MANAGER,
    Permission.MORE_TIME_TO_ANSWER: frozenset({Role.MARKETING_MANAGER, Role.ADMIN}),
    Permission.DISPUTE: frozenset({Role.MARKETING, Role.MARKETING_MANAGER, Role.ADMIN}),
    Permission.RULE: _MANAGER,
    Permission.SAY_WHAT_HELPED: _SALES | {Role.MARKETING, Role.MARKETING_MANAGER},
    Permission.ADD: _SALES | {Role.MARKETING, Role.MARKETING_MANAGER},
    Permission.GO_AWAY: frozenset({Role.REP}),
    Permission.SET_AWAY: _MANAGER,
    Permission.CHANGE_AGREEMENT: frozenset({Role.ADMIN}),
    Permission.FORGET: frozenset({Role.ADMIN}),
    Permission.PROPOSE: _MANAGER | {Role.MARKETING_MANAGER},
}


def who_hears_of_rejections(book: AgreementBook, campaign: str | None) -> tuple[str, ...]:
    """Where marketing hears of a rejection: its channel, else the campaign's owner, else every marketer."""
    agreement = book.current
    known = agreement.campaign(campaign)
    if agreement.marketing.channel:
        return (agreement.marketing.channel,)
    if known is not None and known.owner:
        return (known.owner,)
    return tuple(sorted(book.people_in(agreement.roles.marketing)))


def who_is_to_answer(
    book: AgreementBook, campaign: str | None, team: str, is_gone: Callable[[str], bool]
) -> list[str]:
    """Whom to remind of an answer: the campaign's owner, if they are there and may give it, else where
    marketing hears: its channel, else those of marketing who are there, else all of them."""
    agreement = book.current
    known = agreement.campaign(campaign)
    owner = known.owner if known is not None and known.owner and not is_gone(known.owner) else None
    if owner and MAY[Permission.DISPUTE] & roles_of(book, owner, agreement.team(team)):
        return [owner]
    if agreement.marketing.channel:
        return [agreement.marketing.channel]
    everybody = sorted(book.people_in(agreement.roles.marketing))
    return [user for user in everybody if not is_gone(user)] or everybody


def roles_of(book: AgreementBook, user: str, team: Team | None, owner: str | None = None) -> frozenset[Role]:
    """Every role that somebody has towards a lead of this team that this owner holds."""
    agreement = book.current
    in_team = team is not None and team.rep(user) is not None
    held = {
        Role.ADMIN: user in book.people_in(agreement.roles.admins),
        Role.MARKETING: user in book.people_in(agreement.roles.marketing),
        Role.MARKETING_MANAGER: user in agreement.marketing.deciders,
        Role.MANAGER: team is not None and user in team.deciders,
        Role.REP: in_team,
        Role.OWNER: owner == user if team is None else in_team and owner in (None, user),
    }
    return frozenset(role for role, has in held.items() if has)


def roles_anywhere(book: AgreementBook, user: str) -> frozenset[Role]:
    """Every role that somebody has in the agreement, whatever the team; none: it does not know them."""
    held = frozenset(role for team in book.current.teams for role in roles_of(book, user, team))
    return held - {Role.OWNER}


def require_anywhere(book: AgreementBook, user: str, permission: Permission) -> None:
    """Let pass who may do what is about no single lead. Raises NotAllowed, naming who could, for others."""
    allowed, agreement = MAY[permission], book.current
    if allowed & roles_anywhere(book, user):
        return
    who_can = [one for team in agreement.teams for one in _who_can(book, allowed - {Role.REP}, team, None)]
    raise NotAllowed(permission.value, tuple(dict.fromkeys(who_can)))


def require_absence(book: AgreementBook, actor: str, user: str) -> None:
    """Let pass who may say that this person is away: they themselves, a manager of theirs, an admin.

    Managers may be away too, marketing's as well: somebody else is told in their place. Raises NotPossible
    for a person who is neither, NotAllowed, naming who could, for everyone else.
    """
    teams = [team for team in book.current.teams if team.rep(user) or user in team.deciders]
    of_marketing = user in book.current.marketing.deciders
    if not teams and not of_marketing:
        raise NotPossible(Obstacle.NO_REP, by=user)
    allowed = MAY[Permission.SET_AWAY]
    if of_marketing and (Role.MARKETING_MANAGER in (held := roles_of(book, actor, None)) or allowed & held):
        return
    if actor == user or any(allowed & roles_of(book, actor, team) for team in teams):
        return
    sides = [*teams, *([None] if of_marketing else [])]
    more = {Role.MARKETING_MANAGER} if of_marketing else set()
    who_can = [one for team in sides for one in _who_can(book, allowed | more, team, None)]
    raise NotAllowed(Permission.SET_AWAY.value, tuple(dict.fromkeys(who_can)))


def require(
    book: AgreementBook, user: str, permission: Permission, team: Team | None, owner: str | None = None
) -> None:
    """Let pass who may. Raises NotAllowed, naming who could, for everyone else."""
    allowed, held = MAY[permission], roles_of(book, user, team, owner)
    if allowed & held:
        return
    who_can = _who_can(book, allowed, team, owner)
    if Role.REP in held:  # their team's, so something else stands in the way
        holder = owner if Role.OWNER in allowed else None
        raise NotAllowed(permission.value, who_can, holder=holder)
    raise NotAllowed(permission.value, who_can, team.name if team else None)


def _who_can(
    book: AgreementBook, allowed: frozenset[Role], team: Team | None, owner: str | None
) -> tuple[str, ...]:
    """The nearest people first: the owner, the team's reps, its manager, then marketing and the admins."""
    reps, marketing = tuple(rep.user for rep in team.reps) if team else (), book.current.marketing
    holders = tuple(user for user in reps if user == owner) if owner and team else reps
    named: list[tuple[Role, tuple[str, ...]]] = [
        (Role.OWNER, holders if team or not owner else (owner,)),
        (Role.REP, reps),
        (Role.MANAGER, team.deciders if team else ()),
        (Role.MARKETING, book.current.roles.marketing),
        (Role.MARKETING_MANAGER, marketing.deciders),
        (Role.ADMIN, book.current.roles.admins),
    ]
    return tuple(dict.fromkeys(user for role, users in named if role in allowed for user in users))
