"""The sources of an agreement with their secrets: what is unset stops the start, and is told in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.agreement import Agreement, default_agreement, loaded
from bot.errors import CannotStart
from bot.intake.sources import Sources, require_set, secrets_of
from bot.settings import load_settings
from bot.setup.checkup import checkup

TABLES = """
[[intake]]
name = "meta"
preset = "meta_leadgen"
secret_env = "META_APP_SECRET"
verify_token_env = "META_VERIFY_TOKEN"
[[intake]]
name = "pipedrive"
preset = "pipedrive"
secret_env = "PIPEDRIVE_LOGIN"
"""
VALUES = {"META_APP_SECRET": "a-secret", "PIPEDRIVE_LOGIN": "baton:a-password"}


def agreement(text: str = TABLES) -> Agreement:
    return loaded(default_agreement().text + text).agreement


def variable(name: str | None) -> str | None:
    return VALUES.get(name or "")


def test_whatever_is_unset_is_named_with_its_source() -> None:
    with pytest.raises(CannotStart, match="lacks META_VERIFY_TOKEN, for the source meta"):
        require_set(agreement(), variable)
    require_set(agreement(), lambda _name: "set")


def test_every_part_of_a_secret_is_one() -> None:
    assert set(secrets_of(agreement(), variable)) == {"a-secret", "baton:a-password", "a-password"}


def test_the_sources_are_those_of_the_agreement_in_force() -> None:
    current = [agreement()]
    sources = Sources(lambda: current[0], variable)
    assert sources.named("meta") is not None
    assert sources.named("website") is None
    current[0] = agreement('[[intake]]\nname = "website"\nsecret_env = "S"\n')
    assert sources.named("meta") is None
    assert sources.named("website") is not None


async def test_check_names_the_variable_and_reads_it_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agreement.toml").write_text(default_agreement().text + TABLES, encoding="utf-8")
    env = tmp_path / ".env"
    env.write_text("META_APP_SECRET=x\nPIPEDRIVE_LOGIN= baton:y \n", encoding="utf-8")
    found = {each.what: each.says async for each in checkup(env) if not each.ok}
    assert "META_VERIFY_TOKEN is not set" in found["intake meta"]
    assert "intake pipedrive" not in found
    assert load_settings(env_file=env, with_slack=False).variable("PIPEDRIVE_LOGIN") == "baton:y"
    monkeypatch.setenv("META_VERIFY_TOKEN", "z")
    assert "intake meta" not in {each.what async for each in checkup(env) if not each.ok}
