"""The file of refused rows: who may read it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.leadform.csvfile import RejectedWriter, open_csv, rows


@pytest.mark.parametrize("was_there", [False, True])
def test_the_file_of_refused_rows_is_for_its_owner_alone(tmp_path: Path, was_there: bool) -> None:
    place = tmp_path / "leads.csv"
    place.write_text("email\nnope\n", "utf-8")
    found = open_csv(place)
    with RejectedWriter(found) as rejected:
        if was_there:
            rejected.path.write_text("of yesterday", "utf-8")
            rejected.path.chmod(0o644)
        for row in rows(found):
            rejected.write(row, "email: is not an e-mail address")
    assert stat.S_IMODE(rejected.path.stat().st_mode) == 0o600
    assert "nope" in rejected.path.read_text("utf-8-sig")
