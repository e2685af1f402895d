"""Everything that can be wrong before the first lead comes, looked at in one go, each fault with its remedy.

The same look at Slack's channels is taken at every start, where it is only a warning.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from bot.agreement import (
    Agreement,
    AgreementError,
    AgreementFaults,
    load_agreement,
)
from bot.agreement.book import named_in
from bot.agreement.stale import past_holidays
from bot.agreement.vocabulary import Verb
from bot.intake.sources import unset
from bot.rules.unknown import slips, unknown_keys
from bot.settings import Settings, SettingsFaults, load_settings
from bot.setup.coverage import Coverage, coverage
from bot.setup.manifest import SCOPES, manifest_faults
from bot.setup.webhooks import webhook_faults
from bot.setup.zonedata import zone_data
from bot.slack.errors import FAILURES, verdict_on
from bot.slack.link import SlackLink, refusal, web_client
from bot.views.text import plural
from storage.database import Database, DatabaseAway

_log = logging.getLogger("baton.checkup")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what, whether it is well, and what to do if it is not.

    `warns`: nothing is broken, and somebody should know all the same.
    """

    what: str
    ok: bool
    says: str
    warns: bool = False


def _well(what: str, says: str) -> Finding:
    return Finding(what, True, says)


def _fault(what: str, says: str) -> Finding:
    return Finding(what, False, says)


async def checkup(
    env_file: Path = Path(".env"), today: date | None = None, *, leads_at: datetime | None = None
) -> AsyncIterator[Finding]:
    """Look at everything, and tell each finding as it comes. What rests on a fault is left out.

    Without `today` nothing is said of what has run out. `leads_at` is the moment at which the stored leads
    are held against the rules; without it they are not looked at.
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
    for finding in (*_stale(agreement, today), _zones(), *_database(settings), *_manifest()):
        yield finding
    for finding in (*unread, *(_coverage(covered) if covered is not None else ())):
        yield finding
    if settings is not None and settings.slack_bot_token.get_secret_value():
        async for finding in _slack(settings, agreement):
            yield finding


def _environment(env_file: Path) -> tuple[Settings | None, list[Finding]]:
    try:
        return load_settings(env_file=env_file), [_well("environment", "is complete")]
    except SettingsFaults as faults:
        found = [_fault(name, says) for name, says in faults.faults.items()]
    try:  # the rest can be looked at all the same, if it is only Slack's tokens that are missing
        return load_settings(env_file=env_file, with_slack=False), found
    except SettingsFaults:
        return None, found


def _agreement(settings: Settings | None) -> tuple[Agreement | None, list[Finding]]:
    if settings is None:
        return None, []
    what = f"agreement {settings.agreement}"
    try:
        agreement = load_agreement(settings.agreement).agreement
    except AgreementFaults as faults:
        return None, [_fault(what, str(fault)) for fault in faults.faults]
    except AgreementError as error:
        return None, [_fault(what, str(error))]
    teams = ", ".join(team.name for team in agreement.teams)
    return agreement, [_well(what, f"version {agreement.version}, teams {teams}")]


def _unset(settings: Settings | None, agreement: Agreement | None) -> Iterator[Finding]:
    if settings is not None and agreement is not None:
        for source, name in unset(agreement, settings.variable):
            yield _fault(f"intake {source}", f"{name} is not set; put the source's secret there, in .env")


def warnings_of(
    agreement: Agreement, columns: Collection[str] = (), activities: Collection[str] = ()
) -> Iterator[Finding]:
    """What a sound agreement says and probably does not mean, or promises and nothing carries out.

    `columns` and `activities` are the senders' own columns and the types of activity that have come in.
    """
    for unknown in (*unknown_keys(agreement, columns), *slips(agreement, activities)):
        yield Finding(unknown.place, True, unknown.says, warns=True)
    for place, instead in _not_yet(agreement):
        yield Finding(place, True, f"has no effect yet: {instead}", warns=True)


def _not_yet(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Keys that are read and not carried out yet: their place, and what happens instead."""
    for kind, steps in agreement.ladder.items():
        for step in steps:
            if step.do in (Verb.POOL, Verb.MARKETING):
                yield f"ladder.{kind.value}: {step.do.value}", "the manager is told instead."
    for team in agreement.teams:
        if team.ping is not None:
            yield f"teams.{team.name}.ping", "the reps at work are mentioned."


