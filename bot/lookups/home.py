"""Somebody's App Home: what each role should see on one page, and when that is written anew.

How it looks is bot/views/home.py's business; that it reaches Slack is the outbox's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Team
from bot.lookups.board import boards_of, shares_of
from bot.lookups.cards import who_decided
from bot.lookups.disputes import reason_called
from bot.lookups.oversight import oversight_of
from bot.lookups.refused import refused_facts
from bot.lookups.rows import rows_of
from bot.lookups.strays import successor
from bot.rules.prefs import prefs_of, timezone_of
from bot.rules.presence import away_at
from bot.rules.roles import Role, roles_anywhere
from bot.views import home as view
from bot.views.answers import OUTSIDER, UNVERIFIED
from bot.views.home import CampaignLine, Contested, Home, Marketing, Missed, Own
from bot.views.message import Page
from bot.views.refused import NOTHING_REFUSED
from storage import boards, disputes, feedback, people
from storage.boards import CampaignCount

FAIR_OVER = timedelta(days=30)
CAMPAIGNS_OVER = timedelta(days=90)
REFUSED_OVER = timedelta(days=7)
_TEAMS_SHOWN = 6
_MARKETERS = frozenset({Role.MARKETING, Role.MARKETING_MANAGER})


def home_page(tx: Connection, book: AgreementBook, user: str, now: datetime) -> Page:
    """Somebody's Home as it should read at `now`; of whoever is no member it shows nothing."""
    if not book.names(user):
        person = people.get(tx, user)
        if person is None or person.outsider is not False:
            known = person is not None and person.outsider is not None
            return view.closed_page(OUTSIDER if known else UNVERIFIED)
    return view.home_view(home_of(tx, book, user, now), now)


def home_of(tx: Connection, book: AgreementBook, user: str, now: datetime) -> Home:
    """All that somebody's Home shows at `now`; somebody may have several roles, or none."""
    agreement = book.current
    roles = roles_anywhere(book, user)
    person = people.get(tx, user)
    managed = _boards_for(book, user, roles)
    teams = [team for team in agreement.teams if team in managed or team.rep(user)]
    return Home(
        user=user,
        roles=roles,
        agreement=agreement,
        called=book.called,
        away=away_at(tx, [user], now).get(user),
        prefs=prefs_of(person),
        own=_own(tx, book, user, now) if Role.REP in roles else None,
        marketing=_marketing(tx, book, user, now, roles) if roles & _MARKETERS else None,
        boards=boards_of(tx, book, managed, now, user),
        late=rows_of(tx, book, boards.late_in(tx, _names(managed), now, limit=view.LATE_SHOWN), user),
        contested=_contested(tx, book, user, _decided_by(tx, book, managed, admin=Role.ADMIN in roles)),
        shares=shares_of(tx, teams, now),
        oversight=oversight_of(tx, book, user, now) if Role.ADMIN in roles else None,
        refused=refused_facts(tx, now - REFUSED_OVER) if Role.ADMIN in roles else NOTHING_REFUSED,
    )


def _boards_for(book: AgreementBook, user: str, roles: frozenset[Role]) -> list[Team]:
    """The teams of which somebody sees the board: their own as manager; an admin with no other role all."""
    teams = book.current.teams
    managed = [team for team in teams if user in team.deciders]
    if not managed and roles == {Role.ADMIN}:
        managed = list(teams)
    return managed[:_TEAMS_SHOWN]


def _names(teams: Sequence[Team]) -> list[str]:
    return [team.name for team in teams]


def _own(tx: Connection, book: AgreementBook, user: str, now: datetime) -> Own:
    zone = ZoneInfo(timezone_of(tx, book, user))
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    teams = [team.name for team in book.current.teams if team.rep(user)]
    waiting = boards.waiting_for(tx, user, teams, limit=view.WAITING_OWN_SHOWN)
    mine = boards.accepted_of(tx, user, limit=view.OWN_SHOWN)
    return Own(
        rows_of(tx, book, waiting, user),
        boards.count_waiting_for(tx, user, teams),
        rows_of(tx, book, mine, user),
        boards.count_accepted_of(tx, user),
        week=boards.deeds_since(tx, user, tuple(view.WEEK_WORDS), monday.astimezone(now.tzinfo)),
    )


def _marketing(
    tx: Connection, book: AgreementBook, user: str, now: datetime, roles: frozenset[Role]
) -> Marketing:
    agreement = book.current
    named = [campaign for campaign in agreement.campaigns if campaign.owner == user]
    if not named or Role.MARKETING_MANAGER in roles:
        named = list(agreement.campaigns)
    counted = {row.campaign: row for row in boards.campaigns_since(tx, now - CAMPAIGNS_OVER)}
    names = [campaign.name.lower() for campaign in named]
    lines = [_campaign(campaign.name, counted.get(campaign.name.lower())) for campaign in named]
    teams = _names(agreement.teams)
    missed = feedback.missed_most(tx, now - CAMPAIGNS_OVER, limit=view.MISSED_SHOWN)
    owed = boards.owed_answers(tx, limit=view.OWED_SHOWN)
    waiting = boards.longest_waiting(tx, teams, names, limit=view.WAITING_SHOWN) if names else ()
    return Marketing(
        tuple(sorted(lines, key=lambda line: -line.handed_off)),
        answers=rows_of(tx, book, owed, user),
        answers_total=boards.count_owed_answers(tx),
        waiting=rows_of(tx, book, waiting, user),
        missed=tuple(Missed(row.persona, row.journey, int(row.times), row.note) for row in missed),
    )


def _campaign(name: str, row: CampaignCount | None) -> CampaignLine:
    if row is None:
        return CampaignLine(name, 0, 0, 0, 0, 0)
    return CampaignLine(
        name, int(row.handed_off), int(row.accepted), int(row.rejected), int(row.waiting), int(row.verified)
    )


def _decided_by(tx: Connection, book: AgreementBook, managed: Sequence[Team], *, admin: bool) -> list[str]:
    """The teams whose contested rejections are somebody's to decide; of teams that are gone, an admin's."""
    teams = [row.team for row in disputes.undecided_by_team(tx)] if managed or admin else []
    return [name for name in teams if (now := successor(book, name)) in managed or (admin and now is None)]


def _contested(tx: Connection, book: AgreementBook, user: str, teams: Sequence[str]) -> tuple[Contested, ...]:
    found = boards.contested_in(tx, teams, limit=view.CONTESTED_SHOWN) if teams else ()
    rows = rows_of(tx, book, found, user)
    return tuple(
        Contested(
            row,
            record.handoff_id,
            rejected_by=who_decided(record.rejected_by),
            reason=reason_called(tx, book, record.handoff_agreement_id, record.rejected_for),
            note=record.rejected_note,
            by=record.contested_by,
            argument=record.argument,
        )
        for row, record in zip(rows, found, strict=True)
    )
