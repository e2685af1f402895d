"""The agreement is changed while Baton runs: checked, refused in words if faulty, told in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, text

from bot.agreement import (
    AgreementFaults,
    AgreementMissing,
    default_agreement,
    load_agreement,
    parse_agreement,
)
from bot.agreement.book import open_book
from bot.agreement.changes import Change, SetCapacity, SetValue
from bot.agreement.file import FileChanged
from bot.clock import Clock
from bot.engine.reloading import Moved
from bot.sandbox.scenario.sentences import dm_to, post_in, reads, reply_to, update_of
from bot.views.agreement_change import changes
from handlers.cli.reloading import reload_command
from storage import clocks, replicas
from storage.database import Database
from storage.migrations import migrate
from storage.models import ClockKind
from tests.scenarios.conftest import Story, told

FASTER = ('accept      = "5m"', 'accept      = "10m"')


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "agreement.toml"
    path.write_text(default_agreement().text, "utf-8")
    return path


@pytest.fixture
async def quick_story(sqlite_url: str, clock: Clock, file: Path) -> AsyncIterator[Story]:
    async with told("socket", sqlite_url, load_agreement(file), clock, agreement_path=file) as story:
        yield story


def change(file: Path, was: str, becomes: str) -> None:
    text = file.read_text("utf-8")
    assert was in text
    file.write_text(text.replace(was, becomes, 1), "utf-8")


async def got(story: Story, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{story.baton.url}{path}") as answer:
        return await answer.text()


async def test_a_changed_file_is_in_force_at_once_and_is_told_in_words(
    quick_story: Story, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slack, book = quick_story.slack, quick_story.baton.desk.book
    first = await quick_story.lead_comes_in()
    await slack.expects(post_in("C0SALES"))
    change(file, *FASTER)
    assert await quick_story.baton.reloading.reload()
    for expected in (dm_to("U0ADMIN"), post_in("C0LEADS")):
        notice = await slack.expects(expected, containing="version 2026-Q4+2 is in force")
        assert "SLA P1 accept: 5m → 10m" in reads(notice)
        assert "Running clocks keep their due times" in reads(notice)
    assert book.current.version == "2026-Q4+2"
    assert "its version is still 2026-Q4: it is kept as 2026-Q4+2" in caplog.text
    second = await quick_story.lead_comes_in(email="joe@other.example", company="Other")
    await slack.expects(post_in("C0SALES"))
    lengths = []
    for taken in (first, second):
        clock = await quick_story.baton.desk.database.read(
            clocks.running_of_kind, taken.handoff_id or 0, ClockKind.ACCEPT
        )
        assert clock is not None
        lengths.append(clock.due_at - clock.started_at)
    assert lengths == [timedelta(minutes=5), timedelta(minutes=10)]
    ready, metrics = await got(quick_story, "/readyz"), await got(quick_story, "/metrics")
    assert f"Version {book.called} is in force" in ready
    assert f'baton_agreement_info{{hash="{book.text_hash}",version="2026-Q4+2"}} 1.0' in metrics
    await slack.person("U0REP1").opens_home(containing=f"version {book.called}")
    await quick_story.stays_quiet()


async def test_a_faulty_file_is_refused_in_words_and_nothing_changes(
    quick_story: Story, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    book = quick_story.baton.desk.book
    before = book.called
    change(file, FASTER[0], 'accept      = "5 min"')
    assert not await quick_story.baton.reloading.reload()
    assert book.called == before
    assert '"5 min" is not a duration; write "5m"' in caplog.text
    ready = await got(quick_story, "/readyz")
    assert "The changed file was refused" in ready
    change(file, 'accept      = "5 min"', FASTER[0])
    assert await quick_story.baton.reloading.reload()
    assert "The changed file was refused" not in await got(quick_story, "/readyz")
    await quick_story.stays_quiet()


async def test_the_terminal_asks_the_running_baton(quick_story: Story, file: Path) -> None:
    slack, said = quick_story.slack, list[str]()
    await quick_story.baton.reloading.look()
    change(file, 'version = "2026-Q4"', 'version = "2027-Q1"')
    asking = asyncio.to_thread(reload_command, quick_story.settings, quick_story.clock, said.append)
    assert await asking == 0
    assert said == ["Version 2027-Q1 of the agreement is in force. Running clocks keep their due times."]
    await slack.expects(dm_to("U0ADMIN"), containing="version 2027-Q1 is in force")
    await slack.expects(post_in("C0LEADS"), containing="Only its wording changed")


async def test_a_change_without_a_version_of_its_own_is_called_alike_everywhere(
    quick_story: Story, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = list[str]()
    await quick_story.baton.reloading.look()
    change(file, *FASTER)
    asking = asyncio.to_thread(reload_command, quick_story.settings, quick_story.clock, said.append)
    assert await asking == 0
    assert said == ["Version 2026-Q4+2 of the agreement is in force. Running clocks keep their due times."]
    assert quick_story.baton.desk.book.called.startswith("2026-Q4+2 ")
    for _ in range(2):
        await quick_story.baton.desk.database.write(open_book, load_agreement(file), quick_story.clock.now())
    assert caplog.text.count("it is kept as 2026-Q4+2") == 1
    await quick_story.slack.expects(dm_to("U0ADMIN"), containing="version 2026-Q4+2 is in force")
    await quick_story.slack.expects(post_in("C0LEADS"), containing="2026-Q4+2")


async def test_without_a_running_baton_the_terminal_says_so(quick_story: Story, tmp_path: Path) -> None:
    said: list[str] = []
    url = f"sqlite:///{tmp_path}/other.db"
    database = Database.open(url)
    migrate(database)
    database.close()
    settings = quick_story.settings.model_copy(update={"database_url": SecretStr(url)})
    asking = asyncio.to_thread(
        reload_command, settings, quick_story.clock, said.append, timedelta(seconds=0.3)
    )
    assert await asking == 1
    assert "No running Baton answered" in said[0]


def test_what_changed_is_told_by_name() -> None:
    before = default_agreement().agreement
    text = default_agreement().text
    for was, becomes, line in (
        (*FASTER, "SLA P1 accept: 5m → 10m"),
        ('manager = "U0CMO"', 'manager = "U0MARA"', "Marketing manager: <@U0CMO> → <@U0MARA>"),
        (
            '{ user = "U0REP3", capacity = 30 }',
            '{ user = "U0REP3", capacity = 5 }',
            "rep <@U0REP3> capacity: 30 → 5",
        ),
        ('{ user = "U0REP3", capacity = 30 },', "", "rep <@U0REP3>: removed"),
        ('mql = "B2"', 'mql = "A2"', "Lowest grade of an MQL"),
        ('code = "no_budget"', 'code = "no_money"', "Reason no budget: removed"),
    ):
        assert was in text
        told_lines = changes(before, parse_agreement(text.replace(was, becomes, 1)))
        assert any(line in one for one in told_lines), (line, told_lines)
    assert changes(before, before) == []


async def test_a_team_that_is_renamed_live_takes_its_leads_along(quick_story: Story, file: Path) -> None:
    slack = quick_story.slack
    await quick_story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"))
    change(file, 'name    = "Enterprise"', 'name    = "Big"')
    assert await quick_story.baton.reloading.reload()
    for place in (dm_to("U0ADMIN"), post_in("C0LEADS")):
        await slack.expects(place, containing="The agreement has changed")
    await slack.expects(reply_to(card), containing="Rerouted to Big by Baton: team Enterprise was removed")
    await slack.expects(update_of(card))
    await slack.expects(
        dm_to("U0ADMIN"),
        containing="Team Enterprise was removed: 1 open lead offered to team Big",
    )


async def test_batons_with_different_agreements_say_so(quick_story: Story) -> None:
    database, clock = quick_story.baton.desk.database, quick_story.clock
    await quick_story.baton.engine.advance(clock.now())
    await database.write(replicas.beat, "elsewhere:7", clock.wire(), "another")
    ready = await got(quick_story, "/readyz")
    assert (
        "elsewhere:7 runs another agreement. Give all the same file, then run `python app.py reload`."
        in ready
    )
    assert '"ready":true' in ready
    await quick_story.slack.person("U0ADMIN").opens_home(containing="elsewhere:7 runs another agreement")


async def test_a_change_from_slack_is_written_with_comments_kept_and_in_force_at_once(
    quick_story: Story, file: Path
) -> None:
    slack, book, reloading = quick_story.slack, quick_story.baton.desk.book, quick_story.baton.reloading
    before = file.read_text("utf-8")
    file.chmod(0o640)
    changes: list[Change] = [SetValue("sla.P1.accept", "10m"), SetCapacity("U0REP3", "Growth", 5)]
    now = await reloading.change(changes, ["U0ADMIN"], made_for=book.text_hash)
    assert now.called == book.called
    assert (book.current.version, str(book.current.targets("P1").accept)) == ("2026-Q4+2", "10m")
    after = file.read_text("utf-8")
    assert [line for line in before.splitlines() if line.lstrip().startswith("#")] == [
        line for line in after.splitlines() if line.lstrip().startswith("#")
    ]
    assert len(set(before.splitlines()) - set(after.splitlines())) == 3  # two values and the version
    assert file.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    for expected in (dm_to("U0ADMIN"), post_in("C0LEADS")):
        notice = await slack.expects(
            expected, containing="changed the agreement: version 2026-Q4+2 is in force"
        )
        assert "SLA P1 accept: 5m → 10m" in reads(notice)
    assert await reloading.reload()  # it is what is in force: nobody hears of it again
    await reloading.change([SetValue("sla.P1.accept", "12m")], ["U0ADMIN"])
    assert book.current.version == "2026-Q4+3"
    for expected in (dm_to("U0ADMIN"), post_in("C0LEADS")):
        await slack.expects(expected, containing="SLA P1 accept: 10m → 12m")
    await quick_story.stays_quiet()


async def test_a_change_that_cannot_be_leaves_file_and_agreement_as_they_are(
    quick_story: Story, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, reloading = quick_story.baton.desk.book, quick_story.baton.reloading
    before, called = file.read_text("utf-8"), book.called
    with pytest.raises(AgreementFaults, match='"10 min" is not a duration; write "10m"'):
        await reloading.change([SetValue("sla.P1.accept", "10 min")], ["U0ADMIN"])
    with pytest.raises(Moved, match="has changed meanwhile"):
        await reloading.change([SetValue("sla.P1.accept", "10m")], ["U0ADMIN"], made_for="another")
    await quick_story.baton.desk.database.write(_break_the_versions)
    with pytest.raises(Exception, match="agreement_version"):
        await reloading.change([SetValue("sla.P1.accept", "10m")], ["U0ADMIN"])
    await quick_story.baton.desk.database.write(_mend_the_versions)
    assert (file.read_text("utf-8"), book.called) == (before, called)
    change(file, *FASTER)  # by hand, and not read yet
    with pytest.raises(FileChanged, match="was changed by hand"):
        await reloading.change([SetValue("sla.P2.accept", "10m")], ["U0ADMIN"])
    file.unlink()
    with pytest.raises(AgreementMissing):
        await reloading.change([SetValue("sla.P2.accept", "10m")], ["U0ADMIN"])
    await quick_story.stays_quiet()


def _break_the_versions(tx: Connection) -> None:
    refusal = "BEGIN SELECT RAISE(ABORT, 'agreement_version'); END"
    tx.execute(text(f"CREATE TRIGGER full BEFORE INSERT ON agreement_version {refusal}"))


def _mend_the_versions(tx: Connection) -> None:
    tx.execute(text("DROP TRIGGER full"))
