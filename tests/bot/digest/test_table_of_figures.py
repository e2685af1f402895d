"""A figure is declared once, and is then wherever its line in the table says."""

from __future__ import annotations

import pytest

from bot.digest.flat import rows
from bot.metrics import FIGURES, Figure, Place
from bot.sandbox.slack.blockkit import check_blocks
from bot.views.digest.details import detail_message, reps_message
from bot.views.digest.message import Posted, counted_figures, digest_message
from tests.bot.views.digest.reports import week
from tests.bot.views.reading import outline

REPORT = week("Acme")
PARTS = {
    Place.RATES: "times",
    Place.TIMES: "times",
    Place.DEALS: "campaigns",
    Place.CAMPAIGN: "campaigns",
    Place.COSTS: "campaigns",
    Place.DISPUTES: "reasons",
    Place.REMINDERS: "breaches",
}
"""The part of the thread where a place is."""


def shown_at(place: Place) -> str:
    """What can be read where a place is."""
    if place in PARTS:
        message = detail_message(REPORT, PARTS[place], plain=False)
        assert message is not None
        return outline(message)
    return outline(reps_message(REPORT) if place is Place.REP else digest_message(REPORT, Posted(1, {})))


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_a_figure_can_be_read_in_every_place_of_its(figure: Figure) -> None:
    for place in figure.shown:
        if place not in (Place.STATS, Place.STATS_SLA):
            # Costs share a column: "Cost per MQL / SAL / SQL".
            said = figure.title.removeprefix("Cost per ") if place is Place.COSTS else figure.title
            assert said.casefold() in shown_at(place).casefold()


def test_the_terminal_and_csv_have_every_figure_of_the_table() -> None:
    elsewhere = {key for key, figure in FIGURES.items() if {*figure.shown} <= {Place.STATS, Place.STATS_SLA}}
    assert {row.figure for row in rows(REPORT)} - {""} == set(FIGURES) - elsewhere


def test_the_leads_behind_every_figure_of_the_period_are_in_the_menu() -> None:
    keys = {key for _, key, _ in counted_figures(REPORT)}
    places = {Place.MARKETING, Place.SALES, Place.FUNNEL, Place.RATES, Place.DISPUTES, Place.REMINDERS}
    assert {figure.of.leads for figure in FIGURES.values() if places & {*figure.shown}} <= keys
    assert check_blocks(digest_message(REPORT, Posted(1, {})).blocks) == []
