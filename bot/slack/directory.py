"""Who is who: the people and user groups that the agreement names, as Slack knows them.

Asked at the start and every hour. What Slack does not tell stays as it was: it is never worth a halt.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.agreement.book import AgreementBook, named_in
from bot.clock import Clock
from bot.slack.errors import FAILURES, Verdict, verdict_on
from storage import people
from storage.database import Database

ASK_EVERY = timedelta(hours=1)
PAUSE_SECONDS = 0.6  # between questions: users.info takes 100 a minute (tier 4), and others ask too


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
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._database, self._client, self._clock, self._book, self._log = database, client, clock, book, log
        self._pause = pause_seconds

    async def meet(self) -> None:
        """Ask for the groups of which nothing is known yet. Raises DatabaseAway; refusals are logged."""
        _, groups = named_in(self._book.current)
        await self._ask_groups([group for group in groups if group not in self._book.groups])

    async def refresh(self) -> None:
        """Ask for everybody once, groups first. Raises DatabaseAway; Slack's refusals are logged."""
        named, groups = named_in(self._book.current)
        await self._ask_groups(groups)
        in_groups = (user for group in groups for user in sorted(self._book.groups.get(group, ())))
        for user in dict.fromkeys((*named, *in_groups)):
            await self._remember(user)

    async def _ask_groups(self, groups: Sequence[str]) -> None:
        for group in groups:
            members = await self._members(group)
            if members is not None:
                now = self._clock.now()
                await self._database.write(people.remember_group, group, members, asked_at=now)
                self._book.groups = {**self._book.groups, group: members}

    async def _members(self, group: str) -> frozenset[str] | None:
        try:
            answer = await self._client.usergroups_users_list(usergroup=group)
        except FAILURES as error:
            await self._note(f"user group {group}", error)
            return None
        return frozenset(answer.get("users") or ())

    async def _remember(self, user: str) -> None:
        try:
            told: dict[str, Any] = (await self._client.users_info(user=user))["user"]
        except FAILURES as error:
            await self._note(f"person {user}", error)
            return
        profile = told.get("profile") or {}
        await self._database.write(
            people.remember,
            user,
            name=profile.get("display_name") or told.get("real_name") or told.get("name"),
            email=profile.get("email"),
            timezone=told.get("tz"),
            left=bool(told.get("deleted")),
            asked_at=self._clock.now(),
        )
        await asyncio.sleep(self._pause)

    async def _note(self, whom: str, error: Exception) -> None:
        found = verdict_on(error)
        self._log.warning("Slack tells nothing of %s: %s", whom, found.error)
        if found.verdict is Verdict.WAIT and found.wait:
            await asyncio.sleep(found.wait.total_seconds())
