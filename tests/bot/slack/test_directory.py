"""Who is who, as Slack tells it: groups are opened up, people remembered, refusals survived."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.agreement.book import AgreementBook, named_in, open_book
from bot.clock import Clock
from bot.sandbox import FaultKind, Sandbox, UserGroup
from bot.slack.directory import Directory
from bot.slack.link import web_client
from storage import people
from storage.database import Database

EVERYBODY = ("U0ADMIN", "U0MARA", "U0CMO", "U0MGR", "U0REP1", "U0REP2", "U0REP3", "U0REP4")


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox(rate_limits=False) as sandbox:
        yield sandbox


def with_group() -> LoadedAgreement:
    text = default_agreement().text.replace('marketing = ["U0MARA"]', 'marketing = ["S0MKTG"]')
    return loaded(text)


async def refreshed(slack: Sandbox, database: Database, agreement: LoadedAgreement) -> AgreementBook:
    clock = Clock()
    book = await database.write(open_book, agreement, clock.now())
    async with aiohttp.ClientSession() as session:
        client = web_client(slack.bot_token, slack.api_url, session)
        directory = Directory(database, client, clock, book, logging.getLogger("test"), pause_seconds=0)
        await directory.refresh()
    return book


def test_everybody_in_the_agreement_is_named_once() -> None:
    assert named_in(default_agreement().agreement) == (EVERYBODY, ())
    assert named_in(with_group().agreement)[1] == ("S0MKTG",)


async def test_people_are_remembered_as_slack_knows_them(slack: Sandbox, database: Database) -> None:
    slack.workspace.people["U0REP2"].deleted = True
    await refreshed(slack, database, default_agreement())
    known = await database.read(people.among, EVERYBODY)
    assert set(known) == set(EVERYBODY)
    robin = known["U0REP2"]
    assert (robin.name, robin.email, robin.timezone) == ("Robin Brandt", "robin@example.com", "Europe/Berlin")
    assert [user for user, row in known.items() if row.left] == ["U0REP2"]


async def test_a_user_group_stands_for_its_people(slack: Sandbox, database: Database) -> None:
    slack.workspace.groups["S0MKTG"] = UserGroup("S0MKTG", "marketing", "Marketing", ["U0MARA", "U0CMO"])
    book = await refreshed(slack, database, with_group())
    assert book.people_in(("S0MKTG", "U0ADMIN")) == {"U0MARA", "U0CMO", "U0ADMIN"}
    assert "U0MARA" in await database.read(people.among, EVERYBODY)


async def test_a_group_once_heard_of_is_known_at_the_next_start_and_to_other_commands(
    slack: Sandbox, database: Database
) -> None:
    slack.workspace.groups["S0MKTG"] = UserGroup("S0MKTG", "marketing", "Marketing", ["U0MARA", "U0CMO"])
    await refreshed(slack, database, with_group())
    other = await database.write(open_book, with_group(), Clock().now())
    assert other.people_in(("S0MKTG",)) == {"U0MARA", "U0CMO"}

    slack.workspace.groups["S0MKTG"].users.remove("U0CMO")
    await refreshed(slack, database, with_group())
    other = await database.write(open_book, with_group(), Clock().now())
    assert other.people_in(("S0MKTG",)) == {"U0MARA"}


async def test_only_those_of_whom_nothing_is_known_are_asked_for_before_the_first_lead(
    slack: Sandbox, database: Database
) -> None:
    slack.workspace.groups["S0MKTG"] = UserGroup("S0MKTG", "marketing", "Marketing", ["U0MARA"])
    clock = Clock()
    async with aiohttp.ClientSession() as session:
        client = web_client(slack.bot_token, slack.api_url, session)
        for _ in range(2):
            book = await database.write(open_book, with_group(), clock.now())
            await Directory(database, client, clock, book, logging.getLogger("test")).meet()
            assert book.people_in(("S0MKTG",)) == {"U0MARA"}
    assert len(slack.traffic.calls("usergroups.users.list")) == 1
    users, _ = named_in(with_group().agreement)
    assert len(slack.traffic.calls("users.info")) == len(users)


async def test_what_slack_refuses_is_logged_and_the_rest_is_learned(
    slack: Sandbox, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    del slack.workspace.people["U0REP1"]
    slack.fault("users.info", FaultKind.SERVER_ERROR, when=lambda args: args["user"] == "U0REP3")
    book = await refreshed(slack, database, with_group())
    assert book.people_in(("S0MKTG",)) == {"S0MKTG"}
    known = await database.read(people.among, EVERYBODY)
    assert set(EVERYBODY) - set(known) == {"U0REP1", "U0REP3"}
    assert "user group S0MKTG: no_such_subteam" in caplog.text
    assert "person U0REP1: user_not_found" in caplog.text


async def test_a_busy_slack_is_given_the_time_it_asks_for(slack: Sandbox, database: Database) -> None:
    slack.fault("users.info", FaultKind.RATE_LIMITED, seconds=1)
    await refreshed(slack, database, default_agreement())
    assert len(await database.read(people.among, EVERYBODY)) == len(EVERYBODY) - 1
