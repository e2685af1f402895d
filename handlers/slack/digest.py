"""`/alignment` and the buttons beneath a report: acked at once, answered where the person looks.

Counting may take seconds, so the answer follows by itself. A Slack that refuses charts gets bars of text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck
from sqlalchemy import Connection

from bot.context import Context
from bot.digest.asking import Unanswerable
from bot.digest.deciding import GONE, Decide, decide
from bot.errors import InvalidInput, NotPossible
from bot.logs import trace
from bot.lookups.digest import Answer, alignment_answer, leads_of_figure, point_to_decide, shared_answer
from bot.slack.errors import Unsaid
from bot.slack.link import respond
from bot.views.answers import TRY_AGAIN, something_wrong
from bot.views.digest.forms import decide_modal
from bot.views.help import ALIGNMENT_HELP, asks_for_help, asks_to_propose
from bot.views.ids import Action, FigureRef
from bot.views.text import escape
from handlers.desk import Desk
from handlers.slack.conversation import show
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Form, typed_text, user_of
from handlers.slack.proposal import open_proposal
from handlers.slack.sharing import kept_private
from storage.database import DatabaseAway

T = TypeVar("T")
Question = Callable[[Connection, Context, T], Answer]
_REFUSED = "invalid_blocks"


async def alignment(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """`/alignment [week, last month …, or from..to] [team or campaign]`, `propose` or `help`."""
    if asks_for_help(typed_text(body)):
        await ack(text=ALIGNMENT_HELP)
        return
    if asks_to_propose(typed_text(body)):
        await open_proposal(desk, ack, body)
        return
    await ack()
    _tell(desk, body, alignment_answer, typed_text(body), in_channel=False)


async def show_leads(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The leads behind a point of the agenda."""
    await ack()
    _tell(desk, body, leads_of_figure, _ref(body), in_channel=False)


async def show_figure(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The leads behind a figure that was chosen from the menu."""
    await ack()
    asked = str(body["actions"][0].get("block_id", "")).partition(":")[2]
    key = str(body["actions"][0].get("selected_option", {}).get("value", ""))
    _tell(desk, body, leads_of_figure, FigureRef(asked=asked, key=key), in_channel=False)


async def share(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The report, from whoever asked for it to everybody in the channel, if only members read there."""
    withheld = await kept_private(desk, str(body.get("channel", {}).get("id", "")))
    if withheld is not None:
        raise NotPossible(withheld)
    await ack()
    _tell(desk, body, shared_answer, _ref(body).asked, in_channel=True)


async def open_decide(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form for what was decided on a point."""
    ref = _ref(body)
    point, agreed = await desk.ask(point_to_decide, ref, user_of(body))
    view = decide_modal(ref, point.sentence, agreed)
    await opened(desk, str(body["trigger_id"]), view)
    await ack()


async def save_decision(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """What was decided: it stands in the report from now on."""
    form = Form.of(body)
    ref = FigureRef.model_validate_json(form.metadata)
    entered = form.entered
    until = entered.get(Action.UNTIL)
    command = Decide(
        ref.report or 0,
        ref.key,
        entered.get(Action.WHAT, ""),
        entered.get(Action.WHO) or None,
        date.fromisoformat(until) if until else None,
    )
    await desk.do(decide, command, form.user)
    await ack()


def _ref(body: Body) -> FigureRef:
    """Raises InvalidInput for a button from another time."""
    try:
        return FigureRef.model_validate_json(str(body["actions"][0].get("value", "")))
    except ValidationError:
        raise InvalidInput({"report": GONE}) from None


def _tell(desk: Desk, body: Body, question: Question[T], about: T, *, in_channel: bool) -> None:
    """Begin to answer; the click or command is acked meanwhile."""
    answer = _answer(desk, str(body["response_url"]), question, about, user_of(body), in_channel)
    desk.background.start(answer, "answer with figures")


async def _answer(desk: Desk, url: str, question: Question[T], about: T, user: str, in_channel: bool) -> None:
    try:
        answer = await desk.ask(question, about, user)
    except Unanswerable as no:
        return await respond(desk.client, url, escape(str(no)))
    except DatabaseAway as away:
        desk.log.warning("not answered, the database is away: %s", away)
        return await respond(desk.client, url, TRY_AGAIN)
    except Exception:  # the click was acked already: Bolt's own handler would say nothing to anybody
        desk.log.exception("figures could not be told")
        return await respond(desk.client, url, something_wrong(trace()))
    try:
        await respond(desk.client, url, answer.best.text, answer.best.blocks, in_channel=in_channel)
    except Unsaid as refused:
        if _REFUSED not in str(refused):
            raise
        desk.log.info("Slack takes no charts here: %s", refused)
        await show(desk, url, answer.plain, in_channel=in_channel)
