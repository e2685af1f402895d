"""What an admin looks over, gathered for their Home."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.agreement import Agreement
from bot.agreement.book import AgreementBook, named_in
from bot.lookups.cards import lead_facts, name_of
from bot.lookups.erasure import waiting_erasures
from bot.lookups.strays import strays_of
from bot.rules.unknown import in_a_rule, unruled_columns
from bot.slack.pace import drain_time
from bot.views.oversight import SHORT_SHOWN, CrmTrouble, Oversight, TeamLine, WebhookTrouble
from bot.views.parked import parked_words
from storage import agreements, crm, destinations, leads, oversight, replicas
from storage.destinations import Backlog
from storage.outbox import drain, lanes, posts

_SHOWN = 20


def oversight_of(tx: Connection, book: AgreementBook, reader: str, now: datetime) -> Oversight:
    """The agreement in force, what Slack refuses, what no rule knows, who fell just short, who is unknown.

    And the requests to remove somebody, with what this reader may do about them at `now`.
    """
    agreement = book.current
    digest, since = book.text_hash, agreements.since(tx, book.current_id) or now
    kinds = {name: n for name, n in oversight.activity_types(tx).items() if not in_a_rule(agreement, name)}
    columns = oversight.columns(tx)
    unread = {name: columns[name] for name in unruled_columns(agreement, columns)}
    return Oversight(
        agreement.version,
        digest,
        since,
        parked=tuple(
            dict.fromkeys(
                parked_words(lanes.place_of(lane.name), lane.error or "")
                for lane in lanes.refused_and_needed(tx)
            )
        ),
        drain=drain_time(drain.waiting(tx)),
        kept_messages=posts.backlog(tx).get("parked", 0),
        activities=_most(kinds),
        columns=_most(unread),
        mql=agreement.qualification.mql,
        short=tuple(
            lead_facts(lead) for lead in oversight.inquiries(tx, just_short(agreement), limit=SHORT_SHOWN)
        ),
        no_address=tuple(oversight.without_address(tx, named_in(agreement)[0])),
        strangers=tuple(oversight.unknown_owners(tx)),
        webhooks=_webhooks(tx, agreement),
        crm=_crm(tx, agreement),
        strays=strays_of(tx, book),
        teams=tuple(TeamLine(team.name, team.channel, len(team.reps)) for team in agreement.teams),
        erasures=waiting_erasures(tx, reader, now),
        others=tuple(replicas.of_another_agreement(tx, digest)),
    )


def _crm(tx: Connection, agreement: Agreement) -> tuple[CrmTrouble, ...]:
    """The leads whose records both sides changed, or that could not be written in full; and what cannot be
    asked."""
    if agreement.crm is None:
        return ()
    asked = [
        CrmTrouble(None, "", each.trouble) for each in crm.feeds(tx, agreement.crm.account) if each.trouble
    ]
    found = crm.troubled(tx, agreement.crm.account, limit=SHORT_SHOWN)
    of = [(link, leads.get(tx, link.lead_id)) for link in found]
    return (
        *asked,
        *(
            CrmTrouble(link.lead_id, name_of(lead), link.trouble, len(link.conflicts))
            for link, lead in of
            if lead is not None
        ),
    )


def _webhooks(tx: Connection, agreement: Agreement) -> tuple[WebhookTrouble, ...]:
    """The agreed webhooks and destinations, and the CRM, that do not get all their events."""
    agreed = {tool.name for tool in agreement.told} | ({agreement.crm.name} if agreement.crm else set())
    rows = [row for row in destinations.all_known(tx) if row.name in agreed] if agreed else []
    backlogs = destinations.backlogs(tx) if rows else {}
    standing = ((row, backlogs.get(row.name, Backlog())) for row in rows)
    return tuple(
        WebhookTrouble(row.name, backlog.pending, backlog.parked, row.trouble, row.paused)
        for row, backlog in standing
        if row.trouble or row.paused or backlog.parked
    )


def just_short(agreement: Agreement) -> tuple[str, ...]:
    """The grades that are one step below the line, in fit or in engagement."""
    mql = agreement.qualification.mql
    letter, digit = mql[0], mql[1]
    worse = chr(ord(letter) + 1)
    fit = [f"{worse}{number}" for number in range(1, int(digit) + 1)] if worse <= "D" else []
    engagement = [f"{each}{int(digit) + 1}" for each in "ABCD" if each <= letter] if int(digit) < 3 else []
    return (*fit, *engagement)


def _most(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN])