def _webhooks(settings: Settings | None, agreement: Agreement | None) -> Iterator[Finding]:
    if settings is None or agreement is None:
        return
    faults = list(webhook_faults(agreement, settings.variable))
    for fault in faults:
        yield Finding(f"webhook {fault.name}", fault.warns, fault.says, warns=fault.warns)
    if agreement.webhooks and not faults:
        names = ", ".join(hook.name for hook in agreement.webhooks)
        yield _well("webhooks", f"{names}; try one with webhooks test")


def _stale(agreement: Agreement | None, today: date | None) -> Iterator[Finding]:
    if agreement is not None and today is not None:
        for stale in past_holidays(agreement, today):
            yield Finding(stale.place, True, stale.message, warns=True)


def _zones() -> Finding:
    data = zone_data()
    if data.host is None and data.package is None:
        return _fault("time zones", "There is no time zone data. Install the tzdata package.")
    return _well("time zones", str(data))


def _database(settings: Settings | None) -> Iterator[Finding]:
    if settings is None:
        return
    try:
        database = Database.open(settings.database_url.get_secret_value())
    except DatabaseAway as away:
        yield _fault("database", str(away))
        return
    try:
        if database.dialect == "sqlite" and not Path(database.url.database or "").exists():
            folder = Path(database.url.database or "").parent
            fault = None if folder.is_dir() else f"The folder {folder} does not exist; create it."
            yield (
                _fault("database", fault) if fault else _well("database", "will be created on the first run")
            )
            return
        database.write_now(lambda tx: tx.execute(text("SELECT 1")).scalar_one())
        yield _well("database", "can be read and written")
    except DatabaseAway as away:
        yield _fault("database", str(away))
    finally:
        database.close()


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
            return None, [_well("leads", _NO_LEADS)]
        return database.read_now(coverage, agreement, now), []
    except (DatabaseAway, DatabaseError):
        says = "cannot be read: the database is not up to date. Start Baton once to update it."
        return None, [_fault("leads", says)]
    finally:
        database.close()


def _coverage(covered: Coverage) -> Iterator[Finding]:
    """A line for each rule: how many leads it matches, and a warning where it is none."""
    if covered.leads == 0:
        yield _well("leads", _NO_LEADS)
        return
    total = plural(covered.leads, "stored lead")
    for place, count in covered.matched.items():
        yield Finding(place, True, f"matches {count or 'none'} of {total}", warns=count == 0)
    if covered.idle:
        rules = plural(len(covered.idle), "rule")
        says = f"{rules} of {len(covered.matched)} without a matching lead so far: see above"
        yield Finding("leads", True, says, warns=True)
    else:
        yield _well("leads", "each rule matches at least one of them")


def _manifest() -> Iterator[Finding]:
    faults = manifest_faults()
    yield from (_fault("manifest.yml", fault) for fault in faults)
    if not faults:
        yield _well("manifest.yml", "asks Slack for what Baton needs")


async def _slack(settings: Settings, agreement: Agreement | None) -> AsyncIterator[Finding]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        token = settings.slack_bot_token.get_secret_value()
        client = web_client(token, settings.slack_api_url, session)
        link = SlackLink(client)
        await link.ask()
        well, says = link.health()
        yield Finding("Slack", well, says)
        if not well:
            return
        for finding in _scopes(link.scopes):
            yield finding
        if settings.slack_app_token is not None:
            yield await _app_token(client, settings.slack_app_token.get_secret_value())
        if agreement is not None:
            async for finding in _places(client, agreement):
                yield finding


def _scopes(given: frozenset[str]) -> Iterator[Finding]:
    missing = [scope for scope in SCOPES if scope not in given]
    if missing:
        yield _fault(
            "scopes",
            f"The bot lacks {', '.join(missing)}. Add them under OAuth & Permissions, or create the app from "
            "manifest.yml, and install it again.",
        )
    else:
        yield _well("scopes", "are all granted")


