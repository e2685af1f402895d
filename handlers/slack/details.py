"""The modal with everything about a lead, and what people say in it of the playbook."""

from __future__ import annotations

import json

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import HandoffNotFound, LeadNotFound
from bot.handoffs.feedback import Helped, Missing, say_helped, say_missing
from bot.lookups.details import details_of, details_of_handoff
from bot.views.details import details_modal, missing_modal
from bot.views.ids import Action, FormContext
from handlers.desk import Desk
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Click, Form, number_in, user_of


async def open_details(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Details beside a lead, in an answer or on Home; the value is the lead's number."""
    number = str(body["actions"][0].get("value", ""))
    if not number.isdigit() or len(number) > 18:
        raise LeadNotFound(number)
    found = await desk.ask(details_of, int(number), user_of(body))
    await opened(desk, str(body["trigger_id"]), details_modal(found, desk.clock.now()))
    await ack()


async def open_of_handoff(desk: Desk, handoff_id: int, user: str, trigger_id: str) -> None:
    """Details in the menu of a card."""
    found = await desk.ask(details_of_handoff, handoff_id, user)
    await opened(desk, trigger_id, details_modal(found, desk.clock.now()))


async def redraw(desk: Desk, view_id: str, handoff_id: int, user: str) -> None:
    """Show the details of a handoff's lead as of now, in the modal that is open."""
    view = details_modal(await desk.ask(details_of_handoff, handoff_id, user), desk.clock.now())
    drawn = desk.client.views_update(view_id=view_id, view=view)
    desk.background.start(drawn, "show the details again")


async def helped(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """This helped, beside a piece of content: the modal says so from now on."""
    try:
        told = json.loads(str(body["actions"][0].get("value", "")))
        said = Helped(number_in(str(told["handoff"])), str(told["url"]))
    except (ValueError, KeyError, TypeError):
        raise HandoffNotFound(0) from None
    lead_id = await desk.do(say_helped, said, user_of(body))
    view = details_modal(await desk.ask(details_of, lead_id, user_of(body)), desk.clock.now())
    drawn = desk.client.views_update(view_id=body["view"]["id"], view=view)
    desk.background.start(drawn, "show the details anew")
    await ack()


async def ask_missing(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Something is missing: ask what."""
    click = Click.of(body)
    await opened(desk, click.trigger_id, missing_modal(click.handoff_id), over_another=True)
    await ack()


async def missing(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form that asks what is missing was sent."""
    form = Form.of(body)
    context = FormContext.model_validate_json(form.metadata)
    await desk.do(say_missing, Missing(context.handoff_id, form.entered.get(Action.NOTE, "")), form.user)
    await ack()
