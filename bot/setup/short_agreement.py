"""The agreement that `init` writes in some 60 lines: who is who, found in Slack by address and channel name.

Every rule comes from the built-in agreement by `extends`, until the file says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import PROGRAM
from bot.slack.errors import FAILURES, verdict_on

PAGE = 200
TIMEZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class Answers:
    """Who is who, as somebody types it: e-mail addresses of people, names of channels."""

    admins: Sequence[str] = ()
    marketing: Sequence[str] = ()
    manager: str = ""
    reps: Sequence[str] = ()
    team: str = "Sales"
    channel: str = ""
    marketing_channel: str = ""
    digest_channel: str = ""


@dataclass(slots=True)
class Found:
    """What Slack knows: the id and name of each address and channel; `missing` says what it does not."""

    people: dict[str, tuple[str, str]] = field(default_factory=dict)
    channels: dict[str, tuple[str, str]] = field(default_factory=dict)
    timezone: str = TIMEZONE
    missing: list[str] = field(default_factory=list)


async def find(client: AsyncWebClient, answers: Answers) -> Found:
    """Ask Slack for everybody and every channel that was named. What it does not tell is noted."""
    found = Found()
    named = [*answers.admins, *answers.marketing, answers.manager, *answers.reps]
    for email in dict.fromkeys(one for one in named if one):
        try:
            user = (await client.users_lookupByEmail(email=email))["user"]
        except FAILURES as error:
            found.missing.append(f"{email}: {_WHY.get(verdict_on(error).error, verdict_on(error).error)}")
            continue
        found.people[email] = str(user["id"]), str(user.get("real_name") or user.get("name") or email)
        if email in (*answers.admins, answers.manager) and user.get("tz"):
            found.timezone = str(user["tz"])
    await _find_channels(client, answers, found)
    return found


async def _find_channels(client: AsyncWebClient, answers: Answers, found: Found) -> None:
    places = (answers.channel, answers.marketing_channel, answers.digest_channel)
    wanted = {bare(name) for name in places if name}
    cursor: str | None = None
    try:
        while wanted - found.channels.keys():
            page = await client.conversations_list(
                types="public_channel,private_channel", exclude_archived=True, limit=PAGE, cursor=cursor
            )
            for channel in page["channels"]:
                if channel["name"] in wanted:
                    found.channels[channel["name"]] = str(channel["id"]), f"#{channel['name']}"
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
    except FAILURES as error:
        found.missing.append(f"channels: Slack answers {verdict_on(error).error}")
        return
    why = "no such channel, or it is private and I am not in it"
    found.missing += [f"#{name}: {why}" for name in sorted(wanted - found.channels.keys())]


_WHY = {
    "users_not_found": "nobody here has this address",
    "missing_scope": "the bot lacks users:read.email; install the app again from the manifest",
}


def bare(channel: str) -> str:
    """A channel's name without its sign."""
    return channel.strip().removeprefix("#").lower()


def short_agreement(answers: Answers, found: Found, version: str) -> str:
    """The file. Where Slack knows nobody, a made-up id stands, and a comment says whose place it is."""
    lines = [
        *_HEAD,
        f"version = {_text(version)}",
        f"timezone = {_text(found.timezone)}",
        "",
        "[roles]                            # Slack IDs of people (U…) or of user groups (S…)",
        *_people("admins", answers.admins, found, "U0ADMIN"),
        *_people("marketing", answers.marketing, found, "U0MARA"),
        "",
        "[marketing]                        # rejections are posted here",
        _place("channel", answers.marketing_channel, found, "C0MKTG"),
        "",
        *_HOURS,
        "[[teams]]                          # one for each team; the first that matches takes the lead",
        f"name = {_text(answers.team)}",
        _place("channel", answers.channel, found, "C0SALES"),
        _person("manager", answers.manager, found, "U0MGR"),
        'assign = "pool"                    # the first to accept gets it; "rotate": Baton picks',
        '# match = { employees = ">=200" }  # without it the team takes every lead',
        "reps = [                           # capacity: open leads at once",
        *(_rep(rep, found) for rep in answers.reps or ("",)),
        "]",
        "",
        "[digest]                           # the weekly report, in the time zone above",
        _place("channel", answers.digest_channel or answers.channel, found, "C0LEADS"),
        'day = "mon"',
        'time = "09:00"',
        "",
        *_RULES,
    ]
    return "\n".join(lines) + "\n"


_HEAD = (
    "# The agreement between marketing and sales: who is who.",
    "#",
    "# What qualifies, how fast each side answers, who is told and what counts as a reason comes from the",
    f"# built-in agreement until this file says otherwise. `{PROGRAM} init --full` writes all of it.",
    f"# `{PROGRAM} check` says what is wrong here, and how to fix it.",
    "#",
    "# Slack IDs: a person's is under profile, the three dots, Copy member ID; a channel's ends its About.",
    "",
    'extends = "default"',
)
_HOURS = (
    "[hours]",
    'days  = ["mon", "tue", "wed", "thu", "fri"]',
    'open  = "09:00"',
    'close = "17:00"',
    '# holidays = "US"                  # a country, a region (DE-BY), or a list of dates',
    "",
)
_RULES = (
    "# Rules of your own go here, and only what differs. For example:",
    "# [sla.P1]",
    '# accept = "10m"',
    "# [qualification]",
    '# mql = "B2"',
    "# A list, such as [[reasons]] or [[qualification.fit]], replaces the built-in one as a whole.",
)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _known(email: str, found: Found, instead: str) -> tuple[str, str]:
    return found.people.get(email, (instead, f"put the ID of {email} here" if email else "put an ID here"))


def _people(key: str, emails: Sequence[str], found: Found, instead: str) -> Iterable[str]:
    yield f"{key} = ["
    for email in emails or ("",):
        user, name = _known(email, found, instead)
        yield f"  {_text(user)},  # {_comment(name)}"
    yield "]"


def _person(key: str, email: str, found: Found, instead: str) -> str:
    user, name = _known(email, found, instead)
    return f"{key} = {_text(user)}  # {_comment(name)}"


def _rep(email: str, found: Found) -> str:
    user, name = _known(email, found, "U0REP1")
    return f"  {{ user = {_text(user)}, capacity = 20 }},  # {_comment(name)}"


def _place(key: str, channel: str, found: Found, instead: str) -> str:
    known = found.channels.get(bare(channel))
    if known is None:
        known = instead, f"put the ID of #{bare(channel)} here" if channel else "put a channel's ID here"
    return f"{key} = {_text(known[0])}  # {_comment(known[1])}"
