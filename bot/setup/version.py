"""Which version of Baton this is."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def own_version() -> str:
    """The version of the checkout that this is, else of the installed package, such as "0.1.0"."""
    if _PROJECT.is_file():  # what an editable installation noted may be older
        project = tomllib.loads(_PROJECT.read_text("utf-8")).get("project", {})
        if project.get("name") == "baton":
            return str(project["version"])
    try:
        return version("baton")
    except PackageNotFoundError:
        return "unknown"
