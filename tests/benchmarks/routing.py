"""What choosing a rep costs: `python -m tests.benchmarks.routing` prints it and asserts nothing.

Forty reps in eight zones, some away, full or at their most for the day. The yardstick is what is hard to do
without: looking at each of the forty once, in the plainest way, and sorting them by who is least loaded.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import thread_time

from bot.agreement import Agreement, Rep, default_agreement
from bot.rules.candidates import Facts, candidates_of, need_of
from bot.rules.rotation import RotationState
from bot.rules.routing import choose, reassign
from bot.rules.spans import Span
from bot.rules.verdicts import why_each
from tests.benchmarks.table import Row, table

ZONES = (
    *("America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Europe/London"),
    *("Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"),
)
TIMES = 2000


def agreement(random_: random.Random) -> Agreement:
    """The default with one team of forty."""
    plain = default_agreement().agreement
    reps = tuple(
        Rep(user=f"U0{n}", weight=random_.randint(1, 5), capacity=20, per_day=9, timezone=ZONES[n % 8])
        for n in range(40)
    )
    team = plain.teams[1].model_copy(update={"reps": reps})
    return plain.model_copy(update={"teams": (team,)})


def facts(random_: random.Random, now: datetime) -> dict[str, Facts]:
    """What might be known of them."""
    found = {}
    for n in range(40):
        ahead = now + timedelta(hours=random_.randint(-20, 200))
        absences = (Span(ahead, ahead + timedelta(days=9)),) if n % 5 == 0 else ()
        found[f"U0{n}"] = Facts(random_.randint(0, 21), random_.randint(0, 9), absences=absences)
    return found


def milliseconds(work: Callable[[int], object]) -> tuple[float, float]:
    """Median and 99th percentile of many calls, in time of the processor: other work on it is no cost."""
    taken = []
    for number in range(TIMES):
        begin = thread_time()
        work(number)
        taken.append((thread_time() - begin) * 1000)
    return median(taken), sorted(taken)[TIMES * 99 // 100]


def rows(_quick: bool = False) -> list[Row]:
    """The whole choice, the same for a late lead, and all the reasons, beside the yardstick."""
    random_ = random.Random(40)
    agreed, start = agreement(random_), datetime(2026, 11, 23, tzinfo=UTC)
    team = agreed.teams[0]
    known = facts(random_, start)
    states = [RotationState()]

    def whole(number: int) -> None:
        now = start + timedelta(minutes=7 * number)
        need = need_of(agreed, team, "P1" if number % 2 else "P3", now)
        choice = choose(agreed, team, candidates_of(agreed, team, need, known), states[0], need=need)
        states[0] = choice.state

    need = need_of(agreed, team, "P1", start)
    candidates = candidates_of(agreed, team, need, known)
    choice = choose(agreed, team, candidates, RotationState(), need=need)
    lines: dict[str, Callable[[int], object]] = {
        "choosing among 40 reps": whole,
        "of it choose alone": lambda _: choose(agreed, team, candidates, states[0], need=need),
        "reassigning among 40": lambda _: reassign(
            agreed, team, candidates, states[0], holder="U03", need=need
        ),
        "why each of the 40": lambda _: why_each(agreed, team, candidates, choice, need, "Europe/Berlin"),
        "yardstick: a sorted list": lambda _: sorted(
            (known[rep.user].open_leads / rep.weight, rep.user) for rep in team.reps
        ),
    }
    took = {name: milliseconds(work)[0] for name, work in lines.items()}
    plain = took.pop("yardstick: a sorted list")
    return [Row(name, middle, "ms", plain) for name, middle in took.items()]


if __name__ == "__main__":
    print(table(rows()))
