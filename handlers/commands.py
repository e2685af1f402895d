"""Slash commands. Every answer travels in the ack, to the person who typed it alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.status import lead_status
from bot.views import help as texts
from bot.views.blocks import section
from bot.views.message import Rendered, rendered
from bot.views.status import status_answer
from handlers.desk import Desk
from handlers.payloads import Body, Typed


async def lead(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """`/lead`, whatever follows."""
    typed = Typed.of(body)
    answer = await _LEAD.get(typed.word, _unknown)(desk, typed)
    await ack(text=answer.text, blocks=answer.blocks, response_type="ephemeral")


async def alignment(ack: AsyncAck) -> None:
    """`/alignment`."""
    await ack(text=texts.ALIGNMENT, response_type="ephemeral")


async def _status(desk: Desk, typed: Typed) -> Rendered:
    if not typed.rest:
        return _words(texts.ASK_FOR_ONE)
    return status_answer(await desk.ask(lead_status, typed.rest, typed.user), desk.clock.now())


async def _help(_desk: Desk, _typed: Typed) -> Rendered:
    return _words(texts.help_text())


async def _unknown(_desk: Desk, typed: Typed) -> Rendered:
    return _words(texts.unknown_word(typed.word))


def _words(text: str) -> Rendered:
    return rendered(text, [section(text)])


_LEAD: dict[str, Callable[[Desk, Typed], Awaitable[Rendered]]] = {
    "": _help,
    "help": _help,
    "status": _status,
}
