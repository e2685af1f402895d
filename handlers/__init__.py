"""What comes in: Slack listeners and HTTP routes. This is the table of contents; no rules, no SQL."""

from __future__ import annotations

import re
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.views.ids import Action, Callback, Command
from handlers import commands, errors, leads, working
from handlers.desk import Desk
from handlers.payloads import inside

ANYTHING = re.compile(".*")


def register(slack_app: AsyncApp, desk: Desk) -> None:
    """Let every listener hear what it is for. What no line names is answered by the last ones."""
    slack_app.error(partial(errors.answer, desk))
    slack_app.action(Action.ACCEPT)(partial(leads.accept, desk))
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
    slack_app.action(Action.OPEN_CRM)(leads.acknowledge)
    slack_app.command(Command.LEAD)(partial(commands.lead, desk))
    slack_app.command(Command.ALIGNMENT)(commands.alignment)
    slack_app.event("app_home_opened")(leads.acknowledge)
    slack_app.action(ANYTHING)(partial(errors.unknown, desk))
    slack_app.view(ANYTHING)(partial(errors.unknown, desk))
