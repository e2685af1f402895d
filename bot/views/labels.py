"""What buttons, menus and modals are called: one label each, the same on every surface."""

from __future__ import annotations

from typing import Literal

from bot.views.blocks import Block, button, confirmation
from bot.views.ids import Action, Callback, More

BUTTONS: dict[Action, str] = {
    Action.ACCEPT: "Accept",
    Action.REJECT: "Reject",
    Action.TOUCH: "Log contact",
    Action.OUTCOME: "Set outcome",
    Action.REASSIGN: "Reassign to…",
    Action.REASSIGN_FORM: "Reassign",
    Action.TAKE: "Take it myself",
    Action.MORE_TIME: "Give more time",
    Action.DISPUTE: "Answer…",
    Action.UNDO: "Undo",
    Action.UPHOLD: "Uphold",
    Action.OVERTURN: "Overturn",
    Action.OPEN_CRM: "Open in CRM",
    Action.DETAILS: "Details",
    Action.STATUS: "Show",
    Action.PAGE_BACK: "Previous",
    Action.PAGE_ON: "Next",
    Action.ADD: "Add a lead",
    Action.AWAY: "Set away…",
    Action.BACK: "I'm back",
    Action.AWAY_LEADS: "Choose leads…",
    Action.AWAY_READING: "This one",
    Action.CANCEL_ABSENCE: "Cancel",
    Action.RECLAIM: "Reclaim",
    Action.RECLAIM_ALL: "Reclaim all",
    Action.HELPED: "This helped",
    Action.MISSING: "Something is missing",
    Action.DECIDE: "Decided…",
    Action.SHOW_LEADS: "Show the leads",
    Action.SHARE: "Share with this channel",
    Action.TEAM_FORM: "Edit team…",
    Action.TEAM_MENU: "Edit team…",
    Action.PROPOSE: "Propose…",
    Action.AGREE: "Agree",
    Action.COUNTER: "Counter…",
    Action.DECLINE: "Decline",
    Action.FORGET: "Forget a person…",
    Action.ERASE: "Agree",
    Action.KEEP_PERSON: "Decline",
}
AGAIN: dict[Action, str] = {Action.DECIDE: "Change the decision…"}
"""What a button is called once it has been used, where using it again changes what was done."""
MENU: dict[More, str] = {
    More.SNOOZE: "Snooze",
    More.REASSIGN: "Reassign",
    More.DETAILS: "Details",
    More.UNDO: "Undo",
    More.OPEN_CRM: "Open in CRM",
}
MODALS: dict[Callback, tuple[str, str]] = {  # its title, and what its submit button says
    Callback.REJECT: ("Reject this lead", "Reject"),
    Callback.TOUCH: ("Log contact", "Save"),
    Callback.OUTCOME: ("Set outcome", "Save"),
    Callback.SNOOZE: ("Snooze", "Save"),
    Callback.REASSIGN: ("Reassign", "Reassign"),
    Callback.SPLIT: ("Split this lead", "Split"),
    Callback.DISPUTE: ("Answer a rejection", "Answer"),
    Callback.ADD: ("Add a lead", "Add"),
    Callback.AWAY: ("Set away", "Set away"),
    Callback.AWAY_LEADS: ("Open leads", "Reassign"),
    Callback.MISSING: ("Something is missing", "Send"),
    Callback.DECIDE: ("What was decided", "Save"),
    Callback.TEAM: ("Edit team", "Save"),
    Callback.PROPOSE: ("Propose a change", "Propose"),
    Callback.FORGET: ("Forget a person", "Forget"),
}


THEY: dict[Action, str] = {Action.BACK: "They're back"}
"""What a button is called where it is about somebody else than its reader."""
OTHER_SUBMITS: dict[Callback, str] = {Callback.REASSIGN: "Reassign anyway"}
"""What the same modal's submit button says to whoever was asked once more."""

OTHER_TITLES: dict[Callback, str] = {Callback.SNOOZE: BUTTONS[Action.MORE_TIME]}
"""The title of a modal that serves a second purpose, where it serves that one alone."""


ASKED: dict[Action, tuple[str, str]] = {  # its title, and what follows
    Action.OVERTURN: (
        "Overturn the rejection?",
        "The lead goes back to the team, but not to the rep who rejected it.",
    ),
    Action.ERASE: ("Forget this person?", "They are removed from everything. It cannot be undone."),
}
"""What Slack asks once more before a click counts."""


def labelled_button(
    action: Action,
    value: str | None = None,
    *,
    about: str = "",
    style: Literal["primary", "danger"] | None = None,
    own: bool = True,
) -> Block:
    """The button of an action. `about`: which lead it is for, as plain text, for those who hear the page.

    Not `own`: it is about somebody else than its reader.
    """
    label = BUTTONS[action] if own else THEY[action]
    reads_as = f"{label.rstrip('…')} {about}" if about else None
    asked = confirmation(*ASKED[action], label) if action in ASKED else None
    return button(label, action, value, style=style, reads_as=reads_as, asks_once=asked)
