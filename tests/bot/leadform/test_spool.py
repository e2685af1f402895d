"""Pipes: read once, judged as a whole all the same, and never held in memory."""

from __future__ import annotations

import os
import sys
import threading
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.leadform import encodings, filerows
from bot.leadform.csvfile import CsvUnreadable, RejectedWriter, open_csv, rows
from bot.leadform.filerows import FileReader
from bot.leadform.spool import STDIN, at_rest, name_of


def pour(path: Path, parts: Iterable[bytes]) -> threading.Thread:
    """Write into a pipe from a thread of its own, as the program before it in a shell does."""

    def write() -> None:
        with path.open("wb") as pipe:
            for part in parts:
                pipe.write(part)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    os.mkfifo(path)
    return path


def test_a_pipe_is_judged_by_all_that_comes_through_it(pipe: Path, tmp_path: Path) -> None:
    plain = b"Email;Name\r\n" + b"a@example.com;Ann\r\n" * 20_000  # 400 kB without a letter beyond ASCII
    last = "z@example.com;Łukasz Źdźbło\r\n".encode("cp1250")
    writer = pour(pipe, (plain, last))
    with at_rest(pipe) as data:
        writer.join()
        file = open_csv(name_of(pipe), data=data)
        found = [row.cells for row in rows(file)]
        with RejectedWriter(file) as beside:
            assert beside.path == tmp_path / "leads.rejected.csv"
    assert (file.encoding.name, file.size) == ("Windows-1250", len(plain) + len(last))
    assert (len(found), found[-1][1]) == (20_001, "Łukasz Źdźbło")
    assert not data.exists()


def test_what_comes_through_a_pipe_is_never_all_in_memory(pipe: Path) -> None:
    writer = pour(pipe, (b"a@example.com\n" * 100_000 for _ in range(20)))
    tracemalloc.start()
    try:
        with at_rest(pipe) as data:
            assert data.stat().st_size == 28_000_000
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
        writer.join()


def test_the_standard_input_has_a_name_for_its_rows_and_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    out, into = os.pipe()
    os.write(into, b"Email\na@example.com\n")
    os.close(into)
    with os.fdopen(out) as text:
        monkeypatch.setattr(sys, "stdin", text)
        with at_rest(STDIN) as data:
            file = open_csv(name_of(STDIN), data=data)
            assert [row.cells for row in rows(file)] == [("a@example.com",)]
    assert file.path == name_of(Path("/dev/fd/63")) == Path("stdin.csv")


def test_an_ordinary_file_is_read_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email\na@example.com\n")
    with at_rest(path) as data:
        assert data == path


def test_an_input_that_breaks_off_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    out, into = os.pipe()
    with os.fdopen(out) as text:
        monkeypatch.setattr(sys, "stdin", text)
        folder = os.open("/", os.O_RDONLY)
        os.dup2(folder, text.fileno())  # from which nothing can be read
        os.close(folder)
        with pytest.raises(CsvUnreadable, match="save it to a file"), at_rest(STDIN):
            pass
    os.close(into)


def _bytes_read() -> int:
    told = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in told if line.startswith("rchar"))


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="only Linux counts what is read")
@pytest.mark.parametrize("piped", [False, True], ids=["a file", "a pipe"])
def test_what_is_too_long_to_be_judged_as_a_whole_is_read_once_and_says_so(
    pipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, piped: bool
) -> None:
    limit, rows_ = 1 << 14, 15_000
    monkeypatch.setattr(encodings, "_CHUNK", 1 << 12)
    monkeypatch.setattr(encodings, "_MOST_READ", limit)
    monkeypatch.setattr(filerows, "_MOST_SURVEYED", limit)
    content = b"Lead ID,Email,Close Date\n" + b"".join(
        b"%d,p%d@example.com,11/%d/2026\n" % (n, n, n % 28 + 1) for n in range(rows_)
    )
    path = pipe if piped else tmp_path / "long.csv"
    writer = pour(path, (content,))
    if not piped:
        writer.join()
    tracemalloc.start()
    try:
        with at_rest(path) as data:
            tracemalloc.reset_peak()
            held, before = tracemalloc.get_traced_memory()[0], _bytes_read()
            reader = FileReader(open_csv(name_of(path), data=data))
            reader.survey()
            assert sum(1 for _ in reader) == rows_
            read = _bytes_read() - before
            assert tracemalloc.get_traced_memory()[1] - held < 1_500_000
    finally:
        tracemalloc.stop()
        writer.join()
    assert len(content) <= read < len(content) + 8 * limit
    said = " ".join(reader.report.sentences())
    assert "A long file: its first 0 MB tell encoding and dates" in said
    assert reader.report.as_json()["told_by"] == limit


def test_of_a_file_that_is_judged_as_a_whole_nothing_is_said(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email\na@example.com\n")
    reader = FileReader(open_csv(path))
    assert reader.report.told_by is None
    assert "A long file" not in " ".join(reader.report.sentences())
