"""Figures in words, the same in Slack, in the terminal and in the agenda. Plain text: nothing is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.digest.report import About, Dated
from bot.metrics import FEWEST, FIGURES, LEADS, Rate, Took
from storage.models import Cause, ClockKind, NagKind, member_of

NO_CAMPAIGN = "no campaign"
CAUSE_WORDS: Mapping[Cause, str] = {
    Cause.OUTAGE: "Baton was down",
    Cause.NO_ELIGIBLE_REP: "no rep available",
    Cause.BAD_DATA: "bad data",
    Cause.REP: "rep",
    Cause.MARKETING: "marketing",
}
CLOCK_WORDS: Mapping[ClockKind, str] = {
    ClockKind.ACCEPT: "accept",
    ClockKind.FIRST_TOUCH: "first contact",
    ClockKind.OUTCOME: "outcome",
    ClockKind.ANSWER: "answer",
}
NAG_WORDS: Mapping[NagKind, str] = {
    NagKind.NUDGE: "nudge",
    NagKind.GIVEN: "lead reassigned by a person",
    NagKind.ASSIGNED: "lead reassigned by the ladder",
    NagKind.ABLE: "lead for the first who could take it",
    NagKind.POOLED: "lead opened to the team",
    NagKind.BREACH: "SLA missed",
    NagKind.CHOOSE: "owner to be chosen",
    NagKind.RAISED: "lead heated up",
}
TOO_FEW = "too few for a rate"
_GROUPS = {"campaign": "Campaign", "team": "Team", "rep": "Rep"}
_PARTS = {
    "handed_off": "handed off",
    "undecided": "still open",
    "met": "SLA met",
    "missed": "SLA missed",
    "excused": "SLA excused",
    "running": "SLA running",
    "due": "SLA due",
    "reasons": "rejected",
    "cause": "SLA missed",
    "nags": "reminders",
}
_WITH_PARTS = {*ClockKind, "reasons", "cause", "disputes", "nags", "pipeline", "revenue", "grade"}


def cause_name(cause: str) -> str:
    """Why an SLA was missed; a report that was kept may name no cause, which is not judged yet."""
    known = member_of(Cause, cause)
    return CAUSE_WORDS[known] if known is not None else "not judged yet"


def clock_name(clock: str) -> str:
    """Which SLA it is."""
    known = member_of(ClockKind, clock)
    return CLOCK_WORDS[known] if known is not None else clock


def nag_name(kind: str) -> str:
    """What a reminder said."""
    known = member_of(NagKind, kind)
    return NAG_WORDS[known] if known is not None else kind


def figure_name(key: str) -> str:
    """The key of a figure, or of some leads, in words.

    "quality" is "Rejected for quality", "team.Growth.accept.missed" is "Team Growth: accept SLA missed".
    """
    if key in FIGURES:
        return FIGURES[key].behind or FIGURES[key].title
    head, _, rest = key.partition(".")
    if head in _GROUPS and rest:
        pieces = rest.split(".")  # a name may have dots of its own
        size = 2 if len(pieces) > 2 and pieces[-2] in _WITH_PARTS else 1
        return f"{_GROUPS[head]} {'.'.join(pieces[:-size])}: {_leads('.'.join(pieces[-size:]))}"
    return capital(_leads(key))


def _leads(key: str) -> str:
    if key in LEADS:
        return lowered(LEADS[key])
    head, _, rest = key.partition(".")
    clock = member_of(ClockKind, head)
    if clock is not None and rest:
        return f"{CLOCK_WORDS[clock]} {_PARTS.get(rest, rest)}"
    parts = (_PARTS.get(part, part.replace("_", " ")) for part in key.replace(":", ".").split(".") if part)
    return ": ".join(parts)


def lowered(title: str) -> str:
    """A title within a sentence: "Lead quality" is "lead quality", "SLA missed" stays."""
    return title if title[:2].isupper() else f"{title[:1].lower()}{title[1:]}"


def capital(words: str) -> str:
    """Words at the beginning of a line."""
    return f"{words[:1].upper()}{words[1:]}"


def plural(count: int, noun: str) -> str:
    """A count and its noun: "1 MQL", "2,000 MQLs"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def day(day_: date) -> str:
    """A day: "27 Nov 2026"."""
    return f"{day_.day} {day_:%b %Y}"


def share(value: float) -> str:
    """A share as a whole percentage, which is 0% or 100% only when it is so exactly."""
    percent = round(value * 100)
    if percent == 0 and value > 0:
        return "under 1%"
    if percent == 100 and value < 1:
        return "over 99%"
    return f"{percent:,}%"


def rate_words(found: Rate, none: str = "none yet") -> str:
    """A rate with its n, or the counts where there are too few for one."""
    if found.n == 0:
        return none
    if found.share is None:
        return f"{found.part:,} of {found.n:,}, {TOO_FEW}"
    return f"{share(found.share)} (n = {found.n:,})"


def rate_short(found: Rate, none: str = "none") -> str:
    """The same for a cell, or for a comparison: "81% (n = 16)", "7 of 8"."""
    if found.n == 0:
        return none
    if found.share is None:
        return f"{found.part:,} of {found.n:,}"
    return f"{share(found.share)} (n = {found.n:,})"


def took_words(found: Took, *, business: bool) -> str:
    """A median and a 90th percentile with their n."""
    if not found.n:
        return "none yet"
    median = length(found.median, business=business)
    if found.n < FEWEST:
        return f"median {median} (n = {found.n}), too few for a p90"
    return f"median {median}, p90 {length(found.p90, business=business)} (n = {found.n:,})"


def median_words(found: Took, *, business: bool) -> str:
    """The median alone, with its n."""
    return f"{length(found.median, business=business)} (n = {found.n:,})" if found.n else "none"


def length(seconds: int, *, business: bool = False) -> str:
    """A length of time as people say it: "45 s", "9 min", "3 h 49 min", "5 days 2 h".

    Business time has no days in it: a working day is shorter than 24 hours.
    """
    minutes = round(max(0, seconds) / 60)
    if seconds < 60:
        return f"{max(0, seconds)} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if business or hours < 48:
        return f"{hours:,} h {minutes} min" if minutes and hours < 24 else f"{hours:,} h"
    days, hours = divmod(hours, 24)
    return f"{days:,} days {hours} h" if hours and days < 7 else f"{days:,} days"


def leads(count: int) -> str:
    """So many leads."""
    return plural(count, "lead")


def period_words(about: About) -> str:
    """The period as the subject of a sentence, since when there are data, and to what it is narrowed."""
    parts = [about.title + (" so far" if about.so_far else "")]
    if about.data_since is not None and about.has_data:
        parts.append(f"since {about.data_since.day} {about.data_since:%b}")
    parts += [f"team {about.team}"] if about.team else []
    if about.campaign is not None:
        parts.append(f"campaign {about.campaign}" if about.campaign else "leads without a campaign")
    return ", ".join(parts)


def reconciled(about: About, dated: Dated) -> str:
    """Why deals and funnel differ: one follows the leads of the period, the other goes by the deal's date."""
    period = "period" if about.kind == "days" else about.kind
    if not dated.opened and not dated.won:
        return f"The funnel follows the {period}'s MQLs. No deal is dated in the {period}."
    opened = f"{plural(dated.opened, 'deal')} opened ({dated.opened_of_cohort:,} from these MQLs)"
    won = f"{dated.won:,} won ({dated.won_of_cohort:,})"
    return f"The funnel follows the {period}'s MQLs. Dated in the {period}: {opened}, {won}."
