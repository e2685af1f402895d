"""Who may do what: every deed for every role, one table against another."""

from __future__ import annotations

import itertools

import pytest

from bot.agreement import Agreement, default_agreement
from bot.agreement.book import AgreementBook
from bot.errors import NotAllowed
from bot.rules.roles import MAY, Permission, Role, require, require_anywhere, roles_anywhere, roles_of

ADMIN, MARKETER, CMO, MANAGER, OWNER, COLLEAGUE, STRANGER = (
    *("U0ADMIN", "U0MARA", "U0CMO", "U0MGR", "U0REP1", "U0REP2"),
    "U0NOBODY",
)
PEOPLE = {
    ADMIN: "admin",
    MARKETER: "marketing",
    CMO: "marketing's manager",
    MANAGER: "manager",
    OWNER: "owner",
    COLLEAGUE: "colleague",
    STRANGER: "stranger",
}
SALES = {ADMIN, MANAGER, OWNER, COLLEAGUE}
HOLDER = {ADMIN, MANAGER, OWNER}
MANAGERS = {ADMIN, MANAGER}
MARKETING = {ADMIN, MARKETER, CMO}
MAY_DO: dict[Permission, set[str]] = {
    Permission.ACCEPT: SALES,
    Permission.REJECT: SALES,
    Permission.TOUCH: HOLDER,
    Permission.OUTCOME: HOLDER,
    Permission.SNOOZE: HOLDER,
    Permission.REASSIGN: MANAGERS,
    Permission.TAKE: MANAGERS,
    Permission.SPLIT: MANAGERS,
    Permission.MORE_TIME: MANAGERS,
    Permission.SET_AWAY: MANAGERS,
    Permission.MORE_TIME_TO_ANSWER: {ADMIN, CMO},
    Permission.DISPUTE: MARKETING,
    Permission.RULE: MANAGERS,
    Permission.SAY_WHAT_HELPED: SALES | MARKETING,
    Permission.CHANGE_AGREEMENT: {ADMIN},
    Permission.PROPOSE: MANAGERS | {CMO},
}
MAY_DO_ANYWHERE: dict[Permission, set[str]] = {
    Permission.ADD: SALES | MARKETING,
    Permission.GO_AWAY: {OWNER, COLLEAGUE},
    Permission.CHANGE_AGREEMENT: {ADMIN},
    Permission.FORGET: {ADMIN},
    Permission.PROPOSE: MANAGERS | {CMO},
}


@pytest.fixture
def agreement() -> Agreement:
    return default_agreement().agreement


@pytest.fixture
def book(agreement: Agreement) -> AgreementBook:
    return AgreementBook(agreement, 1)


def test_the_tables_name_every_deed() -> None:
    assert MAY_DO.keys() | MAY_DO_ANYWHERE.keys() == set(Permission) == MAY.keys()


@pytest.mark.parametrize(("permission", "user"), [*itertools.product(MAY_DO, PEOPLE)])
def test_each_deed_is_for_some_and_not_for_others(
    permission: Permission, user: str, book: AgreementBook
) -> None:
    team = book.current.team("Enterprise")
    if user in MAY_DO[permission]:
        require(book, user, permission, team, OWNER)
        return
    with pytest.raises(NotAllowed) as refused:
        require(book, user, permission, team, OWNER)
    assert refused.value.action == permission.value
    assert refused.value.who_can, "a refusal names who could do it instead"
    assert set(refused.value.who_can) <= MAY_DO[permission]


@pytest.mark.parametrize(("permission", "user"), [*itertools.product(MAY_DO_ANYWHERE, PEOPLE)])
def test_what_is_about_no_lead_is_for_whoever_has_the_role_in_any_team(
    permission: Permission, user: str, book: AgreementBook
) -> None:
    if user in MAY_DO_ANYWHERE[permission]:
        require_anywhere(book, user, permission)
        return
    with pytest.raises(NotAllowed) as refused:
        require_anywhere(book, user, permission)
    assert refused.value.action == permission.value


@pytest.mark.parametrize("permission", MAY_DO)
def test_a_rep_of_another_team_may_do_nothing_of_sales(permission: Permission, book: AgreementBook) -> None:
    with pytest.raises(NotAllowed):
        require(book, "U0REP3", permission, book.current.team("Enterprise"), OWNER)


def test_whoever_left_the_team_may_no_longer_do_what_its_reps_do(agreement: Agreement) -> None:
    team = agreement.teams[0]
    smaller = team.model_copy(update={"reps": team.reps[1:]})
    book = AgreementBook(agreement.model_copy(update={"teams": (smaller, *agreement.teams[1:])}), 2)
    with pytest.raises(NotAllowed) as refused:
        require(book, OWNER, Permission.ACCEPT, smaller, OWNER)
    assert COLLEAGUE in refused.value.who_can


def test_somebody_may_have_several_roles(book: AgreementBook) -> None:
    assert roles_anywhere(book, MANAGER) == {Role.MANAGER}
    assert roles_of(book, OWNER, book.current.teams[0], OWNER) == {Role.REP, Role.OWNER}
    assert roles_anywhere(book, STRANGER) == frozenset()


def test_a_user_group_stands_for_the_people_in_it(agreement: Agreement) -> None:
    roles = agreement.roles.model_copy(update={"marketing": ("S0MARKETING",)})
    groups = {"S0MARKETING": frozenset({"U0MARA", "U0NEW"})}
    book = AgreementBook(agreement.model_copy(update={"roles": roles}), 1, groups)
    assert Role.MARKETING in roles_anywhere(book, "U0NEW")
    assert Role.MARKETING not in roles_anywhere(book, STRANGER)
    with pytest.raises(NotAllowed) as refused:
        require(book, OWNER, Permission.DISPUTE, agreement.teams[0], OWNER)
    assert "S0MARKETING" in refused.value.who_can, "a group is named as such, and not everybody in it"
