"""`crm check|fields|push|replay`, and the CRM's line in `webhooks list`, in the terminal."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr
from rich.console import Console
from typer.testing import CliRunner

from bot.clock import Clock
from bot.errors import CannotStart
from bot.events.standing import pause
from bot.handoffs.accept import Accept, accept
from bot.lookups.oversight import oversight_of
from bot.settings import Settings
from bot.views.oversight import oversight_board
from handlers.cli.commands import cli
from handlers.cli.crm import (
    Command,
    check_crm,
    crm_command,
    list_fields,
    pull_changes,
    push_leads,
    replay_crm,
)
from handlers.cli.webhooks import list_webhooks, webhooks_command
from storage import crm, destinations
from storage.database import Database
from tests.bot.crm.hubspot_account import TOKEN, Account, hubspot
from tests.bot.crm.office import EMAILS, Office, office, with_hubspot
from tests.bot.ledger import RILEY, ROBIN

Terminal = Callable[[Command], "asyncio.Future[tuple[int, str]]"]


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _rests_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is another process to the bot, which looks for what it left every ten seconds."""
    monkeypatch.setattr("bot.events.dispatcher.LOOK_EVERY", timedelta(seconds=0.05))
    monkeypatch.setattr("bot.events.rounds.LONGEST_REST", timedelta(seconds=0.05))


@pytest.fixture
async def account() -> AsyncIterator[Account]:
    async with hubspot() as found:
        found.owner("11", EMAILS[RILEY])
        found.owner("12", EMAILS[ROBIN], archived=True)
        yield found


@pytest.fixture
def company(database: Database, account: Account) -> Office:
    return office(database, with_hubspot(account.url))


@pytest.fixture
def settings(company: Office, database_url: str, tmp_path: Path) -> Settings:
    path = tmp_path / "agreement.toml"
    path.write_text(company.agreement.text, encoding="utf-8")
    return Settings(
        slack_bot_token=SecretStr(""),
        agreement=path,
        database_url=SecretStr(database_url),
        variables={"HUBSPOT_TOKEN": SecretStr(TOKEN)},
    )


async def said(settings: Settings, command: Command) -> tuple[int, str]:
    """What a command says; the account answers meanwhile."""
    console = Console(file=io.StringIO(), width=200)
    clock = Clock(start=datetime.now(UTC))
    status = await asyncio.to_thread(crm_command, command, settings, clock, console)
    assert isinstance(console.file, io.StringIO)
    return status, console.file.getvalue()


async def test_check_says_that_all_is_there_and_who_is_no_user(settings: Settings) -> None:
    status, says = await said(settings, check_crm())
    assert status == 0
    assert "HubSpot account 62515 was reached, and has 8 fields for what Baton writes" in says
    assert f"{EMAILS[ROBIN]} ({ROBIN}) is inactive in HubSpot" in says
    assert "sasha@acme-sales.example (U0REP3) is not a user in HubSpot" in says


async def test_check_names_what_is_missing_and_where_to_set_it(settings: Settings, account: Account) -> None:
    text = settings.agreement.read_text(encoding="utf-8")
    wrong = text.replace('note = "baton_note"', 'note = "batton_note"')
    settings.agreement.write_text(f'{wrong}\n[crm.values.lead_status]\nsal = "HOT"\n', encoding="utf-8")
    account.scopes.discard("crm.objects.contacts.write")
    status, says = await said(settings, check_crm())
    assert status == 1
    assert "The token lacks the scope crm.objects.contacts.write; add it in HubSpot under Settings" in says
    assert "HubSpot has no field batton_note; make it in HubSpot under Settings → Properties" in says
    assert "HubSpot's hs_lead_status has no value “HOT”; it has NEW, OPEN, IN_PROGRESS" in says
    assert "3 problems found." in says


async def test_check_says_what_answers_instead(settings: Settings, account: Account) -> None:
    account.broken = web.Response(status=200, text="<html>Log in</html>", content_type="text/html")
    status, says = await said(settings, check_crm())
    assert (status, "HubSpot answered with a web page (200); is the url right?" in says) == (1, True)


async def test_check_names_the_variable_that_is_not_set(settings: Settings) -> None:
    status, says = await said(settings.model_copy(update={"variables": {}}), check_crm())
    assert (status, "HUBSPOT_TOKEN is not set. Put the access token" in says) == (1, True)


async def test_fields_shows_what_is_said_where_and_the_rest_on_demand(settings: Settings) -> None:
    _, says = await said(settings, list_fields(every=False))
    assert "lead_status" in says
    assert "hs_lead_status" in says
    assert "firstname" not in says
    _, says = await said(settings, list_fields(every=True))
    assert "firstname" in says


