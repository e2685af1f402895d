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
from bot.digest.report import Point, Volume
from bot.metrics import FEWEST
from storage.figures.commitments import ClockSlice
from storage.models import ClockKind

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


def agenda(
    gathered: Gathered, agreement: Agreement, volume: Volume, labels: Mapping[str, str]
) -> list[Point]:
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
            f"{shown}: {counts['rejected']:,} of {counts['decided']:,} decided were rejected, "
            f"{times:,} for “{labels.get(code, code)}”; {usual.words}."
        )
        root = f"campaign.{name}"
        point = Point(f"{root}.rejected", sentence, counts["rejected"], counts["decided"], f"{root}.decided")
        excess = counts["rejected"] - usual.share * counts["decided"]
        yield Candidate(f"rejections:{code}", excess, point)


def _reasons(gathered: Gathered, labels: Mapping[str, str]) -> Iterator[Candidate]:
    """Reasons given more often than usual."""
    given, decided = tallies.rejections(gathered.slices), tallies.total(gathered.slices)["decided"]
    earlier = [each for slices in gathered.earlier for each in slices]
    past, past_decided = tallies.rejections(earlier), tallies.total(earlier)["decided"]
    for code, times in given.items():
        usual = _usual((past[code], past_decided))
        sentence = (
            f"“{labels.get(code, code)}” was the reason for {times:,} of {decided:,} decisions; "
            f"{usual.words}."
        )
        point = Point(f"reasons.{code}", sentence, times, decided, "decided")
        yield Candidate(f"rejections:{code}", times - usual.share * decided, point)


def _clocks(gathered: Gathered, agreement: Agreement) -> Iterator[Candidate]:
    """Commitments of a team, or of marketing, that were missed more than usual."""
    goal = agreement.goals.sla_attainment if agreement.goals else None
    for (kind, team), rows in _by_kind_and_team(gathered.clocks).items():
        met, missed = tallies.kept(rows, kind)
        met_before, missed_before = gathered.before.kept.get(kind, (0, 0))
        usual = _usual((missed_before, met_before + missed_before))
        allowed = usual.share if goal is None else min(usual.share, 1 - goal)
        who = "Marketing" if kind is ClockKind.ANSWER else f"Team {team}"
        aim = f", and the goal is {words.share(goal)} in time" if goal is not None else ""
        sentence = (
            f"{who} missed {missed:,} of {met + missed:,} clocks for {ON_TIME[kind]}; {usual.words}{aim}."
        )
        root = "" if kind is ClockKind.ANSWER else f"team.{team}."
        point = Point(f"{root}{kind.value}.missed", sentence, missed, met + missed, f"{root}{kind.value}.due")
        yield Candidate(f"clock:{kind.value}", missed - allowed * (met + missed), point)


ON_TIME: Mapping[ClockKind, str] = {
    ClockKind.ACCEPT: "accepting",
    ClockKind.FIRST_TOUCH: "first touch",
    ClockKind.OUTCOME: "an outcome",
    ClockKind.ANSWER: "answering rejections",
}


def _by_kind_and_team(clocks: Sequence[ClockSlice]) -> dict[tuple[ClockKind, str], list[ClockSlice]]:
    found: dict[tuple[ClockKind, str], list[ClockSlice]] = {}
    for each in clocks:
        team = "" if each.kind is ClockKind.ANSWER else each.team
        found.setdefault((each.kind, team), []).append(each)
    return found


def _volume(volume: Volume) -> Iterator[Candidate]:
    if volume.committed is None:
        return
    short = volume.committed - volume.handed_off
    sentence = (
        f"Marketing handed off {words.leads(volume.handed_off)} of the {words.number(volume.committed)} "
        f"committed; {volume.before:,} in the period before."
    )
    yield Candidate("volume", short, Point("handed_off", sentence, volume.handed_off))


def _rulings(gathered: Gathered) -> Iterator[Candidate]:
    overturned, upheld = (gathered.disputes[name] for name in ("overturned", "upheld"))
    sentence = (
        f"{overturned:,} of {overturned + upheld:,} contested rejections were overturned: "
        "do both sides read the reasons alike?"
    )
    point = Point("disputes.overturned", sentence, overturned, overturned + upheld)
    yield Candidate("rulings", float(overturned), point)


def _waiting(gathered: Gathered) -> Iterator[Candidate]:
    """Leads that nobody decided on, where more wait than usual."""
    counts = tallies.total(gathered.slices)
    earlier = tallies.total([each for slices in gathered.earlier for each in slices])
    usual = _usual((earlier["undecided"], earlier["handed_off"])).share
    sentence = (
        f"{counts['undecided']:,} of {words.leads(counts['handed_off'])} are still undecided"
        f"{_before(earlier['undecided'], earlier['handed_off'])}."
    )
    point = Point("undecided", sentence, counts["undecided"], counts["handed_off"], "handed_off")
    yield Candidate("undecided", counts["undecided"] - usual * counts["handed_off"], point)


@dataclass(frozen=True, slots=True)
class _Usual:
    """What share is usual, and of how many it was learnt; None: nothing to compare with."""

    share: float
    n: int | None

    @property
    def words(self) -> str:
        if self.n is None:
            return "there is nothing yet to compare it with"
        return f"{words.share(self.share)} is usual (n = {self.n:,})"


def _usual(*pairs: tuple[int, int]) -> _Usual:
    """The smallest share among those that rest on enough; half where none does."""
    shares = [_Usual(part / whole, whole) for part, whole in pairs if whole >= FEWEST]
    return min(shares, key=lambda each: each.share, default=_Usual(_UNKNOWN, None))


def _before(part: int, whole: int) -> str:
    return f" ({part:,} of {whole:,} before)" if whole else ""
