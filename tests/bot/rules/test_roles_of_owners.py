"""Who may work a lead when nobody holds it, its owner left the team, or the team is gone."""

from __future__ import annotations

import pytest

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook
from bot.errors import NotAllowed
from bot.rules.roles import Permission, Role, require, roles_of

BOOK = AgreementBook(default_agreement().agreement, 1)
TEAM = BOOK.current.team("Enterprise")


@pytest.mark.parametrize("rep", ["U0REP1", "U0REP2"])
def test_what_nobody_holds_is_every_reps_of_its_team(rep: str) -> None:
    require(BOOK, rep, Permission.TOUCH, TEAM, None)
    with pytest.raises(NotAllowed):
        require(BOOK, "U0REP3", Permission.TOUCH, TEAM, None)


def test_who_left_the_team_no_longer_works_its_leads_and_is_not_named() -> None:
    with pytest.raises(NotAllowed) as refused:
        require(BOOK, "U0GONE", Permission.TOUCH, TEAM, "U0GONE")
    assert refused.value.team == "Enterprise"
    assert refused.value.who_can == ("U0MGR", "U0ADMIN")


def test_the_owner_of_a_lead_whose_team_is_gone_still_works_it() -> None:
    assert roles_of(BOOK, "U0REP1", None, "U0REP1") == {Role.OWNER}
    require(BOOK, "U0REP1", Permission.OUTCOME, None, "U0REP1")


def test_a_refusal_names_the_colleague_who_has_it() -> None:
    with pytest.raises(NotAllowed) as refused:
        require(BOOK, "U0REP2", Permission.TOUCH, TEAM, "U0REP1")
    assert (refused.value.holder, refused.value.team) == ("U0REP1", None)
