"""Somebody goes away or comes back: from Home, by the command, or set by their manager."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import AmbiguousTime
from bot.handoffs.away import ComeBack, GoAway, cancel_absence, come_back, go_away
from bot.handoffs.away_leads import HandOn, Reclaim, hand_on, reclaim, reclaim_all
from bot.handoffs.home import show_own_home
from bot.lookups.away import absences_shown, away_form, back_now, rep_named, reps_led
from bot.slack.errors import FAILURES
from bot.slack.link import respond
from bot.views.away import AwayAnswer, away_answer, back_answer, handed_on_words, which_one
from bot.views.ids import Action, AwayContext, AwayText, Callback
from bot.views.labels import MODALS
from bot.views.message import Rendered
from bot.views.modals.add import done_modal
from bot.views.modals.away import LEADS, REST, away_leads_modal, away_modal
from handlers.desk import Desk
from handlers.slack.opening import opened
from handlers.slack.payloads import Body, Form, number_in, user_of

_NAMED = re.compile(r"^(?:<@([UW][A-Z0-9]+)(?:\|[^>]*)?>|@(\S+))\s*")


_SHOW = ("list", "show", "planned")


async def said_away(desk: Desk, typed: str, user: str, trigger_id: str) -> Rendered:
    """`/lead away`, for oneself or for somebody who is mentioned first."""
    whose, text = await _whose(desk, typed, user)
    if text.casefold().strip() in _SHOW:
        return await desk.ask(absences_shown, whose, user)
    try:
        answer = await desk.do(go_away, GoAway(text, whose), user)
    except AmbiguousTime as unclear:
        return which_one(whose, unclear.readings, unclear.written)
    await _show_leads(desk, answer, trigger_id)
    return away_answer(answer)


async def said_back(desk: Desk, typed: str, user: str) -> Rendered:
    """`/lead back`, for oneself or for somebody who is mentioned."""
    whose, _ = await _whose(desk, typed, user)
    return back_answer(await desk.do(come_back, ComeBack(whose), user))


async def _whose(desk: Desk, typed: str, user: str) -> tuple[str, str]:
    """Whose absence it is, and what else was said. Slack sends a name as a mention or as plain text."""
    found = _NAMED.match(typed)
    if found is None:
        return user, typed
    whose = found[1] or await desk.ask(rep_named, found[2], user)
    return whose, typed[found.end() :]


async def _show_leads(desk: Desk, answer: AwayAnswer, trigger_id: str) -> None:
    """Open the list of leads that nobody has contacted. Where Slack is too slow, the answer has a button."""
    if not trigger_id or answer.form is None or not answer.form.untouched:
        return  # a message to Baton brings no trigger
    try:
        await opened(desk, trigger_id, away_leads_modal(answer.form))
    except FAILURES as error:
        desk.log.warning("the list of open leads did not open: %s", type(error).__name__)


async def open_away(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Set away…: ask until when, on a manager's board for whom too."""
    user = user_of(body)
    reps = await desk.ask(reps_led, None, user) if body["actions"][0].get("value") else ()
    await opened(desk, str(body["trigger_id"]), away_modal(reps))
    await ack()


async def save_away(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The form that asks until when was sent: the open leads come next, where there are any to look at."""
    form = Form.of(body)
    command = GoAway(form.entered.get(Action.UNTIL, ""), form.entered.get(Action.REP))
    answer = await desk.do(go_away, command, form.user)
    await desk.do(show_own_home, None, form.user)
    if answer.form is not None and answer.form.untouched:
        await ack(response_action="update", view=away_leads_modal(answer.form))
    else:
        words = away_answer(replace(answer, planned=())).text
        await ack(response_action="update", view=done_modal(MODALS[Callback.AWAY][0], words))


async def meant(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Which of two readings of a time was meant."""
    reading = AwayText.model_validate_json(_value(body))
    answer = await desk.do(go_away, GoAway(reading.text, reading.user), user_of(body))
    await _show_leads(desk, answer, str(body["trigger_id"]))
    await _answered(desk, body, away_answer(answer))
    await ack()


async def open_leads(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Choose leads…: what becomes of the open leads of somebody who is away."""
    form = await desk.ask(away_form, _value(body), user_of(body))
    await opened(desk, str(body["trigger_id"]), away_leads_modal(form))
    await ack()


async def save_leads(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The list of open leads was sent: those that are ticked go to colleagues."""
    form = Form.of(body)
    shown = AwayContext.model_validate_json(form.metadata)
    ids = tuple(number_in(each) for each in form.ticked_in(LEADS) if each != REST)
    beyond = shown.shown if REST in form.ticked_in(LEADS) else None
    done = await desk.do(hand_on, HandOn(shown.user, ids, beyond), form.user)
    if done.left:
        desk.background.start(_hand_on(desk, form.user, shown.user, done.left), "hand on the open leads")
    await desk.do(show_own_home, None, form.user)
    await ack(
        response_action="update", view=done_modal(MODALS[Callback.AWAY_LEADS][0], handed_on_words(done))
    )


async def _hand_on(desk: Desk, actor: str, user: str, left: tuple[int, ...]) -> None:
    while left:
        left = (await desk.do(hand_on, HandOn(user, left), actor)).left


async def back(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """I'm back, or a manager's word that somebody is."""
    answer = await desk.do(come_back, ComeBack(_value(body) or None), user_of(body))
    await _answered(desk, body, back_answer(answer))
    await ack()


async def cancel(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Cancel, beside an absence ahead."""
    answer = await desk.do(cancel_absence, number_in(_value(body)), user_of(body))
    await _answered(desk, body, back_answer(answer))
    await ack()


async def reclaim_one(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Reclaim, beside a lead that went to a colleague."""
    user = user_of(body)
    await desk.do(reclaim, Reclaim(number_in(_value(body))), user)
    await _answered(desk, body, back_answer(await desk.ask(back_now, None, user)))
    await ack()


async def reclaim_them(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """Reclaim all."""
    user = user_of(body)
    await desk.do(reclaim_all, number_in(_value(body)), user)
    await _answered(desk, body, back_answer(await desk.ask(back_now, None, user)))
    await ack()


async def _answered(desk: Desk, body: Body, answer: Rendered) -> None:
    """Put the answer in the place of the one that was clicked in; a message of its own rewrites itself."""
    container: dict[str, Any] = body.get("container") or {}
    if container.get("is_ephemeral") and body.get("response_url"):
        drawn = respond(desk.client, str(body["response_url"]), answer.text, answer.blocks, replace=True)
        desk.background.start(drawn, "show an answer anew")
    await desk.do(show_own_home, None, user_of(body))


def _value(body: Body) -> str:
    return str(body["actions"][0].get("value") or "")
