"""Pipes: read once, judged as a whole all the same, and never held in memory."""

from __future__ import annotations

import os
import sys
import threading
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.leadform.csvfile import CsvUnreadable, RejectedWriter, open_csv, rows
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
