"""The shapes that a figure's formula can have: counted, divided, timed, summed, or spend divided.

Pure: facts go in, a value comes out. A formula that needs a fact which nobody counted raises KeyError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from bot.metrics.values import Count, Quotient, Rate, Sum, Sums, Took, Value
from storage.figures.times import Spread


@dataclass(frozen=True, slots=True)
class Facts:
    """What was counted of some handoffs in a stretch of time: all that a formula may use.

    `counts` are by the key of their evidence; `keys` has the key where a count's own name is none, "" where
    it has no evidence. `times` are by measure, `sums` by "pipeline" and "revenue". `spend` is in hundredths
    of `currency`; `could_have_closed` says whether a deal could be over by now.
    """

    counts: Mapping[str, int]
    keys: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, Spread] = field(default_factory=dict)
    sums: Mapping[str, tuple[Sum, ...]] = field(default_factory=dict)
    spend: int | None = None
    currency: str | None = None
    could_have_closed: bool = True

    def key(self, name: str) -> str:
        """The key of the leads that a count counted."""
        return self.keys.get(name, name)


class Formula(Protocol):
    """How a figure is worked out. `leads` is the name of the count whose leads stand behind it, or ""."""

    @property
    def leads(self) -> str:
        """The key of the evidence, before `Facts.key`."""

    def __call__(self, facts: Facts) -> Value:
        """The value. Raises KeyError for a fact that nobody counted."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A count as it is."""

    name: str

    @property
    def leads(self) -> str:
        """Those that were counted."""
        return self.name

    def __call__(self, facts: Facts) -> Count:
        """The count with its evidence."""
        return Count(facts.key(self.name), facts.counts[self.name])


@dataclass(frozen=True, slots=True)
class Ratio:
    """`part` ÷ the sum of `whole`, all names of counts.

    The leads behind it are those of the part; of `rest` where the ones that are not in the part matter.
    """

    part: str
    whole: tuple[str, ...]
    rest: str | None = None

    @property
    def leads(self) -> str:
        """Those in the part, or the rest."""
        return self.rest or self.part

    def __call__(self, facts: Facts) -> Rate:
        """The rate with its evidence."""
        n = sum(facts.counts[name] for name in self.whole)
        return Rate(facts.key(self.leads), facts.counts[self.part], n, shows_rest=self.rest is not None)


@dataclass(frozen=True, slots=True)
class Without:
    """1 - `part` ÷ `whole`: the share of the whole that is not in the part, whose leads it shows."""

    part: str
    whole: str

    @property
    def leads(self) -> str:
        """Those in the part: what should not have been."""
        return self.part

    def __call__(self, facts: Facts) -> Rate:
        """The rate with its evidence."""
        n = facts.counts[self.whole]
        return Rate(facts.key(self.part), n - facts.counts[self.part], n, shows_rest=True)


@dataclass(frozen=True, slots=True)
class Timed:
    """Median and 90th percentile of a measure of storage/figures/times.py."""

    measure: str

    @property
    def leads(self) -> str:
        """Those that were timed."""
        return self.measure

    def __call__(self, facts: Facts) -> Took:
        """The times with their evidence; `n` 0 where nothing was timed."""
        found = facts.times.get(self.measure)
        key = facts.key(self.measure)
        return Took(key, found.n, found.median, found.p90) if found else Took(key, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Total:
    """The deals of a kind, by currency."""

    of: str

    @property
    def leads(self) -> str:
        """Those with a deal."""
        return self.of

    def __call__(self, facts: Facts) -> Sums:
        """The sums with their evidence."""
        return Sums(facts.sums[self.of])


@dataclass(frozen=True, slots=True)
class CostPer:
    """Spend ÷ a count, in the currency of the spend."""

    name: str
    leads: ClassVar[str] = ""

    def __call__(self, facts: Facts) -> Quotient:
        """The cost of each, in hundredths."""
        count = facts.counts[self.name]
        if not facts.spend:
            return Quotient(None, facts.currency or "", _no_spend(facts))
        if not count:
            return Quotient(None, facts.currency or "", "none yet")
        return Quotient(round(facts.spend / count), facts.currency or "")


@dataclass(frozen=True, slots=True)
class Return:
    """(Revenue - spend) ÷ spend, in the currency of the spend: 0.5 is half the spend on top of it."""

    leads: ClassVar[str] = ""

    def __call__(self, facts: Facts) -> Quotient:
        """The return, or why there is none."""
        if not facts.spend:
            return Quotient(None, "share", _no_spend(facts))
        if not facts.could_have_closed:
            return Quotient(None, "share", "too early: no deal could have closed yet")
        revenue = {each.currency: each.amount for each in facts.sums["revenue"]}
        others = sorted(name or "no currency" for name in revenue if name != facts.currency)
        if others:
            why_not = f"revenue is also in {', '.join(others)}, the spend in {facts.currency}"
            return Quotient(None, "share", why_not)
        return Quotient((revenue.get(facts.currency, 0) - facts.spend) / facts.spend, "share")


def _no_spend(facts: Facts) -> str:
    return "no spend agreed" if facts.spend is None else "the spend is 0"
