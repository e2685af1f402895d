"""Alive, ready, and measured: each tells the truth."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, make_url, text, update

from bot.clock import Clock
from bot.instruments import Instruments
from bot.setup.checkup import checkup
from handlers.http import health
from handlers.http.health import Probe, database_probe, parked_probe
from storage import heartbeats, installation
from storage.database import Database, DatabaseAway, identity
from storage.database.backup import back_up
from storage.database.identity import BESIDE
from storage.models import DeliveryKind, DeliveryState, deliveries, installations
from storage.outbox import lanes, posts
from storage.outbox.posts import Rank
from storage.stamp import Stamp
from tests.databases import PostgresServer
from tests.handlers.http.api_client import JANE, NOW, api_of, client_of


def saying(ok: bool, says: str) -> Probe:
    async def probe() -> tuple[bool, str]:
        return ok, says

    return probe


async def failing() -> tuple[bool, str]:
    raise RuntimeError("the probe itself is broken")


async def hanging() -> tuple[bool, str]:
    await asyncio.sleep(60)
    return True, "never said"


async def ready_of(on: Database, /, **probes: Probe) -> httpx.Response:
    async with client_of(api_of(on, probes=probes), token=None) as api:
        return await api.get("/readyz")


async def test_ready_is_200_with_a_sentence_for_each_part(database: Database) -> None:
    answer = await ready_of(
        database,
        database=database_probe(database, Clock()),
        slack=saying(True, "Slack answers."),
        parked=parked_probe(database),
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": {"ok": True, "says": "The database answers."},
        "slack": {"ok": True, "says": "Slack answers."},
        "parked": {"ok": True, "says": "Nothing is parked."},
    }


@pytest.mark.parametrize("broken", [saying(False, "The token was revoked."), failing, hanging])
async def test_one_part_that_is_not_well_makes_it_not_ready(
    database: Database, monkeypatch: pytest.MonkeyPatch, broken: Probe
) -> None:
    monkeypatch.setattr(health, "LONGEST_CHECK", 0.05)
    answer = await ready_of(database, slack=broken, sender=saying(True, "It is at work."))
    told = answer.json()
    assert (answer.status_code, told["ready"]) == (503, False)
    assert (told["slack"]["ok"], told["sender"]["ok"]) == (False, True)
    assert told["slack"]["says"].endswith(".")


async def test_a_lost_database_is_not_ready_and_still_alive(database: Database) -> None:
    app = api_of(
        database, probes={"database": database_probe(database, Clock()), "parked": parked_probe(database)}
    )
    database.close()
    async with client_of(app, token=None) as api:
        ready, alive, metrics = [await api.get(path) for path in ("/readyz", "/livez", "/metrics")]
    assert (ready.status_code, alive.status_code, metrics.status_code) == (503, 200, 200)
    assert ready.json()["database"]["ok"] is False
    assert "baton_ready 0.0" in metrics.text


async def a_delivery(database: Database, place: str) -> int:
    return await database.write(
        posts.post, Stamp(NOW, NOW, "baton", "t"), DeliveryKind.UNROUTED, place=place, rank=Rank.FIRST
    )


async def test_a_place_that_slack_refuses_is_shown_and_cuts_nobody_off(database: Database) -> None:
    await a_delivery(database, "C0GONE")
    for lane, error in (("post:C0GONE", "is_archived"), (lanes.WORKSPACE, "token_revoked")):
        later = NOW + timedelta(minutes=1)
        await database.write(lanes.park, lane, now=NOW, try_at=later, error=error)
    answer = await ready_of(database, parked=parked_probe(database))
    parked = answer.json()["parked"]
    assert (answer.status_code, parked["ok"]) == (200, False)
    assert "C0GONE (is_archived)" in parked["says"]
    assert "SLACK_BOT_TOKEN" in parked["says"]


async def test_a_message_that_slack_refuses_is_counted(database: Database) -> None:
    row = await a_delivery(database, "U0ADMIN")
    refused = update(deliveries).where(deliveries.c.id == row).values(state=DeliveryState.PARKED)
    await database.write(lambda tx: tx.execute(refused).rowcount)
    parked = (await ready_of(database, parked=parked_probe(database))).json()["parked"]
    assert parked == {"ok": False, "says": "Slack refused 1 message; Baton keeps it."}


async def test_metrics_count_what_the_database_holds(database: Database) -> None:
    await database.write(heartbeats.beat, "engine", NOW)
    instruments = Instruments()
    instruments.delivered("card", "sent", timedelta(seconds=0.3))
    instruments.delivered("card", "again")
    instruments.sender_looked(NOW)
    app = api_of(database, probes={"slack": saying(True, "Fine.")}, instruments=instruments)
    async with client_of(app) as api:
        await api.post("/leads", json=JANE)
        await api.post("/leads", json={"email": "x@example.org", "source": 'a "quote"\nand more' + "y" * 80})
        await api.post("/leads", json={"email": "nobody"})
        text = (await api.get("/metrics", headers={"Authorization": ""})).text
    for name, labels, value in (
        ("baton_leads_total", {"source": "webinar"}, 1),
        ("baton_leads_total", {"source": ('a "quote" and more' + "y" * 80)[:60]}, 1),
        ("baton_handoffs_total", {"team": "Enterprise", "priority": "P1"}, 1),
        ("baton_deliveries_total", {"kind": "card", "outcome": "sent"}, 1),
        ("baton_deliveries_total", {"kind": "card", "outcome": "again"}, 1),
        ("baton_delivery_seconds_bucket", {"le": "0.5"}, 1),
        ("baton_outbox", {"state": "pending"}, 2),  # the card, and what admins hear of the refused one
        ("baton_outbox", {"state": "parked"}, 0),
        ("baton_outbox_drain_seconds", {}, 1.05),
        ("baton_refused", {"cause": "fields", "door": "api"}, 1),
        ("baton_clock_breaches_total", {"kind": "accept"}, 0),
        ("baton_sender_beat_timestamp", {}, NOW.timestamp()),
        ("baton_heartbeat_timestamp", {"part": "engine"}, NOW.timestamp()),
        ("baton_ready", {}, 1),
    ):
        assert samples(text)[name, *sorted(labels.items())] == value


def samples(text: str) -> dict[tuple[object, ...], float]:
    return {
        (each.name, *sorted(each.labels.items())): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


async def test_many_sources_are_few_series(database: Database) -> None:
    async with client_of(api_of(database)) as api:
        await api.post(
            "/leads/batch", json=[{"external_id": str(n), "source": f"s{n}"} for n in range(1, 41)]
        )
        lines = (await api.get("/metrics")).text.splitlines()
    counts = {line for line in lines if line.startswith("baton_leads_total{")}
    assert len(counts) == 31
    assert 'baton_leads_total{source="other"} 10.0' in counts


# ---- the database is the one that was opened


def deleted(file: Path) -> None:
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()


def replaced(file: Path) -> None:
    other = file.with_name("other.db")
    other.write_bytes(file.read_bytes())
    other.replace(file)


def damaged(file: Path) -> None:
    with file.open("r+b") as raw:
        raw.write(b"no database at all" * 64)


def left_alone(file: Path) -> None:
    """Somebody tidies up what they take for left over."""
    for end in BESIDE:
        Path(f"{file}{end}").unlink()


def left_to_another(file: Path) -> None:
    """And somebody else begins to use the file."""
    left_alone(file)
    for end in BESIDE:
        Path(f"{file}{end}").touch()


def overwritten(file: Path) -> None:
    """A backup is copied over the file that is in use, and not put in its place."""
    backup = file.with_name("backup.db")
    back_up(make_url(f"sqlite:///{file}"), backup)
    file.write_bytes(backup.read_bytes())


def made_read_only(file: Path) -> None:
    file.chmod(0o444)


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (made_read_only, "has become read-only; let Baton's user write it again"),
        (deleted, "was deleted or moved while Baton ran; put it back, or restore a copy"),
        (replaced, "was replaced while Baton ran; start Baton again"),
        (damaged, "is damaged; restore a copy of it"),
        (left_alone, "were deleted while Baton ran. Nothing is lost; restart Baton"),
        (left_to_another, "the newest changes may be lost. Stop Baton and its commands"),
        (overwritten, "was overwritten while Baton ran"),
    ],
)
async def test_a_database_file_that_is_no_longer_there_is_named_and_takes_no_lead(
    sqlite_url: str, happens: Callable[[Path], None], says: str
) -> None:
    database = Database.open(sqlite_url)
    app = api_of(database, probes={"database": database_probe(database, Clock())})
    try:
        async with client_of(app) as api:
            assert (await api.post("/leads", json=JANE)).status_code == 201
            happens(Path(database.url.database or ""))
            ready = await api.get("/readyz")
            assert ready.status_code == 503
            assert says in ready.json()["database"]["says"]
            lead = await api.post("/leads", json={**JANE, "email": "b@b.example", "external_id": "b"})
            assert lead.status_code == 503
            assert "Retry-After" in lead.headers
            if happens is made_read_only:
                assert (await api.get("/leads/1")).status_code == 200
    finally:
        database.close()
    if happens is left_alone:
        with closing(sqlite3.connect(database.url.database or "")) as file:
            assert file.execute("SELECT email FROM lead").fetchall() == [(JANE["email"],)]


async def test_damage_that_nobody_has_met_is_found_by_looking_through_the_file(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "FIRST_SWEEP_AFTER", 0)
    monkeypatch.setattr(identity, "SWEEP_EVERY", 0)
    monkeypatch.setattr(identity, "SWEEP_SHARE", 0)
    database = Database.open(sqlite_url)
    file = Path(database.url.database or "")
    app = api_of(database)
    try:
        async with client_of(app) as api:
            assert (await api.post("/leads", json=JANE)).status_code == 201
            await database.sweep()
            database.forget_pages()
            with closing(sqlite3.connect(file)) as looked_at:
                asked = "SELECT rootpage FROM sqlite_master WHERE name = 'report'"
                (page,) = looked_at.execute(asked).fetchone()
            with file.open("r+b") as raw:
                raw.seek((page - 1) * 4096)
                raw.write(b"\xff" * 300)
            assert (await api.post("/leads", json=JANE)).status_code == 200
            with pytest.raises(DatabaseAway, match="is damaged"):
                await database.sweep()
            assert (await api.post("/leads", json=JANE)).status_code == 503
    finally:
        database.close()


async def test_a_full_disk_is_named(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database.open(sqlite_url)
    try:
        await database.write(heartbeats.beat, "engine", NOW)
        room = os.statvfs(database.url.database or "")
        full = os.statvfs_result((*room[:4], 0, *room[5:]))
        monkeypatch.setattr(os, "statvfs", lambda _path: full)
        ok, says = await database_probe(database, Clock())()
        assert not ok
        assert says.endswith("is full; make room on it.")
    finally:
        database.close()


async def test_a_full_disk_of_postgresql_is_named_until_it_has_room(
    own_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small changes find room on it: what needs more is tried again once something found none."""
    monkeypatch.setenv("DATABASE_URL", own_postgres_url)
    database = Database.open(own_postgres_url)
    fill = """
        CREATE FUNCTION full_disk() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END';
        CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE TABLE')
            EXECUTE FUNCTION full_disk()"""
    try:
        await database.write(lambda tx: tx.execute(text(fill)) and None)
        assert (await database_probe(database, Clock())())[0]
        with pytest.raises(DatabaseAway, match="full disk"):
            await database.write(lambda tx: tx.execute(text("CREATE TABLE larger (bytes bytea)")))
        ok, says = await database_probe(database, Clock())()
        assert (ok, says.endswith("has a full disk; make room on its server.")) == (False, True)
        told = [each async for each in checkup(Path("no such file")) if each.what == "database"]
        assert [(each.ok, each.says) for each in told] == [(False, says)]
        await database.write(lambda tx: tx.execute(text("DROP EVENT TRIGGER full_disk")) and None)
        assert await database_probe(database, Clock())() == (True, "The database answers.")
    finally:
        database.close()


