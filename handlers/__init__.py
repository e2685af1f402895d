"""What comes in: Slack listeners and HTTP routes. This is the table of contents; no rules, no SQL."""

from __future__ import annotations

import re
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.views.ids import Action, Callback, Command
from handlers import commands, errors, leads
from handlers.desk import Desk

ANYTHING = re.compile(".*")


def register(slack_app: AsyncApp, desk: Desk) -> None:
    """Let every listener hear what it is for. What no line names is answered by the last ones."""
    slack_app.error(partial(errors.answer, desk))
    slack_app.action(Action.ACCEPT)(partial(leads.accept, desk))
    slack_app.action(Action.REJECT)(partial(leads.open_reject, desk))
    slack_app.action(Action.REASON)(partial(leads.choose_reason, desk))
    slack_app.action(Action.OPEN_CRM)(leads.acknowledge)
    slack_app.view(Callback.REJECT)(partial(leads.reject, desk))
    slack_app.command(Command.LEAD)(partial(commands.lead, desk))
    slack_app.command(Command.ALIGNMENT)(commands.alignment)
    slack_app.event("app_home_opened")(leads.acknowledge)
    slack_app.action(ANYTHING)(partial(errors.unknown, desk))
    slack_app.view(ANYTHING)(partial(errors.unknown, desk))
