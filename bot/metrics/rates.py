"""Every rate by name: what is divided by what, and the leads that its key leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FEWEST = 10
"""Below this many in the denominator there is no rate, only the counts."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `n`. `key` names the leads behind `part`, or where `shows_rest` those behind the rest."""

    key: str
    part: int
    n: int
    shows_rest: bool = False

    @property
    def share(self) -> float | None:
        """Part ÷ n, from 0 to 1; None where n is below `FEWEST`: too few to say."""
        return self.part / self.n if self.n >= FEWEST else None

    @property
    def rest(self) -> int:
        """What is not in the part."""
        return self.n - self.part


@dataclass(frozen=True, slots=True)
class Formula:
    """`part` ÷ the sum of `whole`, both names of counts; with `complement`, 1 less that.

    `says` is the formula as a person reads it.
    """

    title: str
    part: str
    whole: tuple[str, ...]
    says: str
    complement: bool = False


FORMULAS: Mapping[str, Formula] = {
    "acceptance": Formula("Acceptance", "accepted", ("handed_off",), "accepted ÷ handed off"),
    "acceptance_decided": Formula(
        "Acceptance of what was decided",
        "accepted",
        ("accepted", "rejected"),
        "accepted ÷ (accepted + rejected)",
    ),
    "rejection": Formula(
        "Rejected of what was decided",
        "rejected",
        ("accepted", "rejected"),
        "rejected ÷ (accepted + rejected)",
    ),
    "touch": Formula("First touch", "touched", ("accepted",), "touched ÷ accepted"),
    "sal_to_sql": Formula("SAL to SQL", "sql", ("accepted",), "reached SQL within 90 days ÷ accepted"),
    "sql_to_opportunity": Formula(
        "SQL to opportunity", "opportunity", ("sql",), "reached opportunity within 90 days ÷ SQL"
    ),
    "opportunity_to_won": Formula(
        "Opportunity to won", "won", ("opportunity",), "won within 90 days ÷ opportunities"
    ),
    "quality": Formula(
        "Lead quality",
        "rejected_for_quality",
        ("handed_off",),
        "1 - rejected for a quality reason ÷ handed off",
        complement=True,
    ),
    "complete": Formula(
        "Complete data",
        "incomplete",
        ("handed_off",),
        "handed off with name, company, title, and e-mail or phone ÷ handed off",
        complement=True,
    ),
    "attainment": Formula(
        "SLA attainment", "met", ("met", "missed"), "met ÷ (met + missed); open and past due is missed"
    ),
}
"""The formulas, by name. What the counts are is said in storage/figures."""


def rate(name: str, counts: Mapping[str, int], key: str | None = None) -> Rate:
    """The rate of this name from these counts; `key` where its leads are found under another than the part.

    Raises KeyError for a name or a count that is not there.
    """
    formula = FORMULAS[name]
    part, n = counts[formula.part], sum(counts[each] for each in formula.whole)
    key = key or formula.part
    return Rate(key, n - part, n, shows_rest=True) if formula.complement else Rate(key, part, n)
