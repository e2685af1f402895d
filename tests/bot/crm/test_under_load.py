"""What many leads need of a CRM: its limits are kept, and no kill loses or doubles a change."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import Any

import pytest

from bot.agreement.loader import LoadedAgreement
from bot.events import retries
from bot.handoffs.accept import Accept, accept
from storage import destinations
from storage.database import Database, DatabaseAway
from tests.bot.crm.hubspot_account import Account
from tests.bot.crm.office import Office, office, until, with_hubspot, with_salesforce, work
from tests.bot.crm.salesforce_org import Org
from tests.bot.ledger import RILEY, Ledger
from tests.killing import forks, kills

CHANGES = int(os.environ.get("BATON_CHANGES", "60"))
LEADS = CHANGES // 3
"""Of each the CRM hears that it was created, handed off and accepted."""
FEW = 2
KILLS = kills(FEW)


def comes(ledger: Ledger, number: int) -> str:
    """A lead that is handed off and accepted; gives its address."""
    handoff = ledger.handoff_comes(external_id=f"x-{number}", email=f"p{number}@acme.example")
    ledger.does(RILEY, accept, Accept(handoff))
    return f"p{number}@acme.example"


@dataclass(frozen=True)
class There:
    """A CRM as these stories look at it. `fields` are those of the address, the status and the owner."""

    stand_in: Account | Org
    agreement: LoadedAgreement
    fields: tuple[str, str, str]
    says: tuple[str, str]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its records."""
        found = self.stand_in
        return list((found.contacts if isinstance(found, Account) else found.rows["Lead"]).values())

    def require_all_once(self, emails: list[str]) -> None:
        """Each person has one record that says how things stand, and nothing was written twice."""
        email, status, owner = self.fields
        rows = {row[email]: row for row in self.rows if email in row}
        assert len(rows) == len(self.rows) == len(emails)
        assert {(rows[each][status], rows[each][owner]) for each in emails} == {self.says}
        writes = ((number, *each) for number, fields in self.stand_in.writes for each in fields.items())
        assert set(Counter(writes).values()) == {1}


def in_hubspot(account: Account) -> There:
    fields = ("email", "hs_lead_status", "hubspot_owner_id")
    return There(account, with_hubspot(account.url), fields, ("IN_PROGRESS", "11"))


def in_salesforce(org: Org) -> There:
    says = ("Working - Contacted", "005000000000001AAA")
    return There(org, with_salesforce(org.url), ("Email", "Status", "OwnerId"), says)


PAIRS = [
    *(("postgresql", in_hubspot), ("sqlite", in_salesforce)),
    *(("sqlite", in_hubspot), ("postgresql", in_salesforce)),
]


@pytest.fixture(params=[in_hubspot, in_salesforce])
def there(request: pytest.FixtureRequest, account: Account, org: Org) -> There:
    """Each of the CRMs."""
    found: There = request.param(account if request.param is in_hubspot else org)
    return found


async def test_many_changes_are_written_within_the_limits(database: Database, there: There) -> None:
    """A day's backlog at once, in batches, and never a call too many."""
    crm = office(database, there.agreement)
    database.write_now(destinations.begin, "crm")
    emails = await asyncio.to_thread(lambda: [comes(crm.ledger, number) for number in range(LEADS)])
    async with crm.telling():
        await until(crm.told, 900)
    there.require_all_once(emails)
    assert sum(there.stand_in.calls.values()) < 15 + LEADS / 8
    if isinstance(there.stand_in, Account):
        assert there.stand_in.limited == []
    else:
        assert there.stand_in.used < 0.9 * there.stand_in.most


async def test_who_is_told_to_wait_waits_and_does_not_ask_again_meanwhile(
    database: Database, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST", timedelta(seconds=0.5))
    account.rests_after, account.retry_after = 6, "1"
    crm = office(database, with_hubspot(account.url))
    async with crm.telling():
        for number in range(6):
            await asyncio.to_thread(comes, crm.ledger, number)
            await asyncio.sleep(0.05)
        await until(lambda: bool(account.limited))
        await until(crm.told, 60)
    assert crm.backlog().parked == 0
    assert account.too_early == 0


async def freed(database: Database) -> None:
    """Let go of what a killed process held, once PostgreSQL has noticed that it is gone."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await database.write(destinations.free)
            except DatabaseAway:
                await asyncio.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize(("database_kind", "there"), PAIRS if KILLS > FEW else PAIRS[:2], indirect=True)
async def test_killed_again_and_again_it_loses_no_change_and_doubles_none(
    own_database: Database, there: There
) -> None:
    """SIGKILL at random while leads flow. At length also upon a backlog, and HubSpot asks to wait again and
    again."""
    chance = random.Random(11)
    crm: Office = office(own_database, there.agreement)
    own_database.write_now(destinations.begin, "crm")
    url = own_database.url.render_as_string(hide_password=False)
    context = forks()
    backlog = range(LEADS if KILLS > FEW else 0)
    emails = await asyncio.to_thread(lambda: [comes(crm.ledger, number) for number in backlog])
    if isinstance(there.stand_in, Account) and KILLS > FEW:
        there.stand_in.rests_after, there.stand_in.retry_after = 6, "1"

    def begin() -> BaseProcess:
        process = context.Process(target=work, args=(url, there.agreement.text), daemon=True)
        process.start()
        return process

    process = begin()
    for _ in range(KILLS):
        ends = time.monotonic() + chance.uniform(0.3, 1.3)
        while time.monotonic() < ends:
            crm.ledger.now = datetime.now(UTC)
            emails.append(await asyncio.to_thread(comes, crm.ledger, len(emails)))
            await asyncio.sleep(0.05)
        process.kill()
        process.join()
        await freed(own_database)  # another replica would wait for the lease
        process = begin()
    try:
        await until(crm.told, 90 + CHANGES / 10)
    finally:
        process.kill()
        process.join()
    there.require_all_once(emails)
    if isinstance(there.stand_in, Account) and KILLS > FEW:
        assert len(there.stand_in.limited) > 0
        assert (
            there.stand_in.too_early <= KILLS / 10
        )  # a kill in the moment between an answer and its keeping
