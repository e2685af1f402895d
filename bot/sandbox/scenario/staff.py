"""Who comes, who goes, who changes groups: what an administrator does, and the bot hears of."""

from __future__ import annotations

from typing import Any

from bot.sandbox.scenario.people import People
from bot.sandbox.slack.model import Person, UserGroup


class Staff:
    """The people of a workspace as they change; each change is told to the bot as Slack tells it."""

    def __init__(self, people: People) -> None:
        self._people, self._workspace = people, people.workspace

    async def joins(self, person: Person, *channels: str) -> None:
        """Somebody new, in these channels."""
        self._workspace.people[person.id] = person
        for channel in channels:
            self._workspace.invite(channel, person.id)
        await self._tell("team_join", user=self._described(person))

    async def leaves(self, user: str) -> None:
        """Somebody's account is deactivated."""
        await self.changes(user, deleted=True)

    async def changes(self, user: str, **fields: Any) -> None:
        """Something about somebody is different from now on."""
        person = self._workspace.people[user]
        for name, value in fields.items():
            setattr(person, name, value)
        await self._tell("user_change", user=self._described(person))

    async def regroups(self, group: UserGroup) -> None:
        """A user group has these people from now on."""
        before = self._workspace.groups.get(group.id)
        had = set(before.users) if before is not None else set()
        self._workspace.groups[group.id] = group
        await self._tell(
            "subteam_members_changed",
            subteam_id=group.id,
            added_users=sorted(set(group.users) - had),
            removed_users=sorted(had - set(group.users)),
        )

    def _described(self, person: Person) -> dict[str, Any]:
        return person.to_api(with_email=True, at=self._workspace.clock.wire())

    async def _tell(self, kind: str, **detail: Any) -> None:
        await self._people.event({"type": kind, **detail, "event_ts": self._workspace.next_ts()})
