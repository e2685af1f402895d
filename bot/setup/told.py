"""What `check` says of how other tools and the CRM are doing: what they last answered, and what was parked.

That is read where the running bot keeps it; nothing is sent to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from bot.agreement import Agreement
from bot.agreement.crm import Crm
from bot.events.standing import Standing, standings
from bot.setup.findings import Finding
from bot.views.text import plural
from storage import crm, destinations

SHOWN = 3
"""Of what is the matter with the CRM's records."""


def told_findings(tx: Connection, agreement: Agreement) -> Iterator[Finding]:
    """A warning for each tool that does not get all its events, and for records that cannot be written."""
    for each in standings(tx, (*agreement.told, *filter(None, [agreement.crm]))):
        if each.hook is not None and each.row is not None:
            yield from _of_one(tx, each, each.row.trouble)
    if agreement.crm is None:
        return
    yield from _of_crm(tx, agreement.crm)


def _of_crm(tx: Connection, table: Crm) -> Iterator[Finding]:
    for feed in crm.feeds(tx, table.account):
        if feed.trouble:
            yield Finding.warning(feed.name, f"{feed.trouble}.")
    for link in crm.troubled(tx, table.account, SHOWN):
        if link.trouble:
            yield Finding.warning(table.name, f"lead #{link.lead_id}: {link.trouble}.")
    if count := crm.conflicts(tx, table.account):
        says = f"{plural(count, 'lead')} with fields that both sides changed; see their threads."
        yield Finding.warning(table.name, says)
    for other, count in crm.only_elsewhere(tx, table.account).items():
        says = (
            f"{plural(count, 'lead')} linked to {other} only, whose ids mean nothing in {table.account}. "
            f"Baton finds each by e-mail when it next writes it; run crm push to do that now. "
            f"Nothing goes to {other} any more."
        )
        yield Finding.warning(table.name, says)


def _of_one(tx: Connection, standing: Standing, trouble: str | None) -> Iterator[Finding]:
    waiting = plural(standing.backlog.pending, "event")
    if trouble:
        yield Finding.warning(standing.name, f"{trouble.removesuffix('.')}. Waiting: {waiting}.")
    for parked in destinations.parked(tx, standing.name, 1):
        why = (parked.error or "").removesuffix(".")
        yield Finding.warning(standing.name, f"{why}. Parked: {plural(standing.backlog.parked, 'event')}.")