async def _app_token(client: AsyncWebClient, token: str) -> Finding:
    try:
        await client.apps_connections_open(app_token=token)
    except FAILURES as error:
        return _fault("SLACK_APP_TOKEN", refusal("SLACK_APP_TOKEN", verdict_on(error).error))
    return _well("SLACK_APP_TOKEN", "opens Socket Mode")


async def _places(client: AsyncWebClient, agreement: Agreement) -> AsyncIterator[Finding]:
    faults = [fault async for fault in channel_faults(client, agreement)]
    for fault in faults:
        yield fault
    if not faults:
        yield _well("channels", "exist, and the bot is in all of them")
    faults = [fault async for fault in people_faults(client, agreement)]
    for fault in faults:
        yield fault
    if not faults:
        yield _well("people", "all have an account in the workspace")


def channels_in(agreement: Agreement) -> dict[str, str]:
    """Every channel that the agreement names, and what for."""
    named = {team.channel: f"team {team.name}" for team in reversed(agreement.teams)}
    if agreement.marketing.channel:
        named.setdefault(agreement.marketing.channel, "marketing")
    if agreement.digest:
        named.setdefault(agreement.digest.channel, "the weekly report")
    return named


async def channel_faults(client: AsyncWebClient, agreement: Agreement) -> AsyncIterator[Finding]:
    """What keeps the bot from posting in the agreement's channels."""
    for channel, purpose in channels_in(agreement).items():
        what = f"channel {channel} ({purpose})"
        answer, error = await _ask(client.conversations_info(channel=channel))
        if error:
            yield _fault(what, _CHANNEL_ERRORS.get(error, f"Slack answers {error}."))
        elif answer["channel"].get("is_archived"):
            yield _fault(what, "is archived. Unarchive it, or name another one in the agreement.")
        elif not answer["channel"].get("is_member"):
            yield _fault(what, "does not have the bot in it. Write /invite @Baton there.")


async def warn_of_channels(client: AsyncWebClient, agreement: Agreement) -> None:
    """Log what keeps the bot from posting, so that it is known before the first lead is late."""
    async for fault in channel_faults(client, agreement):
        _log.warning("%s %s", fault.what, fault.says)


async def people_faults(client: AsyncWebClient, agreement: Agreement) -> AsyncIterator[Finding]:
    """People and user groups of the agreement whom Slack does not know, or who cannot be written to."""
    users, groups = named_in(agreement)
    for user in users:
        answer, error = await _ask(client.users_info(user=user))
        if error:
            yield _fault(f"person {user}", _PERSON_ERRORS.get(error, f"Slack answers {error}."))
        elif answer["user"].get("deleted"):
            yield _fault(f"person {user}", "has left the workspace. Name somebody else in the agreement.")
        elif answer["user"].get("is_bot"):
            yield _fault(f"person {user}", "is a bot, and bots read no messages. Name a person instead.")
    for group in groups:
        _, error = await _ask(client.usergroups_users_list(usergroup=group))
        if error:
            yield _fault(f"user group {group}", _GROUP_ERRORS.get(error, f"Slack answers {error}."))


async def _ask(call: Awaitable[Any]) -> tuple[Any, str]:
    """Slack's answer, or its name for the fault."""
    try:
        return await call, ""
    except FAILURES as error:
        return None, verdict_on(error).error


_NO_LEADS = "there are none yet to check the rules against"
_MISSING_SCOPE = "cannot be checked: the bot lacks a scope. Install the app again from manifest.yml."
_CHANNEL_ERRORS = {
    "channel_not_found": "is not known to the bot. If it is private, write /invite @Baton there; else "
    "correct the ID in the agreement (at the end of the channel's About).",
    "missing_scope": _MISSING_SCOPE,
}
_PERSON_ERRORS = {
    "user_not_found": "does not exist here. Correct the ID in the agreement (in the profile, under the three "
    "dots, Copy member ID).",
    "missing_scope": _MISSING_SCOPE,
}
_GROUP_ERRORS = {
    "no_such_subteam": "does not exist here. Correct the ID in the agreement.",
    "missing_scope": _MISSING_SCOPE,
}
