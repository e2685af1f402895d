"""What comes in: Slack listeners and HTTP routes. This is the table of contents; no rules, no SQL."""

from __future__ import annotations

import re
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.views.ids import Action, Callback, Command, Shortcut
from handlers.desk import Desk
from handlers.slack import (
    alignment,
    asking,
    commands,
    details,
    disputes,
    errors,
    home,
    leads,
    shortcuts,
    working,
)
from handlers.slack.payloads import inside

ANYTHING = re.compile(".*")


def register(slack_app: AsyncApp, desk: Desk) -> None:
    """Let every listener hear what it is for. What no line names is answered by the last ones."""
    slack_app.error(partial(errors.answer, desk))
    _work_on_leads(slack_app, desk)
    _what_people_ask(slack_app, desk)
    _the_report(slack_app, desk)
    slack_app.action(ANYTHING)(partial(errors.unknown, desk))
    slack_app.view(ANYTHING)(partial(errors.unknown, desk))


def _work_on_leads(slack_app: AsyncApp, desk: Desk) -> None:
    slack_app.action(Action.ACCEPT)(asking.then_refresh(desk, partial(leads.accept, desk)))
    slack_app.action(Action.REJECT)(partial(leads.open_reject, desk))
    slack_app.action(Action.REASON, [inside(Callback.REJECT)])(partial(leads.choose_reason, desk))
    slack_app.view(Callback.REJECT)(partial(leads.reject, desk))
    slack_app.action(Action.TOUCH)(partial(working.open_touch, desk))
    slack_app.view(Callback.TOUCH)(partial(working.log_touch, desk))
    slack_app.action(Action.OUTCOME)(partial(working.open_outcome, desk))
    slack_app.action(Action.RESULT)(partial(working.choose_outcome, desk))
    slack_app.action(Action.REASON, [inside(Callback.OUTCOME)])(partial(working.choose_outcome, desk))
    slack_app.view(Callback.OUTCOME)(partial(working.save_outcome, desk))
    slack_app.action(Action.MORE)(partial(working.more, desk))
    slack_app.view(Callback.SNOOZE)(partial(working.save_pause, desk))
    slack_app.view(Callback.REASSIGN)(partial(working.save_reassign, desk))
    slack_app.action(Action.REASSIGN)(partial(working.reassign_at_once, desk))
    slack_app.action(Action.TAKE)(partial(working.take_over, desk))
    slack_app.action(Action.MORE_TIME)(partial(working.open_more_time, desk))
    slack_app.action(Action.DISPUTE)(partial(disputes.open_dispute, desk))
    slack_app.action(Action.ANSWER)(partial(disputes.choose_answer, desk))
    slack_app.view(Callback.DISPUTE)(partial(disputes.answer, desk))
    slack_app.action(Action.UPHOLD)(partial(disputes.uphold, desk))
    slack_app.action(Action.OVERTURN)(partial(disputes.overturn, desk))
    slack_app.action(Action.OPEN_CRM)(leads.acknowledge)


def _what_people_ask(slack_app: AsyncApp, desk: Desk) -> None:
    slack_app.command(Command.LEAD)(partial(commands.lead, desk))
    slack_app.action(Action.STATUS)(partial(asking.show_one, desk))
    slack_app.action(Action.PAGE_BACK)(partial(asking.turn_page, desk))
    slack_app.action(Action.PAGE_ON)(partial(asking.turn_page, desk))
    slack_app.action(Action.DETAILS)(partial(details.open_details, desk))
    slack_app.action(Action.HELPED)(partial(details.helped, desk))
    slack_app.action(Action.MISSING)(partial(details.ask_missing, desk))
    slack_app.view(Callback.MISSING)(partial(details.missing, desk))
    slack_app.action(Action.ADD)(partial(shortcuts.open_add, desk))
    slack_app.shortcut(Shortcut.ADD)(partial(shortcuts.open_add, desk))
    slack_app.shortcut(Shortcut.ADD_FROM_MESSAGE)(partial(shortcuts.open_add, desk))
    slack_app.view(Callback.ADD)(partial(shortcuts.add, desk))
    slack_app.action(Action.NUDGES)(partial(home.choose, desk))
    slack_app.action(Action.DIGEST)(partial(home.choose, desk))
    slack_app.action(Action.QUIET)(partial(home.choose, desk))
    slack_app.action(Action.AWAY)(partial(home.open_away, desk))
    slack_app.view(Callback.AWAY)(partial(home.go_away, desk))
    slack_app.action(Action.BACK)(partial(home.back, desk))
    slack_app.event("app_home_opened")(partial(home.look, desk))


def _the_report(slack_app: AsyncApp, desk: Desk) -> None:
    slack_app.command(Command.ALIGNMENT)(partial(alignment.alignment, desk))
    slack_app.action(Action.SHOW_LEADS)(partial(alignment.show_leads, desk))
    slack_app.action(Action.SHOW_FIGURE)(partial(alignment.show_figure, desk))
    slack_app.action(Action.SHARE)(partial(alignment.share, desk))
    slack_app.action(Action.DECIDE)(partial(alignment.open_decide, desk))
    slack_app.view(Callback.DECIDE)(partial(alignment.save_decision, desk))
