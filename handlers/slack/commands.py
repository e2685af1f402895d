"""Slash commands. Every answer travels in the ack: to whoever typed it, or with --share to the channel."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import Obstacle
from bot.handoffs.add import Said, add_form
from bot.lookups.lists import listing
from bot.lookups.names import ready_to_share
from bot.lookups.status import Status, history_of, status_if_named, status_of
from bot.lookups.why import WhyAsked, why_of
from bot.rules.roles import roles_anywhere
from bot.views import help as texts
from bot.views.ids import LeadWord, Listed, ListKind
from bot.views.message import Rendered
from bot.views.modals.add import add_modal
from bot.views.sharing import only_for_you
from bot.views.why import WHICH
from handlers.desk import Desk
from handlers.slack.away import said_away, said_back
from handlers.slack.conversation import words
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Typed, user_of
from handlers.slack.sharing import kept_private
from handlers.slack.split import open_split
from storage.models import member_of

_SHARE = re.compile(r"(?:^|\s)(?:--|\u2014|\u2013)share(?=\s|$)", re.IGNORECASE)  # Slack makes -- a dash
_NAMES_A_LEAD = re.compile(r"#?\d+|ext:.+|\S*[@.]\S*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as it was typed: by whom, its words after the first, and what a modal needs to open."""

    user: str
    word: str
    rest: str
    shared: bool
    trigger_id: str
    withheld: Obstacle | None = None

    @classmethod
    def of(cls, body: Body, user: str) -> Asked:
        """From a command or a message. `--share` may stand anywhere, and counts for what can be shared."""
        text = str(body.get("text") or "")
        typed = Typed.of({"text": _SHARE.sub(" ", text)})
        word = texts.SAME.get(typed.word, typed.word)
        shared = _SHARE.search(text) is not None and word in _SHARED
        return cls(user, word, typed.rest, shared, str(body.get("trigger_id", "")))

    def about(self, lead_id: int | None) -> Asked:
        """The same of this lead, where there is one."""
        return replace(self, rest=f"#{lead_id}") if lead_id else self

    async def checked(self, desk: Desk, channel: str) -> Asked:
        """The same, shared only where nobody but members reads."""
        withheld = await kept_private(desk, channel) if self.shared else None
        return replace(self, shared=self.shared and withheld is None, withheld=withheld)


async def lead(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """`/lead`, whatever follows."""
    asked = await Asked.of(body, user_of(body)).checked(desk, str(body.get("channel_id", "")))
    answer = await answer_of(desk, asked)
    if answer is None:
        await ack()
    else:
        kind = "in_channel" if asked.shared else "ephemeral"
        answer = await desk.ask(ready_to_share, answer, asked.user) if asked.shared else answer
        await ack(text=answer.text, blocks=answer.blocks, response_type=kind)


async def answer_of(desk: Desk, asked: Asked) -> Rendered | None:
    """The answer to what somebody asked; None where a form was opened instead."""
    word = member_of(LeadWord, asked.word or LeadWord.HELP)
    answer = await (LEAD_HANDLERS[word] if word is not None else _other)(desk, asked)
    return only_for_you(answer, asked.withheld) if answer is not None and asked.withheld else answer


async def _status(desk: Desk, asked: Asked) -> Rendered:
    if not asked.rest:
        return await _mine(desk, asked)
    return await desk.ask(status_of, Status(asked.rest, asked.shared), asked.user)


async def _queue(desk: Desk, asked: Asked) -> Rendered:
    return await desk.ask(listing, Listed(what=ListKind.QUEUE), asked.user)


async def _mine(desk: Desk, asked: Asked) -> Rendered:
    return await desk.ask(listing, Listed(what=ListKind.MINE), asked.user)


async def _history(desk: Desk, asked: Asked) -> Rendered:
    return await desk.ask(history_of, asked.rest, asked.user)


async def _why(desk: Desk, asked: Asked) -> Rendered:
    if not asked.rest:
        return words(WHICH)
    return await desk.ask(why_of, WhyAsked(asked.rest), asked.user)


async def _add(desk: Desk, asked: Asked) -> Rendered | None:
    said = Said(asked.rest, typed=True) if asked.rest else None
    form = await desk.ask(add_form, said, asked.user)
    await opened(desk, asked.trigger_id, add_modal(form.campaigns, form.filled, form.works))
    return None


async def _split(desk: Desk, asked: Asked) -> Rendered | None:
    if not asked.rest:
        return words(texts.SPLIT_WHICH)
    await open_split(desk, asked.rest, asked.user, asked.trigger_id)
    return None


async def _away(desk: Desk, asked: Asked) -> Rendered:
    return await said_away(desk, asked.rest, asked.user, asked.trigger_id)


async def _back(desk: Desk, asked: Asked) -> Rendered:
    return await said_back(desk, asked.rest, asked.user)


async def _help(desk: Desk, asked: Asked) -> Rendered:
    return words(texts.help_text(roles_anywhere(desk.book, asked.user)))


async def _other(desk: Desk, asked: Asked) -> Rendered | None:
    """No command: a name or a company is looked up, a question answered, else the nearest command offered."""
    if instead := texts.said_otherwise(asked.word, asked.rest):
        return words(instead)
    named = await desk.ask(status_if_named, Status(f"{asked.word} {asked.rest}".strip()), asked.user)
    if named is not None:
        return named
    if meant := texts.asked_in_words(asked.word, asked.rest):
        word, rest = meant
        return await LEAD_HANDLERS[word](desk, replace(asked, word=word, rest=rest))
    if _NAMES_A_LEAD.fullmatch(asked.word) and not asked.rest:
        return await desk.ask(status_of, Status(asked.word, shared=False), asked.user)
    return words(texts.unknown_word(asked.word, asked.rest, roles_anywhere(desk.book, asked.user)))


ABOUT_A_LEAD = (LeadWord.STATUS, LeadWord.HISTORY, LeadWord.WHY)
_SHARED = (LeadWord.STATUS, LeadWord.HISTORY, LeadWord.QUEUE)
LEAD_HANDLERS: Mapping[LeadWord, Callable[[Desk, Asked], Awaitable[Rendered | None]]] = {
    LeadWord.STATUS: _status,
    LeadWord.MINE: _mine,
    LeadWord.QUEUE: _queue,
    LeadWord.HISTORY: _history,
    LeadWord.WHY: _why,
    LeadWord.ADD: _add,
    LeadWord.SPLIT: _split,
    LeadWord.AWAY: _away,
    LeadWord.BACK: _back,
    LeadWord.HELP: _help,
}
