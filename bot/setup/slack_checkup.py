"""What can be wrong between Baton and Slack: the tokens, the scopes, the way in, the channels, the people.

The same look at Slack's channels is taken at every start, where it is only a warning.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from bot.agreement import Agreement
from bot.agreement.book import named_in
from bot.settings import PROGRAM, Settings
from bot.setup.findings import Finding
from bot.setup.manifest import SCOPES, without
from bot.setup.sample_views import sample_messages, sample_views
from bot.slack.errors import FAILURES, Verdict, verdict_on
from bot.slack.hearing import app_of_token, mixed_up, other_workspace
from bot.slack.link import SlackLink, refusal, web_client
from bot.views.hearing import heard_words
from storage import agreements, workspace
from storage.database import Database, DatabaseAway
from storage.models import HeardKind, Workspace

_log = logging.getLogger("baton.checkup")


async def slack_checkup(settings: Settings, agreement: Agreement | None) -> AsyncIterator[Finding]:
    """Ask Slack about everything that Baton needs of it, and tell each finding as it comes."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        token = settings.slack_bot_token.get_secret_value()
        client = web_client(token, settings.slack_api_url, session)
        link = SlackLink(client)
        await link.ask()
        well, says = link.health()
        yield Finding("Slack", well, says)
        if not well:
            return
        for finding in (*_scopes(link.scopes), *_way_in(settings, link)):
            yield finding
        if settings.slack_app_token is not None:
            yield await _app_token(client, settings.slack_app_token.get_secret_value(), link.app)
        if agreement is not None:
            async for finding in _places(client, agreement, link.team_name):
                yield finding
            async for finding in _views(client, agreement):
                yield finding


def _scopes(given: frozenset[str]) -> Iterator[Finding]:
    missing = [scope for scope in SCOPES if scope not in given]
    if missing:
        yield Finding.fault(
            "scopes",
            f"The bot lacks {without(missing, SCOPES)}. The app is from an older manifest: paste what "
            f"`{PROGRAM} manifest` prints under App Manifest in its settings, and install it again.",
        )
    else:
        yield Finding.well("scopes", "are all granted")


def _way_in(settings: Settings, link: SlackLink) -> Iterator[Finding]:
    """Whether the token is of this database's workspace, and whether Slack was ever heard."""
    try:
        database = Database.open(settings.database_url.get_secret_value())
    except DatabaseAway:
        return  # which is said of the database
    try:
        if database.dialect == "sqlite" and not Path(database.url.database or "").exists():
            return
        first, heard, since = database.read_now(_what_is_known)
    except (DatabaseAway, DatabaseError):
        return
    finally:
        database.close()
    if first is not None and (says := other_workspace(link, first.team_id, first.name)):
        yield Finding.fault("SLACK_BOT_TOKEN", says)
    if since is not None:
        ever, says = heard_words(heard, since, over_http=settings.slack_app_token is None)
        yield Finding("way in", True, says, warns=not ever)


def _what_is_known(tx: Connection) -> tuple[Workspace | None, dict[HeardKind, datetime], datetime | None]:
    return workspace.first_workspace(tx), workspace.heard_so_far(tx), agreements.first_seen(tx)


async def _app_token(client: AsyncWebClient, token: str, bot_app: str | None) -> Finding:
    if says := mixed_up(bot_app, (app_of_token(token),)):
        return Finding.fault("SLACK_APP_TOKEN", says)
    try:
        await client.apps_connections_open(app_token=token)
    except FAILURES as error:
        return Finding.fault("SLACK_APP_TOKEN", refusal("SLACK_APP_TOKEN", verdict_on(error).error))
    return Finding.well("SLACK_APP_TOKEN", "opens Socket Mode")


async def _places(
    client: AsyncWebClient, agreement: Agreement, workspace_name: str
) -> AsyncIterator[Finding]:
    found = [finding async for finding in channel_findings(client, agreement)]
    for finding in found:
        yield finding
    if all(finding.ok for finding in found):
        yield Finding.well("channels", "exist, and the bot is in all of them")
    found = [finding async for finding in people_faults(client, agreement)]
    for finding in found:
        yield finding
    named, groups = named_in(agreement)
    if found and len(found) == len(named) + len(groups):
        says = f"None of them is in {workspace_name}: is SLACK_BOT_TOKEN of another workspace?"
        yield Finding.fault("people", says)
    if not found:
        yield Finding.well("people", "all have an account in the workspace")