async def test_push_settles_a_conflict_and_replay_takes_up_what_was_parked(
    settings: Settings, company: Office, account: Account
) -> None:
    contact = account.has(email="jane@acme.example")
    async with company.telling():
        handoff = await asyncio.to_thread(company.ledger.handoff_comes)
        await company.does(lambda: None)
        account.sets(contact, hs_lead_status="BAD_TIMING")
        await company.does(lambda: company.ledger.does(RILEY, accept, Accept(handoff)))
        lead = company.ledger.handoff(handoff).lead_id
        assert company.database.read_now(crm.conflicts, "hubspot") == 1
        status, says = await said(settings, push_leads(lead, overwrite=True))
        assert (status, says.strip()) == (0, "The running bot will write 1 lead.")
        await company.does(lambda: None)
        assert account.contacts[contact]["hs_lead_status"] == "IN_PROGRESS"
        assert company.database.read_now(crm.conflicts, "hubspot") == 0
        del account.contacts[contact]
        await said(settings, push_leads(None, overwrite=False))
        await company.does(lambda: None)
        assert company.backlog().parked == 1
        account.contacts[contact] = {"email": "jane@acme.example", "lastmodifieddate": "2026-11-16T15:00:00Z"}
        _, says = await said(settings, replay_crm())
        assert says.strip() == "The running bot will retry 1 event."
        await company.does(lambda: None)
    assert company.backlog().parked == 0


async def test_the_crm_has_a_line_among_the_webhooks(settings: Settings, company: Office) -> None:
    company.database.write_now(pause, "crm")
    console = Console(file=io.StringIO(), width=200)
    await asyncio.to_thread(webhooks_command, list_webhooks(), settings, Clock(), console)
    assert isinstance(console.file, io.StringIO)
    line = next(each for each in console.file.getvalue().splitlines() if each.split()[:1] == ["crm"])
    assert "paused" in line
    assert company.database.read_now(destinations.all_known)


async def test_without_a_crm_it_says_what_to_add(settings: Settings) -> None:
    text = settings.agreement.read_text(encoding="utf-8")
    settings.agreement.write_text(text.partition("\n[crm]\n")[0], encoding="utf-8")
    with pytest.raises(CannotStart, match="names no CRM; add"):
        await said(settings, replay_crm())


async def test_pull_says_how_much_took_effect_and_home_what_does_not_agree(
    settings: Settings, company: Office, account: Account
) -> None:
    contact = account.has(email="jane@acme.example")
    async with company.telling():
        await company.asks()
        handoff = await asyncio.to_thread(company.ledger.handoff_comes)
        await company.does(lambda: company.ledger.does(RILEY, accept, Accept(handoff)))
    account.sets(contact, hs_lead_status="NEW")
    await company.closes()
    account.retry_after = "1"  # the command knows nothing of the calls that the bot made this second
    status, says = await said(settings, pull_changes())
    assert (status, says.strip()) == (0, "1 change took effect.")
    given = (company.ledger.book, "U0ADMIN", company.ledger.now)
    facts = company.database.read_now(oversight_of, *given)
    lead = company.ledger.handoff(handoff).lead_id
    assert [(each.lead_id, each.name, each.conflicts) for each in facts.crm] == [(lead, "Jane Doe", 1)]
    shown = str(oversight_board(facts))
    assert f"*CRM* Jane Doe (#{lead}): both sides changed 1 field." in shown
    assert "`python app.py crm push --lead 12 --overwrite` makes the CRM take" in shown


async def test_push_says_that_there_is_nothing_to_write(settings: Settings) -> None:
    for lead, says in ((None, "Sales has no lead"), (4711, "Sales never had a lead #4711")):
        status, told = await said(settings, push_leads(lead, overwrite=False))
        assert (status, told.strip()) == (1, f"{says}, so nothing is written.")


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999999"])
@pytest.mark.parametrize("command", ["crm push --lead", "refused show --", "refused drop --"])
def test_a_number_that_no_record_can_have_is_refused_in_words(command: str, number: str) -> None:
    result = CliRunner().invoke(cli, [*command.split(), number])
    assert result.exit_code == 2
    assert "Input should be" in result.output


async def test_pull_ends_with_status_1_and_says_each_fault_once(
    settings: Settings, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.scopes.clear()
    status, told = await said(settings, pull_changes())
    assert status == 1
    assert told.count("hubspot records: The token may not do that") == 1
    assert capsys.readouterr().err == ""
