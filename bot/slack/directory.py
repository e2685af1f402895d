"""Who is who: the people and user groups that the agreement names, as Slack knows them, and who is a guest.

Asked at the start and every hour, and heard of at once as Slack tells it. What Slack does not tell stays as
it was: it is never worth a halt.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.agreement.book import AgreementBook, named_in
from bot.clock import Clock
from bot.errors import NotAMember, Unverified
from bot.slack.errors import FAILURES, Answer, Verdict, verdict_on
from bot.slack.link import SlackLink
from storage import people
from storage.database import Database
from storage.models import Person

ASK_EVERY = timedelta(hours=1)
AT_ONCE = 40
"""People who are asked for together at the first start: well within the minute's hundred."""
PAUSE_SECONDS = 0.6  # between questions: users.info takes 100 a minute (tier 4), and others ask too
GROUP_PAUSES = 6  # as many of these pauses after a group: usergroups.users.list takes 20 a minute (tier 2)
KNOWN_FOR = timedelta(hours=1)
"""How long it is believed that somebody is a member, or is none; a change is heard of in between."""
ANSWER_SECONDS = 1.5
"""Real seconds that somebody's command waits for Slack to say who they are: it must be acked within 3."""
_NOT_SEEN = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


class Directory:
    """Keeps the book's groups and the table of people in step with Slack."""

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        clock: Clock,
        book: AgreementBook,
        log: logging.Logger,
        *,
        link: SlackLink | None = None,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._database, self._client, self._clock, self._book, self._log = database, client, clock, book, log
        self._link, self._pause = link, pause_seconds
        self._outsiders: dict[str, tuple[bool, datetime]] = {}  # and when it was last told, on the wire

    async def meet(self) -> None:
        """Ask for the groups and the people of whom nothing is known yet, so that all have a name.

        Raises DatabaseAway; refusals are logged. Who is too many for a moment is asked for with the others.
        """
        users, groups = named_in(self._book.current)
        await self._ask_groups([group for group in groups if group not in self._book.groups])
        known = await self._database.read(people.among, users)
        new = [user for user in users if user not in known]
        await asyncio.gather(*(self._ask(user) for user in new[:AT_ONCE]))

    async def refresh(self) -> None:
        """Ask for everybody once, groups first. Raises DatabaseAway; Slack's refusals are logged."""
        named, groups = named_in(self._book.current)
        await self._ask_groups(groups, pause=self._pause * GROUP_PAUSES)
        in_groups = (user for group in groups for user in sorted(self._book.groups.get(group, ())))
        for user in dict.fromkeys((*named, *in_groups)):
            await self._remember(user)

    async def _ask_groups(self, groups: Sequence[str], *, pause: float = 0) -> None:
        for group in groups:
            members = await self._members(group)
            if members is not None:
                now = self._clock.now()
                await self._database.write(people.remember_group, group, members, asked_at=now)
                self._book.groups = {**self._book.groups, group: members}
                await asyncio.sleep(pause)

    async def _members(self, group: str) -> frozenset[str] | None:
        try:
            answer = await self._client.usergroups_users_list(usergroup=group)
        except FAILURES as error:
            await self._note(f"user group {group}", error)
            return None
        return frozenset(answer.get("users") or ())

    async def _remember(self, user: str) -> None:
        if await self._ask(user):
            await asyncio.sleep(self._pause)

    async def _ask(self, user: str) -> bool:
        """Keep what Slack tells of somebody; False where it refuses."""
        try:
            told: dict[str, Any] = (await self._client.users_info(user=user))["user"]
        except FAILURES as error:
            await self._note(f"person {user}", error)
            return False
        await self._keep(told)
        return True

    async def _keep(self, told: Mapping[str, Any]) -> bool:
        """Keep what Slack told of somebody. Gives whether they are an outsider."""
        profile = told.get("profile") or {}
        outsider = is_outsider(told, *(self._link.home if self._link else (None, None)))
        self._outsiders[str(told["id"])] = outsider, self._clock.wire()
        await self._database.write(
            people.remember,
            str(told["id"]),
            name=profile.get("display_name") or told.get("real_name") or told.get("name"),
            email=profile.get("email"),
            timezone=told.get("tz"),
            left=bool(told.get("deleted")),
            outsider=outsider,
            asked_at=self._clock.now(),
        )
        return outsider

    # ---- what Slack tells by itself

    async def hear_person(self, told: Mapping[str, Any]) -> bool:
        """Slack tells that somebody joined, left or changed. Gives whether anything here depends on them."""
        user = str(told["id"])
        concerns = self._book.names(user)
        known: Person | None = await self._database.read(people.get, user)
        if concerns or user in self._outsiders or known is not None:
            await self._keep(told)
        return concerns

    async def hear_group(self, group: str, added: Collection[str], removed: Collection[str]) -> bool:
        """Slack tells who joined and who left a user group. Gives whether the agreement names it."""
        _, groups = named_in(self._book.current)
        if group not in groups:
            return False
        if group not in self._book.groups:
            await self._ask_groups([group])
            return True
        members = (self._book.groups[group] | frozenset(added)) - frozenset(removed)
        await self._database.write(people.remember_group, group, members, asked_at=self._clock.now())
        self._book.groups = {**self._book.groups, group: members}
        return True

    # ---- who may read

    async def require_member(self, user: str) -> None:
        """Let pass whom the agreement names, and members of this workspace.

        Raises NotAMember for guests and people of other organisations, Unverified where Slack does not say.
        """
        if self._book.names(user):
            return
        outsider, asked_at = self._outsiders.get(user, (None, None))
        if outsider is None or asked_at is None or self._clock.wire() - asked_at > KNOWN_FOR:
            outsider = await self._ask_whether_outsider(user)
        if outsider:
            raise NotAMember

    async def _ask_whether_outsider(self, user: str) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                told: dict[str, Any] = (await self._client.users_info(user=user))["user"]
        except FAILURES as error:
            found: Answer = verdict_on(error)
            if found.error in _NOT_SEEN:
                return True
            self._log.warning("Slack does not say who %s is: %s", user, found.error)
            raise Unverified from error
        return await self._keep(told)

    async def _note(self, whom: str, error: Exception) -> None:
        found = verdict_on(error)
        self._log.warning("Slack tells nothing of %s: %s", whom, found.error)
        if found.verdict is Verdict.WAIT and found.wait:
            await asyncio.sleep(found.wait.total_seconds())


def is_outsider(told: Mapping[str, Any], team: str | None, enterprise: str | None) -> bool:
    """Whether a user, as Slack describes them, is a guest or of another organisation than the bot's.

    `team` and `enterprise` are the bot's; None for what is not known, or does not exist.
    """
    if any(told.get(mark) for mark in ("is_restricted", "is_ultra_restricted", "is_stranger")):
        return True
    theirs = (told.get("enterprise_user") or {}).get("enterprise_id")
    if enterprise and theirs:
        return bool(theirs != enterprise)
    return bool(team and told.get("team_id") and told["team_id"] != team)
