"""Everything that can be wrong before the first lead comes, looked at in one go, each fault with its remedy.

What is asked of Slack stands in slack_checkup.py.
"""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from bot.agreement import (
    Agreement,
    AgreementError,
    AgreementFaults,
    load_agreement,
)
from bot.agreement.book import AgreementBook
from bot.agreement.stale import past_holidays
from bot.intake.sources import unset
from bot.lookups.strays import strays_of
from bot.rules.unknown import slips, unknown_keys
from bot.settings import PROGRAM, Settings, SettingsFaults, load_settings
from bot.setup.coverage import Coverage, coverage
from bot.setup.crm import account_of, addresses_of, crm_findings
from bot.setup.destinations import destination_findings
from bot.setup.findings import Finding
from bot.setup.manifest import MANIFEST, manifest_faults
from bot.setup.slack_checkup import slack_checkup
from bot.setup.told import told_findings
from bot.setup.webhooks import webhook_faults, workflow_faults
from bot.setup.zonedata import zone_data
from bot.views.strays import Stray, stray_words, unreadable_versions
from bot.views.text import plural
from storage import people
from storage.database import Database, DatabaseAway, file_of, take_room
from storage.database.files import is_open_to_others
from storage.migrations.upgrading import is_current

T = TypeVar("T")


async def checkup(
    env_file: Path = Path(".env"),
    today: date | None = None,
    *,
    leads_at: datetime | None = None,
    manifest: Path | None = None,
) -> AsyncIterator[Finding]:
    """Look at everything, and tell each finding as it comes. What rests on a fault is left out.

    Without `today` nothing is said of what has run out. `leads_at` is the moment at which the stored leads
    are held against the rules; without it they are not looked at. `manifest` is the app's own manifest, as
    its settings in Slack show it; without it only Baton's own is looked at.
    """
    settings, found = _environment(env_file)
    for finding in found:
        yield finding
    agreement, found = _agreement(settings)
    covered, unread = _leads(settings, agreement, leads_at)
    columns, activities = (covered.columns, covered.activities) if covered is not None else ((), ())
    for finding in (
        *_unset(settings, agreement),
        *found,
        *(warnings_of(agreement, columns, activities) if agreement is not None else ()),
    ):
        yield finding
    for finding in _webhooks(settings, agreement):
        yield finding
    async for finding in _destinations(settings, agreement):
        yield finding
    async for finding in _crm(settings, agreement):
        yield finding
    for finding in (
        *_told(settings, agreement),
        *_stale(agreement, today),
        _zones(),
        *_database(settings),
        *_open_files(settings, env_file),
        *_open_leads(settings, agreement),
        *_manifest(settings, manifest),
    ):
        yield finding
    for finding in (*unread, *(_coverage(covered) if covered is not None else ())):
        yield finding
    if settings is not None and settings.slack_bot_token.get_secret_value():
        async for finding in slack_checkup(settings, agreement):
            yield finding


def _environment(env_file: Path) -> tuple[Settings | None, list[Finding]]:
    try:
        settings = load_settings(env_file=env_file)
        return settings, [Finding.well("environment", "is complete"), *_outvoted(settings)]
    except SettingsFaults as faults:
        found = [Finding.fault(name, says) for name, says in faults.faults.items()]
    try:  # the rest can be looked at all the same, if it is only Slack's tokens that are missing
        return load_settings(env_file=env_file, with_slack=False), found
    except SettingsFaults:
        return None, found


def _outvoted(settings: Settings) -> Iterator[Finding]:
    if names := ", ".join(settings.outvoted):
        yield Finding.warning(
            names, f"is set otherwise in {settings.env_file} than in the environment, which wins; correct one"
        )


def _agreement(settings: Settings | None) -> tuple[Agreement | None, list[Finding]]:
    if settings is None:
        return None, []
    what = f"agreement {settings.agreement}"
    try:
        agreement = load_agreement(settings.agreement).agreement
    except AgreementFaults as faults:
        return None, [Finding.fault(what, str(fault)) for fault in faults.faults]
    except AgreementError as error:
        return None, [Finding.fault(what, str(error))]
    teams = ", ".join(team.name for team in agreement.teams)
    return agreement, [Finding.well(what, f"version {agreement.version}, teams {teams}")]


def _unset(settings: Settings | None, agreement: Agreement | None) -> Iterator[Finding]:
    if settings is not None and agreement is not None:
        for source, name in unset(agreement, settings.variable):
            yield Finding.fault(
                f"intake {source}", f"{name} is not set; put the source's secret there, in .env"
            )


