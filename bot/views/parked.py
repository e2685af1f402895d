"""Places that Slack refuses, in words: what is wrong there, and what an admin does about it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.views.blocks import section
from bot.views.message import Rendered, rendered
from bot.views.people import joined
from bot.views.states import FormNotice, ParkedNotice
from bot.views.text import place, plural, short
from storage.models import DeliveryKind

_ELSEWHERE = "or name another channel in the agreement."
_NEW_TOKEN = "Install the app again, set `SLACK_BOT_TOKEN` to the token it shows, and start me again."
_SCOPES = "Install the app again with the scopes of `manifest.yml`, and start me again."
_GONE = "Remove them from the agreement, or name somebody else."
_RESTRICTED = (
    "Posting in {place} is restricted.",
    f"Let me post there in the channel's settings, {_ELSEWHERE}",
)
_TOKEN_REFUSED = ("Slack no longer accepts my token.", _NEW_TOKEN)
_PERSON_GONE = ("{place} has no account here any more.", _GONE)
_PEOPLE = ("U", "W")  # how their ids begin
_WORKSPACE = "Ask an owner of the workspace to allow the app again."

# Slack's name for the error: what is wrong, and what to do.
_WORDS = {
    "channel_not_found": (
        "I cannot find {place}.",
        f"If it is private, write `/invite @Baton` there; if its ID is wrong, correct it, {_ELSEWHERE}",
    ),
    "not_in_channel": ("I am not in {place}.", "Invite me: write `/invite @Baton` there."),
    "is_archived": ("{place} is archived.", f"Unarchive it, {_ELSEWHERE}"),
    "restricted_action": _RESTRICTED,
    "restricted_action_read_only_channel": _RESTRICTED,
    "restricted_action_non_threadable_channel": _RESTRICTED,
    "restricted_action_thread_only_channel": _RESTRICTED,
    "no_permission": ("I may not post in {place}.", _SCOPES),
    "missing_scope": ("The app lacks a permission that {place} needs.", _SCOPES),
    "invalid_auth": _TOKEN_REFUSED,
    "not_authed": _TOKEN_REFUSED,
    "token_revoked": ("My token was revoked.", _NEW_TOKEN),
    "token_expired": ("My token has expired.", _NEW_TOKEN),
    "account_inactive": (
        "The app was removed from the workspace, or its account is switched off.",
        _NEW_TOKEN,
    ),
    "org_login_required": ("Slack is moving the workspace.", "Wait until it is done; I carry on by myself."),
    "team_access_not_granted": ("The app is not allowed in this workspace.", _WORKSPACE),
    "ekm_access_denied": ("The workspace's key management keeps me from posting.", _WORKSPACE),
    "user_not_found": ("I cannot find {place}.", f"Correct the ID in the agreement. {_GONE}"),
    "user_disabled": _PERSON_GONE,
    "users_not_found": _PERSON_GONE,
    "cannot_dm_bot": ("{place} is a bot, and bots read no messages.", _GONE),
    "messages_tab_disabled": (
        "The app's messages tab is off, so I can write to nobody.",
        "Switch it on under App Home in the app's settings, as `manifest.yml` has it.",
    ),
}


def parked_words(place_id: str, error: str) -> tuple[str, str]:
    """What is wrong with a channel or person for an error of Slack's, and what to do: two texts of mrkdwn."""
    shown = place(place_id)
    if error == "channel_not_found" and place_id.startswith(_PEOPLE):  # the conversation with them
        error = "user_not_found"
    wrong, remedy = _WORDS.get(
        error,
        (
            f"Slack refuses what I send to {{place}} (`{short(error, 80)}`).",
            "Look that error up in Slack's docs and fix the cause.",
        ),
    )
    return wrong.replace("{place}", shown), remedy.replace("{place}", shown)


def parked_notice(notice: ParkedNotice) -> Rendered:
    """One place that Slack refuses, told to the admins: what, what to do, and what is waiting meanwhile."""
    wrong, remedy = parked_words(notice.place, notice.error)
    held = (
        f"On hold until then: {plural(notice.waiting, 'message')}. Nothing is lost." if notice.waiting else ""
    )
    text = joined((f"⚠️ *{wrong}*", remedy, held), "\n")
    return rendered(f"⚠️ {wrong} {remedy}", [section(text)])


KIND_WORDS: Mapping[DeliveryKind, str] = {
    DeliveryKind.CARD: "a card",
    DeliveryKind.LIST: "a list of leads",
    DeliveryKind.HISTORY: "a line in a card's thread",
    DeliveryKind.REJECTION: "a rejection",
    DeliveryKind.CUSTOMER: "a notice about a customer",
    DeliveryKind.UNROUTED: "a notice about leads without a team",
    DeliveryKind.IMPORTED: "a notice about an imported file",
    DeliveryKind.PARKED: "a notice about a channel or person that Slack refuses",
    DeliveryKind.NAG: "a reminder",
    DeliveryKind.HOME: "somebody's Home",
    DeliveryKind.ANSWER: "a contested rejection",
    DeliveryKind.REPORT: "the weekly report",
    DeliveryKind.DETAIL: "a part of the weekly report",
    DeliveryKind.REFUSED: "a notice about refused records",
    DeliveryKind.ABSENCE: "a notice about an absence",
    DeliveryKind.AGREEMENT: "a notice about a changed agreement",
    DeliveryKind.PROPOSAL: "a proposed change to the agreement",
    DeliveryKind.ERASURE: "a request to remove a person",
}


def form_notice(notice: FormNotice) -> Rendered:
    """A kind of message whose form Slack refuses: what, why, what people see instead, and what to do."""
    wrong = f"Slack refused the layout of {KIND_WORDS[notice.what]}."
    instead = (
        "It is not posted until I restart." if notice.kept else "I sent it in plain form; its buttons work."
    )
    why = f"`{short(notice.error, 60)}`" + (f": {short(notice.says, 600)}" if notice.says else "")
    remedy = "Please update Baton, or report this. The log has the details."
    text = joined((f"⚠️ *{wrong}*", instead, f"Slack's reason: {why}", remedy), "\n")
    return rendered(f"⚠️ {wrong} {instead}", [section(text)])
