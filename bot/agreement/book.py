"""The agreement in force, and every earlier one that a running handoff still goes by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.loader import LoadedAgreement, parse_agreement
from bot.agreement.model import Agreement
from storage import agreements, people


class AgreementBook:
    """Looks up agreements by the id under which the database keeps them.

    `groups` are the people in each Slack user group that an agreement names, as last heard from Slack.
    """

    def __init__(
        self, current: Agreement, current_id: int, groups: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        self.current = current
        self.current_id = current_id
        self.groups: Mapping[str, frozenset[str]] = groups or {}
        self._known = {current_id: current}
        self._named: tuple[int, frozenset[str]] | None = None

    def of(self, tx: Connection, agreement_id: int) -> Agreement:
        """The agreement that a handoff started under. Raises NoResultFound for an id never given."""
        if agreement_id not in self._known:
            self._known[agreement_id] = parse_agreement(agreements.version_text(tx, agreement_id))
        return self._known[agreement_id]

    def names(self, user: str) -> bool:
        """Whether the agreement in force names somebody, by themselves or in a user group."""
        if self._named is None or self._named[0] != self.current_id:
            self._named = self.current_id, frozenset(named_in(self.current)[0])
        if user in self._named[1]:
            return True
        return any(user in self.groups.get(group, ()) for group in named_in(self.current)[1])

    def people_in(self, ids: tuple[str, ...]) -> frozenset[str]:
        """The people behind these ids: user groups are opened up, people stand for themselves."""
        named = (self.groups.get(one, frozenset((one,))) for one in ids)
        return frozenset(user for group in named for user in group)


def open_book(tx: Connection, loaded: LoadedAgreement, now: datetime) -> AgreementBook:
    """Remember this version of the agreement for good and make it the one in force."""
    agreement = loaded.agreement
    agreement_id = agreements.remember_version(
        tx, version=agreement.version, digest=loaded.hash, text=loaded.text, now=now
    )
    agreements.remember_campaigns(
        tx,
        [
            {
                "key": campaign.name.casefold(),
                "name": campaign.name,
                "owner": campaign.owner,
                "spend_minor": None if campaign.spend is None else int(campaign.spend * 100),
                "currency": campaign.currency,
            }
            for campaign in agreement.campaigns
        ],
    )
    return AgreementBook(agreement, agreement_id, people.groups(tx))


def named_in(agreement: Agreement) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the people, and of the user groups, that an agreement names; each once, in order."""
    ids = dict.fromkeys(_ids(agreement))
    groups = tuple(one for one in ids if one.startswith("S"))
    return tuple(one for one in ids if one not in groups), groups


def _ids(agreement: Agreement) -> Iterator[str]:
    yield from agreement.roles.admins
    yield from agreement.roles.marketing
    for one in (agreement.marketing.manager, agreement.marketing.stand_in):
        yield from (one,) if one else ()
    for team in agreement.teams:
        yield team.manager
        yield from (one for one in (team.stand_in, team.ping) if one)
        yield from (rep.user for rep in team.reps)
    yield from (campaign.owner for campaign in agreement.campaigns if campaign.owner)
