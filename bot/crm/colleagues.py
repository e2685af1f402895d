"""Who in the CRM is who here: people are matched by their e-mail address."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.agreement.vocabulary import CrmSays
from bot.crm.port import Crm, FieldInfo, Owner

KEPT_FOR = 600.0
"""Seconds for which what the CRM said of its users and fields is believed."""
AGAIN_AFTER = 30.0
"""Seconds after which it is asked again for somebody who is not known."""


@dataclass(frozen=True, slots=True)
class Colleagues:
    """The CRM's users by id, and its fields by name."""

    by_id: dict[str, Owner] = field(default_factory=dict)
    by_email: dict[str, Owner] = field(default_factory=dict)
    fields: dict[str, FieldInfo] = field(default_factory=dict)

    @classmethod
    def of(cls, owners: Sequence[Owner], fields: Sequence[FieldInfo]) -> Colleagues:
        """Of several users with one address the active one counts."""
        ordered = sorted(owners, key=lambda each: each.active)
        return cls(
            {each.id: each for each in owners},
            {each.email.casefold(): each for each in ordered if each.email},
            {each.name: each for each in fields},
        )

    def of_these(self, fields: Mapping[CrmSays, str]) -> list[str]:
        """The names of those that the CRM has: Salesforce answers nothing at all where one is asked for that
        it lacks."""
        return [name for name in fields.values() if name in self.fields]

    def owner_of(self, email: str) -> Owner | None:
        """The user with this address, active or not."""
        return self.by_email.get(email.casefold())


class Directory:
    """Asks the CRM who and what it has, and keeps that for a while."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._known: Colleagues | None = None
        self._asked_at = 0.0
        self._asking = asyncio.Lock()

    async def known(self, owners: Iterable[str | None] = ()) -> Colleagues:
        """What the CRM has; asked anew if one of these owners is none of its users. Raises CrmTrouble."""
        async with self._asking:
            now = asyncio.get_running_loop().time()
            users = self._known.by_id if self._known is not None else {}
            strange = any(each not in users for each in owners if each)
            if self._known is None or now > self._asked_at + (AGAIN_AFTER if strange else KEPT_FOR):
                self._known = Colleagues.of(await self._crm.owners(), await self._crm.known_fields())
                self._asked_at = now
            return self._known
