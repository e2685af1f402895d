"""What comes in: Slack listeners and HTTP routes. This is the table of contents; no rules, no SQL.

Imports stand inside the functions: the command line goes through this package too, and loads only what its
command needs. Nor does a bot that starts load what a click does: their modules come `Later`.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.engine.reloading import Reloading
    from bot.slack.directory import Directory
    from bot.slack.hearing import Hearing
    from handlers.desk import Desk

ANYTHING = re.compile(".*")


def register(
    slack_app: AsyncApp, desk: Desk, directory: Directory, hearing: Hearing, reloading: Reloading
) -> None:
    """Let every listener hear what it is for. What no line names is answered by the last ones."""
    from handlers.slack import errors, members
    from handlers.slack.hearing import listens
    from handlers.slack.shapes import only_slacks

    slack_app.error(partial(errors.answer, desk))
    slack_app.use(only_slacks)
    slack_app.use(listens(hearing))
    slack_app.use(members.members_only(directory))
    _work_on_leads(slack_app, desk)
    _what_people_ask(slack_app, desk)
    _the_report(slack_app, desk)
    _the_agreement(slack_app, desk, reloading)
    _what_slack_tells(slack_app, desk, directory)
    slack_app.action(ANYTHING)(partial(errors.unknown, desk))
    slack_app.view(ANYTHING)(partial(errors.unknown, desk))


def _work_on_leads(slack_app: AsyncApp, desk: Desk) -> None:
    from bot.views.ids import Action, Callback
    from handlers.slack.later import Later
    from handlers.slack.opening import acknowledge
    from handlers.slack.payloads import inside
    from handlers.slack.refresh import then_refresh

    accept, dispute, more, outcome, reassign = map(
        Later, ("accept", "dispute", "more", "outcome", "reassign")
    )
    reject, snooze, split, touch = map(Later, ("reject", "snooze", "split", "touch"))

    slack_app.action(Action.ACCEPT)(then_refresh(desk, partial(accept.accept, desk)))
    slack_app.action(Action.REJECT)(partial(reject.open_reject, desk))
    slack_app.action(Action.REASON, [inside(Callback.REJECT)])(partial(reject.choose_reason, desk))
    slack_app.view(Callback.REJECT)(partial(reject.reject, desk))
    slack_app.action(Action.TOUCH)(partial(touch.open_touch, desk))
    slack_app.view(Callback.TOUCH)(partial(touch.log_touch, desk))
    slack_app.action(Action.OUTCOME)(partial(outcome.open_outcome, desk))
    slack_app.action(Action.RESULT)(partial(outcome.choose_outcome, desk))
    slack_app.action(Action.REASON, [inside(Callback.OUTCOME)])(partial(outcome.choose_outcome, desk))
    slack_app.view(Callback.OUTCOME)(partial(outcome.save_outcome, desk))
    slack_app.action(Action.MORE)(partial(more.more, desk))
    slack_app.view(Callback.SNOOZE)(partial(snooze.save_snooze, desk))
    slack_app.view(Callback.REASSIGN)(partial(reassign.save_reassign, desk))
    slack_app.view(Callback.SPLIT)(partial(split.save_split, desk))
    slack_app.action(Action.REASSIGN_FORM)(partial(reassign.open_reassign_form, desk))
    slack_app.action(Action.REASSIGN)(partial(reassign.reassign_at_once, desk))
    slack_app.action(Action.TAKE)(partial(reassign.take_over, desk))
    slack_app.action(Action.MORE_TIME)(partial(snooze.open_more_time, desk))
    slack_app.action(Action.DISPUTE)(partial(dispute.open_dispute, desk))
    slack_app.action(Action.ANSWER)(partial(dispute.choose_answer, desk))
    slack_app.view(Callback.DISPUTE)(partial(dispute.answer, desk))
    slack_app.action(Action.UPHOLD)(then_refresh(desk, partial(dispute.uphold, desk)))
    slack_app.action(Action.OVERTURN)(then_refresh(desk, partial(dispute.overturn, desk)))
    slack_app.action(Action.UNDO)(partial(more.undo_click, desk))
    slack_app.action(Action.OPEN_CRM)(acknowledge)


def _what_people_ask(slack_app: AsyncApp, desk: Desk) -> None:
    from bot.views.ids import Action, Callback, Command, Shortcut
    from handlers.slack import home
    from handlers.slack.later import Later

    add, away, commands, details, status = map(Later, ("add", "away", "commands", "details", "status"))
    slack_app.command(Command.LEAD)(partial(commands.lead, desk))
    slack_app.action(Action.STATUS)(partial(status.show_one, desk))
    slack_app.action(Action.PAGE_BACK)(partial(status.turn_page, desk))
    slack_app.action(Action.PAGE_ON)(partial(status.turn_page, desk))
    slack_app.action(Action.DETAILS)(partial(details.open_details, desk))
    slack_app.action(Action.HELPED)(partial(details.helped, desk))
    slack_app.action(Action.MISSING)(partial(details.ask_missing, desk))
    slack_app.view(Callback.MISSING)(partial(details.missing, desk))
    slack_app.action(Action.ADD)(partial(add.open_add, desk))
    slack_app.shortcut(Shortcut.ADD)(partial(add.open_add, desk))
    slack_app.shortcut(Shortcut.ADD_FROM_MESSAGE)(partial(add.open_add, desk))
    slack_app.view(Callback.ADD)(partial(add.add, desk))
    slack_app.action(Action.NUDGES)(partial(home.choose, desk))
    slack_app.action(Action.DIGEST)(partial(home.choose, desk))
    slack_app.action(Action.QUIET)(partial(home.choose, desk))
    slack_app.action(Action.AWAY)(partial(away.open_away, desk))
    slack_app.view(Callback.AWAY)(partial(away.save_away, desk))
    slack_app.action(Action.AWAY_READING)(partial(away.meant, desk))
    slack_app.action(Action.AWAY_LEADS)(partial(away.open_leads, desk))
    slack_app.view(Callback.AWAY_LEADS)(partial(away.save_leads, desk))
    slack_app.action(Action.BACK)(partial(away.back, desk))
    slack_app.action(Action.CANCEL_ABSENCE)(partial(away.cancel, desk))
    slack_app.action(Action.RECLAIM)(partial(away.reclaim_one, desk))
    slack_app.action(Action.RECLAIM_ALL)(partial(away.reclaim_them, desk))
    slack_app.event("app_home_opened")(partial(home.look, desk))


def _the_report(slack_app: AsyncApp, desk: Desk) -> None:
    from bot.views.ids import Action, Callback, Command
    from handlers.slack.later import Later

    digest = Later("digest")
    slack_app.command(Command.ALIGNMENT)(partial(digest.alignment, desk))
    slack_app.action(Action.SHOW_LEADS)(partial(digest.show_leads, desk))
    slack_app.action(Action.SHOW_FIGURE)(partial(digest.show_figure, desk))
    slack_app.action(Action.SHARE)(partial(digest.share, desk))
    slack_app.action(Action.DECIDE)(partial(digest.open_decide, desk))
    slack_app.view(Callback.DECIDE)(partial(digest.save_decision, desk))


def _the_agreement(slack_app: AsyncApp, desk: Desk, reloading: Reloading) -> None:
    from bot.views.ids import Action, Callback
    from handlers.slack import team
    from handlers.slack.later import Later

    erasure, proposal = Later("erasure"), Later("proposal")
    slack_app.action(Action.TEAM_FORM)(partial(team.open_team, desk))
    slack_app.action(Action.TEAM_MENU)(partial(team.open_team, desk))
    slack_app.view(Callback.TEAM)(partial(team.save_team, desk, reloading))
    slack_app.action(Action.PROPOSE)(partial(proposal.open_advised, desk))
    slack_app.view(Callback.PROPOSE)(partial(proposal.save_proposal, desk, reloading=reloading))
    slack_app.action(Action.AGREE)(partial(proposal.agree_to, desk, reloading=reloading))
    slack_app.action(Action.COUNTER)(partial(proposal.open_counter, desk))
    slack_app.action(Action.DECLINE)(partial(proposal.turn_down, desk))
    slack_app.action(Action.FORGET)(partial(erasure.open_forget, desk))
    slack_app.view(Callback.FORGET)(partial(erasure.save_forget, desk))
    slack_app.action(Action.ERASE)(partial(erasure.agree_to, desk))
    slack_app.action(Action.KEEP_PERSON)(partial(erasure.turn_down, desk))


def _what_slack_tells(slack_app: AsyncApp, desk: Desk, directory: Directory) -> None:
    from bot.views.ids import Step
    from handlers.slack import people
    from handlers.slack.later import Later
    from handlers.slack.once import Once

    talk, workflow, once = Later("talk"), Later("workflow"), Once(desk)
    slack_app.event("app_mention")(partial(talk.written, desk, once=once))
    slack_app.event("message")(partial(talk.written, desk, once=once))
    slack_app.event("user_change")(partial(people.changed, desk, directory))
    slack_app.event("team_join")(partial(people.changed, desk, directory))
    slack_app.event("subteam_members_changed")(partial(people.regrouped, desk, directory))
    slack_app.function(Step.HAND_OFF, auto_acknowledge=False)(partial(workflow.hand_off_lead, desk))
