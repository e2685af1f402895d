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
from storage.models.upkeep import VersionValues

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
        text: str = "",
    ) -> None:
        self.current = current
        self.current_id = current_id
        self.text_hash = text_hash
        self.text = text
        self.groups: Mapping[str, frozenset[str]] = groups or {}
        self._known = {current_id: current}
        self._instead: dict[int, Agreement] = {}
        self._named: tuple[int, frozenset[str]] | None = None

    def of(self, tx: Connection, agreement_id: int) -> Agreement:
        """The agreement that a handoff started under, or what it goes by where that cannot be read any more.

        That is the last version before it that can be, else the one in force; the log says so once.
        """
        found = self.read(tx, agreement_id) or self._instead.get(agreement_id)
        return found or self._do_without(tx, agreement_id)

    def read(self, tx: Connection, agreement_id: int) -> Agreement | None:
        """A version as it was in force; None where its text cannot be read any more, or is gone."""
        if agreement_id not in self._known and agreement_id not in self._instead:
            row = agreements.version(tx, agreement_id)
            if row is not None and (agreement := readable(row.text)) is not None:
                self._known[agreement_id] = named(agreement, row.version)
        return self._known.get(agreement_id)

    def _do_without(self, tx: Connection, agreement_id: int) -> Agreement:
        before = (one for one in agreements.version_ids(tx) if one < agreement_id)
        found = next((each for one in before if (each := self.read(tx, one)) is not None), self.current)
        _log.error(
            "the text of version %s cannot be read any more: what began under it goes by version %s",
            agreements.called(tx, agreement_id),
            found.version,
        )
        self._instead[agreement_id] = found
        return found

    def every(self, tx: Connection) -> tuple[list[Agreement], list[str]]:
        """All versions that were ever in force, the newest first; and which have no readable text now."""
        read = {version: self.read(tx, version) for version in agreements.version_ids(tx)}
        gone = [agreements.called(tx, version) for version, found in read.items() if found is None]
        return [found for found in read.values() if found is not None], gone

    def unreadable(self, tx: Connection) -> list[str]:
        """The names of the versions that the database has spoilt or lost, as it stands there now."""
        rows = {one: agreements.version(tx, one) for one in sorted({*agreements.damaged(tx), *self._instead})}
        return [
            agreements.called(tx, one)
            for one, row in rows.items()
            if row is None or readable(row.text) is None
        ]

    def is_kept(self, tx: Connection) -> bool:
        """Whether the database still has the text in force."""
        return agreements.is_kept(tx, self.current_id, self.text_hash, self.text)

    def put_back(self, tx: Connection, now: datetime) -> None:
        """Write the text in force into the database as it was."""
        version = self.current.version
        row: VersionValues = {"version": version, "hash": self.text_hash, "text": self.text}
        agreements.put_back(tx, self.current_id, {**row, "first_seen_at": now})

    def go_by(self, other: AgreementBook) -> None:
        """Let the agreement that another book was opened with be in force from now on."""
        self._known[other.current_id] = other.current
        self.current, self.current_id, self.text_hash = other.current, other.current_id, other.text_hash
        self.text, self.groups = other.text, other.groups

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
    is_new = agreements.with_text(tx, loaded.hash) is None
    row = agreements.remember_version(
        tx, version=agreement.version, digest=loaded.hash, text=loaded.text, now=now
    )
    agreements.stand_in_for_lost(tx, now)
    if is_new and row.version != agreement.version:  # said once, and not by each command and start
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
    return AgreementBook(agreement, row.id, people.groups(tx), loaded.hash, loaded.text)


def readable(text: str) -> Agreement | None:
    """The agreement that a kept text holds; None where it holds none any more."""
    try:
        return parse_agreement(text)
    except AgreementError:
        return None


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
