"""Saying something to one person where they look: in a conversation, a small modal, or a direct message."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.lookups.names import ready_to_share
from bot.slack.errors import FAILURES, FORM_FAULTS, Answer, Unsaid, Verdict, verdict_on
from bot.slack.link import respond
from bot.views.blocks import section
from bot.views.message import Rendered, rendered
from bot.views.modals.notice import notice_modal
from bot.views.plain import plainly
from handlers.desk import Desk

TRIES = 5
BETWEEN_POSTS = timedelta(seconds=1)


def words(text: str) -> Rendered:
    """An answer of one text of mrkdwn."""
    return rendered(text, [section(text)])


async def say(desk: Desk, event: Mapping[str, Any], answer: Rendered, *, to_all: bool = False) -> None:
    """Answer what somebody wrote, in the same thread; to them alone, unless it is `to_all`."""
    channel, user, thread = str(event["channel"]), str(event["user"]), event.get("thread_ts")
    if is_posted := to_all or channel.startswith("D"):
        answer = await desk.ask(ready_to_share, answer, user)
    content: dict[str, Any] = {"text": answer.text, "blocks": answer.blocks}
    if is_posted:
        await _post(desk, channel=channel, thread_ts=thread, **content)
        return
    try:
        await desk.client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread, **content)
    except FAILURES as error:
        desk.log.info("no answer in %s (%s): it goes to the person", channel, verdict_on(error).error)
        answer = await desk.ask(ready_to_share, answer, user)
        await _post(desk, channel=user, text=answer.text, blocks=answer.blocks)


async def show(
    desk: Desk, response_url: str, answer: Rendered, *, replace: bool = False, in_channel: bool = False
) -> None:
    """Show an answer beside what was clicked or typed; plainly where Slack refuses its form."""
    try:
        await respond(
            desk.client, response_url, answer.text, answer.blocks, replace=replace, in_channel=in_channel
        )
    except Unsaid as refused:
        if not any(fault in str(refused) for fault in FORM_FAULTS):
            raise
        desk.log.warning("Slack refuses the form of an answer, and gets it plain: %s", refused)
        plain = plainly(answer)
        await respond(
            desk.client, response_url, plain.text, plain.blocks, replace=replace, in_channel=in_channel
        )


async def _post(desk: Desk, **message: Any) -> None:
    """Post, waiting where Slack says that it is too soon: one message a second is all that a place takes."""
    for _ in range(TRIES):
        try:
            await desk.client.chat_postMessage(unfurl_links=False, unfurl_media=False, **message)
            return
        except FAILURES as error:
            found = verdict_on(error)
            if found.error in FORM_FAULTS and "blocks" in message:
                desk.log.warning("Slack refuses the form of an answer, and gets it plain: %s", found)
                message["blocks"] = plainly(Rendered(message["text"], message["blocks"])).blocks
                found = Answer(Verdict.WAIT, found.error, BETWEEN_POSTS)
            if found.verdict is not Verdict.WAIT or found.wait is None:
                raise
            await asyncio.sleep(desk.clock.real_seconds(found.wait))
    desk.log.warning(
        "an answer to %s was not posted: Slack asked to wait %d times", message["channel"], TRIES
    )


async def tell_by_response(desk: Desk, response_url: str, user: str, text: str) -> None:
    """Tell somebody who clicked in a message, beside it; in a direct message where it takes no answer now."""
    try:
        await respond(desk.client, response_url, text)
    except (Unsaid, *FAILURES) as error:
        desk.log.info("no answer beside the message (%s): it goes to the person", error)
        await _post(desk, channel=user, text=text)


async def tell_by_notice(
    desk: Desk, trigger_id: str, user: str, text: str, *, over_another: bool = False
) -> None:
    """Tell somebody who clicked where Slack takes no answer: by a small modal, else in a direct message."""
    show = desk.client.views_push if over_another else desk.client.views_open
    try:
        await show(trigger_id=trigger_id, view=notice_modal(text))
    except FAILURES as error:
        desk.log.info("no notice (%s): it goes to the person", verdict_on(error).error)
        await _post(desk, channel=user, text=text)