async def _views(client: AsyncWebClient, agreement: Agreement) -> AsyncIterator[Finding]:
    """One sample of each view, as Slack itself judges it. A Slack that cannot judge says nothing."""
    faults = 0
    given: list[tuple[str, dict[str, Any]]] = [
        *(
            (name, {"message": {"text": one.text, "blocks": one.blocks}})
            for name, one in sample_messages(agreement)
        ),
        *((name, {"view": view}) for name, view in sample_views(agreement)),
    ]
    for name, payload in given:
        data = {kind: json.dumps(value) for kind, value in payload.items()}
        try:
            await client.api_call("blocks.validate", data=data)  # not in the address, as the SDK sends it
        except FAILURES as error:
            found = verdict_on(error)
            if found.verdict is not Verdict.MESSAGE or found.error in _CANNOT_JUDGE:
                return
            faults += 1
            yield Finding.warning(f"view {name}", f"is refused by Slack ({found}); please report it.")
    if not faults:
        yield Finding.well("views", f"{len(given)} samples are accepted by Slack")


_CANNOT_JUDGE = ("unknown_method", "method_deprecated", "not_allowed_token_type")


def channels_in(agreement: Agreement) -> dict[str, str]:
    """Every channel that the agreement names, and what for."""
    named = {team.channel: f"team {team.name}" for team in reversed(agreement.teams)}
    if agreement.marketing.channel:
        named.setdefault(agreement.marketing.channel, "marketing")
    if agreement.digest:
        named.setdefault(agreement.digest.channel, "the weekly report")
    return named


async def channel_findings(client: AsyncWebClient, agreement: Agreement) -> AsyncIterator[Finding]:
    """What keeps the bot from posting in the agreement's channels, and who reads there besides members."""
    for channel, purpose in channels_in(agreement).items():
        what = f"channel {channel} ({purpose})"
        answer, error = await _ask(client.conversations_info(channel=channel))
        if error:
            yield Finding.fault(what, _CHANNEL_ERRORS.get(error, f"Slack answers {error}."))
        elif answer["channel"].get("is_archived"):
            yield Finding.fault(what, "is archived. Unarchive it, or name another one in the agreement.")
        elif not answer["channel"].get("is_member"):
            yield Finding.fault(what, "does not have the bot in it. Write /invite @Baton there.")
        elif answer["channel"].get("is_ext_shared") or answer["channel"].get("is_pending_ext_shared"):
            yield Finding.warning(what, "is shared with other organisations: they can read every card there.")


async def warn_of_channels(client: AsyncWebClient, agreement: Agreement) -> None:
    """Log what keeps the bot from posting, so that it is known before the first lead is late."""
    async for finding in channel_findings(client, agreement):
        _log.warning("%s %s", finding.what, finding.says)


async def people_faults(client: AsyncWebClient, agreement: Agreement) -> AsyncIterator[Finding]:
    """People and user groups of the agreement whom Slack does not know, or who cannot be written to."""
    users, groups = named_in(agreement)
    for user in users:
        answer, error = await _ask(client.users_info(user=user))
        if error:
            yield Finding.fault(f"person {user}", _PERSON_ERRORS.get(error, f"Slack answers {error}."))
        elif answer["user"].get("deleted"):
            yield Finding.fault(
                f"person {user}", "has left the workspace. Name somebody else in the agreement."
            )
        elif answer["user"].get("is_bot"):
            yield Finding.fault(
                f"person {user}", "is a bot, and bots read no messages. Name a person instead."
            )
    for group in groups:
        _, error = await _ask(client.usergroups_users_list(usergroup=group))
        if error:
            yield Finding.fault(f"user group {group}", _GROUP_ERRORS.get(error, f"Slack answers {error}."))


def _unfit(user: Mapping[str, Any]) -> str | None:
    """Why somebody cannot do what the agreement wants of them."""
    if user.get("deleted"):
        return "has left the workspace. Name somebody else in the agreement."
    if user.get("is_bot"):
        return "is a bot, and bots read no messages. Name a person instead."
    return None


async def _ask(call: Awaitable[Any]) -> tuple[Any, str]:
    """Slack's answer, or its name for the fault."""
    try:
        return await call, ""
    except FAILURES as error:
        return None, verdict_on(error).error


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
_PAID = "needs a paid plan of Slack. Name its people in the agreement, one by one."
_GROUP_ERRORS = {
    "paid_teams_only": _PAID,
    "plan_upgrade_required": _PAID,
    "no_such_subteam": "does not exist here. Correct the ID in the agreement.",
    "missing_scope": _MISSING_SCOPE,
}
