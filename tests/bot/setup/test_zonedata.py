"""The newer time-zone data is used, whichever of the two it is."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import cli
from bot.setup.zonedata import ZoneData, use_newer_zones, zone_data

ZONES = (
    *("America/Vancouver", "America/Edmonton", "America/Winnipeg", "America/Havana", "Africa/Casablanca"),
    *("Europe/Berlin", "America/New_York", "Asia/Tokyo"),
)
AT = [datetime(2026, month, 15, 12, tzinfo=UTC) for month in range(1, 13)]


def packaged(zone: str) -> bytes:
    *folders, name = zone.split("/")
    return resources.files("tzdata.zoneinfo").joinpath(*folders, name).read_bytes()


def offsets(zone: zoneinfo.ZoneInfo) -> list[timedelta | None]:
    return [at.astimezone(zone).utcoffset() for at in AT]


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = zoneinfo.TZPATH
    yield
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A host whose zones are all wrong: each of them is UTC."""
    for zone in (*ZONES, "UTC"):
        path = tmp_path / zone
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(packaged("UTC"))
    return tmp_path


def version(folder: Path, text: str, name: str = "tzdata.zi") -> tuple[str]:
    folder.joinpath(name).write_text(f"{text}\n# This zic input file is in the public domain.\n", "utf-8")
    return (str(folder),)


@pytest.mark.parametrize("zone", ZONES)
def test_of_a_host_with_older_data_the_package_is_used(host: Path, zone: str) -> None:
    folders = version(host, "# version 2020a")
    zoneinfo.reset_tzpath(to=folders)
    zoneinfo.ZoneInfo.clear_cache()
    assert set(offsets(zoneinfo.ZoneInfo(zone))) == {timedelta(0)}

    assert use_newer_zones(folders).uses_package
    with resources.files("tzdata.zoneinfo").joinpath(*zone.split("/")).open("rb") as file:
        expected = zoneinfo.ZoneInfo.from_file(file)
    assert offsets(zoneinfo.ZoneInfo(zone)) == offsets(expected)
    assert set(offsets(zoneinfo.ZoneInfo(zone))) != {timedelta(0)}


def test_of_a_host_with_newer_data_the_host_is_used(host: Path) -> None:
    folders = version(host, "# version 2999b")
    assert not use_newer_zones(folders).uses_package
    assert set(offsets(zoneinfo.ZoneInfo("America/Vancouver"))) == {timedelta(0)}


def test_every_command_begins_with_it(host: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONTZPATH", *version(host, "# version 2020a"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGREEMENT", str(tmp_path / "agreement.toml"))
    assert CliRunner().invoke(cli, ["init"]).exit_code == 0
    assert zoneinfo.TZPATH == ()
    assert zone_data().host == "2020a"  # still known, for whoever asks which is used


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("tzdata.zi", "# version 2025b", "2025b"),
        ("+VERSION", "2024a", "2024a"),
        ("version", "2024a-1ubuntu", "2024a"),
        ("tzdata.zi", "nothing of the kind", None),
        ("elsewhere", "2024a", None),
    ],
)
def test_a_host_says_its_version_in_one_of_several_files(
    host: Path, name: str, text: str, found: str | None
) -> None:
    assert zone_data(version(host, text, name)).host == found


def test_a_folder_without_zones_is_no_host_data(tmp_path: Path) -> None:
    assert zone_data(version(tmp_path, "# version 2999b")).host is None


@pytest.mark.parametrize(
    ("host", "package", "uses_package"),
    [
        ("2025b", "2026a", True),
        ("2025b", "2025c", True),
        ("2025z", "2025aa", True),
        ("2026a", "2026a", False),
        ("2026b", "2026a", False),
        (None, "2026a", True),
        ("2026a", None, False),
        (None, None, False),
    ],
)
def test_the_newer_version_is_used(host: str | None, package: str | None, uses_package: bool) -> None:
    data = ZoneData(host, package)
    assert data.uses_package is uses_package
    assert all(each in str(data) for each in (host, package) if each)
