"""What is worth a conversation: up to three points, chosen by size and by change.

Each candidate is a number of leads for which things went otherwise than usual: what happened, less what would
have happened at the usual rate. Where there is no usual, the goal takes its place, else the whole of the
report. The candidates with the greatest excess are the agenda. Reps are no points: they are spoken of
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.agreement.model import Agreement
from bot.digest import tallies, words
from bot.digest.gathering import Gathered
from bot.digest.report import Line, Point
from bot.metrics import FEWEST, Count
from storage.figures.commitments import ClockSlice
from storage.models import ClockKind, Ruling

MOST = 3
LEAST_EXCESS = 2.0
"""Leads by which something must be off before it is worth a conversation."""
_UNKNOWN = 0.5  # a share of which nothing is known


@dataclass(frozen=True, slots=True)
class Candidate:
    """A point with what speaks for it; of one subject only the strongest is taken."""

    subject: str
    excess: float
    point: Point


def agenda(gathered: Gathered, agreement: Agreement, volume: Line, labels: Mapping[str, str]) -> list[Point]:
    """The points, the weightiest first, without their leads. `labels` has the reasons by code."""
    found = [
        *_campaigns(gathered, agreement, labels),
        *_reasons(gathered, labels),
        *_clocks(gathered, agreement),
        *_volume(volume),
        *_rulings(gathered),
        *_waiting(gathered),
    ]
    chosen: list[Candidate] = []
    for candidate in sorted(found, key=lambda each: (-each.excess, each.point.key)):
        taken = {each.subject for each in chosen}
        if candidate.excess >= LEAST_EXCESS and candidate.subject not in taken:
            chosen.append(candidate)
    return [candidate.point for candidate in chosen[:MOST]]


def _campaigns(gathered: Gathered, agreement: Agreement, labels: Mapping[str, str]) -> Iterator[Candidate]:
    """Campaigns of which more is rejected than of the others, or than of the same campaign before."""
    if gathered.scope.campaign is not None:
        return
    everything = tallies.total(gathered.slices)
    earlier = [each for slices in gathered.earlier for each in slices]
    before = tallies.grouped(earlier, lambda each: tallies.campaign_key(each.campaign))
    groups = tallies.grouped(gathered.slices, lambda each: tallies.campaign_key(each.campaign))
    for key, rows in groups.items():
        counts, past = tallies.total(rows), tallies.total(before.get(key, ()))
        others = {name: everything[name] - counts[name] for name in ("rejected", "decided")}
        usual = _usual((past["rejected"], past["decided"]), (others["rejected"], others["decided"]))
        given = tallies.rejections(rows).most_common(1)
        if not given:
            continue
        code, times = given[0]
        known = agreement.campaign(key)
        name = known.name if known else tallies.spelling(rows)
        shown = f"Campaign {name}" if name else "Leads without a campaign"
        sentence = (
            f"{shown}: {counts['rejected']:,} of {counts['decided']:,} decided were rejected. "
            f"{usual.words}. Main reason: “{labels.get(code, code)}” ({times:,})."
        )
        root = f"campaign.{name}"
        point = Point(
            f"{root}.rejected",
            sentence,
            counts["rejected"],
            counts["decided"],
            f"{root}.decided",
            todo="Check who the campaign reaches.",
        )
        excess = counts["rejected"] - usual.share * counts["decided"]
        yield Candidate(f"rejections:{code}", excess, point)


def _reasons(gathered: Gathered, labels: Mapping[str, str]) -> Iterator[Candidate]:
    """Reasons given more often than usual."""
    given, decided = tallies.rejections(gathered.slices), tallies.total(gathered.slices)["decided"]
    earlier = [each for slices in gathered.earlier for each in slices]
    past, past_decided = tallies.rejections(earlier), tallies.total(earlier)["decided"]
    for code, times in given.items():
        usual = _usual((past[code], past_decided))
        sentence = f"“{labels.get(code, code)}”: {times:,} of {decided:,} decided. {usual.words}."
        todo = "Read these leads together: change the threshold, or the reason."
        point = Point(f"reasons.{code}", sentence, times, decided, "decided", todo=todo)
        yield Candidate(f"rejections:{code}", times - usual.share * decided, point)


def _clocks(gathered: Gathered, agreement: Agreement) -> Iterator[Candidate]:
    """SLAs of a team, or of marketing, that were missed more than usual."""
    goal = agreement.goals.sla_attainment if agreement.goals else None
    for (kind, team), rows in _by_kind_and_team(gathered.clocks).items():
        met, missed = tallies.attained(rows, kind)
        met_before, missed_before = gathered.before.attained.get(kind, (0, 0))
        usual = _usual((missed_before, met_before + missed_before))
        allowed = usual.share if goal is None else min(usual.share, 1 - goal)
        who = "Marketing" if kind is ClockKind.ANSWER else f"Team {team}"
        aim = f" Goal: at most {words.share(1 - goal)}." if goal is not None else ""
        slas = words.plural(met + missed, f"{words.CLOCK_WORDS[kind]} SLA")
        sentence = f"{who} missed {missed:,} of {slas}. {usual.words}.{aim}"
        key = f"{kind.value}" if kind is ClockKind.ANSWER else f"team.{team}.{kind.value}"
        point = Point(f"{key}.missed", sentence, missed, met + missed, f"{key}.due", todo=NEXT_STEPS[kind])
        yield Candidate(f"clock:{kind.value}", missed - allowed * (met + missed), point)


NEXT_STEPS: Mapping[ClockKind, str] = {
    ClockKind.ACCEPT: "Agree who accepts while the owner is busy.",
    ClockKind.FIRST_TOUCH: "Agree who calls while the owner is busy.",
    ClockKind.OUTCOME: "Set the outcome of these leads.",
    ClockKind.ANSWER: "Agree who answers rejections.",
}


def _by_kind_and_team(clocks: Sequence[ClockSlice]) -> dict[tuple[ClockKind, str], list[ClockSlice]]:
    found: dict[tuple[ClockKind, str], list[ClockSlice]] = {}
    for each in clocks:
        team = "" if each.kind is ClockKind.ANSWER else each.team
        found.setdefault((each.kind, team), []).append(each)
    return found


def _volume(volume: Line) -> Iterator[Candidate]:
    if volume.goal is None or not isinstance(volume.now, Count):
        return
    count = volume.now.count
    before = f" The period before: {volume.before.count:,}." if isinstance(volume.before, Count) else ""
    sentence = f"Marketing handed off {count:,} of {volume.goal:,.0f} committed MQLs.{before}"
    point = Point("handed_off", sentence, count, todo="Agree how marketing catches up.")
    yield Candidate("volume", volume.goal - count, point)


def _rulings(gathered: Gathered) -> Iterator[Candidate]:
    overturned, upheld = (gathered.disputes[name] for name in (Ruling.OVERTURNED, Ruling.UPHELD))
    contested = words.plural(overturned + upheld, "contested rejection")
    sentence = f"The manager overturned {overturned:,} of {contested}."
    todo = "Read the reasons together."
    point = Point("disputes.overturned", sentence, overturned, overturned + upheld, todo=todo)
    yield Candidate("rulings", float(overturned), point)


def _waiting(gathered: Gathered) -> Iterator[Candidate]:
    """Leads that nobody decided on, where more are open than usual."""
    counts = tallies.total(gathered.slices)
    earlier = tallies.total([each for slices in gathered.earlier for each in slices])
    usual = _usual((earlier["undecided"], earlier["handed_off"])).share
    open_, handed = counts["undecided"], counts["handed_off"]
    before = (
        f" Before: {earlier['undecided']:,} of {earlier['handed_off']:,}." if earlier["handed_off"] else ""
    )
    sentence = f"{open_:,} of {words.plural(handed, 'MQL')} still open.{before}"
    point = Point("undecided", sentence, open_, handed, "handed_off", todo="Sales decides these first.")
    yield Candidate("undecided", counts["undecided"] - usual * counts["handed_off"], point)


@dataclass(frozen=True, slots=True)
class _Usual:
    """What share is usual, and of how many it was learnt; None: nothing to compare with."""

    share: float
    n: int | None

    @property
    def words(self) -> str:
        if self.n is None:
            return "Nothing yet to compare with"
        return f"Usual: {words.share(self.share)} (n = {self.n:,})"


def _usual(*pairs: tuple[int, int]) -> _Usual:
    """The smallest share among those that rest on enough; half where none does."""
    shares = [_Usual(part / whole, whole) for part, whole in pairs if whole >= FEWEST]
    return min(shares, key=lambda each: each.share, default=_Usual(_UNKNOWN, None))
