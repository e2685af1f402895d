"""Figures in words, the same in Slack, in the terminal and in the agenda. Plain text: nothing is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.digest.report import About, Promise, Took, Volume
from bot.metrics import FEWEST, Rate
from storage.models import Cause, ClockKind, member_of

NO_CAMPAIGN = "no campaign"
CAUSE_WORDS: Mapping[Cause, str] = {
    Cause.OUTAGE: "Baton was down",
    Cause.NO_ELIGIBLE_REP: "nobody to take it",
    Cause.BAD_DATA: "bad data",
    Cause.REP: "the rep",
    Cause.MARKETING: "marketing",
}
CLOCK_WORDS: Mapping[ClockKind, str] = {
    ClockKind.ACCEPT: "accept",
    ClockKind.FIRST_TOUCH: "first touch",
    ClockKind.OUTCOME: "outcome",
    ClockKind.ANSWER: "answer",
}


def cause_name(cause: str) -> str:
    """Why a clock was missed; a report that was kept may name no cause, which is not judged yet."""
    known = member_of(Cause, cause)
    return CAUSE_WORDS[known] if known is not None else "not judged yet"


def figure_name(key: str) -> str:
    """A figure's key as people read it: "team.Growth.accept.missed" is "Team Growth · accept · missed"."""
    kind, _, rest = key.replace("_", " ").partition(".")
    between = " " if kind in ("campaign", "team", "rep") else " · "
    words = between.join(part for part in (kind, rest.replace(".", " · ")) if part)
    return words[:1].upper() + words[1:]


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
        return f"{found.part:,} of {found.n:,}, too few for a rate"
    return f"{share(found.share)} (n = {found.n:,})"


def number(value: float) -> str:
    """A count, or a mean of counts with one decimal where it needs one."""
    rounded = round(value, 1)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"


def took_words(found: Took | None) -> str:
    """A median and a 90th percentile with their n."""
    if found is None:
        return "none yet"
    if found.n < FEWEST:
        return f"median {length(found.median)}, too few for a p90 (n = {found.n})"
    return f"median {length(found.median)}, p90 {length(found.p90)} (n = {found.n:,})"


def length(seconds: int) -> str:
    """A length of time in its two greatest units."""
    minutes, left = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (left, "s"))
    first = next((i for i, (count, _) in enumerate(units) if count), 3)
    return " ".join(f"{count:,} {unit}" for count, unit in units[first : first + 2] if count) or "0 s"


def leads(count: int) -> str:
    """So many leads."""
    return "1 lead" if count == 1 else f"{count:,} leads"


def period_words(about: About) -> str:
    """The period as the subject of a sentence, and to what it is narrowed."""
    narrowed = [f"team {about.team}"] if about.team else []
    if about.campaign is not None:
        narrowed.append(f"campaign {about.campaign}" if about.campaign else "leads without a campaign")
    name = about.title + (" so far" if about.so_far else "")
    return f"{name}, {' and '.join(narrowed)}" if narrowed else name


def opening(
    about: About, volume: Volume, counts: Mapping[str, int], sales: Rate, promises: Sequence[Promise]
) -> str:
    """The period in one sentence that a manager can repeat."""
    name = period_words(about)
    if counts["handed_off"] == 0:
        committed = f"; {number(volume.committed)} were committed" if volume.committed else ""
        return f"{name}: marketing handed off no leads{committed}."
    said = f"{name}: marketing handed off {leads(counts['handed_off'])}{_of_committed(volume)}; "
    if counts["decided"] == 0:
        return said + f"sales has decided on none of them yet{_kept(sales, promises)}."
    accepted = f"sales accepted {counts['accepted']:,} of the {counts['decided']:,} it decided on"
    undecided = counts["undecided"]
    waiting = f", {undecided:,} {'waits' if undecided == 1 else 'wait'}" if undecided else ""
    return f"{said}{accepted}{waiting}{_kept(sales, promises)}."


def _of_committed(volume: Volume) -> str:
    if not volume.committed:
        return ""
    return f", {share(volume.handed_off / volume.committed)} of the {number(volume.committed)} committed"


def _kept(sales: Rate, promises: Sequence[Promise]) -> str:
    """How sales kept its clocks, and the goal."""
    if sales.n == 0:
        return ", and no clock of sales has fallen due"
    if sales.share is None:
        return f", and kept {sales.part:,} of {sales.n:,} clocks"
    goal = next((promise.goal for promise in promises if promise.goal is not None), None)
    aim = f", goal {share(goal)}" if goal is not None else ""
    return f", and kept {share(sales.share)} of its clocks (n = {sales.n:,}{aim})"