def warnings_of(
    agreement: Agreement, columns: Collection[str] = (), activities: Collection[str] = ()
) -> Iterator[Finding]:
    """What a sound agreement says and probably does not mean, or promises and nothing carries out.

    `columns` and `activities` are the senders' own columns and the types of activity that have come in.
    """
    admins = agreement.roles.admins
    alone = len(admins) == 1 and not admins[0].startswith("S")  # of a group the members are not known here
    if agreement.retention.second_yes and alone:
        yield Finding(
            "[retention] second_yes",
            True,
            "there is one admin, and another has to agree before anybody is removed from Home; "
            "name a second in [roles] admins, or use forget at the terminal",
            warns=True,
        )
    for unknown in (*unknown_keys(agreement, columns), *slips(agreement, activities)):
        yield Finding(unknown.place, True, unknown.says, warns=True)


def _webhooks(settings: Settings | None, agreement: Agreement | None) -> Iterator[Finding]:
    if settings is None or agreement is None:
        return
    faults = list(webhook_faults(agreement, settings.variable))
    for fault in faults:
        yield Finding(f"webhook {fault.name}", fault.warns, fault.says, warns=fault.warns)
    if agreement.webhooks and not faults:
        names = ", ".join(hook.name for hook in agreement.webhooks)
        yield Finding.well("webhooks", f"{names}; try one with webhooks test")
    faults = list(workflow_faults(agreement, settings.variable))
    for fault in faults:
        yield Finding(f"workflow {fault.name}", fault.warns, fault.says, warns=fault.warns)
    if agreement.workflows and not faults:
        names = ", ".join(each.name for each in agreement.workflows)
        yield Finding.well("workflows", f"{names}; try one with webhooks test")


async def _destinations(settings: Settings | None, agreement: Agreement | None) -> AsyncIterator[Finding]:
    if settings is not None and agreement is not None:
        for table in agreement.destinations:
            async for finding in destination_findings(table, settings.variable):
                yield finding


async def _crm(settings: Settings | None, agreement: Agreement | None) -> AsyncIterator[Finding]:
    if settings is not None and agreement is not None and agreement.crm is not None:
        addresses = _addresses(settings, agreement)
        account = _known(settings, lambda tx: account_of(tx, agreement))
        async for finding in crm_findings(agreement.crm, settings.variable, addresses, account):
            yield finding


def _told(settings: Settings | None, agreement: Agreement | None) -> list[Finding]:
    if settings is None or agreement is None:
        return []
    return _known(settings, lambda tx: list(told_findings(tx, agreement))) or []


def _addresses(settings: Settings, agreement: Agreement) -> dict[str, str | None]:
    """What is known of the reps' addresses; nothing before the first run."""
    return _known(settings, lambda tx: addresses_of(tx, agreement)) or {}


def _known(settings: Settings, read: Callable[[Connection], T]) -> T | None:
    """What a database that is there and up to date says; what is wrong with it is said elsewhere."""
    try:
        database = Database.open(settings.database_url.get_secret_value())
    except DatabaseAway:
        return None
    try:
        return database.read_now(read) if database.exists() else None
    except (DatabaseAway, DatabaseError):
        return None
    finally:
        database.close()


def _stale(agreement: Agreement | None, today: date | None) -> Iterator[Finding]:
    if agreement is not None and today is not None:
        for stale in past_holidays(agreement, today):
            yield Finding(stale.place, True, stale.message, warns=True)


def _zones() -> Finding:
    data = zone_data()
    if data.host is None and data.package is None:
        return Finding.fault("time zones", "There is no time zone data. Install the tzdata package.")
    return Finding.well("time zones", str(data))


def _database(settings: Settings | None) -> Iterator[Finding]:
    if settings is None:
        return
    try:
        database = Database.open(settings.database_url.get_secret_value())
    except DatabaseAway as away:
        yield Finding.fault("database", str(away))
        return
    try:
        if database.dialect == "sqlite" and not Path(database.url.database or "").exists():
            folder = Path(database.url.database or "").parent
            fault = None if folder.is_dir() else f"The folder {folder} does not exist; create it."
            yield (
                Finding.fault("database", fault)
                if fault
                else Finding.well("database", "will be created on the first run")
            )
            return
        database.write_now(lambda tx: tx.execute(text("SELECT 1")).scalar_one())
        database.require_sound()  # SQLite lets a transaction begin where nothing can be written
        if database.dialect == "postgresql":
            database.write_now(take_room)
        current = is_current(database)  # raises where no start could work with it
        note = "" if current else ", and the next start creates or updates its tables"
        yield Finding.well("database", f"can be read and written{note}")
    except DatabaseAway as away:
        yield Finding.fault("database", str(away))
    finally:
        database.close()


