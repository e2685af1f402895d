"""One short line for each event, for the thread of the card: who did what."""

from __future__ import annotations

from bot.views.blocks import context
from bot.views.message import Rendered, rendered
from bot.views.people import STAGE_WORDS
from bot.views.states import HistoryLine
from bot.views.text import local_time, mention, money, quoted, short, who

# Each event's line in pieces; a piece that names a value the line does not have is left out.
_WORDING: dict[str, tuple[str, ...]] = {
    "created": ("✨ First heard of", ", from {actor}"),
    "updated": ("📝 More was told", " by {actor}"),
    "activity": ("👣 Did something", ": {reason}"),
    "unrouted": ("🧭 Qualified, but no team matches",),
    "assigned": ("🎯 Whose turn it is", ": {owner}", " in team {team}"),
    "handed_off": ("📥 Handed to sales", ": team {team}", ", for {owner}", " — {reason}"),
    "accepted": ("✅ Accepted by {actor}",),
    "rejected": ("↩️ Rejected by {actor}", ": {reason}"),
    "rerouted": ("➡️ Sent on", " to {team}", " by {actor}", ": {reason}"),
    "merged": ("🔗 Joined", " lead #{lead}", ", by {actor}"),
    "reassigned": ("🔁 Passed on", " to {owner}", " by {actor}", " — {reason}"),
    "touched": ("{touch}", " by {actor}"),
    "snoozed": ("⏸️ Put off", " until {until}", " by {actor}"),
    "more_time": ("⏳ More time", " until {until}", ", given by {actor}"),
    "undone": ("↪️ Taken back", " by {actor}"),
    "nudged": ("🔔 Reminded", ": {owner}"),
    "breached": ("🔴 Late", ": {reason}"),
    "agreed": ("🤝 Marketing agrees with the rejection", ": {actor}"),
    "resubmitted": ("📥 Corrected and sent in again by {actor}",),
    "contested": ("⚖️ Contested by {actor}: the manager rules",),
    "upheld": ("⚖️ The rejection stands", ": {actor} upheld it", ", asked by {owner}"),
    "overturned": ("⚖️ The rejection does not stand", ": {actor} overturned it", ", asked by {owner}"),
    "stage_refused": ("🚫 A stage that the CRM told of does not follow from where it stands",),
    "returned": ("🔔 Back from nurture",),
    "outcome": ("🏁 Outcome", ": {stage}", ", {amount}", ", until {until}", ", by {actor}", ": {reason}"),
}
_TOUCH = {"call": "📞 Call", "email": "✉️ E-mail", "meeting": "🤝 Meeting"}


def history_line(line: HistoryLine) -> Rendered:
    """The event as one line of small print, with the note beneath it where there is one."""
    text = history_words(line)
    if line.taken_back_by:
        text = f"~{text}~ — taken back by {who(line.taken_back_by)}"
        return rendered(text, [context(text)])
    note = f"\n{quoted(line.note, 600)}" if line.note and line.note.strip() else ""
    return rendered(text, [context(text + note)])


def history_words(line: HistoryLine) -> str:
    """The event in one line of mrkdwn, without its note and its moment."""
    kind = "outcome" if line.stage else line.kind.rpartition(".")[2]
    values = _values(line)
    pieces = _WORDING.get(kind, (short(kind.replace("_", " ").capitalize(), 60), " by {actor}"))
    about = f"*{short(line.about, 120)}* " if line.about else ""
    return about + "".join(_filled(piece, values) for piece in pieces)


def _filled(piece: str, values: dict[str, str]) -> str:
    try:
        return piece.format_map(values)
    except KeyError:
        return ""


def _values(line: HistoryLine) -> dict[str, str]:
    amount = money(line.amount_minor, line.currency) if line.amount_minor is not None else ""
    values = {
        "actor": who(line.actor),
        "reason": short(line.reason, 200),
        "team": short(line.team, 75),
        "owner": mention(line.owner) if line.owner else "",
        "lead": str(line.other_lead) if line.other_lead is not None else "",
        "until": local_time(line.until) if line.until else "",
        "touch": _TOUCH.get(line.touch or "", "📞 First contact"),
        "stage": STAGE_WORDS[line.stage] if line.stage else "",
        "amount": amount,
    }
    return {name: value for name, value in values.items() if value}
