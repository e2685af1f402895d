"""The agreement in force, and every earlier one that a running handoff still goes by."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.faults import AgreementError
from bot.agreement.loader import LoadedAgreement, parse_agreement
from bot.agreement.model import Agreement
from storage import agreements, people

SHOWN = 8
"""How many characters of a hash people are shown."""
_log = logging.getLogger("baton.agreement")


class AgreementBook:
    """Looks up agreements by the id under which the database keeps them.

    `groups` are the people in each Slack user group that an agreement names, as last heard from Slack.
    """

    def __init__(
        self,
        current: Agreement,
        current_id: int,
        groups: Mapping[str, frozenset[str]] | None = None,
        text_hash: str = "",
    ) -> None:
        self.current = current
        self.current_id = current_id
        self.text_hash = text_hash
        self.groups: Mapping[str, frozenset[str]] = groups or {}
        self._known = {current_id: current}
        self._named: tuple[int, frozenset[str]] | None = None

    def of(self, tx: Connection, agreement_id: int) -> Agreement:
        """The agreement that a handoff started under. Raises NoResultFound for an id never given."""
        if agreement_id not in self._known:
            row = agreements.version(tx, agreement_id)
            self._known[agreement_id] = named(parse_agreement(row.text), row.version)
        return self._known[agreement_id]

    def every(self, tx: Connection) -> tuple[list[Agreement], list[str]]:
        """All versions that were ever in force, the newest first; and which have no readable text now."""
        found: list[Agreement] = []
        gone: list[str] = []
        for version in agreements.version_ids(tx):
            try:
                found.append(self.of(tx, version))
            except AgreementError:
                gone.append(agreements.version(tx, version).version)
        return found, gone

    def go_by(self, other: AgreementBook) -> None:
        """Let the agreement that another book was opened with be in force from now on."""
        self._known[other.current_id] = other.current
        self.current, self.current_id, self.text_hash = other.current, other.current_id, other.text_hash
        self.groups = other.groups

    @property
    def called(self) -> str:
        """The version in force and the beginning of its text's hash: "2026-Q4 (3f2a9c1b)"."""
        return f"{self.current.version} ({self.text_hash[:SHOWN]})"

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
    """Remember this version of the agreement for good and make it the one in force.

    Another text under a version that there was before gets a version of its own: 2026-Q4+2.
    """
    agreement = loaded.agreement
    row = agreements.remember_version(
        tx, version=agreement.version, digest=loaded.hash, text=loaded.text, now=now
    )
    if row.version != agreement.version:
        _log.warning(
            "the agreement has changed, and its version is still %s: it is kept as %s. Rename it there.",
            agreement.version,
            row.version,
        )
    agreement = named(agreement, row.version)
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
    return AgreementBook(agreement, row.id, people.groups(tx), loaded.hash)


def named(agreement: Agreement, version: str) -> Agreement:
    """The agreement under the version that the database keeps it as."""
    return agreement if agreement.version == version else agreement.model_copy(update={"version": version})


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
