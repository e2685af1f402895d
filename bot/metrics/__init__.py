"""The figures of the alignment report: what each is made of, and when there is too little to say it.

Pure: counts go in, figures come out. The counting is storage/figures; what a report shows is bot/digest.
"""

from __future__ import annotations

from bot.metrics.goals import Forecast, pro_rata
from bot.metrics.money import Economics, Sum, economics, velocity
from bot.metrics.rates import FEWEST, FORMULAS, Formula, Rate, rate

__all__ = [
    "FEWEST",
    "FORMULAS",
    "Economics",
    "Forecast",
    "Formula",
    "Rate",
    "Sum",
    "economics",
    "pro_rata",
    "rate",
    "velocity",
]
