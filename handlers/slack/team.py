"""Edit team…: an admin changes a team of the agreement from Home."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.agreement import AgreementError
from bot.engine.reloading import Reloading
from bot.errors import InvalidInput
from bot.handoffs.home import show_own_home
from bot.handoffs.team import EditTeam, team_changes, team_form
from bot.lookups.team import still_to_do
from bot.views.agreement_change import changes, refusal_words
from bot.views.ids import Action, TeamContext
from bot.views.modals.team import saved_modal, team_modal
from handlers.desk import Desk
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Form, pressed, user_of


async def open_team(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Edit team…, beside a team on an admin's Home, or a team chosen from the menu below them."""
    form = await desk.ask(team_form, pressed(body), user_of(body))
    await opened(desk, str(body["trigger_id"]), team_modal(form))
    await ack()


async def save_team(desk: Desk, reloading: Reloading, ack: AsyncAck, body: Body) -> None:
    """The form was sent: the agreement's file says it, and it is in force."""
    form = Form.of(body)
    shown, before = TeamContext.model_validate_json(form.metadata), desk.book.current
    asked = await desk.ask(team_changes, _entered(form, shown.team), form.user)
    try:
        book = await reloading.change(asked, [form.user], made_for=shown.made_for)
    except AgreementError as error:
        raise InvalidInput({Action.REP: refusal_words(error)}) from error
    more = await desk.ask(still_to_do, (before.team(shown.team), shown.team), form.user)
    await desk.do(show_own_home, None, form.user)
    done = saved_modal(book.current.version, changes(before, book.current), more)
    await ack(response_action="update", view=done)


def _entered(form: Form, team: str) -> EditTeam:
    channel, rep, capacity = (
        form.entered.get(field, "") for field in (Action.CHANNEL, Action.REP, Action.CAPACITY)
    )
    return EditTeam(team, channel, rep, capacity, bool(form.ticked_in(Action.REMOVE)))
