"""Telling of a lead: the shortcut that is always there, the one on a message, and the form that both open."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs.add import Add, Said, add_form, add_lead
from bot.views.ids import Action, Callback
from bot.views.imported import reading_words
from bot.views.labels import MODALS
from bot.views.modals.add import NOW, Who, add_modal, added_words, done_modal
from handlers.desk import Desk
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Form, user_of

_CHOICES = (Action.QUALIFIED, Action.WHO)


async def open_add(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Add a lead, from the shortcuts or a button; on a message, filled in with what it says."""
    from_message = body.get("type") == "message_action"
    said = Said(str(body["message"].get("text", ""))) if from_message else None
    form = await desk.ask(add_form, said, user_of(body))
    await opened(desk, str(body["trigger_id"]), add_modal(form.campaigns, form.filled, form.works))
    await ack()


async def add(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form was sent: say in its place what became of the lead, or that its file is being read."""
    form = Form.of(body)
    if form.files:
        from handlers.slack.dropped import drop  # few drop files, and it takes all of import

        await drop(desk, form.files[0], form.user)
        words = reading_words(form.files[0].name)
        await ack(response_action="update", view=done_modal(MODALS[Callback.ADD][0], words))
        return
    fields = {name: text for name, text in form.entered.items() if name not in _CHOICES}
    who = form.choice(Action.WHO, Who) or Who.BATON
    command = Add(fields, qualified=form.entered.get(Action.QUALIFIED) == NOW, who=who)
    added = await desk.do(add_lead, command, form.user)
    await ack(response_action="update", view=done_modal(MODALS[Callback.ADD][0], added_words(added)))
