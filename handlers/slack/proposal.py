"""A proposed change of the agreement: its form, and the buttons on its card."""

from __future__ import annotations

import re

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.engine.proposals import Proposals
from bot.engine.reloading import Reloading
from bot.errors import InvalidInput, NotPossible, Obstacle
from bot.handoffs.proposals import agree, decline
from bot.handoffs.proposing import Propose, advised_form, proposal_form, propose
from bot.views.ids import Action, Advised, ProposalContext
from bot.views.modals.proposal import proposal_modal, proposed_modal
from handlers.desk import Desk
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Form, user_of

GONE = "This advice is from another version of Baton. Use `/alignment propose`."
_NUMBER = re.compile(r"[0-9]{1,18}")


async def open_proposal(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """`/alignment propose`: the form."""
    form = await desk.ask(proposal_form, None, user_of(body))
    await opened(desk, str(body["trigger_id"]), proposal_modal(form))
    await ack()


async def open_advised(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Propose…, beneath what the report advises: the form, filled in with it."""
    form = await desk.ask(advised_form, _advised(body), user_of(body))
    await opened(desk, str(body["trigger_id"]), proposal_modal(form))
    await ack()


async def open_counter(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Counter…, on a card: the same form."""
    form = await desk.ask(proposal_form, _number(body), user_of(body))
    await opened(desk, str(body["trigger_id"]), proposal_modal(form))
    await ack()


async def save_proposal(desk: Desk, ack: AsyncAck, body: Body, reloading: Reloading) -> None:
    """The form was sent: both sides are asked to sign."""
    form = Form.of(body)
    says = await desk.do(propose, _entered(form), form.user)
    await ack(response_action="update", view=proposed_modal(says))
    _write_what_is_signed(desk, reloading)


async def agree_to(desk: Desk, ack: AsyncAck, body: Body, reloading: Reloading) -> None:
    """Agree: signed for one's side, and written once both have."""
    await desk.do(agree, _number(body), user_of(body))
    await ack()
    _write_what_is_signed(desk, reloading)


async def turn_down(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Decline: it goes no further."""
    await desk.do(decline, _number(body), user_of(body))
    await ack()


def _write_what_is_signed(desk: Desk, reloading: Reloading) -> None:
    """Not only at the next look: whoever signed last sees it at once."""
    looking = Proposals(desk.database, desk.clock, reloading).look()
    desk.background.start(looking, "write what both sides agreed")


def _entered(form: Form) -> Propose:
    fields = (Action.CHANGE, Action.VALUE, Action.REP, Action.TEAM, Action.LIVE_AT, Action.NOTE)
    shown = ProposalContext.model_validate_json(form.metadata)
    return Propose(shown, *(form.entered.get(field, "") for field in fields))


def _advised(body: Body) -> Advised:
    """Raises InvalidInput for a button from another time."""
    try:
        return Advised.model_validate_json(str(body["actions"][0].get("value", "")))
    except ValidationError:
        raise InvalidInput({Action.CHANGE: GONE}) from None


def _number(body: Body) -> int:
    """Raises NotPossible for a value that is no proposal's."""
    number = str(body["actions"][0].get("value", ""))
    if not _NUMBER.fullmatch(number):
        raise NotPossible(Obstacle.PROPOSAL_OVER)
    return int(number)
