"""Who signs a change of the agreement: somebody for marketing, and somebody for sales."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import MarketingSide, Team
from bot.rules.in_charge import in_charge


class Side(StrEnum):
    """A party to the agreement."""

    MARKETING = "marketing"
    SALES = "sales"


def asked_to_sign(
    tx: Connection, book: AgreementBook, team: Team, now: datetime
) -> Mapping[Side, tuple[str, ...]]:
    """Whom to ask at `now`; for sales it is whoever decides for this team."""
    return {side: in_charge(tx, book, party, now) for side, party in _parties(book, team).items()}


def may_sign(tx: Connection, book: AgreementBook, team: Team, user: str, now: datetime) -> frozenset[Side]:
    """For which sides somebody may sign: who is asked, and a manager or stand-in who is not."""
    parties, asked = _parties(book, team), asked_to_sign(tx, book, team, now)
    return frozenset(side for side in Side if user in asked[side] or user in parties[side].deciders)


def team_of(book: AgreementBook, name: str) -> Team:
    """The team whose manager signs: the one of this name, the one that had it, else the first."""
    teams = book.current.teams
    renamed = (team for team in teams if name in team.renamed_from)
    return book.current.team(name) or next(renamed, teams[0])


def _parties(book: AgreementBook, team: Team) -> Mapping[Side, Team | MarketingSide]:
    return {Side.MARKETING: book.current.marketing, Side.SALES: team}
