"""The figures of the alignment report: what each is made of, and when there is too little to say it.

Pure: counts go in, figures come out. The counting is storage/figures; what a report says of them is
bot/digest. A new figure is a line in figures.py.
"""

from __future__ import annotations

from bot.metrics.figures import FIGURES, LEADS, Figure, Place, Unit, shown_in, value_of
from bot.metrics.formulas import Facts
from bot.metrics.goals import Forecast, pro_rata
from bot.metrics.money import velocity
from bot.metrics.values import FEWEST, Count, Quotient, Rate, Sum, Sums, Took, Value

__all__ = [
    "FEWEST",
    "FIGURES",
    "LEADS",
    "Count",
    "Facts",
    "Figure",
    "Forecast",
    "Place",
    "Quotient",
    "Rate",
    "Sum",
    "Sums",
    "Took",
    "Unit",
    "Value",
    "pro_rata",
    "shown_in",
    "value_of",
    "velocity",
]
