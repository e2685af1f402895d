"""What people write to Baton, in a direct message or with a mention: answered as `/lead` would be.

Slash commands do not work in threads, mentions do: `status` alone in a card's thread means that lead.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.lookups.digest import alignment_answer
from bot.slack.errors import FAILURES, verdict_on
from bot.views import help as texts
from bot.views.blocks import actions, section
from bot.views.ids import METADATA_EVENT, Action, Command, LeadWord
from bot.views.labels import labelled_button
from bot.views.message import Rendered, rendered
from handlers.desk import Desk
from handlers.slack.commands import ABOUT_A_LEAD, Asked, answer_of
from handlers.slack.conversation import say, words
from handlers.slack.members import is_by_a_person
from handlers.slack.once import Once
from handlers.slack.payloads import Body, number_in
from storage import installation

_OWN_COMMAND = re.compile(r"^\s*/?lead\b\s*", re.IGNORECASE)
_REPORT = re.compile(r"^\s*/?alignment\b\s*", re.IGNORECASE)


async def written(desk: Desk, once: Once, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
    """`message.im` and `app_mention`. What bots write, this one included, is passed over: no loops."""
    event: Mapping[str, Any] = body["event"]
    if is_by_a_person(event) and await once.is_new(str(body.get("event_id", ""))):
        text = re.sub(rf"<@{context.bot_user_id}(?:\|[^>]*)?>", " ", str(event.get("text") or ""))
        asked = Asked.of({"text": _OWN_COMMAND.sub("", text)}, str(event["user"]))
        asked = await asked.checked(desk, str(event["channel"]))
        answer = await _answer(desk, event, asked, str(context.bot_user_id), text)
        desk.background.start(say(desk, event, answer, to_all=asked.shared), "answer a message")
    await ack()


async def _answer(desk: Desk, event: Mapping[str, Any], asked: Asked, bot_user: str, text: str) -> Rendered:
    if _REPORT.match(text):
        return await _report(desk, _REPORT.sub("", text), asked.user)
    if asked.word in FORMS:
        return await FORMS[LeadWord(asked.word)](desk, asked)
    if asked.word in ABOUT_A_LEAD and not asked.rest and event.get("thread_ts"):
        asked = asked.about(await _lead_of_thread(desk, event, bot_user))
    answer = await answer_of(desk, asked)
    assert answer is not None, "only forms open instead of an answer"
    return answer


async def _report(desk: Desk, wanted: str, user: str) -> Rendered:
    if texts.asks_for_help(wanted):
        return words(texts.ALIGNMENT_HELP)
    if texts.asks_to_propose(wanted):
        return words(texts.only_as_command(f"{Command.ALIGNMENT} propose"))
    return (await desk.ask(alignment_answer, wanted, user)).best


async def _lead_of_thread(desk: Desk, event: Mapping[str, Any], bot_user: str) -> int | None:
    """The lead whose card the thread hangs on, by the metadata that Baton put there; else None."""
    try:
        page = await desk.client.conversations_replies(
            channel=str(event["channel"]), ts=str(event["thread_ts"]), limit=1, include_all_metadata=True
        )
    except FAILURES as error:
        desk.log.info("the thread in %s cannot be read: %s", event["channel"], verdict_on(error).error)
        return None
    root: Mapping[str, Any] = next(iter(page.get("messages") or ()), {})
    metadata = root.get("metadata") or {}
    if root.get("user") != bot_user or metadata.get("event_type") != METADATA_EVENT:
        return None
    payload = metadata.get("event_payload") or {}
    if payload.get("installation") != await desk.database.read(installation.own_id):
        return None  # another Baton's, which counts from 1 as well
    return number_in(str(payload.get("lead", 0))) or None


async def _add(_desk: Desk, _asked: Asked) -> Rendered:
    return rendered(
        texts.ADD_BY_BUTTON, [section(texts.ADD_BY_BUTTON), actions([labelled_button(Action.ADD)])]
    )


async def _split(_desk: Desk, asked: Asked) -> Rendered:
    return words(texts.only_as_command(f"{Command.LEAD} {LeadWord.SPLIT} {asked.rest or '#12'}"))


FORMS: Mapping[LeadWord, Callable[[Desk, Asked], Awaitable[Rendered]]] = {
    LeadWord.ADD: _add,
    LeadWord.SPLIT: _split,
}
"""What opens a form when it is a command: a message cannot open one."""
