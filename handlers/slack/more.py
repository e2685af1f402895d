"""The menu of a card: each choice goes to the feature that it names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import HandoffNotFound
from bot.handoffs.undo import Undo, undo
from bot.views.ids import More
from handlers.desk import Desk
from handlers.slack import details
from handlers.slack.payloads import Body, Click, Picked
from handlers.slack.reassign import open_reassign
from handlers.slack.snooze import open_snooze


async def more(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Something was chosen from the menu of a card."""
    picked = Picked.of_card(body)
    if picked.choice not in _MORE:
        raise HandoffNotFound(picked.handoff_id)
    await _MORE[picked.choice](desk, picked)
    await ack()


async def undo_click(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Undo, beneath what was decided."""
    click = Click.of(body)
    await desk.do(undo, Undo(click.handoff_id), click.user)
    await ack()


async def _undo(desk: Desk, picked: Picked) -> None:
    await desk.do(undo, Undo(picked.handoff_id), picked.user)


async def _open_details(desk: Desk, picked: Picked) -> None:
    await details.open_of_handoff(desk, picked.handoff_id, picked.user, picked.trigger_id)


async def _nothing(_desk: Desk, _picked: Picked) -> None:
    """A link: Slack opened it already."""


_MORE: dict[str, Callable[[Desk, Picked], Awaitable[None]]] = {
    More.SNOOZE: open_snooze,
    More.REASSIGN: open_reassign,
    More.DETAILS: _open_details,
    More.UNDO: _undo,
    More.OPEN_CRM: _nothing,
}
