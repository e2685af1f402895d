"""Baton as it is installed elsewhere: the built package has all that its commands need."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import app

ROOT = Path(app.__file__).parent
SOURCES = ("bot", "handlers", "storage", "app.py", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package lies once it is built from the sources and installed without the checkout."""
    source = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    target = tmp_path_factory.mktemp("installed")
    install = ["-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index", "--target"]
    done = subprocess.run(
        [sys.executable, *install, str(target), str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.mark.slow
def test_an_installed_package_writes_the_first_two_files(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    said = subprocess.run(
        [str(installed / "bin" / "baton"), "init"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    agreement = (tmp_path / "agreement.toml").read_text("utf-8")
    assert agreement.startswith("#")
    assert "`baton check`" in said.stdout  # there is no app.py beside it
    assert "app.py" not in said.stdout + agreement
    assert "SLACK_BOT_TOKEN=" in (tmp_path / ".env").read_text("utf-8")


@pytest.mark.slow
def test_an_installed_package_knows_its_version(installed: Path, tmp_path: Path) -> None:
    said = subprocess.run(
        [str(installed / "bin" / "baton"), "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert (said.returncode, said.stdout) == (0, f"baton {version}\n")


@pytest.mark.parametrize(
    ("top", "packaged"), [(".env.example", "env.example"), ("manifest.yml", "manifest.yml")]
)
def test_what_is_packaged_is_what_stands_at_the_top(top: str, packaged: str) -> None:
    assert (ROOT / "bot" / "setup" / packaged).read_text("utf-8") == (ROOT / top).read_text("utf-8")
