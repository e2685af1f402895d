"""`check`: everything that can be wrong is found, and each fault says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text, update

from bot.agreement import default_agreement, loaded
from bot.agreement.book import open_book
from bot.sandbox import FaultKind, Sandbox, UserGroup
from bot.setup.checkup import checkup, warnings_of
from bot.setup.findings import Finding
from bot.setup.manifest import manifest_text
from bot.setup.sample_views import sample_views
from bot.setup.slack_checkup import channels_in
from bot.setup.zonedata import zone_data
from bot.views.ids import Callback
from storage import workspace
from storage.database import Database
from storage.migrations import UNFINISHED, migrate
from storage.models import HeardKind, agreement_versions
from tests.bot.ledger import Ledger
from tests.bot.slack.test_directory import EVERYBODY


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox(rate_limits=False) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, slack: Sandbox) -> None:
    values = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/baton.db",
        "AGREEMENT": str(tmp_path / "agreement.toml"),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    write_agreement(tmp_path)


def write_agreement(folder: Path, was: str = "", becomes: str = "") -> None:
    text = default_agreement().text
    assert was in text
    folder.joinpath("agreement.toml").write_text(text.replace(was, becomes) if was else text, "utf-8")


async def look() -> list[Finding]:
    return [finding async for finding in checkup(Path("no such file"))]


async def fault(what: str = "") -> str:
    """The only fault there is, which must be about this."""
    faults = [finding for finding in await look() if not finding.ok]
    assert [finding.what for finding in faults] == [what if what else faults[0].what]
    return faults[0].says


async def test_a_sound_installation_has_no_fault() -> None:
    findings = await look()
    assert [finding for finding in findings if not finding.ok] == []
    assert {"environment", "database", "manifest.yml", "Slack", "scopes", "channels", "people"} <= {
        finding.what for finding in findings
    }


async def test_both_versions_of_the_time_zone_data_are_named() -> None:
    [finding] = [finding for finding in await look() if finding.what == "time zones"]
    assert f"package has {zone_data().package}, the host has" in finding.says


async def test_holidays_that_have_run_out_are_a_warning_and_no_fault(tmp_path: Path) -> None:
    write_agreement(tmp_path, 'holidays = "US"', 'holidays = ["2025-12-25"]')
    found = [finding async for finding in checkup(Path("no such file"), date(2026, 1, 1))]
    [warning] = [finding for finding in found if finding.warns]
    assert (warning.what, warning.ok) == ("hours.holidays", True)
    assert "2025-12-25" in warning.says


async def test_the_agreement_and_the_manifest_are_looked_at_without_a_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    write_agreement(tmp_path, 'accept      = "5m"', 'accept = "5 min"')
    faults = {finding.what: finding.says for finding in await look() if not finding.ok}
    assert "is missing" in faults.pop("SLACK_BOT_TOKEN")
    [(what, says)] = faults.items()
    assert what.startswith("agreement")
    assert '"5 min" is not a duration; write "5m"' in says


async def test_a_probable_slip_in_the_agreement_is_a_warning_and_no_fault(tmp_path: Path) -> None:
    write_agreement(tmp_path, '{ employees = ">=50" }', '{ employes = ">=50" }')
    findings = await look()
    assert [finding.what for finding in findings if finding.warns] == ["qualification.fit[4].when.employes"]
    assert all(finding.ok for finding in findings)


async def test_a_value_that_the_environment_overrules_is_a_warning(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("SLACK_BOT_TOKEN=xoxb-rotated\n", "utf-8")
    file.chmod(0o600)
    found = [str(each.says) async for each in checkup(file) if each.warns and each.what == "SLACK_BOT_TOKEN"]
    assert found == [f"is set otherwise in {file} than in the environment, which wins; correct one"]


async def test_a_missing_agreement_names_init(tmp_path: Path) -> None:
    tmp_path.joinpath("agreement.toml").unlink()
    assert "python app.py init" in await fault(f"agreement {tmp_path / 'agreement.toml'}")


async def test_a_refused_token_ends_the_look_at_slack(slack: Sandbox) -> None:
    slack.revoke_token()
    assert "Slack refuses SLACK_BOT_TOKEN (token_revoked)" in await fault("Slack")


async def test_a_refused_app_token_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-wrong")
    assert "connections:write" in await fault("SLACK_APP_TOKEN")


async def test_missing_scopes_are_named(slack: Sandbox) -> None:
    slack.context.scopes = tuple(scope for scope in slack.context.scopes if scope != "im:history")
    assert "lacks im:history" in await fault("scopes")


async def test_a_private_channel_without_the_bot_cannot_be_found(slack: Sandbox) -> None:
    channel = slack.workspace.channels["C0GROWTH"]
    channel.is_private = True
    slack.workspace.remove("C0GROWTH", slack.workspace.bot_user)
    assert "/invite @Baton" in await fault("channel C0GROWTH (team Growth)")


async def test_a_channel_without_the_bot_says_how_to_invite_it(slack: Sandbox) -> None:
    slack.workspace.remove("C0MKTG", slack.workspace.bot_user)
    assert "/invite @Baton" in await fault("channel C0MKTG (marketing)")


async def test_an_archived_channel_is_named(slack: Sandbox) -> None:
    slack.workspace.channels["C0LEADS"].is_archived = True
    assert "is archived" in await fault("channel C0LEADS (the weekly report)")


@pytest.mark.parametrize(
    ("user", "becomes", "says"),
    [
        ("U0REP4", "U0NOBODY", "does not exist here"),
        ("U0CMO", "U0BATON", "is a bot"),
        ('marketing = ["U0MARA"]', 'marketing = ["S0GONE"]', "does not exist here"),
    ],
)
async def test_people_who_are_not_there_are_named(tmp_path: Path, user: str, becomes: str, says: str) -> None:
    write_agreement(tmp_path, user, becomes)
    assert says in await fault()


async def test_somebody_who_left_is_named(slack: Sandbox) -> None:
    slack.workspace.people["U0REP2"].deleted = True
    assert "has left the workspace" in await fault("person U0REP2")


async def test_a_user_group_that_exists_is_no_fault(slack: Sandbox, tmp_path: Path) -> None:
    slack.workspace.groups["S0MKTG"] = UserGroup("S0MKTG", "marketing", "Marketing", ["U0MARA"])
    write_agreement(tmp_path, 'marketing = ["U0MARA"]', 'marketing = ["S0MKTG"]')
    assert all(finding.ok for finding in await look())


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////no/such/folder/baton.db", "does not exist"),
        ("postgresql+psycopg://me:s3cret@127.0.0.1:1/baton", "cannot be reached"),
        ("mysql://host/db", "DATABASE_URL is not one"),
    ],
)
async def test_a_database_that_is_not_there_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, url: str, says: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    told = await fault("database")
    assert says in told
    assert "s3cret" not in told


async def test_a_database_that_is_there_is_read_and_written(
    monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert Finding("database", True, "can be read and written") in await look()


@pytest.mark.parametrize(
    ("revision", "says"),
    [
        ("9999", "was written by a newer Baton (revision 9999)"),
        (f"{UNFINISHED}0001", "holds a copy that was broken off; run copy again"),
    ],
)
async def test_a_database_that_no_start_could_work_with_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, sqlite_url: str, revision: str, says: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    database = Database.open(sqlite_url)
    move = text("UPDATE alembic_version SET version_num = :revision")
    database.write_now(lambda tx: tx.execute(move, {"revision": revision}))
    database.close()
    assert says in await fault("database")


async def test_a_database_without_tables_gets_them_at_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty.db").touch()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    (told,) = [each for each in await look() if each.what == "database"]
    assert (told.ok, told.says) == (
        True,
        "can be read and written, and the next start creates or updates its tables",
    )


def test_each_channel_is_looked_at_once_under_its_first_purpose() -> None:
    assert channels_in(default_agreement().agreement) == {
        "C0SALES": "team Enterprise",
        "C0GROWTH": "team Growth",
        "C0MKTG": "marketing",
        "C0LEADS": "the weekly report",
    }


async def test_tokens_of_two_apps_are_named(slack: Sandbox) -> None:
    slack.context.app_id = "A0OTHER"
    assert "SLACK_APP_TOKEN is of the app A0BATON" in await fault("SLACK_APP_TOKEN")


async def test_a_token_of_another_workspace_is_named(
    monkeypatch: pytest.MonkeyPatch, slack: Sandbox, database_url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    database = Database.open(database_url)
    migrate(database)
    at = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
    database.write_now(workspace.remember_workspace, "T0TEAM", "Sandbox", at)
    database.write_now(open_book, default_agreement(), at)
    found = {finding.what: finding for finding in await look()}
    assert found["way in"].warns
    assert "Nothing was ever heard from Slack, since 2026-11-16 15:00 UTC" in found["way in"].says
    database.write_now(workspace.remember_heard, HeardKind.COMMANDS, at)
    database.close()
    slack.context.team_id, slack.context.team_name = "T0ELSE", "Elsewhere"
    assert "belongs to Sandbox (T0TEAM)" in await fault("SLACK_BOT_TOKEN")
    assert not {finding.what: finding for finding in await look()}["way in"].warns


async def test_where_nobody_is_known_it_asks_for_the_workspace(slack: Sandbox) -> None:
    for user in EVERYBODY:
        del slack.workspace.people[user]
    says = {finding.what: finding.says for finding in await look() if not finding.ok}
    assert "None of them is in Sandbox: is SLACK_BOT_TOKEN of another workspace?" in says["people"]


async def test_a_channel_that_others_read_is_a_warning(slack: Sandbox) -> None:
    slack.workspace.channels["C0SALES"].is_ext_shared = True
    [warning] = [finding for finding in await look() if finding.what.startswith("channel C0SALES")]
    assert (warning.ok, warning.warns) == (True, True)
    assert "shared with other organisations" in warning.says


async def test_the_apps_own_manifest_is_compared(tmp_path: Path) -> None:
    older = manifest_text().replace("      - app_mention\n", "")
    (tmp_path / "own.yml").write_text(older, "utf-8")
    findings = [finding async for finding in checkup(Path("no such file"), manifest=tmp_path / "own.yml")]
    [wrong] = [finding for finding in findings if not finding.ok]
    assert wrong.what == "own.yml"
    assert "lacks app_mention: mentions of Baton get no answer" in wrong.says
    (tmp_path / "own.yml").write_text(manifest_text("https://baton.example.com"), "utf-8")
    findings = [finding async for finding in checkup(Path("no such file"), manifest=tmp_path / "own.yml")]
    assert ["switches Socket Mode off" in finding.says for finding in findings if not finding.ok] == [True]


async def test_slack_itself_judges_a_sample_of_each_view(slack: Sandbox) -> None:
    found = {finding.what: finding for finding in await look()}
    assert found["views"].ok
    assert "samples are accepted by Slack" in found["views"].says
    assert all(call.ok for call in slack.traffic.calls("blocks.validate"))
    agreement = default_agreement().agreement
    modals = {view.get("callback_id") for _, view in sample_views(agreement)}
    assert set(Callback) - modals == {Callback.AWAY_LEADS}  # which needs leads that are there


async def test_a_view_that_slack_refuses_is_named_with_its_reason(
    slack: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"type": "modal", "title": {"type": "plain_text", "text": "x" * 30}, "blocks": []}
    monkeypatch.setattr("bot.setup.slack_checkup.sample_views", lambda _agreement: [("reject", wrong)])
    [warning] = [finding for finding in await look() if finding.what == "view reject"]
    assert (warning.ok, warning.warns) == (True, True)
    assert "json-pointer:/view/title/text" in warning.says


async def test_a_slack_that_cannot_judge_views_is_no_fault(slack: Sandbox) -> None:
    del slack.api.methods["blocks.validate"]
    findings = await look()
    assert [finding.what for finding in findings if "view" in finding.what] == []
    assert all(finding.ok for finding in findings)


@pytest.mark.parametrize("error", ["plan_upgrade_required", "paid_teams_only"])
async def test_a_user_group_on_the_free_plan_is_named_with_the_way_out(
    slack: Sandbox, tmp_path: Path, error: str
) -> None:
    write_agreement(tmp_path, 'marketing = ["U0MARA"]', 'marketing = ["S0MKTG"]')
    slack.fault("usergroups.users.list", FaultKind.REFUSED, error=error)
    assert "needs a paid plan of Slack. Name its people" in await fault("user group S0MKTG")


async def test_a_deleted_channel_is_named(slack: Sandbox) -> None:
    del slack.workspace.channels["C0GROWTH"]
    assert "is not known to the bot" in await fault("channel C0GROWTH (team Growth)")


async def test_a_database_file_that_may_not_be_written_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "baton.db"
    database = Database.open(f"sqlite:///{file}")
    migrate(database)
    database.close()
    file.chmod(0o400)
    assert "has become read-only; let Baton's user write it again" in await fault("database")


async def test_a_version_whose_text_the_database_has_spoilt_is_named(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/baton.db")
    migrate(database)
    Ledger(database)
    database.write_now(lambda tx: tx.execute(update(agreement_versions).values(text="lost")) and None)
    database.close()
    [warning] = [finding for finding in await look() if finding.what == "agreement"]
    assert warning.warns
    assert warning.says.startswith("The text of version 2026-Q4 cannot be read any more.")


async def test_open_leads_of_a_team_that_is_gone_are_listed_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/baton.db")
    migrate(database)
    ledger = Ledger(database)
    ledger.handoff_comes()
    database.close()
    changed = tmp_path / "changed.toml"
    changed.write_text(default_agreement().text.replace('name    = "Enterprise"', 'name    = "Big"'), "utf-8")
    monkeypatch.setenv("AGREEMENT", str(changed))
    [warning] = [finding for finding in await look() if finding.what == "open leads"]
    assert warning.warns
    assert warning.says.startswith(
        "1 open lead of team Enterprise, which the agreement no longer has. Write "
    )
    assert 'renamed_from = ["Enterprise"]' in warning.says


async def test_files_that_others_can_read_are_named(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/baton.db")
    migrate(database)
    database.close()
    assert not [each for each in await look() if "other users" in each.says]
    (tmp_path / "baton.db").chmod(0o644)
    [warning] = [each for each in await look() if "other users" in each.says]
    assert warning.warns
    assert warning.says == f"can be read by other users; run chmod 600 {tmp_path}/baton.db"


@pytest.mark.parametrize(
    ("admins", "second_yes", "warned"),
    [
        ('["U0ADMIN"]', "true", True),
        ('["U0ADMIN"]', "false", False),
        ('["U0ADMIN", "U0CMO"]', "true", False),
        ('["S0ADMINS"]', "true", False),
    ],
)
def test_a_second_yes_that_nobody_could_give_is_a_warning(admins: str, second_yes: str, warned: bool) -> None:
    text = default_agreement().text.replace('admins    = ["U0ADMIN"]', f"admins    = {admins}")
    agreement = loaded(f"{text}\n[retention]\nsecond_yes = {second_yes}\n").agreement
    found = [each.says for each in warnings_of(agreement) if each.what == "[retention] second_yes"]
    assert len(found) == warned
    assert all("name a second in [roles] admins" in says for says in found)
