"""Marketing answers a rejection, and the manager rules: parse, call the use case, answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import InvalidInput
from bot.handoffs.dispute import FIELDS, Agree, Contest, Resubmit, Rule, agree, contest, resubmit, rule
from bot.handoffs.forms import AskDispute, dispute_form
from bot.handoffs.home import show_own_home
from bot.views.ids import Action, AnswerChoice, FormContext
from bot.views.modals.dispute import dispute_modal
from handlers.desk import Desk
from handlers.slack.opening import done, opened
from handlers.slack.payloads import Body, Click, Form
from storage.models import Ruling


async def open_dispute(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Answer on the notice of a rejection."""
    click = Click.of(body)
    form = await desk.ask(dispute_form, AskDispute(click.handoff_id), click.user)
    await opened(desk, click.trigger_id, dispute_modal(form), over_another=click.in_modal)
    await ack()


async def choose_answer(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """An answer was chosen in the form: ask what it needs besides."""
    form = Form.of(body)
    handoff_id = FormContext.model_validate_json(form.metadata).handoff_id
    asked = AskDispute(handoff_id, form.choice(Action.ANSWER, AnswerChoice))
    view = dispute_modal(await desk.ask(dispute_form, asked, form.user))
    desk.background.start(
        desk.client.views_update(view_id=form.view_id, view=view), "draw the form of an answer again"
    )
    await ack()


async def answer(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form of an answer was sent."""
    form = Form.of(body)
    choice = form.choice(Action.ANSWER, AnswerChoice)
    if choice is None:
        raise InvalidInput({Action.ANSWER: "Choose an answer."})
    await CHOICE_HANDLERS[choice](desk, form, FormContext.model_validate_json(form.metadata).handoff_id)
    await desk.do(show_own_home, None, form.user)
    await done(ack, form)


async def _agree(desk: Desk, form: Form, handoff_id: int) -> None:
    await desk.do(agree, Agree(handoff_id, form.entered.get(Action.NOTE)), form.user)


async def _resubmit(desk: Desk, form: Form, handoff_id: int) -> None:
    corrections = {name: text for name, text in form.entered.items() if name in FIELDS}
    await desk.do(resubmit, Resubmit(handoff_id, corrections, form.entered.get(Action.NOTE)), form.user)


async def _contest(desk: Desk, form: Form, handoff_id: int) -> None:
    await desk.do(contest, Contest(handoff_id, form.entered.get(Action.ARGUMENT, "")), form.user)


CHOICE_HANDLERS: Mapping[AnswerChoice, Callable[[Desk, Form, int], Awaitable[None]]] = {
    AnswerChoice.AGREE: _agree,
    AnswerChoice.RESUBMIT: _resubmit,
    AnswerChoice.CONTEST: _contest,
}


async def uphold(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The manager lets a contested rejection stand."""
    await _rule(desk, ack, body, Ruling.UPHELD)


async def overturn(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The manager overturns a contested rejection."""
    await _rule(desk, ack, body, Ruling.OVERTURNED)


async def _rule(desk: Desk, ack: AsyncAck, body: Body, ruling: Ruling) -> None:
    click = Click.of(body)
    await desk.do(rule, Rule(click.handoff_id, ruling), click.user)
    await ack()
