from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.bot.crm.hubspot_account import Account, hubspot
from tests.bot.crm.office import EMAILS
from tests.bot.crm.salesforce_org import Org, salesforce
from tests.bot.ledger import RILEY, ROBIN


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for another kind: what it holds of a CRM is the same in both."""
    kind: str = getattr(request, "param", "sqlite")
    return kind


@pytest.fixture
async def account() -> AsyncIterator[Account]:
    """A HubSpot account with two owners, one of whom has left."""
    async with hubspot() as found:
        found.owner("11", EMAILS[RILEY])
        found.owner("12", EMAILS[ROBIN], archived=True)
        yield found


@pytest.fixture
async def org() -> AsyncIterator[Org]:
    """A Salesforce organisation with two users, one of whom is inactive."""
    async with salesforce() as found:
        found.user("005000000000001AAA", EMAILS[RILEY])
        found.user("005000000000002AAA", EMAILS[ROBIN], active=False)
        yield found
