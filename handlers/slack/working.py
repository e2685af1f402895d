"""Work on a lead after it was accepted, and the menu of its card: parse, call the use case, answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import HandoffNotFound
from bot.handoffs import forms
from bot.handoffs.forms import AskOutcome, AskPause
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.handoffs.snooze import MoreTime, Snooze, give_more_time, snooze
from bot.handoffs.touch import Touch, touch
from bot.handoffs.undo import Undo, undo
from bot.views.ids import Action, FormContext, More
from bot.views.modals.outcome import outcome_modal
from bot.views.modals.reassign import reassign_modal
from bot.views.modals.snooze import EXTEND, SNOOZE, pause_modal
from bot.views.modals.touch import touch_modal
from handlers.desk import Desk
from handlers.slack import details
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Click, Form, Picked


async def open_touch(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Log contact on a card or in a reminder."""
    click = Click.of(body)
    about = await desk.ask(forms.touch_form, click.handoff_id, click.user)
    await opened(desk, click.trigger_id, touch_modal(about))
    await ack()


async def log_touch(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form of a contact was sent."""
    form = Form.of(body)
    kind = form.entered.get(Action.CONTACT, "")
    command = Touch(_context(form).handoff_id, kind, form.entered.get(Action.NOTE))
    await desk.do(touch, command, form.user)
    await ack()


async def open_outcome(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Set outcome on a card or in a reminder."""
    click = Click.of(body)
    form = await desk.ask(forms.outcome_form, AskOutcome(click.handoff_id), click.user)
    await opened(desk, click.trigger_id, outcome_modal(form))
    await ack()


async def choose_outcome(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """An outcome, or a reason, was chosen in the form: ask what it needs besides."""
    form = Form.of(body)
    chosen, reason = form.entered.get(Action.RESULT), form.entered.get(Action.REASON)
    asked = AskOutcome(_context(form).handoff_id, chosen, reason)
    view = outcome_modal(await desk.ask(forms.outcome_form, asked, form.user))
    desk.background.start(
        desk.client.views_update(view_id=form.view_id, view=view), "draw the form of an outcome again"
    )
    await ack()


async def save_outcome(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form of an outcome was sent."""
    form = Form.of(body)
    entered = Entered(
        amount=form.entered.get(Action.AMOUNT),
        currency=form.entered.get(Action.CURRENCY),
        deal_on=form.entered.get(Action.DEAL_ON),
        until=form.entered.get(Action.UNTIL),
        reason=form.entered.get(Action.REASON),
        note=form.entered.get(Action.NOTE),
    )
    command = SetOutcome(_context(form).handoff_id, form.entered.get(Action.RESULT, ""), entered)
    await desk.do(set_outcome, command, form.user)
    await ack()


async def more(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Something was chosen from the menu of a card."""
    picked = Picked.of_card(body)
    if picked.choice not in _MORE:
        raise HandoffNotFound(picked.handoff_id)
    await _MORE[picked.choice](desk, picked)
    await ack()


async def _open_pause(desk: Desk, picked: Picked) -> None:
    form = await desk.ask(forms.pause_form, AskPause(picked.handoff_id), picked.user)
    await opened(desk, picked.trigger_id, pause_modal(form))


async def open_more_time(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Give more time, in a manager's message."""
    click = Click.of(body)
    form = await desk.ask(forms.pause_form, AskPause(click.handoff_id, only_more=True), click.user)
    await opened(desk, click.trigger_id, pause_modal(form))
    await ack()


async def save_pause(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form for more time was sent."""
    form = Form.of(body)
    handoff_id, length = _context(form).handoff_id, form.entered.get(Action.LENGTH, "")
    reason = form.entered.get(Action.NOTE)
    if length.startswith(EXTEND):
        await desk.do(give_more_time, MoreTime(handoff_id, length.removeprefix(EXTEND), reason), form.user)
    else:
        await desk.do(snooze, Snooze(handoff_id, length.removeprefix(SNOOZE), reason), form.user)
    await ack()


async def _open_reassign(desk: Desk, picked: Picked) -> None:
    form = await desk.ask(forms.reassign_form, picked.handoff_id, picked.user)
    await opened(desk, picked.trigger_id, reassign_modal(form))


async def save_reassign(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form that passes a lead on was sent."""
    form = Form.of(body)
    command = Reassign(
        _context(form).handoff_id, form.entered.get(Action.OWNER, ""), form.entered.get(Action.NOTE)
    )
    await desk.do(reassign, command, form.user)
    await ack()


async def reassign_at_once(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Somebody was chosen in a manager's message."""
    picked = Picked.of_row(body)
    await desk.do(reassign, Reassign(picked.handoff_id, picked.choice), picked.user)
    await ack()


async def take_over(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Take it myself, in a manager's message."""
    click = Click.of(body)
    await desk.do(take, Take(click.handoff_id), click.user)
    await ack()


async def _undo(desk: Desk, picked: Picked) -> None:
    await desk.do(undo, Undo(picked.handoff_id), picked.user)


async def _open_details(desk: Desk, picked: Picked) -> None:
    await details.open_of_handoff(desk, picked.handoff_id, picked.user, picked.trigger_id)


async def _nothing(_desk: Desk, _picked: Picked) -> None:
    """A link: Slack opened it already."""


def _context(form: Form) -> FormContext:
    return FormContext.model_validate_json(form.metadata)


_MORE: dict[str, Callable[[Desk, Picked], Awaitable[None]]] = {
    More.SNOOZE: _open_pause,
    More.REASSIGN: _open_reassign,
    More.DETAILS: _open_details,
    More.UNDO: _undo,
    More.OPEN_CRM: _nothing,
}
