"""The benchmarks are all in the one command, and what it prints says which promise is kept."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS, main
from tests.benchmarks.table import Row, measured, table

NOT_ONE = {"__init__", "__main__", "table", "plain_digest", "demo", "work"}


def test_every_benchmark_is_in_the_one_command() -> None:
    files = {path.stem for path in Path(__file__).with_name("benchmarks").glob("*.py")}
    assert files - NOT_ONE == BENCHMARKS.keys()


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_gives_its_rows_by_one_function(name: str) -> None:
    assert callable(import_module(f"tests.benchmarks.{name}").rows)


@pytest.mark.parametrize(
    ("row", "held"),
    [
        (Row("a", 3, "ms", most=3), True),
        (Row("a", 3.1, "ms", most=3), False),
        (Row("a", 8, "ms", 2, most=4, of_yardstick=True), True),
        (Row("a", 9, "ms", 2, most=4, of_yardstick=True), False),
        (Row("a", 9, "ms", 2), None),
    ],
)
def test_a_limit_holds_the_figure_or_its_ratio(row: Row, held: bool | None) -> None:
    assert row.held is held


def test_the_table_shows_each_figure_beside_its_yardstick_and_limit() -> None:
    shown = table(
        [Row("accept", 12.34, "ms", 4, most=3, of_yardstick=True), Row("start", 1.2, "s", most=1.5)]
    )
    assert [line.split() for line in shown.splitlines()[1:]] == [
        ["accept", "12.3", "ms", "4.00", "ms", "3.08", "3", "times", "MISSED"],
        ["start", "1.20", "s", "1.5", "s", "passed"],
    ]


def test_what_a_benchmark_says_meanwhile_is_not_in_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.benchmarks.routing.TIMES", 2)
    rows = measured("routing", quick=True)
    assert {row.unit for row in rows} == {"ms"}
    assert capsys.readouterr().out == ""


def test_one_that_breaks_off_is_a_promise_missed_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(_quick: bool) -> list[Row]:
        raise AssertionError("only 738 events came a second")

    monkeypatch.setattr("tests.benchmarks.routing.rows", rows)
    (row,) = measured("routing", quick=True)
    assert (row.what, row.held) == ("routing broke off: only 738 events came a second", False)


def test_an_unknown_name_is_refused_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "clicks"])
    with pytest.raises(SystemExit):
        main()
    assert "no benchmark clicks; there are start, click" in capsys.readouterr().err
