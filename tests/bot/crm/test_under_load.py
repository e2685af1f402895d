"""What many leads need of a CRM: its limits are kept, and no kill loses or doubles a change."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess

import pytest

from bot.handoffs.accept import Accept, accept
from storage import destinations
from storage.database import Database
from tests.bot.crm.hubspot_account import Account
from tests.bot.crm.office import Office, office, until, with_hubspot, work
from tests.bot.ledger import RILEY, Ledger
from tests.killing import forks, kills

CHANGES = int(os.environ.get("BATON_CHANGES", "60"))
KILLS = kills(2)


def comes(ledger: Ledger, number: int) -> str:
    """A lead that is handed off and accepted; gives its address."""
    handoff = ledger.handoff_comes(external_id=f"x-{number}", email=f"p{number}@acme.example")
    ledger.does(RILEY, accept, Accept(handoff))
    return f"p{number}@acme.example"


def written(account: Account) -> Counter[tuple[str, str, str]]:
    """How often each value was written into each field of each contact."""
    return Counter(
        (contact, name, value) for contact, fields in account.writes for name, value in fields.items()
    )


def require_all_once(account: Account, emails: list[str]) -> None:
    """Each person has one contact that says how things stand, and nothing was written twice."""
    rows = {row["email"]: row for row in account.contacts.values() if "email" in row}
    assert len(rows) == len(account.contacts) == len(emails)
    assert {rows[each]["hs_lead_status"] for each in emails} == {"IN_PROGRESS"}
    assert {rows[each]["hubspot_owner_id"] for each in emails} == {"11"}
    assert set(written(account).values()) == {1}


async def test_many_changes_are_written_within_the_limits(database: Database, account: Account) -> None:
    """A day's backlog at once, in batches, and never a call too many."""
    crm = office(database, with_hubspot(account.url))
    database.write_now(destinations.begin, "crm")
    emails = await asyncio.to_thread(lambda: [comes(crm.ledger, number) for number in range(CHANGES)])
    async with crm.telling():
        await until(crm.told, 600)
    require_all_once(account, emails)
    assert account.limited == []
    assert sum(account.calls.values()) < 15 + CHANGES / 8


async def test_who_is_told_to_wait_waits_and_does_not_ask_again_meanwhile(
    database: Database, account: Account
) -> None:
    account.most, account.within, account.retry_after = 6, 1.0, "1"
    crm = office(database, with_hubspot(account.url))
    async with crm.telling():
        for number in range(6):
            await asyncio.to_thread(comes, crm.ledger, number)
            await asyncio.sleep(0.05)
        await until(lambda: bool(account.limited))
        first = account.limited[0]
        await until(crm.told, 60)
    assert crm.backlog().parked == 0
    assert all(each - first >= account.within for each in account.limited[1:])


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)
async def test_killed_again_and_again_it_loses_no_change_and_doubles_none(
    own_database: Database, account: Account
) -> None:
    """SIGKILL at random while leads flow."""
    chance = random.Random(11)
    crm: Office = office(own_database, with_hubspot(account.url))
    own_database.write_now(destinations.begin, "crm")
    url = own_database.url.render_as_string(hide_password=False)
    context = forks()
    emails: list[str] = []

    def begin() -> BaseProcess:
        process = context.Process(target=work, args=(url, account.url), daemon=True)
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
        own_database.write_now(destinations.free)  # another replica would wait for the lease
        process = begin()
    try:
        await until(crm.told, 90)
    finally:
        process.kill()
        process.join()
    assert account.writes
    require_all_once(account, emails)
