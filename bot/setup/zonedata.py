"""Which time-zone data is used: the host's or the installed package's, whichever is newer.

Python takes the host's wherever there is any, so a host that is not kept up to date would be an hour wrong in
every zone that has changed its rules since.
"""

from __future__ import annotations

import os
import re
import sysconfig
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

_VERSION = re.compile(r"\b(\d{4})([a-z]{1,2})\b")
_TOLD_IN = ("+VERSION", "version", "tzdata.zi")
"""Where a folder of zones says which version it is, as the distributions have it."""


@dataclass(frozen=True, slots=True)
class ZoneData:
    """The versions there are, as IANA names them (`2026a`); None where there is none, or it does not say."""

    host: str | None
    package: str | None

    @property
    def uses_package(self) -> bool:
        """Whether the package's data is the newer, or the host's does not say how old it is."""
        return self.package is not None and (self.host is None or _age(self.host) < _age(self.package))

    def __str__(self) -> str:
        package = f"the installed tzdata package has {self.package or 'none'}"
        host = f"the host has {self.host or 'none that says its version'}"
        used = "package's" if self.uses_package else "host's"
        return f"{package}, {host}; the {used} are used"


def zone_data(folders: Sequence[str] | None = None) -> ZoneData:
    """What there is. `folders` are where the host's zones may be; by default where Python would look."""
    found = next((each for each in map(Path, _folders(folders)) if each.joinpath("UTC").exists()), None)
    return ZoneData(_version_of(found) if found else None, _package_version())


def use_newer_zones(folders: Sequence[str] | None = None) -> ZoneData:
    """Have all zones read from the newer data. To be called once, before anything asks for a zone."""
    data = zone_data(folders)
    zoneinfo.reset_tzpath(to=() if data.uses_package else _folders(folders))
    zoneinfo.ZoneInfo.clear_cache()
    return data


def _folders(told: Sequence[str] | None) -> Sequence[str]:
    """Python's own are asked for anew: `zoneinfo.TZPATH` is empty once the package is used."""
    if told is not None:
        return told
    path = os.environ.get("PYTHONTZPATH", sysconfig.get_config_var("TZPATH") or "")
    return [folder for folder in path.split(os.pathsep) if Path(folder).is_absolute()]


def _version_of(folder: Path) -> str | None:
    for name in _TOLD_IN:
        try:
            with folder.joinpath(name).open(encoding="utf-8", errors="replace") as file:
                match = _VERSION.search(file.readline(200))
        except OSError:
            continue
        if match:
            return match[0]
    return None


def _package_version() -> str | None:
    try:
        return str(import_module("tzdata").IANA_VERSION)
    except (ImportError, AttributeError):
        return None


def _age(version: str) -> tuple[int, int, str]:
    match = _VERSION.fullmatch(version)
    return (int(match[1]), len(match[2]), match[2]) if match else (0, 0, "")
