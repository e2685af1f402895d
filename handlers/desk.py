"""What every listener and every route is given: the database, the clock, the agreement, Slack and the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.background import Background
from bot.clock import Clock
from bot.context import Context
from bot.logs import trace
from bot.pressed import SentTwice, sent_form
from bot.slack.errors import is_passing, was_closed
from bot.spans import Attribute, span
from storage import sent_forms
from storage.database import Database

C = TypeVar("C")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a running bot works with; built once, in app.py."""

    database: Database
    clock: Clock
    book: AgreementBook
    client: AsyncWebClient
    log: logging.Logger
    background: Background = field(default_factory=lambda: Background(is_passing, was_closed))

    def context(self, actor: str, trace: str) -> Context:
        """The context of a use case at this moment; `actor` as in `bot.context.Context`."""
        return Context(self.clock.now(), self.clock.wire(), self.book, actor, trace)

    async def do(self, use_case: Callable[[Connection, Context, C], T], command: C, actor: str) -> T:
        """Run a use case in a transaction of its own, as this person, and log that it was done.

        Raises SentTwice for a form that was sent before as it is.
        """
        name, ours = use_case.__name__, trace()
        with span(name, ours, {Attribute.ACTOR: actor}, inner=True) as at_hand:
            done = await self.database.write(_once, use_case, self.context(actor, ours), command)
            numbers = _numbers(done)
            at_hand.note({Attribute.LEAD: numbers.get("lead"), Attribute.HANDOFF: numbers.get("handoff")})
        told = "".join(f" {of}={number}" for of, number in numbers.items())
        self.log.info("%s by %s%s", name, actor, told, extra={"event": name, "actor": actor, **numbers})
        return done

    async def ask(self, question: Callable[[Connection, Context, C], T], about: C, actor: str) -> T:
        """Look something up for this person, beside the writer."""
        return await self.database.read(question, self.context(actor, trace()), about)


def _once(tx: Connection, use_case: Callable[[Connection, Context, C], T], ctx: Context, command: C) -> T:
    """The use case, unless a form asks for it that was sent before. A refused form may be sent again."""
    form = sent_form()
    if form is not None and not sent_forms.is_first(tx, f"{use_case.__name__}:{form}", ctx.wire):
        raise SentTwice(form)
    return use_case(tx, ctx, command)


def _numbers(done: object) -> dict[str, int]:
    """What a use case gave, as far as the log may have it: the numbers of the lead and the handoff."""
    given = [(name, getattr(done, f"{name}_id", None)) for name in ("lead", "handoff")]
    return {name: value for name, value in given if isinstance(value, int)}
