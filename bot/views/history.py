"""One short line for each event: who did what. The same in a thread, in an answer, and in details."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.views.blocks import context
from bot.views.message import Rendered, rendered
from bot.views.people import STAGE_WORDS, TOUCH_WORDS
from bot.views.states import HistoryLine
from bot.views.text import TOKEN, local_time, mention, money, quoted, short, unescape, who
from storage.models import Actor, EventKind, Stage, member_of

_TOKENS = re.compile(r"<!date\^[^|>]*\|([^>]*)>|<@([UW][A-Z0-9]+)>|<!subteam\^(S[A-Z0-9]+)[^>]*>")
_IN_FRONT = re.compile(r"^[^\w\"“]+")  # the emoji

# Each event's line in pieces; a piece that names a value the line does not have is left out.
_Pieces = tuple[str, ...]


def _outcome(stage: Stage) -> _Pieces:
    return (
        f"🏁 Outcome: {STAGE_WORDS[stage]}",
        *(" until {until}", ", {amount}", ", by {actor}", ": {reason}"),
    )


EVENT_WORDS: Mapping[EventKind, _Pieces] = {
    EventKind.CREATED: ("✨ Created", " {origin}"),
    EventKind.UPDATED: ("📝 Updated", " by {actor}"),
    EventKind.ACTIVITY: ("👣 Activity", ": {reason}"),
    EventKind.UNROUTED: ("🧭 Qualified, but no team matches",),
    EventKind.ASSIGNED: ("🎯 Assigned by rotation", ": {owner}", ", team {team}"),
    EventKind.HANDED_OFF: ("📥 Handed off to sales", ": team {team}", ", for {owner}", " — {reason}"),
    EventKind.ACCEPTED: ("✅ Accepted by {actor}",),
    EventKind.REJECTED: ("↩️ Rejected by {actor}", ": {reason}"),
    EventKind.REROUTED: ("➡️ Rerouted", " to {team}", " by {actor}", ": {reason}"),
    EventKind.MERGED: ("🔗 Merged", " into lead #{lead}", " by {actor}"),
    EventKind.REASSIGNED: ("🔁 Reassigned", " to {owner}", " by {actor}", " — {reason}"),
    EventKind.TEAM_GONE: (
        "🧭 Team {team} was removed",
        "🧭 {owner} left their team",
        ": {reason}",
    ),
    EventKind.PASSED_BY: ("🤝 Assigned to {owner} instead of the account owner", ": {reason}"),
    EventKind.POOLED: ("🙌 Open to the whole team", " — {reason}"),
    EventKind.TOUCHED: ("{touch}", " by {actor}"),
    EventKind.SNOOZED: ("⏸️ Snoozed", " until {until}", " by {actor}"),
    EventKind.MORE_TIME: ("⏳ Given more time", ", until {until}", ", by {actor}"),
    EventKind.UNDONE: ("↪️ Undone", " by {actor}"),
    EventKind.SQL: _outcome(Stage.SQL),
    EventKind.OPPORTUNITY: _outcome(Stage.OPPORTUNITY),
    EventKind.WON: _outcome(Stage.WON),
    EventKind.LOST: _outcome(Stage.LOST),
    EventKind.RECYCLED: _outcome(Stage.RECYCLED),
    EventKind.DISQUALIFIED: _outcome(Stage.DISQUALIFIED),
    EventKind.AGREED: ("🤝 {actor} agreed with the rejection",),
    EventKind.RESUBMITTED: ("📥 Fixed and resubmitted by {actor}",),
    EventKind.CONTESTED: ("⚖️ Contested by {actor}: the manager decides",),
    EventKind.UPHELD: ("⚖️ Rejection upheld by {actor}", ", contested by {owner}"),
    EventKind.OVERTURNED: ("⚖️ Rejection overturned by {actor}", ", contested by {owner}"),
    EventKind.STAGE_REFUSED: ("🚫 Stage from the CRM ignored", ": it does not follow from “{reason}”"),
    EventKind.CRM_CONFLICT: (
        "⚠️ Changed in Slack and in the CRM: {reason}",
        ". {owner}, which is right?",
    ),
    EventKind.RETURNED: ("🔔 Back from nurture",),
    EventKind.RAISED: ("🔥 New interest", ": {reason}"),
    EventKind.CUSTOMER_RAISED: ("🔥 Existing customer", ": {reason}", "; {owner} notified"),
    EventKind.SPLIT: ("➡️ Split", ": the rest is now lead #{lead}", " {reason}", ", by {actor}"),
    EventKind.FORGOTTEN: ("🗑️ Person removed", " by {actor}"),
    EventKind.CLOCK_NUDGED: ("🔔 Reminder sent", " to {owner}"),
    EventKind.CLOCK_BREACHED: ("🔴 SLA missed", ": {reason}"),
    EventKind.DIGEST_POSTED: ("📊 Weekly report posted",),
    EventKind.PERSON_AWAY: ("🌴 {owner} is away", " until {until}", ", set by {actor}"),
    EventKind.PERSON_BACK: ("👋 {owner} is back",),
    EventKind.ABSENCE_CANCELLED: ("👋 Absence of {owner} cancelled", " by {actor}"),
    EventKind.PERSON_LEFT: ("🚪 Left the workspace", ": {owner}"),
    EventKind.CONTENT_HELPED: ("👍 {actor} found the content helpful",),
    EventKind.CONTENT_MISSING: ("👎 {actor} needs content that is missing",),
    EventKind.PROPOSED: ("📝 {actor} proposed a change to the agreement", ": {reason}"),
    EventKind.SIGNED: ("🤝 {actor} agreed to change the agreement", ": {reason}"),
    EventKind.COUNTERED: ("↩️ {actor} countered a proposal", ": {reason}"),
    EventKind.DECLINED: ("🚫 {actor} declined a proposal", ": {reason}"),
    EventKind.SHOWN_ANEW: ("🔁 The agreement changed while a proposal was open", ": {reason}"),
    EventKind.WENT_LIVE: ("📜 The agreement changed as both sides agreed", ": {reason}"),
    EventKind.REPORT_DECIDED: ("🗳️ Decision on the report by {actor}",),
}


def history_line(line: HistoryLine) -> Rendered:
    """The event as one line of small print, with the note beneath it where there is one."""
    text = history_words(line)
    if line.taken_back_by:
        text = f"~{text}~ — undone by {who(line.taken_back_by)}"
        return rendered(text, [context(text)])
    note = f"\n{quoted(line.note, 600)}" if line.note and line.note.strip() else ""
    return rendered(text, [context(text + note)])


def history_words(line: HistoryLine) -> str:
    """The event in one line of mrkdwn, without its note and its moment."""
    values = _values(line)
    about = f"*{short(line.about, 120)}* " if line.about else ""
    return about + "".join(_filled(piece, values) for piece in _pieces(line.kind))


def history_text(line: HistoryLine) -> str:
    """The same in plain text, for other tools: people by their Slack ids, moments in UTC."""
    told = _TOKENS.sub(lambda found: next(filter(None, found.groups())), history_words(line))
    return _IN_FRONT.sub("", unescape(told))


def _pieces(kind: str) -> _Pieces:
    """The words of an event; its mere name where only a newer version knows it."""
    known = member_of(EventKind, kind)
    if known is not None:
        return EVENT_WORDS[known]
    name = kind.rpartition(".")[2].replace("_", " ").capitalize()
    return short(name, 60).replace("{", "{{").replace("}", "}}"), " by {actor}"


def _origin(actor: str) -> str:
    """How a lead came: through another system, or by a person."""
    if actor.startswith(TOKEN):
        return f"via {short(actor.removeprefix(TOKEN), 60)}"
    return f"{'by' if member_of(Actor, actor) is None else 'via'} {who(actor)}"


def _filled(piece: str, values: dict[str, str]) -> str:
    try:
        return piece.format_map(values)
    except KeyError:
        return ""


def _values(line: HistoryLine) -> dict[str, str]:
    amount = money(line.amount_minor, line.currency) if line.amount_minor is not None else ""
    values = {
        "actor": who(line.actor),
        "origin": _origin(line.actor),
        "reason": short(line.reason, 200),
        "team": short(line.team, 75),
        "owner": mention(line.owner) if line.owner else "",
        "lead": str(line.other_lead) if line.other_lead is not None else "",
        "until": local_time(line.until) if line.until else "",
        "touch": TOUCH_WORDS[line.touch] if line.touch else "📞 First contact",
        "amount": amount,
    }
    return {name: value for name, value in values.items() if value}
