"""The database spoils or loses a version of the agreement: each way in goes on, and says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text, update
from sqlalchemy.exc import IntegrityError

from bot.agreement import load_agreement, loaded
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.context import Context
from bot.digest.calibration import calibration_of
from bot.digest.making import Question, make_report
from bot.digest.periods import read_period
from bot.engine.reloading import Reloading
from bot.handoffs import take_in
from bot.handoffs.accept import Accept, accept
from bot.handoffs.forms import AskReject, reject_form
from bot.handoffs.proposals import agree
from bot.handoffs.proposing import Propose, proposal_form, propose
from bot.handoffs.reject import Reject, reject
from bot.leadform import read_lead
from bot.lookups.api_lead import lead_details
from bot.lookups.details import details_of
from bot.lookups.home import home_page
from bot.lookups.status import status_of_handoff
from bot.lookups.why import WhyAsked, why_of
from bot.replay.asking import NothingToReplay, what_if
from bot.views.ids import ProposalContext
from storage import history
from storage.database import Database, DatabaseAway
from storage.models import EventKind, agreement_versions
from tests.bot.ledger import ADMIN, JANE, MANAGER, RILEY
from tests.bot.ticking import TickingLedger

CMO = "U0CMO"
Spoil = Callable[[Connection, int], object]


def _written(words: object) -> Spoil:
    def spoil(tx: Connection, version: int) -> None:
        tx.execute(update(agreement_versions).where(agreement_versions.c.id == version).values(text=words))

    return spoil


def _raw(words: str) -> Spoil:
    def spoil(tx: Connection, version: int) -> None:
        tx.execute(text(f"UPDATE agreement_version SET text = {words} WHERE id = {version}"))

    return spoil


def _gone(tx: Connection, version: int) -> None:
    tx.execute(delete(agreement_versions).where(agreement_versions.c.id == version))


SPOILT: dict[str, Spoil] = {
    "no TOML": _written("this was [[[ lost"),
    "no agreement": _written('version = "2026-Q4"'),
    "empty": _written(""),
    "bytes": _raw("X'00ff10'"),
    "gone": _gone,
}


@pytest.fixture(params=SPOILT)
def spoil(request: pytest.FixtureRequest) -> Spoil:
    return SPOILT[request.param]


@pytest.fixture
def ticking(sqlite_url: str) -> Any:
    database = Database.open(sqlite_url)
    yield TickingLedger(database)
    database.close()


def lose(ledger: TickingLedger, spoil: Spoil, version: int) -> None:
    """As somebody does with a tool of their own, who keeps no keys."""
    with ledger.database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        spoil(connection, version)
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def proposes(ledger: TickingLedger) -> list[str]:
    shown = ProposalContext(agreement_id=ledger.book.current_id)
    return ledger.does(CMO, propose, Propose(shown, "value:sla.P1.accept", "10m", team="0"))


def replays(ledger: TickingLedger) -> object:
    begin, end = ledger.now - timedelta(days=9), ledger.now + timedelta(days=9)
    return ledger.database.read_now(what_if, ledger.agreement, begin, end)


def reports(ledger: TickingLedger) -> object:
    question = Question(read_period("2026-W47", ledger.now, "America/New_York"))
    ledger.database.read_now(calibration_of, ledger.book, question, ledger.now)
    return ledger.database.read_now(make_report, ledger.book, question, ledger.now)


ENTRIES: dict[str, Callable[[TickingLedger], object]] = {
    "details": lambda one: one.does(RILEY, details_of, 1),
    "status": lambda one: one.does(RILEY, status_of_handoff, 1),
    "why": lambda one: one.does(RILEY, why_of, WhyAsked("#1")),
    "Home": lambda one: [one.database.read_now(home_page, one.book, who, one.now) for who in (ADMIN, RILEY)],
    "the API": lambda one: one.database.read_now(lead_details, "1"),
    "replay": replays,
    "report": reports,
    "messages": lambda one: [one.shown(row) for row in one.deliveries()],
    "a lead": lambda one: one.takes_in(external_id="3", email="c@c.example", company="C"),
    "the form of a proposal": lambda one: one.does(CMO, proposal_form, None),
    "propose": proposes,
    "agree": lambda one: one.does(MANAGER, agree, 1),
    "accept": lambda one: one.does(RILEY, accept, Accept(1)),
    "reject's form": lambda one: one.does(RILEY, reject_form, AskReject(2)),
    "reject": lambda one: one.does(RILEY, reject, Reject(2, "bad_contact")),
    "ladder": lambda one: one.ticks(timedelta(hours=2)),
}
IN_WORDS = (NothingToReplay, DatabaseAway)
"""What a command ends with in a sentence, where it cannot go on."""


def stumbles(ledger: TickingLedger) -> list[str]:
    """Which ways in end with neither an answer nor a sentence."""
    found = []
    for name, enter in ENTRIES.items():
        try:
            enter(ledger)
        except IN_WORDS:
            continue
        except Exception as error:
            found.append(f"{name}: {error!r}")
    return found


def two_cards(ledger: TickingLedger) -> int:
    ledger.card_comes()
    ledger.card_comes(external_id="2", email="b@b.example", company="B")
    return ledger.book.current_id


def fresh(ledger: TickingLedger) -> None:
    """Baton starts again, and remembers no version but the one of its file."""
    ledger.book = ledger.database.write_now(open_book, ledger.agreement, ledger.now)


def test_a_version_that_open_leads_began_under_is_lost_and_all_goes_on(
    ticking: TickingLedger, spoil: Spoil
) -> None:
    began = two_cards(ticking)
    ticking.agreement = loaded(ticking.agreement.text.replace('"5m"', '"6m"', 1))
    lose(ticking, spoil, began)
    fresh(ticking)
    assert stumbles(ticking) == []


def test_the_version_in_force_is_lost_while_baton_runs_and_all_goes_on(
    ticking: TickingLedger,
) -> None:
    lose(ticking, SPOILT["no TOML"], two_cards(ticking))
    assert stumbles(ticking) == []


def test_a_start_puts_the_files_text_back_into_the_database(ticking: TickingLedger, spoil: Spoil) -> None:
    ticking.card_comes()
    lose(ticking, spoil, ticking.book.current_id)
    fresh(ticking)
    assert ticking.database.read_now(ticking.book.is_kept)
    assert ticking.database.read_now(ticking.book.unreadable) == []


async def test_a_running_baton_puts_its_text_back_and_names_what_it_cannot(
    ticking: TickingLedger, spoil: Spoil, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ticking.card_comes()
    began, file = ticking.book.current_id, tmp_path / "agreement.toml"
    file.write_text(ticking.agreement.text.replace('"5m"', '"6m"', 1), "utf-8")
    clock = Clock(start=ticking.now)
    reloading = Reloading(ticking.database, clock, ticking.book, file)
    lose(ticking, spoil, began)
    await reloading.look()
    assert "was spoilt in the database; it is put back" in caplog.text
    assert (await reloading.health())[0]
    assert await reloading.reload()
    ticking.agreement = load_agreement(file)
    lose(ticking, spoil, began)
    fresh(ticking)
    ticking.does(RILEY, accept, Accept(1))
    ready, says = await Reloading(ticking.database, clock, ticking.book, file).health()
    assert not ready
    assert "cannot be read any more. What began under it goes by the version before" in says


async def test_a_lead_that_comes_before_the_lost_version_was_missed_is_handed_off(
    ticking: TickingLedger, tmp_path: Path
) -> None:
    Reloading(ticking.database, Clock(start=ticking.now), ticking.book, tmp_path / "agreement.toml")
    lose(ticking, SPOILT["gone"], ticking.book.current_id)
    ctx = Context(ticking.now, ticking.now, ticking.book, "api:crm", "trace")
    demo = {**JANE, "activities": [{"type": "demo_request", "at": ticking.now.isoformat()}]}
    taken = await ticking.database.write(take_in, ctx, read_lead(demo, now=ticking.now))
    assert taken.handoff_id is not None
    with pytest.raises(IntegrityError):  # what nobody can put back is no other than it was
        await ticking.database.write(history.record, ctx.stamp, EventKind.CREATED, lead_id=10**9)


def test_a_text_of_which_a_bit_flipped_is_damage_of_the_file_and_said_so(ticking: TickingLedger) -> None:
    lose(ticking, _raw("CAST(X'76ff' AS TEXT)"), ticking.book.current_id)
    with pytest.raises(DatabaseAway, match="is damaged; restore a copy of it"):
        fresh(ticking)