async def test_a_disk_that_is_mounted_read_only_is_named(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(sqlite_url)
    try:
        await database.write(heartbeats.beat, "engine", NOW)
        mounted = os.statvfs(database.url.database or "")
        read_only = os.statvfs_result((*mounted[:8], mounted.f_flag | os.ST_RDONLY, mounted[9]))
        monkeypatch.setattr(os, "statvfs", lambda _path: read_only)
        ok, says = await database_probe(database, Clock())()
        assert not ok
        assert "its disk is mounted read-only" in says
    finally:
        database.close()


async def test_a_postgresql_that_takes_no_writes_takes_no_lead_until_it_does(
    postgres_server: PostgresServer, own_postgres_url: str
) -> None:
    name = own_postgres_url.rpartition("@/")[2].partition("?")[0]
    database = Database.open(own_postgres_url)
    app = api_of(database, probes={"database": database_probe(database, Clock())})
    try:
        async with client_of(app) as api:
            assert (await api.post("/leads", json=JANE)).status_code == 201
            postgres_server.make_read_only(name, True)
            ready, lead = await api.get("/readyz"), await api.post("/leads", json=JANE)
            assert (ready.status_code, lead.status_code) == (503, 503)
            assert "takes no writes just now" in ready.json()["database"]["says"]
            assert "Retry-After" in lead.headers
            assert (await api.get("/leads/1")).status_code == 200
            postgres_server.make_read_only(name, False, cut=False)
            async with asyncio.timeout(20):  # whoever was connected meanwhile comes back by itself
                while (await api.post("/leads", json=JANE)).status_code != 200:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(health.FRESH + 0.05)
            assert (await api.get("/readyz")).status_code == 200
    finally:
        database.close()


async def test_a_table_that_another_program_holds_is_named_although_the_rest_answers(
    own_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.LOCK_SECONDS", 0.2)
    database = Database.open(own_postgres_url)
    app = api_of(database, probes={"database": database_probe(database, Clock())})
    try:
        async with client_of(app) as api:
            with psycopg.connect(own_postgres_url.replace("+psycopg", "")) as other:
                other.execute("LOCK TABLE event")
                assert (await api.post("/leads", json=JANE)).status_code == 503
                ready = await api.get("/readyz")
                assert "locked by another program for too long" in ready.json()["database"]["says"]
                other.rollback()
            assert (await api.post("/leads", json=JANE)).status_code == 201
        monkeypatch.setattr(health, "LOCKED_SHOWN", 0)
        assert (await database_probe(database, Clock())())[0]
    finally:
        database.close()


async def test_what_sqlite_finds_damaged_takes_nothing_any_more(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    file = Path(database.url.database or "")
    try:
        app = api_of(database)
        async with client_of(app) as api:
            assert (await api.post("/leads", json=JANE)).status_code == 201
        database.forget_pages()
        with file.open("r+b") as raw:
            raw.seek(4096)
            raw.write(os.urandom(file.stat().st_size - 4096))
        with pytest.raises(DatabaseAway, match="is damaged"):
            await database.read(read_all)
        async with client_of(app) as api:
            assert (await api.post("/leads", json={**JANE, "external_id": "c"})).status_code == 503
    finally:
        database.close()


def read_all(tx: Connection) -> None:
    names = tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    for name in names:
        tx.execute(text(f"SELECT * FROM {name}")).all()


async def test_a_database_of_another_installation_is_named(database: Database) -> None:
    probe = database_probe(database, Clock())
    await database.write(installation.make_id)
    assert (await probe())[0]
    await database.write(lambda tx: tx.execute(update(installations).values(value="another")) and None)
    health_found = await database_probe_again(probe)
    assert health_found == (False, "The database was replaced by another one. Restart Baton.")


async def database_probe_again(probe: Probe) -> tuple[bool, str]:
    await asyncio.sleep(health.FRESH + 0.05)
    return await probe()


# ---- a server that is frozen


async def test_a_frozen_postgresql_is_503_and_comes_back(
    postgres_server: PostgresServer, own_postgres_url: str
) -> None:
    database = Database.open(own_postgres_url)
    app = api_of(database, probes={"database": database_probe(database, Clock())})
    try:
        async with client_of(app) as api:
            assert (await api.post("/leads", json=JANE)).status_code == 201
            with postgres_server.frozen():
                async with asyncio.timeout(15):  # 2.5 s on a machine with nothing else to do
                    lead, ready = await asyncio.gather(api.post("/leads", json=JANE), api.get("/readyz"))
                    at_once = await api.post("/leads", json=JANE)
            assert (lead.status_code, at_once.status_code, ready.status_code) == (503, 503, 503)
            assert "does not answer; look at what holds up its server" in str(lead.json())
            async with asyncio.timeout(20):
                while (await api.post("/leads", json=JANE)).status_code != 200:
                    await asyncio.sleep(0.1)
    finally:
        database.close()