def _open_files(settings: Settings | None, env_file: Path) -> Iterator[Finding]:
    """Files with secrets or people's data that others on the machine can read."""
    files = [env_file]
    with suppress(DatabaseAway):
        file = file_of(settings.database_url.get_secret_value()) if settings is not None else None
        files += [] if file is None else [file, *(Path(f"{file}{end}") for end in ("-wal", "-shm", ".lock"))]
    for each in files:
        if is_open_to_others(each):
            yield Finding.warning(
                str(each), f"can be read by other users; run chmod 600 {shlex.quote(str(each))}"
            )


def _open_leads(settings: Settings | None, agreement: Agreement | None) -> Iterator[Finding]:
    """Open leads that name what the agreement no longer has, and versions of it that the database has lost.

    Nothing where they cannot be read.
    """
    if settings is None or agreement is None:
        return
    try:
        database = Database.open(settings.database_url.get_secret_value())
    except DatabaseAway:
        return  # which is said of the database
    try:
        if database.dialect == "sqlite" and not Path(database.url.database or "").exists():
            return
        strays, gone = database.read_now(_strays, agreement)
        for stray in strays:
            yield Finding.warning("open leads", ". ".join(stray_words(stray)))
        if gone:
            yield Finding.warning("agreement", unreadable_versions(gone))
    except (DatabaseAway, DatabaseError):
        return  # there are no tables yet, or they are of another version, which the start mends
    finally:
        database.close()


def _strays(tx: Connection, agreement: Agreement) -> tuple[tuple[Stray, ...], list[str]]:
    book = AgreementBook(agreement, 0, people.groups(tx))
    return strays_of(tx, book), book.unreadable(tx)


def _leads(
    settings: Settings | None, agreement: Agreement | None, now: datetime | None
) -> tuple[Coverage | None, list[Finding]]:
    """The stored leads against the rules, or why they cannot be read; nothing where nobody asked for them."""
    if now is None or settings is None or agreement is None:
        return None, []
    try:
        database = Database.open(settings.database_url.get_secret_value())
    except DatabaseAway:
        return None, []  # which is said of the database
    try:
        if database.dialect == "sqlite" and not Path(database.url.database or "").exists():
            return None, [Finding.well("leads", _NO_LEADS)]
        return database.read_now(coverage, agreement, now), []
    except (DatabaseAway, DatabaseError):
        says = "cannot be read: the database is not up to date. Start Baton once to update it."
        return None, [Finding.fault("leads", says)]
    finally:
        database.close()


def _coverage(covered: Coverage) -> Iterator[Finding]:
    """A line for each rule: how many leads it matches, and a warning where it is none."""
    if covered.leads == 0:
        yield Finding.well("leads", _NO_LEADS)
        return
    total = plural(covered.leads, "stored lead")
    for place, count in covered.matched.items():
        yield Finding(place, True, f"matches {count or 'none'} of {total}", warns=count == 0)
    if covered.idle:
        rules = plural(len(covered.idle), "rule")
        says = f"{rules} of {len(covered.matched)} without a matching lead so far: see above"
        yield Finding("leads", True, says, warns=True)
    else:
        yield Finding.well("leads", "each rule matches at least one of them")


def _manifest(settings: Settings | None, own: Path | None) -> Iterator[Finding]:
    """Baton's manifest, and the app's own where it is known: whether it asks for all, and by which way in."""
    over_socket = None if settings is None else settings.slack_app_token is not None
    path = own or MANIFEST
    faults = manifest_faults(path, socket_mode=over_socket if own else None)
    yield from (Finding.fault(path.name, each) for each in faults)
    if not faults:
        way = f"over HTTP: create the app from `{PROGRAM} manifest --url https://…`"
        if over_socket is not False or own:
            way = "in Socket Mode" if over_socket is not False else "over HTTP"
        yield Finding.well(path.name, f"asks Slack for what Baton needs, {way}")


_NO_LEADS = "there are none yet to check the rules against"
